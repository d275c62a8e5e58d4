# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
# What the checks of this folder share; each sources it first:
#
#	. "$(dirname "$0")/lib.bash"
#	expect NAME EXPECTED GOT
#	finish
#
# A check compares a recording with what somebody else says of the same run: valgrind, gdb,
# the kernel, or the program's own count. It prints a line a case, "ok NAME" or
# "FAIL NAME: expected .. got ..", and ends with 0 or 1. --quick is the size for CI.
# MALLOW names the binary; the programs are expected beside it, as a build leaves them.
#
# Everything a check starts inherits TMPDIR below $tmp, which is how finish() finds what is
# still alive: a process that outlives its check is a failure.

export LC_ALL=C.UTF-8
export DEBUGINFOD_URLS=

exact=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$exact/../.." && pwd)
check=$(basename "$0" .sh)
MALLOW=$(realpath "${MALLOW:-$root/build/bin/mallow}")
build=$(dirname "$(dirname "$MALLOW")")
programs=${MALLOW_PROGRAMS:-$build/programs}
samples=${MALLOW_SAMPLES:-$build/samples}

quick=
for argument in "$@"; do
	case $argument in
	--quick) quick=1 ;;
	*)
		echo "usage: $0 [--quick]" >&2
		exit 2
		;;
	esac
done

failed=0
tmp=$(mktemp -d "${TMPDIR:-/tmp}/mallow-$check.XXXXXX")
export TMPDIR=$tmp/t
mkdir "$TMPDIR"

# Pids whose environment names our folder: what this check started and nothing else.
leftovers() {
	local folder pid
	for folder in /proc/[0-9]*; do
		pid=${folder#/proc/}
		[ "$pid" = "$$" ] || [ "$pid" = "$BASHPID" ] && continue
		if grep -qsF "TMPDIR=$tmp/" "$folder/environ" 2>/dev/null; then
			echo "$pid"
		fi
	done
}

clean_up() {
	local pid
	for pid in $(leftovers); do
		kill -CONT "$pid" 2>/dev/null
		kill -9 "$pid" 2>/dev/null
	done
	if [ -n "${KEEP:-}" ]; then
		echo "kept: $tmp" >&2
	else
		rm -rf "$tmp"
	fi
}
trap clean_up EXIT
trap 'exit 130' INT TERM

ok() {
	echo "ok $1"
}

fail() {
	echo "FAIL $1: $2"
	failed=1
}

# expect NAME EXPECTED GOT
expect() {
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		fail "$1" "expected $2 got $3"
	fi
}

# expect_all NAME NOTE EXPECTED GOT [EXPECTED GOT]...: one line for several comparisons.
expect_all() {
	local name=$1 note=$2 wrong=
	shift 2
	while [ $# -ge 2 ]; do
		[ "$1" = "$2" ] || wrong="$wrong${wrong:+; }expected $1 got $2"
		shift 2
	done
	if [ -z "$wrong" ]; then
		ok "$name${note:+ ($note)}"
	else
		fail "$name" "$wrong"
	fi
}

# expect_at_most NAME LIMIT GOT UNIT
expect_at_most() {
	if [ -n "$3" ] && [ "$3" -le "$2" ] 2>/dev/null; then
		ok "$1 ($3 $4)"
	else
		fail "$1" "expected at most $2 $4 got ${3:-nothing}"
	fi
}

finish() {
	local i left=
	for i in 1 2 3 4 5 6 7 8 9 10; do
		left=$(leftovers)
		[ -z "$left" ] && break
		sleep 0.3
	done
	for i in $left; do
		fail "leftover process $i" "expected it gone got $(tr '\0' ' ' <"/proc/$i/cmdline")"
	done
	exit "$failed"
}

# record FILE [RUN OPTIONS] -- PROGRAM [ARGS]: records within two minutes.
record() {
	local file=$1
	shift
	timeout -k 5 "${RECORD_TIMEOUT:-120}" "$MALLOW" run --quiet --force -o "$file" "$@"
}

# stat_of FILE FILTER: a part of stats --json, by jq; nothing where stats has no answer.
stat_of() {
	timeout 60 "$MALLOW" stats --json "$1" | jq -r "$2"
}

usage_filter='.totals | "\(.allocations) allocs, \(.frees) frees, \(.allocated_size) bytes"'

# usage_of FILE: as memcheck writes it.
usage_of() {
	stat_of "$1" "$usage_filter"
}

# The name valgrind has behind Debian's wrapper, which adds to the environment.
valgrind=$(command -v valgrind.bin || command -v valgrind)

# A library with a thread-local variable, to be preloaded where valgrind is the reference:
# the loader allocates 16 bytes more for each thread for each library that has one, and
# libmallow.so has one.
tls_library=$tmp/tls.so
echo 'static __thread int x __attribute__((tls_model("initial-exec"))); int *f(void) { return &x; }' |
	cc -shared -fPIC -nostdlib -x c -o "$tls_library" - || exit 2

# memcheck_usage COMMAND...: "N allocs, M frees, S bytes" of the process itself; what it
# prints goes to $tmp/memcheck.out.
memcheck_usage() {
	LD_PRELOAD=$tls_library "$valgrind" --run-libc-freeres=no --run-cxx-freeres=no \
		--leak-check=no --log-file="$tmp/memcheck.%p" "$@" <&0 >"$tmp/memcheck.out" &
	local pid=$!
	wait "$pid"
	usage_in "$tmp/memcheck.$pid"
}

# usage_in LOG: the line "total heap usage" of memcheck's log.
usage_in() {
	sed -n 's/.*total heap usage: \(.*\) allocated$/\1/p' "$1" | tr -d ', ' |
		sed 's/allocs/ allocs, /; s/frees/ frees, /; s/bytes/ bytes/'
}

need() {
	local tool
	for tool in "$@"; do
		if ! command -v "$tool" >/dev/null; then
			echo "$check: needs $tool" >&2
			exit 2
		fi
	done
}

if [ ! -x "$MALLOW" ]; then
	echo "$check: no mallow at $MALLOW" >&2
	exit 2
fi
if [ ! -d "$programs" ]; then
	echo "$check: no programs at $programs" >&2
	exit 2
fi
need jq

# collector_of RUN: the pid of the collector of a `mallow run` whose pid is RUN: its child
# in a session of its own.
collector_of() {
	local pid rest
	for pid in $(cat "/proc/$1/task/$1/children" 2>/dev/null); do
		read -r rest <"/proc/$pid/stat" || continue
		# After the name in parentheses: state, parent, group, session.
		read -r _ _ _ rest _ <<<"${rest##*) }"
		[ "$rest" = "$pid" ] && echo "$pid"
	done 2>/dev/null
}

# wait_for_collector RUN: the same, within five seconds of the start.
wait_for_collector() {
	local i found
	for ((i = 0; i < 500; i++)); do
		found=$(collector_of "$1")
		[ -n "$found" ] && break
		sleep 0.01
	done
	echo "$found"
}

now_ms() {
	echo $(($(date +%s%N) / 1000000))
}
