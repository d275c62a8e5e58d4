#!/bin/bash
# SPDX-License-Identifier: MIT
# A thread starts and stops the recording while others track, untrack, allocate and free:
# the part of libmallow.so that is no hook, built into the program with ThreadSanitizer,
# finds no race. (Its threads do not end: what runs after the sanitizer's own end of a
# thread, it cannot bear.)
# shellcheck source-path=SCRIPTDIR source=lib.bash
. "$(dirname "$0")/lib.bash"

sources=()
for source in "$root"/libtrace/record/*.c; do
	case $source in
	*/hooks.c | */operators.c | */process.c | */loader.c | */maps.c) ;;
	*) sources+=("$source") ;;
	esac
done
"${CC:-cc}" -std=gnu17 -D_GNU_SOURCE -g -O1 -fsanitize=thread -w -I"$root/libtrace" -I"$root/include" \
	"${sources[@]}" "$root/tests/programs/starts.c" -o "$tmp/race" -pthread -ldl || exit 2
# A place in shared memory that the collector has read is used again: that it was another
# process that gave it free, the sanitizer does not see.
echo 'race:mlw_module_announce' >"$tmp/suppressions"
export TSAN_OPTIONS="suppressions=$tmp/suppressions"
MALLOW_COLLECTOR=$MALLOW MALLOW_OUTPUT=$tmp/r.mallow \
	"$tmp/race" race "$([ "$quick" ] && echo 3 || echo 10)" stay >"$tmp/out" 2>"$tmp/err"
expect 'status' 0 $?
expect 'every start and stop' 'rounds many, failures 0' "$(cat "$tmp/out")"
expect 'races' 0 "$(grep -c 'WARNING: ThreadSanitizer' "$tmp/err")"
head -n 40 "$tmp/err"
for _ in $(seq 100); do
	[ "$(stat_of "$tmp/r.mallow" .run.ended 2>/dev/null)" = exit ] && [ ! -e "$tmp/r.mallow-wal" ] && break
	sleep 0.1
done
expect 'foreign frees' 0 "$(stat_of "$tmp/r.mallow" .totals.foreign_frees)"
finish
