#!/bin/bash
# SPDX-License-Identifier: MIT
# The stacks of `top --by trace` against gdb's own backtraces at breakpoints on malloc: same
# functions, files, lines and inlined frames. gdb stops at chosen ordinals of malloc in an
# untraced run of the same program; each backtrace must be a row of the recording.
# shellcheck source-path=SCRIPTDIR source=lib.bash
. "$(dirname "$0")/lib.bash"
need gdb python3

"$exact/inputs.py" "$tmp/inputs" 0.02
cp "$programs/x_sites" "$tmp/x_sites"

# sampled NAME INPUT ORDINALS COMMAND...
sampled() {
	local name=$1 input=$2 ordinals=$3
	shift 3
	if ! command -v "$1" >/dev/null; then
		fail "$name" "expected $1 to be there got nothing"
		return
	fi
	gdb -batch -nx -ex "python INPUT='$input'; ORDINALS='$ordinals'; OUTPUT='$tmp/gdb.json'" \
		-x "$exact/sites_gdb.py" --args "$@" >"$tmp/gdb.log" 2>&1 </dev/null
	record "$tmp/r.mallow" -- "$@" <"$input" >/dev/null 2>&1
	"$MALLOW" top --json --by trace -n 10000000 --sort allocations "$tmp/r.mallow" >"$tmp/top.json"
	"$exact/sites_compare.py" "$name" "$tmp/gdb.json" "$tmp/top.json" || failed=1
}

export PYTHONMALLOC=malloc PYTHONHASHSEED=0
cat >"$tmp/inputs/a.py" <<'END'
import json, sys
print(len(json.dumps(json.load(sys.stdin))))
END
sampled x_sites /dev/null "1 2 3 4 5 6 7 8 9 10" "$programs/x_sites"
sampled jq "$tmp/inputs/big.json" "60 900 4000" jq 'map(.id)|add'
sampled sqlite3 "$tmp/inputs/work.sql" "40 150 400" sqlite3 -batch :memory:
[ "$quick" ] || sampled python3 "$tmp/inputs/big.json" "200 3000 9000 20000 25000" \
	/usr/bin/python3 -S "$tmp/inputs/a.py"
for sample in cxx_new wrappers recursion; do
	[ -x "$samples/$sample" ] && sampled "sample $sample" /dev/null "2 5 9" "$samples/$sample"
done
finish
