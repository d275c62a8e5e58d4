#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2206,SC2207 # figures of one line are split into words on purpose
# MALLOW_VERIFY_STACKS=1: every stack is compared with a plain libunwind walk while it is
# recorded, over real programs and the torture program. No difference may be found, and
# stacks must have been compared.
# shellcheck source-path=SCRIPTDIR source=lib.bash
. "$(dirname "$0")/lib.bash"
need sqlite3 gcc

scale=3 functions=1500 allocations=400000 iterations=20000
[ "$quick" ] && scale=0.1 functions=60 allocations=20000 iterations=300
inputs=$tmp/inputs
"$exact/inputs.py" "$inputs" "$scale"
export MALLOW_VERIFY_STACKS=1

# verified NAME INPUT COMMAND...
verified() {
	local name=$1 input=$2 status got compared
	shift 2
	if ! command -v "$1" >/dev/null; then
		fail "$name" "expected $1 to be there got nothing"
		return
	fi
	RECORD_TIMEOUT=900 record "$tmp/r.mallow" -- "$@" <"$input" >/dev/null 2>"$tmp/err"
	status=$?
	got=($(stat_of "$tmp/r.mallow" '"\(.totals.stack_mismatches) \(.totals.allocations) \(.totals.truncated_traces) \(.run.complete)"'))
	compared=$(sqlite3 "$tmp/r.mallow" 'SELECT stacks_verified FROM run')
	expect_all "$name" "$compared stacks verified of ${got[1]} allocations, ${got[2]} cut" \
		"status 0" "status $status" "0 mismatches" "${got[0]:-no} mismatches" \
		"every stack verified" "$([ "${compared:-0}" -ge "${got[1]:-1}" ] && echo every stack verified || echo "$compared verified")" \
		"complete true" "complete ${got[3]}"
}

repository() {
	git -C "$root" rev-parse HEAD >/dev/null 2>&1
}

cat >"$inputs/work.py" <<'END'
import json, re, sys
text = open(sys.argv[1]).read()
rows = json.loads(text)
words = re.compile(r"name-(\d+)").findall(text)
print(len(json.dumps(rows)), len(words), sum(r["id"] for r in rows))
END

# A C file of many functions, for the compiler.
"$exact/c_source.py" "$functions" >"$inputs/big.c"
gcc -O2 -fpreprocessed -E "$inputs/big.c" -o "$inputs/big.i"

verified sqlite3 "$inputs/work.sql" sqlite3 -batch :memory:
verified jq "$inputs/big.json" jq 'group_by(.nested.even)|map(map(.name)|sort|length)'
verified python3 /dev/null env PYTHONMALLOC=malloc /usr/bin/python3 "$inputs/work.py" "$inputs/big.json"
verified bc "$inputs/sum.bc" bc -l
verified perl "$inputs/words.txt" perl -ne 'for(split){$n{$_}++} END{print scalar(keys %n), "\n"}'
verified xmllint /dev/null xmllint --noout "$inputs/big.xml"
repository && verified git-log /dev/null git -C "$root" log -p -n 40
verified gcc /dev/null gcc -O2 -c -o "$tmp/big.o" "$inputs/big.c"
verified openssl /dev/null openssl dgst -sha256 "$inputs/big.json"
verified x_new /dev/null "$programs/x_new"
verified x_sites /dev/null "$programs/x_sites"
verified x_sites_hole /dev/null "$programs/x_sites_hole"
verified x_stacks /dev/null "$programs/x_stacks" 4 "$allocations"
verified x_cross /dev/null "$programs/x_cross" 4 "$allocations"
verified torture /dev/null "$programs/torture" "$iterations" 3
finish
