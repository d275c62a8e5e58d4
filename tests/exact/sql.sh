#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154
# What `mallow sql` adds up from single events against `mallow stats` and, stack by stack,
# against `mallow top --by trace`: the same run told by the changes and by the model.
# shellcheck source-path=SCRIPTDIR source=lib.bash
. "$(dirname "$0")/lib.bash"
. "$exact/workloads.bash"

sums="select (select count(*) from events where op = 'alloc'),
	(select sum(size) from events where op = 'alloc'),
	(select count(*) from events where op = 'free'),
	(select count(*) from events where op = 'alloc' and realloc),
	(select count(*) from events where op = 'inherited_free' and domain = 'malloc'),
	(select count(*) from events where op = 'foreign_free' and domain = 'malloc'),
	(select sum(iif(op = 'alloc', size, iif(op = 'free', -size, 0))) from events),
	(select sum(size) from live_blocks where domain = 'malloc'),
	(select count(*) from live_blocks where domain = 'malloc')"
totals='.totals | [.allocations, .allocated_size, .frees, .reallocations, .inherited_frees,
	.foreign_frees, .live_size, .live_size, .live_count] | map(. // 0)'

check() { # NAME: of $tmp/r.mallow
	local stats sql
	stats=$(timeout 60 "$MALLOW" stats --json "$tmp/r.mallow" | jq -c "$totals")
	sql=$(timeout 60 "$MALLOW" sql --json "$tmp/r.mallow" "$sums" | jq -c '.rows[0] | map(. // 0)')
	expect_all "$1: totals" "$(jq -r '.[0]' <<<"$stats") allocations" "$stats" "$sql"
	expect "$1: stacks" same "$("$exact/sql_compare.py" "$MALLOW" "$tmp/r.mallow")"
}

compare() { # NAME INPUT COMMAND...
	local name=$1 input=$2
	shift 2
	rm -rf "${TMPDIR:?}"/*
	record "$tmp/r.mallow" -- env -i "${environment[@]}" "$@" <"$input" >/dev/null
	check "$name"
}

for_each_workload compare
for_each_sample compare
record "$tmp/r.mallow" --mmap -- "$programs/maps" >/dev/null
expect 'mappings: stacks' same "$("$exact/sql_compare.py" "$MALLOW" "$tmp/r.mallow" mmap)"
finish
