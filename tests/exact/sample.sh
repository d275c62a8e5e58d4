#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154
# `mallow run --sample` of programs that are not ours, beside recordings of everything: sums
# and sites are within the errors that `mallow top` tells, samples with many seeds are right
# on average, and with a sample of each byte nothing differs.
# shellcheck source-path=SCRIPTDIR source=lib.bash
. "$(dirname "$0")/lib.bash"
need python3 sqlite3
. "$exact/workloads.bash"

seeds=20
[ "$quick" ] && seeds=8
environment+=(PYTHONMALLOC=malloc PYTHONHASHSEED=0)

# one FILE [OPTIONS] -- COMMAND...: records $input once more.
one() {
	local file=$1
	shift
	rm -rf "${TMPDIR:?}"/*
	env -i "${environment[@]}" MALLOW_SAMPLE_SEED="$seed" timeout 300 "$MALLOW" run \
		--quiet --force -o "$file" "$@" <"$input" >/dev/null
}

answers() { # FILE PREFIX: what is compared, by allocated bytes and at the end
	"$MALLOW" top --json --by function --sort allocated "$1" >"$2.allocated" &&
		"$MALLOW" top --json --by function "$1" >"$2.live" &&
		"$MALLOW" stats --json "$1" >"$2.stats"
}

# Python itself, one run in some seventy, has a buffer of another size.
allocated() {
	jq .totals.allocated_size "$1"
}

compare() {
	local name=$1 bytes=$2 input=$3 seed=0
	shift 3
	rm -f "$tmp"/sample.*
	for _ in 1 2 3; do
		if ! one "$tmp/all.mallow" -- "$@" || ! answers "$tmp/all.mallow" "$tmp/all"; then
			fail "$name" "no recording of everything"
			return
		fi
		if ! one "$tmp/each.mallow" --sample 1 -- "$@" || ! answers "$tmp/each.mallow" "$tmp/each"; then
			fail "$name" "no sample of each byte"
			return
		fi
		[ "$(allocated "$tmp/all.stats")" != "$(allocated "$tmp/each.stats")" ] || break
	done
	while [ $seed -lt $seeds ]; do
		seed=$((seed + 1))
		if ! one "$tmp/s.mallow" --sample "$bytes" -- "$@" ||
			! answers "$tmp/s.mallow" "$tmp/sample.$seed"; then
			fail "$name" "no sample with seed $seed"
			return
		fi
	done
	"$exact/sample_compare.py" "$name" "$tmp" "$bytes" "$seeds" || failed=1
}

compare sqlite3 4096 "$inputs/work.sql" sqlite3 -batch :memory:
compare jq 16384 "$inputs/big.json" jq 'group_by(.nested.even)|map(map(.name)|sort|length)'
compare python3 65536 "$inputs/big.json" /usr/bin/python3 -S -c \
	'import json, sys; rows = json.load(sys.stdin); print(len(json.dumps(rows)))'
compare sampled 4096 /dev/null "$programs/sampled"
finish
