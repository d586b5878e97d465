#!/bin/bash
# SPDX-License-Identifier: ISC
# clang-format 14 (Debian 12) decides; another version would decide otherwise.
cd "$(dirname "$0")/.." || exit 1
clang-format --version | grep -q 'version 14\.' || { echo "clang-format is not version 14"; exit 77; }
git ls-files '*.c' | xargs clang-format --dry-run -Werror
