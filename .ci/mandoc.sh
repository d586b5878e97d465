#!/bin/bash
# SPDX-License-Identifier: ISC
cd "$(dirname "$0")/.." || exit 1
ls man/*.[0-9] >/dev/null 2>&1 || { echo "no man pages"; exit 77; }
mandoc -T lint -W warning man/*.[0-9]
