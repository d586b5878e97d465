EXTRA_PROGRAMS = tests/bench/pktgen tests/bench/wirefwd
tests_bench_pktgen_SOURCES = tests/bench/pktgen.c
tests_bench_wirefwd_SOURCES = tests/bench/wirefwd.c
CLEANFILES += tests/bench/pktgen$(EXEEXT) tests/bench/wirefwd$(EXEEXT)

# The classifier alone; no root.  RULESETS names ClassBench files or KIND:RULES[:SEED]; ATTACK_SECONDS=3600 for an hour of hostile packets.
EXTRA_PROGRAMS += tests/bench/bench_classifier
tests_bench_bench_classifier_SOURCES = tests/bench/bench_classifier.c tests/bench/ruleset.c tests/bench/ruleset.h tests/bench/search.c tests/bench/search.h tests/bench/tss.c \
	tests/bench/tss.h
tests_bench_bench_classifier_CPPFLAGS = $(OFPROTO_CPPFLAGS)
tests_bench_bench_classifier_LDADD = liboftable.a libofwire.a librf.a
CLEANFILES += tests/bench/bench_classifier$(EXEEXT)
bench-classifier: tests/bench/bench_classifier$(EXEEXT)
	tests/bench/bench_classifier$(EXEEXT) -a $${ATTACK_SECONDS:-0} $(RULESETS)

# The switch beside its peers and beside itself; needs root.  ROWS="tcp rtt" for some rows alone; ROUNDS, SECONDS_EACH, PEERS.
EXTRA_DIST += \
	tests/bench/README \
	tests/bench/RESULTS \
	tests/bench/RESULTS-classifier \
	tests/bench/bench.py \
	tests/bench/churn.py \
	tests/bench/control.py \
	tests/bench/ofraw.py \
	tests/bench/own.py \
	tests/bench/report.py \
	tests/bench/rig.py \
	tests/bench/targets.py \
	tests/bench/rows/attack.py \
	tests/bench/rows/churn.py \
	tests/bench/rows/families.py \
	tests/bench/rows/flowmods.py \
	tests/bench/rows/frames.py \
	tests/bench/rows/ipv6.py \
	tests/bench/rows/mac.py \
	tests/bench/rows/memory.py \
	tests/bench/rows/normal.py \
	tests/bench/rows/packetins.py \
	tests/bench/rows/roundtrip.py \
	tests/bench/rows/rtt.py \
	tests/bench/rows/sets.py \
	tests/bench/rows/start.py \
	tests/bench/rows/steady.py \
	tests/bench/rows/superframes.py \
	tests/bench/rows/tables4.py \
	tests/bench/rows/tcp.py \
	tests/bench/rows/workers.py
EXTRA_PROGRAMS += tests/bench/rulefiles
tests_bench_rulefiles_SOURCES = tests/bench/rulefiles.c tests/bench/ruleset.c tests/bench/ruleset.h
tests_bench_rulefiles_CPPFLAGS = $(OFPROTO_CPPFLAGS)
tests_bench_rulefiles_LDADD = liboftext.a libofwire.a librf.a
CLEANFILES += tests/bench/rulefiles$(EXEEXT)
BENCH_TOOLS = tests/bench/pktgen$(EXEEXT) tests/bench/wirefwd$(EXEEXT) tests/bench/rulefiles$(EXEEXT)
BENCH = RINGFLOW_BUILD='$(abs_top_builddir)' /usr/bin/python3 -B $(srcdir)/tests/bench/bench.py
bench: all $(BENCH_TOOLS)
	$(BENCH) $(ROWS)
bench-quick: all $(BENCH_TOOLS)
	$(BENCH) --quick $(ROWS)
