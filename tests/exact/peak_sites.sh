#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154
# `mallow top --at peak` against massif's peak tree: the rows together are the exact peak, and
# each stack has the same bytes, by module and offset of each of its calls. Programs of one
# thread and one process: elsewhere the order of threads decides what the peak is.
# shellcheck source-path=SCRIPTDIR source=lib.bash
. "$(dirname "$0")/lib.bash"
need valgrind python3 cc
. "$exact/workloads.bash"
. "$exact/environment.bash"

cc -shared -fPIC -O1 -nostdlib "-DMODULES=\"$tmp/modules\"" -o "$tls_library" \
	"$exact/modules.c" || exit 2

compare() {
	local name=$1 input=$2 pid
	shift 2
	rm -rf "${TMPDIR:?}"/* "$tmp"/modules.* "$tmp/massif"
	env -i "${in_massif[@]}" "$valgrind" --tool=massif --heap-admin=0 --peak-inaccuracy=0 \
		--depth=30 --threshold=0 --detailed-freq=1 --run-libc-freeres=no \
		--run-cxx-freeres=no --show-below-main=yes --read-inline-info=no \
		--massif-out-file="$tmp/massif" "$@" <"$input" >/dev/null 2>&1 &
	pid=$!
	wait "$pid"
	rm -rf "${TMPDIR:?}"/*
	env -i "${in_mallow[@]}" timeout 300 "$MALLOW" run --quiet --force -o "$tmp/r.mallow" \
		-- "$@" <"$input" >/dev/null
	"$exact/peak_sites_compare.py" "$name" "$tmp/massif" "$tmp/modules.$pid" \
		"$(PATH=/usr/bin:/bin command -v "$1")" "$MALLOW" "$tmp/r.mallow" || failed=1
}

compare_sample() {
	case $1 in
	sample-threads | sample-fork_exec) ;;
	*) compare "$@" ;;
	esac
}

equal_environments massif mallow
for_each_workload compare
for_each_sample compare_sample
finish
