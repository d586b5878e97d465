#!/bin/bash
# SPDX-License-Identifier: ISC
# Runs every fuzz target for so many seconds: .ci/fuzz.sh [SECONDS [TARGET...]].
#
# Needs clang with libFuzzer, ASan and UBSan.  Builds beside the tree (BUILD, default build-fuzz), starts from the seeds of
# tests/fuzz/corpus and tests/vectors, and keeps what it finds in BUILD/found: reproduce with BUILD/fuzz_TARGET FILE; a seed for the tree is the file
# in hexadecimal (xxd -p).  Ends with the first failure.
set -e
cd "$(dirname "$0")/.."
top=$PWD build=${BUILD:-$PWD/build-fuzz} seconds=${1:-60}
[ $# -gt 0 ] && shift
command -v clang >/dev/null || { echo "clang is missing"; exit 77; }
san=address,undefined
[ -x configure ] || autoreconf -i
mkdir -p "$build"/found
cd "$build"
[ -f Makefile ] || "$top"/configure -q CC=clang \
	CFLAGS="-g -O1 -fsanitize=fuzzer-no-link,$san -fno-sanitize-recover=undefined -fno-omit-frame-pointer" \
	LDFLAGS="-fsanitize=$san"
targets=${*:-$(cd "$top"/tests/fuzz && ls fuzz_*.c | sed 's/^fuzz_//; s/\.c$//')}
for t in $targets; do
	# replay.c leaves main to libFuzzer
	make -s V=0 CPPFLAGS=-DFUZZ_LIBFUZZER LDFLAGS="-fsanitize=fuzzer,$san" "tests/fuzz/replay_$t"
	cp "tests/fuzz/replay_$t" "fuzz_$t"
	mkdir -p "corpus/$t"
	for f in "$top/tests/fuzz/corpus/fuzz_$t"/*.hex; do
		[ -f "$f" ] && xxd -r -p "$f" "corpus/$t/$(basename "$f" .hex)"
	done
	if [ "$t" = message ]; then # tests/vectors are its seeds, too
		make -s V=0 tests/vectors/test_vectors
		top_srcdir=$top tests/vectors/test_vectors --seeds "corpus/$t"
	fi
	echo "== $t"
	"./fuzz_$t" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -max_len=4096 -print_final_stats=1 \
		-artifact_prefix="found/$t-" -verbosity=0 "corpus/$t"
done
