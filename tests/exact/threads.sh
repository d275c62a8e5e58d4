#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2206,SC2207 # figures of one line are split into words on purpose
# Four threads that free what others allocated and reallocate it: every event counted, and
# nothing live that the program itself allocated, every time.
# shellcheck source-path=SCRIPTDIR source=lib.bash
. "$(dirname "$0")/lib.bash"
need valgrind

iterations=1000000 runs=20 short=60
[ "$quick" ] && iterations=100000 runs=3 short=15
program=$programs/x_cross

# Leak-free by valgrind: what is left are the C library's and the loader's own blocks.
"$valgrind" --leak-check=full --show-leak-kinds=all --run-libc-freeres=no \
	--log-file="$tmp/leaks" "$program" 4 5000 >/dev/null
expect "valgrind finds no leak of the program" 0 "$(grep -c 'own_malloc\|own_realloc' "$tmp/leaks")"

# What the C library allocates for four threads.
record "$tmp/base.mallow" -- "$program" 4 0 >/dev/null
expect "the C library's own part agrees with valgrind" "$(memcheck_usage "$program" 4 0)" \
	"$(usage_of "$tmp/base.mallow")"

# exchanged NAME THREADS ITERATIONS
exchanged() {
	local own got live
	own=($(record "$tmp/r.mallow" -- "$program" "$2" "$3"))
	record "$tmp/base.mallow" -- "$program" "$2" 0 >/dev/null
	base=($(stat_of "$tmp/base.mallow" '.totals|"\(.allocations) \(.frees) \(.allocated_size)"'))
	got=$(stat_of "$tmp/r.mallow" \
		'"\(.totals|"\(.allocations) \(.frees) \(.reallocations) \(.allocated_size)") \(.totals.lost_events) \(.run.complete)"')
	live=$("$MALLOW" top --json --by function -n 1000 --include 'own_*' "$tmp/r.mallow" |
		jq '[.rows[].count] | add // 0')
	expect_all "$1" "${own[0]} allocations, ${own[2]} reallocations" \
		"$((own[0] + base[0])) $((own[1] + base[1])) ${own[2]} $((own[3] + base[2])) 0 true" \
		"$got" "0 live" "$live live"
}

for ((i = 1; i <= runs; i++)); do
	exchanged "run $i" 4 "$iterations"
done
# Short ones: their rings grow, and they end, while the collector begins.
for ((i = 1; i <= short; i++)); do
	exchanged "short run $i" $((1 + i % 4)) 10000
done
finish
