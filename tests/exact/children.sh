#!/bin/bash
# SPDX-License-Identifier: MIT
# Processes that a program starts, by every way, with whatever environment: each is recorded
# as its own process with valgrind's totals for it.
# shellcheck source-path=SCRIPTDIR source=lib.bash
. "$(dirname "$0")/lib.bash"
need valgrind

scale=1
[ "$quick" ] && scale=0.1
"$exact/inputs.py" "$tmp/inputs" "$scale"
big=$tmp/inputs/big.json
spawn=$programs/x_spawn

# memcheck_in_environment [VARIABLE=VALUE].. -- COMMAND...: the same with only these.
memcheck_in_environment() {
	local -a variables=()
	while [ "$1" != -- ]; do
		variables+=("$1")
		shift
	done
	shift
	env -i "${variables[@]}" "$valgrind" --run-libc-freeres=no --leak-check=no \
		--log-file="$tmp/memcheck.log" "$@" >/dev/null
	usage_in "$tmp/memcheck.log"
}

# The references: jq by itself, under the names and environments that it is started with
# below, because it keeps its path and its home.
by_name=$(memcheck_usage jq . "$big")
reference_output=$(md5sum <"$tmp/memcheck.out")
by_path=$(memcheck_usage /usr/bin/jq . "$big")
bare=$(memcheck_in_environment -- /usr/bin/jq . "$big")
small=$(memcheck_usage /usr/bin/jq -n 1+1)
small_bare=$(memcheck_in_environment -- /usr/bin/jq -n 1+1)
small_in_c=$(memcheck_in_environment LANG=C -- /usr/bin/jq -n 1+1)

# jq_process FILE: usage of the last process whose command is jq.
jq_process() {
	stat_of "$1" "[.processes[] | select(.recorded and (.command[0] | test(\"jq$\")))] | last | $usage_filter"
}

record "$tmp/r.mallow" -- sh -c "jq . '$big'" >"$tmp/out"
expect_all "sh -c jq" "$by_name" 0 $? "$by_name" "$(jq_process "$tmp/r.mallow")" \
	"$reference_output" "$(md5sum <"$tmp/out")"
record "$tmp/r.mallow" -- sh -c "jq . '$big'; true" >"$tmp/out"
expect "sh -c jq, not its last command" "$by_name" "$(jq_process "$tmp/r.mallow")"
record "$tmp/r.mallow" -- sh -c "jq . '$big' | cat | cat >/dev/null"
expect "a pipeline" "$by_name" "$(jq_process "$tmp/r.mallow")"
record "$tmp/r.mallow" -- env -i /usr/bin/jq . "$big" >"$tmp/out"
expect "env -i" "$bare" "$(jq_process "$tmp/r.mallow")"
record "$tmp/r.mallow" -- env -u LD_PRELOAD /usr/bin/jq . "$big" >"$tmp/out"
expect "env -u LD_PRELOAD" "$by_path" "$(jq_process "$tmp/r.mallow")"
echo "$big" | record "$tmp/r.mallow" -- xargs jq . >"$tmp/out"
expect "xargs" "$by_name" "$(jq_process "$tmp/r.mallow")"
record "$tmp/r.mallow" -- /usr/bin/python3 -c "import subprocess,sys; sys.exit(subprocess.run(['jq', '.', '$big'], stdout=subprocess.DEVNULL).returncode)"
expect "python3's subprocess" "$by_name" "$(jq_process "$tmp/r.mallow")"
expect "python3 itself is told as recorded, which it is" "true null" \
	"$(stat_of "$tmp/r.mallow" '.processes[0] | "\(.recorded) \(.reason)"')"

for how in system popen posix_spawn posix_spawnp vfork fork execle empty chain execvp; do
	got=$(record "$tmp/r.mallow" -- "$spawn" "$how" /usr/bin/jq -n 1+1)
	status=$?
	case $how in
	execle) expected=$small_in_c ;;
	empty) expected=$small_bare ;;
	*) expected=$small ;;
	esac
	expect_all "$how" "$expected" "status 0 output 2" "status $status output $got" \
		"$expected" "$(jq_process "$tmp/r.mallow")" \
		"complete true" "complete $(stat_of "$tmp/r.mallow" .run.complete)"
done

# A program that has thrown our variables out of its own environment.
small_set=$(memcheck_in_environment $(seq -f 'V%.0f=0' 0 299) PWD=/ -- /usr/bin/jq -n 1+1)
for how in cleared-system cleared-popen unset-system set-system; do
	got=$(record "$tmp/r.mallow" -- "$spawn" "$how" /usr/bin/jq -n 1+1 | sort -u)
	status=${PIPESTATUS[0]}
	case $how in
	cleared-*) expected=$small_in_c ;;
	set-*) expected=$small_set ;;
	*) expected=$small ;;
	esac
	expect_all "$how" "$expected" "status 0 output 2" "status $status output $got" \
		"$expected" "$(jq_process "$tmp/r.mallow")" \
		"complete true" "complete $(stat_of "$tmp/r.mallow" .run.complete)"
done
expect "each system() of a program that removes our variables each time" 3 \
	"$(record "$tmp/r.mallow" -- "$spawn" unset-system /usr/bin/jq -n 1+1 >/dev/null
		stat_of "$tmp/r.mallow" '[.processes[] | select(.recorded and .command[0] == "/usr/bin/jq")] | length')"

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
