#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154
# `mallow leaks` against memcheck's leak check: all kinds together, the same bytes and blocks
# for each stack, by module and offset of each of its calls.
#
# Both keep the 99 most recent calls (memcheck counts its own malloc as one).
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
	rm -rf "${TMPDIR:?}"/* "$tmp"/modules.* "$tmp"/leaks.xml.*
	env -i "${in_memcheck[@]}" "$valgrind" --leak-check=full --show-leak-kinds=all \
		--run-libc-freeres=no --run-cxx-freeres=no --num-callers=100 \
		--show-below-main=yes --read-inline-info=no --error-limit=no --child-silent-after-fork=yes \
		--xml=yes --xml-file="$tmp/leaks.xml.%p" "$@" <"$input" >/dev/null 2>&1 &
	pid=$!
	wait "$pid"
	rm -rf "${TMPDIR:?}"/*
	env -i "${in_mallow[@]}" timeout 300 "$MALLOW" run --quiet --force --depth 99 \
		-o "$tmp/r.mallow" -- "$@" <"$input" >/dev/null
	"$MALLOW" leaks --json --process 1 "$tmp/r.mallow" >"$tmp/leaks.json"
	"$exact/leaks_compare.py" "$name" "$tmp/leaks.xml.$pid" "$tmp/modules.$pid" \
		"$(PATH=/usr/bin:/bin command -v "$1")" "$tmp/leaks.json" || failed=1
}

cat >"$inputs/objects.py" <<'END'
import json, sys
print(len(json.dumps(json.load(sys.stdin))))
END

environment+=(PYTHONMALLOC=malloc PYTHONHASHSEED=0)
equal_environments memcheck mallow
for_each_workload compare
for_each_sample compare
compare x_kept /dev/null "$programs/x_kept"
compare python3 "$inputs/big.json" python3 -S "$inputs/objects.py"
finish
