#!/bin/bash
# SPDX-License-Identifier: MIT
# What a traced program can see of itself is what it sees untraced, but for what is
# documented (LD_PRELOAD and Mallow's variables); and programs that take rights away from
# themselves are not harmed.
# shellcheck source-path=SCRIPTDIR source=lib.bash
. "$(dirname "$0")/lib.bash"

n=20000
cd "$tmp" || exit 2

"$programs/x_behave" >"$tmp/expected" 2>"$tmp/expected.env" </dev/null
record "$tmp/r.mallow" -- "$programs/x_behave" >"$tmp/got" 2>"$tmp/got.env" </dev/null
expect "status" 0 $?
expect "state of the process" "$(cat "$tmp/expected")" "$(cat "$tmp/got")"
names() {
	sed -n 's/^\([A-Z_a-z0-9]*\)=.*/\1/p' "$1" | sort -u
}
expect "only LD_PRELOAD and MALLOW_* are added to the environment" "" \
	"$(comm -13 <(names "$tmp/expected.env") <(names "$tmp/got.env") | grep -v '^LD_PRELOAD$\|^MALLOW_' | tr '\n' ' ')"
expect "nothing is taken from the environment" "" \
	"$(comm -23 <(names "$tmp/expected.env") <(names "$tmp/got.env") | tr '\n' ' ')"

# The same with odd state inherited: blocked and ignored signals, few descriptors, umask.
odd() {
	trap '' USR1 PIPE
	umask 077
	ulimit -n 64
	exec 7</dev/null
	exec "$@"
}
(odd "$programs/x_behave") >"$tmp/expected" 2>/dev/null </dev/null
(odd "$MALLOW" run --quiet --force -o "$tmp/r.mallow" -- "$programs/x_behave") >"$tmp/got" 2>/dev/null </dev/null
expect "odd state inherited" "$(cat "$tmp/expected")" "$(cat "$tmp/got")"
(exec <&- >&- 2>"$tmp/closed.err"; "$programs/x_tree" 3)
expect "untraced, without standard input and output" 0 $?
(exec <&- >&- 2>"$tmp/closed.err"; "$MALLOW" run --quiet --force -o "$tmp/r.mallow" -- "$programs/x_tree" 3)
expect "without standard input and output" 0 $?
expect "without standard input and output: recorded" "6 true" \
	"$(stat_of "$tmp/r.mallow" '"\(.totals.allocations) \(.run.complete)"')"

# Status and both streams pass through.
record "$tmp/r.mallow" -- sh -c 'cat; echo err >&2; exit 37' >"$tmp/got" 2>"$tmp/got.err" < <(head -c 10000000 /dev/zero)
expect "ten megabytes, a status, standard error" "37 10000000 err" \
	"$? $(stat -c %s "$tmp/got") $(cat "$tmp/got.err")"

# confined HOW EVENTS: as untraced, and recorded where it can be.
confined() {
	local how=$1 expected status got
	expected=$("$programs/x_confine" "$how" "$n" 2>/dev/null)
	status=$?
	if [ "$status" = 77 ]; then
		ok "$how (this machine does not allow it)"
		return
	fi
	got=$(RECORD_TIMEOUT=30 record "$tmp/r.mallow" -- "$programs/x_confine" "$how" "$n" 2>"$tmp/err")
	expect_all "$how: as untraced" "" "$status $expected" "$? $got" "" "$(cat "$tmp/err")"
	[ "$2" = any ] && return
	expect "$how: recorded" "$2 true" \
		"$(stat_of "$tmp/r.mallow" "\"\(.processes[-1].totals.frees) \(.run.complete)\"")"
}

for how in files no-files chroot user strict filter; do
	confined "$how" $((n + 1))
done
# Reads /proc by stdio: three blocks and the C library's buffer more than the others.
confined address-space any
# The child begins its recording after the limit: recorded or not, it is not harmed.
for how in late-files late-no-files late-chroot late-user late-strict late-filter; do
	confined "$how" any
done
rm -rf /tmp/x_confine.?????? 2>/dev/null
(ulimit -v 400000; record "$tmp/r.mallow" -- "$programs/x_tree" 3)
expect "a limited address space from outside" "0 6" "$? $(stat_of "$tmp/r.mallow" .totals.allocations)"
finish
