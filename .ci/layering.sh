#!/bin/bash
# SPDX-License-Identifier: ISC
# Who may include whom.  Each folder lists the folders whose headers it may use besides its own, include/ and lib/.
cd "$(dirname "$0")/.." || exit 1
bad=0
rule() { # FOLDER ALLOWED-FOLDER...
	local folder=$1 f h hit a ok
	shift
	for f in $(find "$folder" -maxdepth 1 -name '*.[ch]'); do
		for h in $(sed -n 's/^#include "\([^"]*\)".*/\1/p' "$f"); do
			ok=
			for a in "$folder" include lib "$@"; do [ -f "$a/$h" ] && ok=1; done
			[ "$h" = config.h ] && ok=1
			[ -n "$ok" ] || { hit=$(git ls-files "*/$h" | head -1); echo "$f includes $h (${hit:-unknown}): not allowed"; bad=1; }
		done
	done
}
rule lib
rule ofproto/wire
rule ofproto/text ofproto/wire
rule ofproto/table ofproto/wire
rule ofproto/pipeline ofproto/table ofproto/wire
rule ofproto/conn ofproto ofproto/pipeline ofproto/table ofproto/wire
rule ofproto ofproto/conn ofproto/pipeline ofproto/table ofproto/wire
rule datapath-af-packet
rule utilities/ofctl ofproto/text ofproto/wire
rule utilities/ctl
exit $bad
