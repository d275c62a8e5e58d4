#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154
# Allocations, frees and bytes of `mallow stats` against memcheck's "total heap usage".
#
# Both run in an environment of the same names and lengths (environment.bash). A difference is told with the third list: the C library's own entry points, counted
# by gdb's breakpoints in an untraced run of the same environment.
# shellcheck source-path=SCRIPTDIR source=lib.bash
. "$(dirname "$0")/lib.bash"
need valgrind gdb
. "$exact/workloads.bash"
. "$exact/environment.bash"

# Where the two differ: how often each entry point of the C library was really called.
# third_list INPUT COMMAND...
third_list() {
	env -i "${in_memcheck[@]}" gdb -batch -nx -ex "python INPUT='$1'" \
		-x "$exact/count_calls.py" --args "${@:2}" 2>&1 >/dev/null </dev/null |
		grep '^calls:' || echo "calls: gdb could not count"
}

compare() {
	local name=$1 input=$2 theirs mine
	shift 2
	rm -rf "${TMPDIR:?}"/*
	theirs=$(usage_with_environment "$input" "$@")
	rm -rf "${TMPDIR:?}"/*
	env -i "${in_mallow[@]}" timeout 300 "$MALLOW" run --quiet --force -o "$tmp/r.mallow" \
		-- "$@" <"$input" >"$tmp/record.out"
	mine=$(stat_of "$tmp/r.mallow" \
		".processes[0] | $usage_filter")
	if [ "$theirs" = "$mine" ] && [ -n "$theirs" ]; then
		ok "$name ($mine)"
	else
		fail "$name" "expected $theirs got $mine"
		echo "     $(third_list "$input" "$@")"
	fi
	cmp -s "$tmp/memcheck.out" "$tmp/record.out" ||
		fail "$name: output" "expected the same bytes got others"
}

# usage_with_environment INPUT COMMAND...
usage_with_environment() {
	local input=$1 first
	shift
	env -i "${in_memcheck[@]}" "$valgrind" --run-libc-freeres=no --run-cxx-freeres=no \
		--leak-check=no --log-file="$tmp/memcheck.log" --trace-children=no "$@" \
		<"$input" >"$tmp/memcheck.out" 2>"$tmp/memcheck.err"
	# A child that forked without exec writes to the same log, later or earlier: the
	# program itself is the process of the first line.
	first=$(sed -n '1s/^==\([0-9]*\)==.*/\1/p' "$tmp/memcheck.log")
	grep "^==$first==" "$tmp/memcheck.log" >"$tmp/memcheck.first"
	usage_in "$tmp/memcheck.first"
}

equal_environments memcheck mallow
for_each_workload compare
for_each_sample compare
finish
