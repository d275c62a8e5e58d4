#!/bin/sh
# docs/from-tracemalloc.md shows what its two programs print.
set -eu
cd "$(dirname "$0")/../.."
build=${MALLOW_BUILD:-build}
page=docs/from-tracemalloc.md
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

blocks() { # LANGUAGE: the lines of all its blocks of output
	awk -v mark="\`\`\`text $1" '$0 == mark { inside = 1; next }
		/^```/ { inside = 0 } inside' "$page"
}

blocks python >"$work/python.shown"
blocks c >"$work/c.shown"
[ -s "$work/c.shown" ] || { echo "$page shows nothing"; exit 1; }
python3 samples/from_tracemalloc.py >"$work/python"
"$build/samples/from_tracemalloc" >"$work/c"
diff -u "$work/python.shown" "$work/python"
diff -u "$work/c.shown" "$work/c"
