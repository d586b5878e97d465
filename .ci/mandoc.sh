#!/bin/bash
# SPDX-License-Identifier: ISC
# Man pages: without warnings of mandoc, and complete where a table says what there is.
cd "$(dirname "$0")/.." || exit 1
command -v mandoc >/dev/null || { echo "mandoc is not installed"; exit 77; }
mandoc -T lint -W warning man/*.[0-9] || exit 1
bad=0
for key in $(sed -n 's/^CONF([A-Z]*, *"\([^"]*\)".*/\1/p' switchd/conf/schema.def); do
	grep -q "^\.It Cm $key No =" man/ringflow.conf.5 || { echo "ringflow.conf.5 does not name $key"; bad=1; }
done
exit $bad
