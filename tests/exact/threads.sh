#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2206,SC2207 # figures of one line are split into words on purpose
# Four threads that free what others allocated and reallocate it: every event counted, and
# nothing live that the program itself allocated, every time.
. "$(dirname "$0")/lib.bash"
need valgrind

iterations=1000000 runs=20
[ "$quick" ] && iterations=100000 runs=3
program=$programs/x_cross

# Leak-free by valgrind: what is left are the C library's and the loader's own blocks.
"$valgrind" --leak-check=full --show-leak-kinds=all --run-libc-freeres=no \
	--log-file="$tmp/leaks" "$program" 4 5000 >/dev/null
expect "valgrind finds no leak of the program" 0 "$(grep -c 'own_malloc\|own_realloc' "$tmp/leaks")"

# What the C library allocates for four threads.
record "$tmp/base.mallow" -- "$program" 4 0 >/dev/null
base=($(stat_of "$tmp/base.mallow" '.totals|"\(.allocations) \(.frees) \(.allocated_size)"'))
expect "the C library's own part agrees with valgrind" "$(memcheck_usage "$program" 4 0)" \
	"$(usage_of "$tmp/base.mallow")"

for ((i = 1; i <= runs; i++)); do
	own=($(record "$tmp/run.mallow" -- "$program" 4 "$iterations"))
	got=$(stat_of "$tmp/run.mallow" \
		'"\(.totals|"\(.allocations) \(.frees) \(.reallocations) \(.allocated_size)") \(.totals.lost_events) \(.run.complete)"')
	live=$("$MALLOW" top --json --by function -n 1000 --include 'own_*' "$tmp/run.mallow" |
		jq '[.rows[].count] | add // 0')
	expect_all "run $i" "${own[0]:-no} allocations, ${own[2]:-no} reallocations" \
		"$((${own[0]:-0} + base[0])) $((${own[1]:-0} + base[1])) ${own[2]:-} $((${own[3]:-0} + base[2])) 0 true" \
		"$got" "0 live" "$live live"
done
finish
