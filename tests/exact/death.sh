#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2206,SC2207 # figures of one line are split into words on purpose
# Every way to die: what the program itself counted in shared memory is in the recording
# (the count, or one more: a count follows its call), and so is how it ended.
# shellcheck source-path=SCRIPTDIR source=lib.bash
. "$(dirname "$0")/lib.bash"

kills=200 allocations=(1 1000 123457)
[ "$quick" ] && kills=15 allocations=(1 20011)
program=$programs/x_death

# counts FILE: pid, allocations, frees, as the program left them.
counts() {
	od -An -t u8 -w24 "$1" | tr -s ' '
}

# one_of TRUTH GOT: GOT where it is the truth or one more, which is then as good.
one_of() {
	if [ "$2" = $(($1 + 1)) ]; then
		echo "$1"
	else
		echo "$2"
	fi
}

# recorded NAME FILE COUNTS PROCESS STATUS ENDED EXIT SIGNAL GOT_STATUS
recorded() {
	local name=$1 file=$2 n=($3) got
	got=($(stat_of "$file" ".processes[$4] | \"\(.totals.allocations) \(.totals.frees) \(.ended) \(.exit_code) \(.signal)\""))
	expect_all "$name" "${n[1]:-no} allocations" "status $5" "status $9" \
		"${n[1]} allocations" "$(one_of "${n[1]}" "${got[0]}") allocations" \
		"${n[2]} frees" "$(one_of "${n[2]}" "${got[1]}") frees" \
		"ended $6 exit_code $7 signal $8" \
		"ended ${got[2]} exit_code ${got[3]} signal ${got[4]}" \
		"complete true" "complete $(stat_of "$file" .run.complete)"
}

# ends HOW N STATUS ENDED EXIT SIGNAL
ends() {
	rm -f "$tmp/counts" "$tmp/r.mallow"
	record "$tmp/r.mallow" -- "$program" "$tmp/counts" "$1" "$2" 2>/dev/null
	local status=$?
	recorded "$1 after $2" "$tmp/r.mallow" "$(counts "$tmp/counts")" 0 "$3" "$4" "$5" "$6" "$status"
}

ulimit -c 0
for n in "${allocations[@]}"; do
	ends return "$n" 6 exit 6 null
	ends exit "$n" 3 exit 3 null
	ends _exit "$n" 4 exit 4 null
	ends quick_exit "$n" 5 exit 5 null
	ends abort "$n" 134 signal null 6
	ends segv "$n" 139 signal null 11
	ends kill "$n" 137 signal null 9
	ends term "$n" 143 signal null 15
done

for n in "${allocations[@]}"; do
	rm -f "$tmp/counts" "$tmp/counts2"
	record "$tmp/r.mallow" -- "$program" "$tmp/counts" exec "$n" "$program" "$tmp/counts2" exit 77
	status=$?
	recorded "exec after $n" "$tmp/r.mallow" "$(counts "$tmp/counts")" 0 3 exec null null $status
	recorded "after the exec" "$tmp/r.mallow" "$(counts "$tmp/counts2")" 1 3 exit 3 null $status
	expect "an exec keeps the pid" true "$(stat_of "$tmp/r.mallow" '.processes[0].pid == .processes[1].pid')"
done

RANDOM=${SEED:-41}
for ((i = 1; i <= kills; i++)); do
	rm -f "$tmp/counts" "$tmp/counts2"
	record "$tmp/r.mallow" -- "$program" "$tmp/counts" forever 0 2>/dev/null &
	run=$!
	pid=0
	for ((k = 0; k < 1000; k++)); do
		pid=$(counts "$tmp/counts" 2>/dev/null | awk '{print $1}')
		[ "${pid:-0}" != 0 ] && break
		sleep 0.005
	done
	if [ "${pid:-0}" = 0 ]; then
		fail "kill $i" "expected the program to start got nothing"
		kill "$run"
		wait "$run"
		continue
	fi
	sleep "0.$(printf %03d $((RANDOM % 120)))"
	kill -9 "$pid"
	wait "$run"
	status=$?
	recorded "kill $i" "$tmp/r.mallow" "$(counts "$tmp/counts")" 0 137 signal null 9 "$status"
done
finish
