EXTRA_DIST += tests/conformance/README tests/conformance/ryu-results.tsv tests/conformance/diff_gen.py tests/conformance/differential.py tests/conformance/ofctl_commands.txt tests/conformance/ofctl_diff.py tests/conformance/ofctl_documented.txt tests/conformance/ovs.py tests/conformance/ryu.py tests/conformance/ryu_app.py \
	tests/conformance/ryu_load.py tests/conformance/ryu_patterns.py tests/conformance/patterns/01_action_set.json \
	tests/conformance/patterns/02_tags.json tests/conformance/patterns/03_ttl.json tests/conformance/patterns/04_group.json

# The Ryu certification, about half an hour.  Needs root, Open vSwitch, os-ken and the patterns (RYU_TESTS=folder, or an installed ryu).
# RYU_ARGS="match --workers 2" and the like: tests/conformance/README.
check-ryu: all
	RINGFLOW_BUILD='$(abs_top_builddir)' /usr/bin/python3 -B $(abs_top_srcdir)/tests/conformance/ryu.py $(RYU_ARGS); \
		status=$$?; test $$status = 77 || exit $$status

# Side by side with Open vSwitch's userspace datapath: 1,000 pipelines, 100,000 frames, half a minute.  Needs root and Open vSwitch.
# DIFF_ARGS="--pipelines 5000 --seed 7": differential.py --help
check-differential: all
	RINGFLOW_BUILD='$(abs_top_builddir)' /usr/bin/python3 -B $(abs_top_srcdir)/tests/conformance/differential.py $(DIFF_ARGS); \
		status=$$?; test $$status = 77 || exit $$status

.PHONY: check-ryu check-differential

# The tables of error codes and of clauses against the tests: that each test is there.  With results (./bootstrap check) that it passed.
EXTRA_DIST += tests/conformance/clauses.py tests/conformance/errors.py tests/conformance/errors.tsv
EXTRA_DIST += tests/conformance/clauses.tsv
dist_check_SCRIPTS += tests/conformance/clauses.sh tests/conformance/errors.sh
TESTS += tests/conformance/clauses.sh tests/conformance/errors.sh
