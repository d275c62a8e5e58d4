#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154
# `mallow diff run@25% run@75%` against the difference of two replays from the start that
# are not Mallow's (diff_replay.py), over runs of real programs, of several processes and
# threads too.
# shellcheck source-path=SCRIPTDIR source=lib.bash
. "$(dirname "$0")/lib.bash"
need python3
. "$exact/workloads.bash"

compare() {
	local name=$1 input=$2 says status
	shift 2
	rm -rf "${TMPDIR:?}"/*
	env -i "${environment[@]}" PYTHONMALLOC=malloc timeout 300 "$MALLOW" run --quiet --force \
		--mmap -o "$tmp/r.mallow" -- "$@" <"$input" >/dev/null 2>&1
	says=$("$exact/diff_replay.py" "$MALLOW" "$tmp/r.mallow" 25 75 2>&1)
	status=$?
	# Of a run of a few milliseconds most happens at the end.
	if [[ $says = "0 by trace"* ]]; then
		says=$("$exact/diff_replay.py" "$MALLOW" "$tmp/r.mallow" 75 100 2>&1)
		status=$?
	fi
	if [[ $says = "0 by trace"* ]]; then
		expect "$name (allocates nothing)" 0 "$(stat_of "$tmp/r.mallow" .totals.allocations)"
	elif [ $status -eq 0 ]; then
		ok "$name ($says)"
	else
		fail "$name" "expected the replay's rows got $says"
	fi
}

source=$tmp/source.c
for ((i = 0; i < 100; i++)); do
	echo "static int f$i(int x) { return x * $i + (x > $i ? f$((i ? i - 1 : 0))(x - 1) : $i); }"
done >"$source"
echo "int main(void) { return f99(3); }" >>"$source"

for_each_workload compare
compare python3 "$inputs/big.json" python3 -S -c 'import json, sys; print(len(str(json.load(sys.stdin))))'
compare python3-threads /dev/null python3 -S -c 'import threading as t
for j in [t.Thread(target=lambda: [str(i) * 9 for i in range(3000)]) for k in range(4)]: j.start()'
compare gcc /dev/null gcc -O1 -o "$tmp/program" "$source"
compare threads /dev/null "$samples/threads"
compare shell "$inputs/words.txt" sh -c 'head -n 3000 | sort | uniq -c | sort -n | tail -n 1'
finish
