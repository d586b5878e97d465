# What is on the wire, in text, and what becomes of it: see README.
EXTRA_DIST += tests/vectors/README \
	tests/vectors/control.txt tests/vectors/extension.txt tests/vectors/features.txt tests/vectors/flow-mod.txt \
	tests/vectors/group.txt tests/vectors/hello.txt tests/vectors/match.txt tests/vectors/meter.txt tests/vectors/multipart.txt \
	tests/vectors/packet.txt tests/vectors/port.txt tests/vectors/table.txt

# The reader and the codec of whole messages: the fuzz target for messages has them, too.
VECTORS_CPPFLAGS = -I$(top_srcdir)/tests/vectors
VECTORS_SOURCES = tests/vectors/codec.c tests/vectors/codec.h tests/vectors/vectors.c tests/vectors/vectors.h

if HAVE_CMOCKA
check_PROGRAMS += tests/vectors/test_vectors
TESTS += tests/vectors/test_vectors
tests_vectors_test_vectors_SOURCES = tests/vectors/test_vectors.c tests/vectors/coverage.c tests/vectors/coverage.h $(VECTORS_SOURCES) \
	$(CONN_RIG_SOURCES)
tests_vectors_test_vectors_CPPFLAGS = $(CONN_RIG_CPPFLAGS) $(VECTORS_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_vectors_test_vectors_LDADD = liboftext.a $(CONN_RIG_LDADD) $(CMOCKA_LIBS)
endif
