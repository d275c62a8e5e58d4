#!/bin/bash
# SPDX-License-Identifier: MIT
# Programs that no preload reaches, for real: one that gets privileges of its file, started
# by somebody who has none, and one of 32 bits. Each runs as ever and is named.
# shellcheck source-path=SCRIPTDIR source=lib.bash
. "$(dirname "$0")/lib.bash"
need python3

# unrecorded NAME STATUS REASON COMMAND...: alone, and with --require-trace.
unrecorded() {
	local name=$1 status=$2 reason=$3 expected got
	shift 3
	expected=$("${as[@]}" "$@" 2>&1)
	got=$("${as[@]}" "$MALLOW" run --quiet --force -o "$file" -- "$@" 2>"$tmp/errors")
	expect "$name: status and output are its own" "$status $expected" "$? $got"
	expect "$name: it is named, once" "mallow: $1 was not recorded: $reason" "$(cat "$tmp/errors")"
	expect "$name: and so in the file" "false $reason" \
		"$(stat_of "$file" '.processes[0] | "\(.recorded) \(.reason)"')"
	got=$("${as[@]}" "$MALLOW" run --require-trace --quiet --force -o "$file" -- "$@" 2>/dev/null)
	expect "$name: 125 under --require-trace, and it ran" "125 $expected" "$? $got"
	expect "$name: doctor says no" 1 "$("${as[@]}" "$MALLOW" doctor "$1" >/dev/null 2>&1; echo $?)"
}

# An ELF file of 32 bits whose code is exit(5).
python3 - "$tmp/small" <<'END'
import struct, sys
code = bytes.fromhex("b801000000" "bb05000000" "cd80")
start, header = 0x08048000, 52 + 32
elf = b"\x7fELF" + bytes([1, 1, 1]) + bytes(9) + struct.pack(
    "<HHIIIIIHHHHHH", 2, 3, 1, start + header, 52, 0, 0, 52, 32, 1, 0, 0, 0)
size = header + len(code)
elf += struct.pack("<IIIIIIII", 1, 0, start, start, size, size, 5, 0x1000)
open(sys.argv[1], "wb").write(elf + code)
END
chmod +x "$tmp/small"
as=() file=$tmp/r.mallow
"$tmp/small"
if [ $? -eq 5 ]; then
	unrecorded "32 bits" 5 "it is a program for another machine (32 bits, i386)" "$tmp/small"
else
	ok "skipped: this kernel runs no program of 32 bits"
fi

# Somebody without rights starts a program that is root's.
mkdir "$tmp/open"
cp /usr/bin/id "$tmp/open/id"
chmod u+s "$tmp/open/id"
chmod 755 "$tmp"
chmod 777 "$tmp/open" "$TMPDIR"
as=(setpriv --reuid=65534 --regid=65534 --clear-groups) file=$tmp/open/r.mallow
if [ "$(id -u)" = 0 ] && [ "$("${as[@]}" "$tmp/open/id" -u 2>/dev/null)" = 0 ] &&
	"${as[@]}" "$MALLOW" --version >/dev/null 2>&1; then
	unrecorded "setuid" 0 \
		"it gets privileges of its file (setuid, setgid or capabilities): nothing is preloaded then" \
		"$tmp/open/id" -u
else
	ok "skipped: needs root, another user, and a file system that grants privileges"
fi
finish
