#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154
# The peak of `mallow stats` against massif (--heap-admin=0 --peak-inaccuracy=0), in bytes.
#
# massif chooses its peak by requested bytes plus the slop of valgrind's allocator (blocks
# are rounded up to 16), so its moment can be another one, of fewer requested bytes.
# Then dhat decides, which counts requested bytes alone ("At t-gmax").
# shellcheck source-path=SCRIPTDIR source=lib.bash
. "$(dirname "$0")/lib.bash"
need valgrind
. "$exact/workloads.bash"
. "$exact/environment.bash"

# Without a free there is no peak snapshot, and the last is the highest.
massif_peak() {
	awk -F= '/^mem_heap_B=/ {size = $2} /^heap_tree=peak/ {peak = size}
		END {print peak == "" ? size : peak}' "$1"
}

dhat_peak() {
	sed -n 's/.*At t-gmax: *\([0-9,]*\) bytes.*/\1/p' "$1" | tr -d ,
}

compare() {
	local name=$1 input=$2 massif dhat mine
	shift 2
	rm -rf "${TMPDIR:?}"/*
	env -i "${in_massif[@]}" "$valgrind" --tool=massif --heap-admin=0 --peak-inaccuracy=0 \
		--run-libc-freeres=no --run-cxx-freeres=no --massif-out-file="$tmp/massif" \
		"$@" <"$input" >/dev/null 2>&1
	rm -rf "${TMPDIR:?}"/*
	env -i "${in_dhat[@]}" "$valgrind" --tool=dhat --run-libc-freeres=no \
		--run-cxx-freeres=no --dhat-out-file=/dev/null --log-file="$tmp/dhat" \
		"$@" <"$input" >/dev/null 2>&1
	rm -rf "${TMPDIR:?}"/*
	env -i "${in_mallow[@]}" timeout 300 "$MALLOW" run --quiet --force -o "$tmp/r.mallow" \
		-- "$@" <"$input" >/dev/null
	massif=$(massif_peak "$tmp/massif")
	dhat=$(dhat_peak "$tmp/dhat")
	mine=$(stat_of "$tmp/r.mallow" '.processes[0].totals.peak_size')
	if [ "$mine" = "$massif" ]; then
		ok "$name ($mine bytes)"
	elif [ "$mine" = "$dhat" ]; then
		ok "$name ($mine bytes as dhat; massif, by rounded sizes, $massif)"
	else
		fail "$name" "expected $massif (dhat $dhat) got $mine"
	fi
}

equal_environments massif dhat mallow
for_each_workload compare
# The order of threads decides a peak, and valgrind has an order of its own.
single_threaded() {
	[ "$1" = sample-threads ] || compare "$@"
}

for_each_sample single_threaded
finish
