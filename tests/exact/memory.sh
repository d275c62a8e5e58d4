#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2206,SC2207 # figures of one line are split into words on purpose
# Memory that tracing adds to the program, private and shared counted, by the kernel's own
# account: at most 16 MiB with one thread, 64 MiB with 200, whatever they allocate.
# shellcheck source-path=SCRIPTDIR source=lib.bash
. "$(dirname "$0")/lib.bash"

allocations=3000000
[ "$quick" ] && allocations=400000

# measured COMMAND...: KiB of Rss, of Pss, and the highest Rss, of the x_stacks among the
# command's descendants, when it is ready.
measured() {
	local line pid
	rm -f "$tmp/wait" "$tmp/ready"
	mkfifo "$tmp/wait"
	"$@" <"$tmp/wait" >"$tmp/ready" &
	local run=$!
	exec 9>"$tmp/wait"
	while ! grep -qs ready "$tmp/ready" && kill -0 "$run" 2>/dev/null; do
		sleep 0.1
	done
	pid=$(descendant_named x_stacks "$run")
	# What the collector has not read yet is as much the program's.
	line=$(awk '/^Rss:/ {rss = $2} /^Pss:/ {pss = $2} END {print rss, pss}' "/proc/$pid/smaps_rollup")
	echo "$line $(awk '/^VmHWM/ {print $2}' "/proc/$pid/status")"
	exec 9>&-
	wait "$run"
}

descendant_named() {
	local child
	if [ "$(cat "/proc/$2/comm" 2>/dev/null)" = "$1" ]; then
		echo "$2"
		return
	fi
	for child in $(cat "/proc/$2/task/$2/children" 2>/dev/null); do
		descendant_named "$1" "$child"
	done
}

# added THREADS LIMIT_MIB LIVE
added() {
	local threads=$1 limit=$(($2 * 1024)) plain traced
	plain=($(measured "$programs/x_stacks" "$threads" "$allocations" "$3"))
	traced=($(measured "$MALLOW" run --quiet --force -o "$tmp/r.mallow" -- \
		"$programs/x_stacks" "$threads" "$allocations" "$3"))
	if [ ${#plain[@]} -ne 3 ] || [ ${#traced[@]} -ne 3 ]; then
		fail "$threads threads" "expected six figures got ${plain[*]} and ${traced[*]}"
		return
	fi
	expect_at_most "$threads threads, $3 live: Rss added" "$limit" $((traced[0] - plain[0])) KiB
	expect_at_most "$threads threads, $3 live: Pss added" "$limit" $((traced[1] - plain[1])) KiB
	expect_at_most "$threads threads, $3 live: highest Rss added" "$limit" $((traced[2] - plain[2])) KiB
	expect "$threads threads, $3 live: complete" true "$(stat_of "$tmp/r.mallow" .run.complete)"
}

added 1 16 10000
added 1 16 300000
added 200 64 10000
added 200 64 300000
finish
