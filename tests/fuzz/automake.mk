# Each target of this folder, run over its seeds by replay.c instead of a fuzzer.
EXTRA_DIST += tests/fuzz/corpus

check_PROGRAMS += tests/fuzz/replay_flow_key tests/fuzz/replay_message tests/fuzz/replay_text
TESTS += tests/fuzz/replay_flow_key tests/fuzz/replay_message tests/fuzz/replay_text

tests_fuzz_replay_flow_key_SOURCES = tests/fuzz/replay.c tests/fuzz/fuzz_flow_key.c
tests_fuzz_replay_flow_key_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_TARGET='"fuzz_flow_key"'
tests_fuzz_replay_flow_key_LDADD = libdpafp.a librf.a

tests_fuzz_replay_message_SOURCES = tests/fuzz/replay.c tests/fuzz/fuzz_message.c $(VECTORS_SOURCES)
tests_fuzz_replay_message_CPPFLAGS = $(OFPROTO_CPPFLAGS) $(VECTORS_CPPFLAGS) -DFUZZ_TARGET='"fuzz_message"' -DFUZZ_VECTORS
tests_fuzz_replay_message_LDADD = libofwire.a librf.a

tests_fuzz_replay_text_SOURCES = tests/fuzz/replay.c tests/fuzz/fuzz_text.c
tests_fuzz_replay_text_CPPFLAGS = $(OFPROTO_CPPFLAGS) -DFUZZ_TARGET='"fuzz_text"'
tests_fuzz_replay_text_LDADD = liboftext.a libofwire.a librf.a

if HAVE_CMOCKA
check_PROGRAMS += tests/fuzz/replay_exec
TESTS += tests/fuzz/replay_exec
tests_fuzz_replay_exec_SOURCES = tests/fuzz/replay.c tests/fuzz/fuzz_exec.c tests/unit/exec_fakes.c tests/unit/exec_fakes.h
tests_fuzz_replay_exec_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/datapath-af-packet -I$(top_srcdir)/tests/unit $(CMOCKA_CFLAGS) \
	-DFUZZ_TARGET='"fuzz_exec"'
tests_fuzz_replay_exec_LDADD = libdpafp.a librf.a $(CMOCKA_LIBS)

check_PROGRAMS += tests/fuzz/replay_frag
TESTS += tests/fuzz/replay_frag
tests_fuzz_replay_frag_SOURCES = tests/fuzz/replay.c tests/fuzz/fuzz_frag.c tests/unit/exec_fakes.c tests/unit/exec_fakes.h
tests_fuzz_replay_frag_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/datapath-af-packet -I$(top_srcdir)/tests/unit $(CMOCKA_CFLAGS) \
	-DFUZZ_TARGET='"fuzz_frag"'
tests_fuzz_replay_frag_LDADD = libdpafp.a librf.a $(CMOCKA_LIBS)
endif

check_PROGRAMS += tests/fuzz/replay_conn
TESTS += tests/fuzz/replay_conn
tests_fuzz_replay_conn_SOURCES = tests/fuzz/replay.c tests/fuzz/fuzz_conn.c $(CONN_RIG_SOURCES)
tests_fuzz_replay_conn_CPPFLAGS = $(CONN_RIG_CPPFLAGS) -DFUZZ_TARGET='"fuzz_conn"'
tests_fuzz_replay_conn_LDADD = $(CONN_RIG_LDADD)
