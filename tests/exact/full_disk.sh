#!/bin/bash
# SPDX-License-Identifier: MIT
# A disk that is too small, for real: a small tmpfs in a mount namespace of our own. The
# program is not disturbed, one sentence says what happened, and what was recorded before
# can be read.
# shellcheck source-path=SCRIPTDIR source=lib.bash
. "$(dirname "$0")/lib.bash"

disk=$tmp/disk
mkdir "$disk"
if ! unshare -rm mount -t tmpfs -o size=64k none "$disk" 2>/dev/null; then
	ok "skipped: this machine lets nobody mount in a namespace"
	finish
fi

# on_disk SIZE COMMAND...: with a disk of that size at $disk.
on_disk() {
	local size=$1
	shift
	# shellcheck disable=SC2016
	timeout -k 5 60 unshare -rm bash -c 'mount -t tmpfs -o size="$0" none "$1" && shift && "$@"' "$size" "$disk" "$@"
}

# shellcheck disable=SC2016
session='
"$1" run -o "$2/r.mallow" -- sh -c "$3 4000000; echo done; exit 7" >"$4/out" 2>"$4/errors"
echo $? >"$4/status"
"$1" stats --json "$2/r.mallow" >"$4/stats" 2>"$4/stats.errors"
echo $? >>"$4/status"
"$1" top --json "$2/r.mallow@50%" >"$4/top" 2>"$4/top.errors"
echo $? >>"$4/status"
ls -A "$2" >"$4/files"'

for size in 1m 3m; do
	on_disk "$size" bash -c "$session" bash "$MALLOW" "$disk" "$programs/x_churn" "$tmp"
	expect "$size: the program is not disturbed; stats and top answer" "done 7 0 0" \
		"$(cat "$tmp/out" "$tmp/status" | xargs)"
	expect "$size: one sentence says why, with the file's name" \
		"mallow: the recording is incomplete: $disk/r.mallow: no space is left on the device" \
		"$(grep -i -e space -e disk.full -e could.not "$tmp/errors")"
	expect "$size: the end is not made up" "false lost" \
		"$(jq -r '.run | "\(.complete) \(.ended)"' "$tmp/stats")"
done
expect "what was committed before is there, and no more" "true true" \
	"$(jq -r '.totals | "\(.allocations > 1000) \(.allocations < 1181371)"' "$tmp/stats")"
expect "top has rows" true "$(jq '.rows | length > 2' "$tmp/top")"

on_disk 16k bash -c "$session" bash "$MALLOW" "$disk" "$programs/x_churn" "$tmp"
expect "no room for an empty recording: the program is not started" " 125 2 2" \
	"$(cat "$tmp/out") $(xargs <"$tmp/status")"
expect "and one sentence says so" "mallow: $disk/r.mallow: no space is left on the device" \
	"$(cat "$tmp/errors")"
expect "nothing is left behind" "" "$(cat "$tmp/files")"
finish
