#!/bin/sh
# libmallow-analysis.so exports exactly what include/mallow/snapshot.h declares, and knows
# its version. In C++ each type there can be named without `struct`: no function has its name.
set -eu
cd "$(dirname "$0")/../.."
library=${MALLOW_BUILD:-build}/lib/libmallow-analysis.so
[ -f "$library" ] || { echo "there is no $library"; exit 1; }
declared=$(gcc -E -P -I include include/mallow/snapshot.h | tr '\n' ' ' | tr ';' '\n' |
	grep 'visibility' | sed 's/__attribute__ *(([^)]*))*//; s/(.*//; s/.*[ *]//' | LC_ALL=C sort)
[ "$(printf '%s\n' "$declared" | grep -c '^mallow_')" -gt 20 ] ||
	{ echo "found no functions in the header"; exit 1; }
exported=$(nm -D --defined-only "$library" | awk '{ print $3 }' | LC_ALL=C sort)
printf '%s\n' "$declared" >"${TMPDIR:-/tmp}/declared.$$"
trap 'rm -f "${TMPDIR:-/tmp}/declared.$$"' EXIT
printf '%s\n' "$exported" | diff -u "${TMPDIR:-/tmp}/declared.$$" -
readelf -d "$library" | grep -q 'SONAME.*\[libmallow-analysis\.so\.0\]' ||
	{ echo "$library has no versioned SONAME"; exit 1; }
types=$(grep -ohE '\<(struct|enum) mallow_[a-z_]+' include/mallow/*.h | sed 's/.* //' | LC_ALL=C sort -u)
[ "$(printf '%s\n' "$types" | wc -l)" -gt 40 ] || { echo "found no types in the headers"; exit 1; }
{
	printf '#include <mallow/%s.h>\n' mallow snapshot
	printf '%s\n' "$types" | sed 's/.*/extern & *one_&;/'
} | g++ -std=c++17 -Wall -Wextra -Werror -fsyntax-only -I include -x c++ -
