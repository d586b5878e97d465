noinst_LIBRARIES += libofpipeline.a
libofpipeline_a_CPPFLAGS = $(OFPROTO_CPPFLAGS)
libofpipeline_a_SOURCES = ofproto/pipeline/action_set.c ofproto/pipeline/action_set.h ofproto/pipeline/mac_table.c \
	ofproto/pipeline/mac_table.h ofproto/pipeline/normal.c ofproto/pipeline/pipeline.h ofproto/pipeline/resume.c ofproto/pipeline/select.c ofproto/pipeline/select.h \
	ofproto/pipeline/translate.c ofproto/pipeline/xlate.h ofproto/pipeline/xlate_action.c ofproto/pipeline/xlate_group.c

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_mac_table tests/unit/test_select tests/unit/test_translate
TESTS += tests/unit/test_mac_table tests/unit/test_select tests/unit/test_translate
tests_unit_test_select_SOURCES = tests/unit/test_select.c
tests_unit_test_select_CPPFLAGS = $(OFPROTO_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_select_LDADD = libofpipeline.a liboftable.a libofwire.a librf.a $(CMOCKA_LIBS)
tests_unit_test_mac_table_SOURCES = tests/unit/test_mac_table.c
tests_unit_test_mac_table_CPPFLAGS = $(OFPROTO_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_mac_table_LDADD = libofpipeline.a librf.a $(CMOCKA_LIBS)
tests_unit_test_translate_SOURCES = tests/unit/test_translate.c
tests_unit_test_translate_CPPFLAGS = $(OFPROTO_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_translate_LDADD = libofpipeline.a liboftable.a libofwire.a librf.a $(CMOCKA_LIBS)
endif
