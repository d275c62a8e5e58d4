#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2206,SC2207 # figures of one line are split into words on purpose
# A collector that is stopped, by us or by the program itself: after --stall the program
# goes on, what it did since is counted as lost, and when the collector continues the
# recording ends well, and says that it is incomplete.
# shellcheck source-path=SCRIPTDIR source=lib.bash
. "$(dirname "$0")/lib.bash"

program=$programs/x_loop
duration=6000
[ "$quick" ] && duration=4000

# finished NAME STALL_MS: checks the program that has ended, and then the recording.
finished() {
	local name=$1 stall=$2 status pause got counted
	kill -CONT "$collector" 2>/dev/null
	wait "$run"
	status=$?
	pause=$(sed -n 's/^pause_ms \([0-9]*\).*/\1/p' "$tmp/err")
	counted=$(awk '/^pause_ms/ {print $4 + $6}' "$tmp/err")
	expect "$name: status" 7 "$status"
	expect "$name: output" "$(cat "$tmp/expected")" "$(cat "$tmp/out")"
	expect "$name: waits for the stall, not longer (paused ${pause:-no} ms)" yes \
		"$([ "${pause:-0}" -ge $((stall * 8 / 10)) ] && [ "${pause:-99999}" -le $((stall + 1500)) ] && echo yes)"
	got=($(stat_of "$tmp/r.mallow" '"\(.run.complete) \(.run.ended) \(.run.exit_code) \(.totals.lost_events) \(.totals.allocations + .totals.frees)"'))
	expect "$name: incomplete, and how it ended" "false exit 7" "${got[*]:0:3}"
	expect "$name: lost events are counted" yes "$([ "${got[3]:-0}" -gt 0 ] 2>/dev/null && echo yes)"
	expect "$name: recorded and lost are all that the program did" "$counted" \
		"$((${got[3]:-0} + ${got[4]:-0}))"
}

# ended_within MILLISECONDS: waits for the program (not for run).
ended_within() {
	local until=$(($(now_ms) + $1))
	while ! grep -q '^pause_ms' "$tmp/err" && [ "$(now_ms)" -lt "$until" ]; do
		sleep 0.05
	done
	grep -q '^pause_ms' "$tmp/err" && echo yes
}

# start [ARGUMENT]: the program under --stall 1s, and its collector.
start() {
	rm -f "$tmp/r.mallow"
	"$MALLOW" run --quiet --stall 1s -o "$tmp/r.mallow" -- "$program" "$duration" "$@" \
		>"$tmp/out" 2>"$tmp/err" &
	run=$!
	collector=$(wait_for_collector "$run")
	expect "a collector in its own session" yes "$([ -n "$collector" ] && echo yes)"
	[ -n "$collector" ] || { wait "$run"; finish; }
}

"$program" 100 >"$tmp/expected" 2>/dev/null

start
sleep 0.4
kill -STOP "$collector"
expect "stopped by us: the program goes on and ends" yes "$(ended_within $((duration + 5000)))"
finished "stopped by us" 1000

start "$tmp/collector"
echo "$collector" >"$tmp/collector"
expect "stopped by the program: it goes on and ends" yes "$(ended_within $((duration + 5000)))"
finished "stopped by the program" 1000

# A stop shorter than the stall costs time and nothing else.
start
sleep 0.4
kill -STOP "$collector"
sleep 0.4
kill -CONT "$collector"
wait "$run"
short=$(stat_of "$tmp/r.mallow" '"\(.run.complete) \(.totals.lost_events) \(.totals.allocations + .totals.frees)"')
expect "a short stop loses nothing" "true 0 $(awk '/^pause_ms/ {print $4 + $6}' "$tmp/err")" "$short"
finish
