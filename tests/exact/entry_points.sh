#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2206,SC2207 # figures of one line are split into words on purpose
# Every entry point, under every allocator that comes as a shared library: the program's own
# count is the recorded one, and what it sees (results, alignment, errno) is what it sees
# untraced.
. "$(dirname "$0")/lib.bash"
need valgrind

totals='.totals | "\(.allocations) \(.frees) \(.reallocations) \(.allocated_size)"'

# counted NAME [VARIABLE] PROGRAM [ARGS]: with the same extra environment in both runs.
counted() {
	local name=$1 expected status base
	shift
	local -a with=()
	while [[ $1 == *=* ]]; do
		with+=("$1")
		shift
	done
	expected=$(env "${with[@]}" "$@" 2>"$tmp/expected.err")
	status=$?
	got=$(env "${with[@]}" "$MALLOW" run --quiet --force -o "$tmp/r.mallow" -- "$@" 2>"$tmp/got.err")
	expect_all "$name: as untraced" "" "status $status" "status $?" \
		"$expected" "$got" "$(cat "$tmp/expected.err")" "$(cat "$tmp/got.err")"
	expect "$name: counted" "$expected" "$(stat_of "$tmp/r.mallow" ".processes[-1] | $totals")"
	expect "$name: complete" true "$(stat_of "$tmp/r.mallow" .run.complete)"
}

library() {
	ldconfig -p | sed -n "s/.*$1.* => //p" | head -1
}

counted "C library" "$programs/x_entry"
expect "C library: as valgrind counts" \
	"$(memcheck_usage "$programs/x_entry" no-pvalloc no-huge)" \
	"$(record "$tmp/r.mallow" -- "$programs/x_entry" no-pvalloc no-huge >/dev/null
		usage_of "$tmp/r.mallow")"

jemalloc=$(library libjemalloc.so.2)
tcmalloc=$(library libtcmalloc_minimal.so.4)
[ -n "$jemalloc" ] && counted "jemalloc preloaded" LD_PRELOAD="$jemalloc" "$programs/x_entry" no-pvalloc
[ -n "$tcmalloc" ] && counted "tcmalloc preloaded" LD_PRELOAD="$tcmalloc" "$programs/x_entry"
[ -x "$programs/x_entry_tcmalloc" ] && counted "tcmalloc linked" "$programs/x_entry_tcmalloc"

# C++: what the runtime allocates for itself, and what the program does on top.
cxx() {
	local name=$1 own base got
	shift
	record "$tmp/base.mallow" -- env "$@" "$programs/x_new" none
	own=($(record "$tmp/r.mallow" -- env "$@" "$programs/x_new"))
	expect "$name: works" 0 $?
	base=($(stat_of "$tmp/base.mallow" '.processes[-1].totals | "\(.allocations) \(.frees) \(.allocated_size)"'))
	got=$(stat_of "$tmp/r.mallow" '.processes[-1].totals | "\(.allocations) \(.frees) \(.allocated_size)"')
	expect "$name: counted" \
		"$((${own[0]:-0} + ${base[0]:-0})) $((${own[1]:-0} + ${base[1]:-0})) $((${own[2]:-0} + ${base[2]:-0}))" \
		"$got"
}

cxx "operator new" A=1
[ -n "$jemalloc" ] && cxx "operator new with jemalloc" LD_PRELOAD="$jemalloc"
[ -n "$tcmalloc" ] && cxx "operator new with tcmalloc" LD_PRELOAD="$tcmalloc"
finish
