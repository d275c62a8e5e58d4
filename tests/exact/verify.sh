#!/bin/bash
# SPDX-License-Identifier: MIT
# MALLOW_VERIFY_STACKS=1: every stack is compared with a plain libunwind walk while it is
# recorded, over real programs and the torture program. No difference may be found, and
# stacks must have been compared.
. "$(dirname "$0")/lib.sh"

scale=3
[ "$quick" ] && scale=0.1
inputs=$tmp/inputs
"$exact/inputs.py" "$inputs" "$scale"
export MALLOW_VERIFY_STACKS=1

# verified NAME INPUT COMMAND...
verified() {
	local name=$1 input=$2 status got
	shift 2
	if ! command -v "$1" >/dev/null; then
		fail "$name" "expected $1 to be there got nothing"
		return
	fi
	RECORD_TIMEOUT=900 record "$tmp/r.mallow" -- "$@" <"$input" >/dev/null 2>"$tmp/err"
	status=$?
	got=($(stat_of "$tmp/r.mallow" '"\(.totals.stack_mismatches) \(.totals.stacks_verified // "no-count") \(.totals.allocations) \(.totals.truncated_traces) \(.run.complete)"'))
	expect_all "$name" "${got[1]} stacks verified of ${got[2]} allocations, ${got[3]} cut" \
		"status 0" "status $status" "0 mismatches" "${got[0]:-no} mismatches" \
		"stacks were verified" "$([ "${got[1]:-0}" -gt 0 ] 2>/dev/null && echo stacks were verified || echo "${got[1]} verified")" \
		"complete true" "complete ${got[4]}"
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
"$exact/c_source.py" $([ "$quick" ] && echo 60 || echo 1500) >"$inputs/big.c"
gcc -O2 -fpreprocessed -E "$inputs/big.c" -o "$inputs/big.i"

verified sqlite3 "$inputs/work.sql" sqlite3 -batch :memory:
verified jq "$inputs/big.json" jq 'group_by(.nested.even)|map(map(.name)|sort|length)'
verified python3 /dev/null env PYTHONMALLOC=malloc /usr/bin/python3 "$inputs/work.py" "$inputs/big.json"
verified perl "$inputs/words.txt" perl -ne 'for(split){$n{$_}++} END{print scalar(keys %n), "\n"}'
verified xmllint /dev/null xmllint --noout "$inputs/big.xml"
repository && verified git-log /dev/null git -C "$root" log -p -n 40
verified gcc /dev/null gcc -O2 -c -o "$tmp/big.o" "$inputs/big.c"
verified openssl /dev/null openssl dgst -sha256 "$inputs/big.json"
verified x_new /dev/null "$programs/x_new"
verified x_sites /dev/null "$programs/x_sites"
verified x_stacks /dev/null "$programs/x_stacks" 4 $([ "$quick" ] && echo 20000 || echo 400000)
verified x_cross /dev/null "$programs/x_cross" 4 $([ "$quick" ] && echo 20000 || echo 400000)
verified torture /dev/null "$programs/torture"
finish
