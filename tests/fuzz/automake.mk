# Each target of this folder, run over its seeds by replay.c instead of a fuzzer.
EXTRA_DIST += tests/fuzz/corpus

check_PROGRAMS += tests/fuzz/replay_message tests/fuzz/replay_text
TESTS += tests/fuzz/replay_message tests/fuzz/replay_text

tests_fuzz_replay_message_SOURCES = tests/fuzz/replay.c tests/fuzz/fuzz_message.c
tests_fuzz_replay_message_CPPFLAGS = $(OFPROTO_CPPFLAGS) -DFUZZ_TARGET='"fuzz_message"'
tests_fuzz_replay_message_LDADD = libofwire.a librf.a

tests_fuzz_replay_text_SOURCES = tests/fuzz/replay.c tests/fuzz/fuzz_text.c
tests_fuzz_replay_text_CPPFLAGS = $(OFPROTO_CPPFLAGS) -DFUZZ_TARGET='"fuzz_text"'
tests_fuzz_replay_text_LDADD = liboftext.a libofwire.a librf.a
