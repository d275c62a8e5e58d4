# SPDX-License-Identifier: MIT
"""For gdb: runs the program with INPUT as standard input, stops at the allocations (malloc,
calloc and realloc counted together) of the given ORDINALS, and writes the backtraces to OUTPUT as JSON: for each a list of frames
(function, file, line, inlined), most recent first, the allocator's function included."""
import json

import gdb


def frame_of(frame):
    sal = frame.find_sal()
    symtab = sal.symtab if sal and sal.is_valid() else None
    function = frame.function()
    return {
        "function": frame.name(),
        # The name without parameters, as the debug information has it.
        "symbol": function.name if function else None,
        "file": symtab.filename if symtab else None,
        "line": sal.line if symtab else 0,
        "inlined": frame.type() == gdb.INLINE_FRAME,
    }


def backtrace():
    frames = []
    frame = gdb.newest_frame()
    while frame is not None and frame.is_valid():
        # gdb guesses at functions that ended by a jump; nothing of them is on the stack.
        if frame.type() != gdb.TAILCALL_FRAME:
            frames.append(frame_of(frame))
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
    gdb.execute("starti < %s > /dev/null" % INPUT)
    gdb.execute("tbreak __libc_start_main")
    gdb.execute("continue")
    for symbol in ("__libc_malloc", "__libc_calloc", "__libc_realloc"):
        Entry(symbol, entries)
    gdb.execute("continue")
    with open(OUTPUT, "w") as out:
        json.dump(entries.found, out, indent=1)


main()
