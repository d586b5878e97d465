EXTRA_DIST += tests/bench/README tests/bench/bench.sh
EXTRA_PROGRAMS = tests/bench/pktgen tests/bench/wirefwd
tests_bench_pktgen_SOURCES = tests/bench/pktgen.c
tests_bench_wirefwd_SOURCES = tests/bench/wirefwd.c
CLEANFILES += tests/bench/pktgen$(EXEEXT) tests/bench/wirefwd$(EXEEXT)

# Needs root.  PAIRS=5 SECONDS_EACH=3 make bench
bench: all tests/bench/pktgen$(EXEEXT) tests/bench/wirefwd$(EXEEXT)
	bash $(srcdir)/tests/bench/bench.sh '$(abs_top_builddir)'

# The classifier alone; no root.  RULESETS names ClassBench files or KIND:RULES[:SEED].
EXTRA_PROGRAMS += tests/bench/bench_classifier
tests_bench_bench_classifier_SOURCES = tests/bench/bench_classifier.c tests/bench/ruleset.c tests/bench/ruleset.h tests/bench/tss.c \
	tests/bench/tss.h
tests_bench_bench_classifier_CPPFLAGS = $(OFPROTO_CPPFLAGS)
tests_bench_bench_classifier_LDADD = liboftable.a libofwire.a librf.a
CLEANFILES += tests/bench/bench_classifier$(EXEEXT)
bench-classifier: tests/bench/bench_classifier$(EXEEXT)
	tests/bench/bench_classifier$(EXEEXT) $(RULESETS)

# What tables cost, as ratios to one rule; needs root.  SETS="acl:10000:7 FILE" make bench-tables
EXTRA_DIST += tests/bench/tables.sh
EXTRA_PROGRAMS += tests/bench/rulefiles
tests_bench_rulefiles_SOURCES = tests/bench/rulefiles.c tests/bench/ruleset.c tests/bench/ruleset.h
tests_bench_rulefiles_CPPFLAGS = $(OFPROTO_CPPFLAGS)
tests_bench_rulefiles_LDADD = liboftext.a libofwire.a librf.a
CLEANFILES += tests/bench/rulefiles$(EXEEXT)
bench-tables: all tests/bench/pktgen$(EXEEXT) tests/bench/rulefiles$(EXEEXT)
	bash $(srcdir)/tests/bench/tables.sh '$(abs_top_builddir)'
