# SPDX-License-Identifier: MIT
"""For gdb: runs the program with INPUT as standard input, stops at the allocations (malloc,
calloc and realloc counted together) of the given ORDINALS, and writes the backtraces to OUTPUT as JSON: for each a list of frames
(function, file, line, offset, inlined), most recent first, the allocator's function included."""
import json
import re
import struct

import gdb


def load_bias(path, start):
    """Run-time less link-time addresses: none for an executable that is not relocated."""
    with open(path, "rb") as file:
        return 0 if struct.unpack("<16xH", file.read(18))[0] == 2 else start


def modules():
    """[(start, end, bias, path)] of what is mapped now."""
    found, first = [], {}
    with open("/proc/%d/maps" % gdb.selected_inferior().pid) as maps:
        for line in maps:
            parts = line.split(None, 5)
            if len(parts) < 6 or not parts[5].startswith("/"):
                continue
            path = parts[5].strip()
            start, end = (int(part, 16) for part in parts[0].split("-"))
            first.setdefault(path, start)
            found.append((start, end, first[path], path))
    return found


def offset_of(pc, mapped):
    """The link-time address of a run-time one."""
    for start, end, base, path in mapped:
        if start <= pc < end:
            return pc - load_bias(path, base)
    return None


def frame_of(frame, mapped):
    sal = frame.find_sal()
    symtab = sal.symtab if sal and sal.is_valid() else None
    function = frame.function()
    return {
        "function": frame.name(),
        # The name without parameters, as the debug information has it.
        "symbol": function.name if function else None,
        "file": symtab.filename if symtab else None,
        "line": sal.line if symtab else 0,
        "offset": offset_of(frame.pc(), mapped),
        "inlined": frame.type() == gdb.INLINE_FRAME,
    }


def backtrace():
    frames = []
    mapped = modules()
    frame = gdb.newest_frame()
    while frame is not None and frame.is_valid():
        # gdb guesses at functions that ended by a jump; nothing of them is on the stack.
        if frame.type() != gdb.TAILCALL_FRAME:
            frames.append(frame_of(frame, mapped))
        try:
            frame = frame.older()
        except gdb.error:
            break
    return frames


class Entries:
    """What all entry points count together."""

    def __init__(self, wanted):
        self.wanted = wanted
        self.hits = 0
        self.found = []


class Entry(gdb.Breakpoint):
    def __init__(self, symbol, entries):
        super().__init__("*%d" % int(gdb.parse_and_eval("(long)&" + symbol)), internal=True)
        self.silent = True
        self.entries = entries

    def stop(self):
        entries = self.entries
        entries.hits += 1
        if entries.hits in entries.wanted:
            entries.found.append({"ordinal": entries.hits, "frames": backtrace()})
        return False


def main():
    entries = Entries({int(n) for n in ORDINALS.split()})
    gdb.execute("set pagination off")
    gdb.execute("set backtrace past-main on")
    gdb.execute("set backtrace past-entry on")
    gdb.execute("set breakpoint pending on")
    gdb.execute("set debuginfod enabled off")
    # starti takes all arguments anew.
    shown = gdb.execute("show args", to_string=True)
    arguments = re.search(r'started is "(.*)"\.', shown, re.S)[1]
    gdb.execute("starti %s < %s > /dev/null" % (arguments, INPUT))
    gdb.execute("tbreak __libc_start_main")
    gdb.execute("continue")
    for symbol in ("__libc_malloc", "__libc_calloc", "__libc_realloc"):
        Entry(symbol, entries)
    gdb.execute("continue")
    with open(OUTPUT, "w") as out:
        json.dump(entries.found, out, indent=1)


main()
