EXTRA_DIST += tests/bench/README tests/bench/bench.sh
EXTRA_PROGRAMS = tests/bench/pktgen tests/bench/wirefwd
tests_bench_pktgen_SOURCES = tests/bench/pktgen.c
tests_bench_wirefwd_SOURCES = tests/bench/wirefwd.c
CLEANFILES += tests/bench/pktgen$(EXEEXT) tests/bench/wirefwd$(EXEEXT)

# Needs root.  PAIRS=5 SECONDS_EACH=3 make bench
bench: all tests/bench/pktgen$(EXEEXT) tests/bench/wirefwd$(EXEEXT)
	bash $(srcdir)/tests/bench/bench.sh '$(abs_top_builddir)'
