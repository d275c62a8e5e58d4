#!/bin/bash
# `cmake --install` into a prefix that is then moved: mallow runs there, records, and the
# CMake package and the pkg-config file build a consumer that keeps libmallow.so.
set -u
cd "$(dirname "$0")/../.." || exit 1
root=$PWD
build=$(cd "${MALLOW_BUILD:-build}" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0
say() {
	echo "$*"
	bad=1
}
quietly() {
	"$@" >"$work/log" 2>&1 || {
		cat "$work/log"
		say "failed: $*"
		return 1
	}
}

quietly cmake --install "$build" --prefix "$work/first" || exit 1
mkdir "$work/a folder"
mv "$work/first" "$work/a folder/moved"
prefix="$work/a folder/moved"

library=$(find "$prefix" -name libmallow.so)
libdir=$(dirname "$library")
[ -n "$library" ] || say 'libmallow.so is not installed'
[ -L "$library" ] && [ -f "$library" ] || say 'libmallow.so is no link to its versioned file'
version=$("$prefix/bin/mallow" --version | sed 's/mallow //')
for file in "$libdir/libmallow.so.$version" "$libdir/libmallow.so.0" "$libdir/mallow_sqlite.so" \
	"$libdir/pkgconfig/mallow.pc" "$libdir/cmake/Mallow/MallowConfig.cmake" \
	"$libdir/libmallow-analysis.so.$version" "$libdir/libmallow-analysis.so.0" \
	"$libdir/libmallow-analysis.a" "$libdir/pkgconfig/mallow-analysis.pc" \
	"$prefix/include/mallow/snapshot.h" "$prefix/include/mallow/query.h" \
	"$prefix/include/mallow/stats.h" \
	"$prefix/include/mallow/mallow.h" "$prefix/share/doc/mallow/LICENSE" \
	"$prefix/share/bash-completion/completions/mallow" \
	"$prefix/share/zsh/site-functions/_mallow" \
	"$prefix/share/fish/vendor_completions.d/mallow.fish"; do
	[ -f "$file" ] || say "not installed: ${file#"$prefix/"}"
done
for page in docs/man/*.scd; do
	page=$(basename "$page" .scd)
	[ -s "$prefix/share/man/man${page##*.}/$page" ] || say "not installed: man page $page"
done
if grep -rlF -e "$work/first" -e "$root" "$prefix" --include='*.pc' --include='*.cmake'; then
	say 'these name the place they were installed to'
fi

# It runs from there, as it is and through a link on the PATH.
cd "$work" || exit 1
quietly "$prefix/bin/mallow" run --quiet --require-trace -o one.mallow -- "$build/samples/leak"
ln -s "$prefix/bin/mallow" "$work/mallow"
quietly env PATH="$work:$PATH" mallow run --quiet --require-trace -o two.mallow -- "$build/samples/leak"
count=$("$prefix/bin/mallow" stats --json two.mallow | jq .totals.allocations)
[ "$count" = 200 ] || say "recorded $count allocations of leak instead of 200"
count=$(LD_LIBRARY_PATH=$libdir sqlite3 -readonly two.mallow '.load mallow_sqlite' 'select count(*) from live_blocks')
[ "$count" = 180 ] || say "sqlite3 with mallow_sqlite counts '$count' live blocks instead of 180"
exported=$(nm -D --defined-only "$libdir/mallow_sqlite.so" | awk '{ print $3 }')
[ "$exported" = sqlite3_mallowsqlite_init ] || say "mallow_sqlite.so exports $exported"

# Consumers. Nothing of Mallow is called: the library must stay all the same.
mkdir consumer
cat >consumer/main.c <<'END'
#include <mallow/mallow.h>
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
	free(malloc(10));
	return printf("%d\n", MALLOW_VERSION_NUMBER) < 0;
}
END
cat >consumer/CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.25)
project(consumer LANGUAGES C)
find_package(Mallow 0.1 REQUIRED)
add_executable(consumer main.c)
target_link_options(consumer PRIVATE -Wl,--as-needed)
target_link_libraries(consumer PRIVATE Mallow::mallow)
END
check_consumer() { # NAME PROGRAM
	readelf -d "$2" | grep -q 'NEEDED.*libmallow\.so\.0' || say "$1: libmallow.so was dropped"
	[ "$(LD_LIBRARY_PATH=$libdir "$2")" = 100 ] || say "$1: the consumer does not run"
	# It can record itself: the collector is found beside the library.
	LD_LIBRARY_PATH=$libdir MALLOW_DEPTH=8 MALLOW_OUTPUT="$2.mallow" "$2" >/dev/null ||
		say "$1: the consumer does not run with MALLOW_DEPTH"
	for try in 1 2 3 4 5 6 7 8 9 10; do
		"$prefix/bin/mallow" stats --json "$2.mallow" 2>/dev/null | jq -e .run.complete >/dev/null && return
		sleep 0.2
	done
	say "$1: the consumer has not recorded itself ($try tries)"
}
if quietly cmake -S consumer -B consumer/build "-DCMAKE_PREFIX_PATH=$prefix" &&
	quietly cmake --build consumer/build; then
	check_consumer 'CMake package' consumer/build/consumer
fi

# pkg-config quotes the space of the folder's name for a shell.
export PKG_CONFIG_PATH="$libdir/pkgconfig"
[ "$(pkg-config --modversion mallow)" = "$version" ] || say 'mallow.pc has another version'
flags=$(pkg-config --cflags --libs mallow)
if quietly sh -c "gcc consumer/main.c -Wl,--as-needed $flags -o consumer/by_pc"; then
	check_consumer pkg-config consumer/by_pc
fi

# A program outside that reads a recording, in C and in C++, with either kind of library.
# The two headers agree with each other.
mkdir reader
cat >reader/main.c <<'END'
#include <mallow/mallow.h>
#include <mallow/snapshot.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	struct mallow_snapshot *snapshot;
	struct mallow_statistics *statistics;
	struct mallow_error err;
	char *text;

	if (argc != 2 || mallow_snapshot_open(&snapshot, argv[1], &err) ||
	    mallow_snapshot_set_metadata(snapshot, "by", "reader", 6, &err) ||
	    mallow_snapshot_save(snapshot, "saved.mallow", true, &err))
		return printf("%s\n", err.text) < 0 || 1;
	mallow_snapshot_free(snapshot);
	if (mallow_snapshot_load(&snapshot, "saved.mallow", &err) ||
	    mallow_snapshot_statistics(snapshot, MALLOW_BY_DOMAIN, false, &statistics, &err))
		return printf("%s\n", err.text) < 0 || 1;
	text = mallow_statistic_text(mallow_statistics_get(statistics, 0));
	printf("%s %s\n", (const char *)mallow_snapshot_metadata(snapshot, "by", NULL), text);
	free(text);
	mallow_statistics_free(statistics);
	mallow_snapshot_free(snapshot);
	return 0;
}
END
cp reader/main.c reader/main.cpp
cat >reader/CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.25)
project(reader LANGUAGES C CXX)
find_package(Mallow 0.1 REQUIRED)
add_executable(shared main.c)
target_link_libraries(shared PRIVATE Mallow::analysis)
add_executable(cxx main.cpp)
target_link_libraries(cxx PRIVATE Mallow::analysis)
add_executable(static main.c)
target_link_libraries(static PRIVATE Mallow::analysis_static)
END
size=$("$prefix/bin/mallow" stats --json two.mallow | jq .totals.live_size)
check_reader() { # NAME PROGRAM
	found=$(LD_LIBRARY_PATH=$libdir "$2" two.mallow)
	[ "$found" = "reader malloc: size=$size B, count=180, average=$((size / 180)) B" ] ||
		say "$1: the reader says '$found'"
}
[ "$size" -lt 10240 ] && [ $((size % 180)) = 0 ] || say "leak holds $size B at its end"
if quietly cmake -S reader -B reader/build "-DCMAKE_PREFIX_PATH=$prefix" &&
	quietly cmake --build reader/build; then
	for program in shared cxx static; do
		check_reader "CMake package, $program" "reader/build/$program"
	done
	if readelf -d reader/build/static | grep -q 'NEEDED.*libmallow'; then
		say 'the static reader needs a library of Mallow'
	fi
fi
flags=$(pkg-config --cflags --libs mallow-analysis)
if quietly sh -c "gcc reader/main.c $flags -o reader/by_pc"; then
	check_reader pkg-config reader/by_pc
fi
flags=$(pkg-config --cflags mallow-analysis)
needs=$(pkg-config --static --libs mallow-analysis | sed 's/-lmallow-analysis/-l:libmallow-analysis.a/')
if quietly sh -c "gcc reader/main.c $flags $needs -o reader/by_pc_static"; then
	check_reader 'pkg-config --static' reader/by_pc_static
fi
exit $bad
