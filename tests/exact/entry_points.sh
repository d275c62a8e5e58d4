#!/bin/bash
# SPDX-License-Identifier: MIT
# Every entry point, under every allocator that comes as a shared library: the program's own
# count is the recorded one, and what it sees (results, alignment, errno) is what it sees
# untraced.
# shellcheck source-path=SCRIPTDIR source=lib.bash
. "$(dirname "$0")/lib.bash"
need valgrind

totals='.totals | "\(.allocations) \(.frees) \(.reallocations) \(.allocated_size)"'

# sum "A B .." "C D ..": "A+C B+D ..".
sum() {
	awk '{for (i = 1; i <= NF; i++) total[i] += $i} END {
		for (i = 1; i <= NF; i++) printf("%s%.0f", (i > 1 ? " " : ""), total[i])
		print ""}' <<<"$1"$'\n'"$2"
}

# counted NAME [VARIABLE=VALUE] PROGRAM [ARGS]: with the same extra environment in every run.
# What the process allocates before main (allocators bring a C++ runtime) is recorded by
# itself.
counted() {
	local name=$1 expected status got
	local -a with=()
	shift
	while [[ $1 == *=* ]]; do
		with+=("$1")
		shift
	done
	env "${with[@]}" "$MALLOW" run --quiet --force -o "$tmp/base.mallow" -- "$1" none
	expected=$(env "${with[@]}" "$@" 2>"$tmp/expected.err")
	status=$?
	got=$(env "${with[@]}" "$MALLOW" run --quiet --force -o "$tmp/r.mallow" -- "$@" 2>"$tmp/got.err")
	expect_all "$name: as untraced" "" "status $status" "status $?" \
		"$expected" "$got" "$(cat "$tmp/expected.err")" "$(cat "$tmp/got.err")"
	expect "$name: counted" \
		"$(sum "$expected" "$(stat_of "$tmp/base.mallow" ".processes[-1] | $totals")")" \
		"$(stat_of "$tmp/r.mallow" ".processes[-1] | $totals")"
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
# cxx NAME "" | other [VARIABLE=VALUE]
cxx() {
	local name=$1 form=$2 own got
	local three='.processes[-1].totals | "\(.allocations) \(.frees) \(.allocated_size)"'
	shift 2
	record "$tmp/base.mallow" -- env "$@" "$programs/x_new" none
	own=$(record "$tmp/r.mallow" -- env "$@" "$programs/x_new" ${form:+"$form"})
	expect "$name: works" 0 $?
	got=$(stat_of "$tmp/r.mallow" "$three")
	expect "$name: counted" "$(sum "$own" "$(stat_of "$tmp/base.mallow" "$three")")" "$got"
}

cxx "operator new" ""
[ -n "$jemalloc" ] && cxx "operator new with jemalloc" other LD_PRELOAD="$jemalloc"
[ -n "$tcmalloc" ] && cxx "operator new with tcmalloc" other LD_PRELOAD="$tcmalloc"
finish
