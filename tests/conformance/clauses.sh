#!/bin/bash
# SPDX-License-Identifier: ISC
exec python3 -B "$top_srcdir/tests/conformance/clauses.py"
