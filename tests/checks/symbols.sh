#!/bin/sh
# SPDX-License-Identifier: MIT
#
# symbols.sh BUILD [OBJECT...]
#
# Compares the symbolizer of the build folder with llvm-symbolizer (or addr2line) on 3,000
# random addresses of each object; without objects, on those of this machine and on small
# programs compiled here in each form that debug information comes in. Fails when any
# agrees on less than 99 %. What is not installed is named and left out.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cc -O2 -std=gnu17 -D_GNU_SOURCE -I"$here/../../libtrace" "$here/resolve.c" -o "$work/resolve" \
	"$build/libtrace/libmlw_symbol.a" "$build/libtrace/libmlw_base.a" -ldw -lelf -liberty

status=0
check() {
	python3 "$here/symbols.py" "$work/resolve" "$1" 3000 || status=1
}

# program NAME COMPILER OPTIONS...: compiled and linked apart, as split DWARF needs it.
program() {
	name=$1 compiler=$2
	shift 2
	if ! command -v "$compiler" >/dev/null; then
		echo "$name: no $compiler here"
		return
	fi
	(cd "$work" && "$compiler" -std=c++17 -O2 -g "$@" -c "$here/symbols.cc" -o "$name.o" &&
		"$compiler" "$@" "$name.o" -o "$name")
	check "$work/$name"
}

rust() {
	name=$1
	shift
	if ! command -v rustc >/dev/null; then
		echo "$name: no rustc here"
		return
	fi
	rustc -g -O "$@" "$here/symbols.rs" -o "$work/$name"
	check "$work/$name"
}

if [ $# -gt 0 ]; then
	for object in "$@"; do check "$object"; done
	exit $status
fi

for object in /usr/bin/python3 /lib/*-linux-gnu/libc.so.6 /usr/lib/*-linux-gnu/libstdc++.so.6; do
	if [ -e "$object" ]; then check "$(readlink -f "$object")"; else echo "$object: not here"; fi
done
program gcc-dwarf5 g++ -gdwarf-5
program gcc-dwarf4 g++ -gdwarf-4
program gcc-compressed g++ -gz
program gcc-lto g++ -flto
program gcc-sections g++ -ffunction-sections -Wl,--gc-sections
program gcc-no-pie g++ -no-pie
program gcc-no-inline g++ -O0
# What follows addr2line does not read.
if ! command -v llvm-symbolizer >/dev/null && ! command -v llvm-symbolizer-14 >/dev/null; then
	echo "split DWARF, clang, rust: no llvm-symbolizer here"
	exit $status
fi
program gcc-split5 g++ -gdwarf-5 -gsplit-dwarf
program gcc-split4 g++ -gdwarf-4 -gsplit-dwarf
clang=$(command -v clang++ || command -v clang++-14 || echo clang++)
program clang-dwarf5 "$clang" -gdwarf-5
program clang-dwarf4 "$clang" -gdwarf-4
program clang-split5 "$clang" -gdwarf-5 -gsplit-dwarf
program clang-lines "$clang" -gline-tables-only
rust rust
rust rust-v0 -C symbol-mangling-version=v0
exit $status
