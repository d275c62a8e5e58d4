#!/bin/sh
# docs/from-tracemalloc.md shows what its two programs print.
set -eu
cd "$(dirname "$0")/../.."
root=$PWD
build=$(cd "${MALLOW_BUILD:-build}" && pwd)
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
cd "$work"
python3 "$root/samples/from_tracemalloc.py" >python
"$build/samples/from_tracemalloc" >c
diff -u python.shown python
diff -u c.shown c
