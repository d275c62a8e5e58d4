#!/bin/bash
# SPDX-License-Identifier: MIT
# Processes that a program starts, by every way, with whatever environment: each is recorded
# as its own process with valgrind's totals for it.
. "$(dirname "$0")/lib.bash"
need valgrind

scale=1
[ "$quick" ] && scale=0.1
"$exact/inputs.py" "$tmp/inputs" "$scale"
big=$tmp/inputs/big.json
spawn=$programs/x_spawn

# jq of the same work by itself, the reference for each of its processes.
reference=$(memcheck_usage /usr/bin/jq . "$big")
reference_output=$(md5sum <"$tmp/memcheck.out")
small=$(memcheck_usage /usr/bin/jq -n 1+1)
# It prints to a pipe or to a file, and its own buffer is as large either way.

# jq_process FILE: usage of the last process whose command is jq.
jq_process() {
	stat_of "$1" "[.processes[] | select(.recorded and (.command[0] | test(\"jq$\")))] | last | $usage_filter"
}

record "$tmp/r.mallow" -- sh -c "jq . '$big'" >"$tmp/out"
expect_all "sh -c jq" "$reference" 0 $? "$reference" "$(jq_process "$tmp/r.mallow")" \
	"$reference_output" "$(md5sum <"$tmp/out")"
record "$tmp/r.mallow" -- sh -c "jq . '$big'; true" >"$tmp/out"
expect "sh -c jq, not its last command" "$reference" "$(jq_process "$tmp/r.mallow")"
record "$tmp/r.mallow" -- sh -c "jq . '$big' | cat | cat >/dev/null"
expect "a pipeline" "$reference" "$(jq_process "$tmp/r.mallow")"
record "$tmp/r.mallow" -- env -i /usr/bin/jq . "$big" >"$tmp/out"
expect "env -i" "$reference" "$(jq_process "$tmp/r.mallow")"
record "$tmp/r.mallow" -- env -u LD_PRELOAD /usr/bin/jq . "$big" >"$tmp/out"
expect "env -u LD_PRELOAD" "$reference" "$(jq_process "$tmp/r.mallow")"
echo "$big" | record "$tmp/r.mallow" -- xargs jq . >"$tmp/out"
expect "xargs" "$reference" "$(jq_process "$tmp/r.mallow")"
record "$tmp/r.mallow" -- /usr/bin/python3 -c "import subprocess,sys; sys.exit(subprocess.run(['jq', '.', '$big'], stdout=subprocess.DEVNULL).returncode)"
expect "python3's subprocess" "$reference" "$(jq_process "$tmp/r.mallow")"

for how in system popen posix_spawn posix_spawnp vfork fork execle empty chain execvp; do
	got=$(record "$tmp/r.mallow" -- "$spawn" "$how" /usr/bin/jq -n 1+1)
	expect_all "$how" "" "status 0 output 2" "status $? output $got" \
		"$small" "$(jq_process "$tmp/r.mallow")" \
		"complete true" "complete $(stat_of "$tmp/r.mallow" .run.complete)"
done

# The processes of the last chain: three images before, under one pid.
record "$tmp/r.mallow" -- "$spawn" chain /usr/bin/jq -n 1+1 >/dev/null
expect "a chain of execs" "exec exec exec exec exit 1" \
	"$(stat_of "$tmp/r.mallow" '"\([.processes[].ended] | join(" ")) \([.processes[].pid] | unique | length)"')"
expect "each image of a chain has its own totals" "1 1 1 1" \
	"$(stat_of "$tmp/r.mallow" '[.processes[:4][].totals.allocations] | join(" ")')"

# Everything at once against valgrind, process by process: the multiset of usages.
script="jq -n 1+1 >/dev/null; $spawn vfork /usr/bin/jq -n 1 >/dev/null; $spawn fork $programs/x_tree 3"
"$valgrind" --trace-children=yes --run-libc-freeres=no --run-cxx-freeres=no --leak-check=no \
	--log-file="$tmp/tree.%p" "$spawn" posix_spawn "$programs/x_tree" 5
record "$tmp/r.mallow" -- "$spawn" posix_spawn "$programs/x_tree" 5
expect "a forking child: processes and their own allocations" "0 1 2 3 4 5" \
	"$(stat_of "$tmp/r.mallow" '[.processes[].totals.allocations] | sort | join(" ")')"
record "$tmp/r.mallow" -- sh -c "$script"
expect "several children: each recorded, none twice" "3 jq/x_tree images" \
	"$(stat_of "$tmp/r.mallow" '[.processes[] | select(.recorded and (.command[0] | test("jq$|x_tree$")) and (.totals.allocations > 0))] | map(.command | join(" ")) | unique | length') jq/x_tree images"
expect "valgrind saw the same tree" "$(cat "$tmp"/tree.* | grep -c 'total heap usage')" \
	"$(record "$tmp/r2.mallow" -- "$spawn" posix_spawn "$programs/x_tree" 5; stat_of "$tmp/r2.mallow" '.processes | length')"

record "$tmp/r.mallow" --no-follow-children -- sh -c 'jq -n 1; true' >/dev/null
expect "--no-follow-children" none "$(stat_of "$tmp/r.mallow" '[.processes[] | select(.recorded and (.command[0] | test("jq$")))] | if length == 0 then "none" else length end')"
finish
