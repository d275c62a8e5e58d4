#!/bin/bash
# SPDX-License-Identifier: MIT
# A program that closes every descriptor from 3 up and opens its own files: its files are
# whole and nobody else's bytes are in them, and the recording is whole.
# shellcheck source-path=SCRIPTDIR source=lib.bash
. "$(dirname "$0")/lib.bash"

n=1000000
[ "$quick" ] && n=100000
mkdir "$tmp/expected" "$tmp/got"
"$programs/x_closefds" "$tmp/expected" "$n"
record "$tmp/r.mallow" -- "$programs/x_closefds" "$tmp/got" "$n"
expect "status" 0 $?
expect "its files are whole" "" "$(diff -r "$tmp/expected" "$tmp/got" 2>&1 | head -3)"
expect "the recording is whole" "$((2 * n + 1)) $((2 * n + 1)) true 0" \
	"$(stat_of "$tmp/r.mallow" '"\(.totals.allocations) \(.totals.frees) \(.run.complete) \(.totals.lost_events)"')"
finish
