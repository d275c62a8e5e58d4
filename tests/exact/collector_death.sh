#!/bin/bash
# SPDX-License-Identifier: MIT
# The collector killed at a random moment: the program's output, status and pace are as
# without Mallow; the file opens, lacks at most a second, and says that it is incomplete.
# shellcheck source-path=SCRIPTDIR source=lib.bash
. "$(dirname "$0")/lib.bash"

kills=50
[ "$quick" ] && kills=5
program=$programs/x_loop
duration=1500
"$program" 100 >"$tmp/expected" 2>/dev/null

RANDOM=${SEED:-17} late=0
for ((i = 1; i <= kills; i++)); do
	delay=$((10 + RANDOM % (duration - 500)))
	rm -f "$tmp/r.mallow"
	"$MALLOW" run --quiet -o "$tmp/r.mallow" -- "$program" "$duration" >"$tmp/out" 2>"$tmp/err" &
	run=$!
	collector=$(wait_for_collector "$run")
	started=$(now_ms)
	if [ -z "$collector" ]; then
		fail "kill $i" "expected a collector in its own session got none"
		wait "$run"
		continue
	fi
	sleep "$(printf '%d.%03d' $((delay / 1000)) $((delay % 1000)))"
	if grep -q 'line 99' "$tmp/out"; then
		# A slow machine: the program has ended already. Another try.
		wait "$run"
		late=$((late + 1))
		[ "$late" -lt "$kills" ] && i=$((i - 1))
		continue
	fi
	kill -9 "$collector"
	lived=$(($(now_ms) - started))
	wait "$run"
	status=$?
	pause=$(sed -n 's/^pause_ms \([0-9]*\).*/\1/p' "$tmp/err")
	ended=$(($(now_ms) - started))
	opened=$(stat_of "$tmp/r.mallow" .run.complete 2>"$tmp/stats.err")
	recorded=$(($(stat_of "$tmp/r.mallow" '.run.duration_ns' 2>/dev/null | grep -x '[0-9]*' || echo -1) / 1000000))
	expect_all "kill $i after $lived ms" "recorded $recorded ms" \
		"status 7" "status $status" \
		"the same output" "$(cmp -s "$tmp/expected" "$tmp/out" && echo the same output)" \
		"opens, incomplete" "$([ "$opened" = false ] && echo opens, incomplete || echo "$opened: $(head -1 "$tmp/stats.err")")" \
		"lacks at most a second" "$([ "$recorded" -ge $((lived - 1000)) ] && echo lacks at most a second || echo "has $recorded ms of $lived")" \
		"no pause above 500 ms" "$([ "${pause:-999}" -le 500 ] && echo no pause above 500 ms || echo "a pause of $pause ms")" \
		"run returns with the program" "$([ "$ended" -le $((duration + 3000)) ] && echo run returns with the program || echo "run took $ended ms")"
done
finish
