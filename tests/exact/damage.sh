#!/bin/bash
# SPDX-License-Identifier: MIT
# A damaged recording: what a flipped byte or a cut leaves is answered right, or refused in
# one sentence; never a crash, a hang or a wrong total.
# shellcheck source-path=SCRIPTDIR source=lib.bash
. "$(dirname "$0")/lib.bash"
need python3

stride=1
[ "$quick" ] && stride=${DAMAGE_STRIDE:-131}
record "$tmp/whole.mallow" --depth 16 --snapshot-every 2ms -- "$programs/x_churn" 9000
"$exact/damage.py" "$MALLOW" "$tmp/whole.mallow" "$tmp" "$stride" >"$tmp/log"
cat "$tmp/log"
grep -q '^FAIL' "$tmp/log" && failed=1
expect "the check ran to its end" 2 "$(grep -c -e '^ok' -e '^FAIL .*nothing' "$tmp/log")"

# A moment saved by itself. The unit tests flip every byte of one for the library.
"$MALLOW" snapshot "$tmp/whole.mallow@peak" -o "$tmp/saved.mallow" --metadata a=b >/dev/null
stride=11
[ "$quick" ] && stride=${DAMAGE_STRIDE:-131}
"$exact/damage.py" "$MALLOW" "$tmp/saved.mallow" "$tmp" "$stride" saved >"$tmp/log"
cat "$tmp/log"
grep -q '^FAIL' "$tmp/log" && failed=1
expect "the check of a saved snapshot ran to its end" 2 \
	"$(grep -c -e '^ok' -e '^FAIL .*nothing' "$tmp/log")"
finish
