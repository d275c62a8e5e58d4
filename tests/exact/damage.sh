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
finish
