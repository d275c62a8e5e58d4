#!/bin/sh
# What libmallow.so takes from the program's C library: exactly imports.txt; that library
# alone; nothing newer than glibc 2.34. `--update` rewrites the list.
set -eu
cd "$(dirname "$0")"
library=${MALLOW_BUILD:-../../build}/lib/libmallow.so
[ -f "$library" ] || { echo "there is no $library"; exit 1; }
found=$(nm -D --undefined-only --without-symbol-versions "$library" |
	awk '{ print $NF }' | LC_ALL=C sort)
bad=0

if [ "${1-}" = --update ]; then
	printf '%s\n' "$found" >imports.txt
fi
printf '%s\n' "$found" | diff -u imports.txt - || bad=1

needed=$(readelf -d "$library" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
if [ "$needed" != libc.so.6 ]; then
	echo "libmallow.so needs other libraries than libc.so.6:" $needed
	bad=1
fi
newest=$(readelf -V "$library" | grep -o 'GLIBC_[0-9.]*' | sort -uV | tail -n 1)
if [ "$(printf '%s\n' "$newest" GLIBC_2.34 | sort -V | tail -n 1)" != GLIBC_2.34 ]; then
	echo "libmallow.so asks for $newest"
	bad=1
fi
exit $bad
