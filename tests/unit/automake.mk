# Each folder registers its own unit tests; lib's are here.
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_lib
TESTS += tests/unit/test_lib
tests_unit_test_lib_SOURCES = tests/unit/test_lib.c
tests_unit_test_lib_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_lib_LDADD = librf.a $(CMOCKA_LIBS)
endif
