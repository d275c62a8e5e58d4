#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2206,SC2207 # figures of one line are split into words on purpose
# Forks in the middle of other threads' allocations: no child hangs, each is recorded with
# the exact counts; and a fork tree whose totals add up.
# shellcheck source-path=SCRIPTDIR source=lib.bash
. "$(dirname "$0")/lib.bash"

children=40 rounds=10 processes=50
[ "$quick" ] && rounds=2
RECORD_TIMEOUT=60

# What the C library allocates in a child of such a program: the same with no allocations.
record "$tmp/base.mallow" -- "$programs/x_forks" 1 0 4 >/dev/null
base=($(stat_of "$tmp/base.mallow" '.processes[1].totals | "\(.allocations) \(.frees)"'))

for ((round = 1; round <= rounds; round++)); do
	n=$((1000 + round))
	fine=$(record "$tmp/r.mallow" -- "$programs/x_forks" "$children" "$n" 4)
	status=$?
	expect_all "round $round: no child hangs" "" "0 $children" "$status $fine"
	got=$(stat_of "$tmp/r.mallow" '[.processes[1:][] | select(.recorded) |
		"\(.totals.allocations) \(.totals.frees) \(.ended) \(.exit_code)"] | group_by(.) |
		map("\(length) of \(.[0])") | join(", ")')
	expect "round $round: every child is recorded" \
		"$children of $((${base[0]:-0} + 2 * n)) $((${base[1]:-0} + 2 * n)) exit 9" "$got"
	expect "round $round: complete, totals are the sum of the processes'" "true true true" \
		"$(stat_of "$tmp/r.mallow" '"\(.run.complete) \(.totals.allocations == ([.processes[].totals.allocations] | add)) \(.totals.frees == ([.processes[].totals.frees] | add))"')"
done

record "$tmp/r.mallow" -- "$programs/x_tree" "$processes"
expect "tree: status" 0 $?
allocations=0 frees=0
for ((i = 1; i <= processes; i++)); do
	allocations=$((allocations + i))
	frees=$((frees + i / 2))
done
expect "tree: processes, allocations, frees, bytes" \
	"$processes $allocations $frees $((allocations * 100)) true" \
	"$(stat_of "$tmp/r.mallow" '"\(.processes | length) \(.totals | "\(.allocations) \(.frees) \(.allocated_size)") \(.run.complete)"')"
expect "tree: each process its own" \
	"$(for ((i = 1; i <= processes; i++)); do echo "$i $((i / 2))"; done | sort -n)" \
	"$(stat_of "$tmp/r.mallow" '.processes[].totals | "\(.allocations) \(.frees)"' | sort -n)"
expect "tree: each process has its parent's id" "true" \
	"$(stat_of "$tmp/r.mallow" '[.processes[].id] as $ids | [.processes[1:][] | .parent as $p | $ids | index($p) != null] | all')"
finish
