#!/bin/sh
# What libmallow.so defines for the program: exactly exports.txt. `--update` rewrites it.
set -eu
cd "$(dirname "$0")"
library=${MALLOW_BUILD:-../../build}/lib/libmallow.so
[ -f "$library" ] || { echo "there is no $library"; exit 1; }
found=$(nm -D --defined-only "$library" | awk '{ print $3 }' | LC_ALL=C sort)

if [ "${1-}" = --update ]; then
	printf '%s\n' "$found" >exports.txt
fi
printf '%s\n' "$found" | diff -u exports.txt -
