#!/bin/bash
# SPDX-License-Identifier: ISC
# sanitize.sh address|thread [TEST...]: builds with the sanitizer, runs unit tests and system tests on it (root).
#   address  ASan and UBSan: build-asan, all tests unless some are named
#   thread   TSan: build-tsan, the tests in which threads meet unless some are named
# A report of a sanitizer fails the test in whose process it was made.
set -eu
cd "$(dirname "$0")/.."
kind=${1:-address}
[ $# -eq 0 ] || shift
case $kind in
address) dir=build-asan what=address,undefined tests=tests/system ;;
thread) dir=build-tsan what=thread tests=$(printf 'tests/system/test_%s.py ' forward controller ports order trouble) ;;
*) echo "usage: .ci/sanitize.sh address|thread [TEST...]" >&2; exit 2 ;;
esac
[ -x configure ] || autoreconf -i
mkdir -p $dir
cd $dir
[ -f Makefile ] || ../configure -q --enable-sanitize=$what
make -s -j"$(nproc)"
[ "$kind" = thread ] || make -s -j"$(nproc)" check
cd ..
[ $# -eq 0 ] || tests=$*
# shellcheck disable=SC2086
RINGFLOW_BUILD=$PWD/$dir exec /usr/bin/python3 -B -m pytest -q -rs -p no:cacheprovider $tests
