# SPDX-License-Identifier: MIT
"""For gdb: runs the program with INPUT as standard input, stops at the malloc calls of the
given ORDINALS, and writes the backtraces to OUTPUT as JSON: for each a list of frames
(function, file, line, inlined), most recent first, malloc itself included."""
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


class Malloc(gdb.Breakpoint):
    def __init__(self, wanted, found):
        super().__init__("*%d" % int(gdb.parse_and_eval("(long)&__libc_malloc")),
                         internal=True)
        self.silent = True
        self.wanted = wanted
        self.found = found
        self.hits = 0

    def stop(self):
        self.hits += 1
        if self.hits in self.wanted:
            self.found.append({"ordinal": self.hits, "frames": backtrace()})
        return False


def main():
    wanted = {int(n) for n in ORDINALS.split()}
    found = []
    gdb.execute("set pagination off")
    gdb.execute("set backtrace past-main on")
    gdb.execute("set backtrace past-entry on")
    gdb.execute("set breakpoint pending on")
    gdb.execute("set debuginfod enabled off")
    gdb.execute("starti < %s > /dev/null" % INPUT)
    gdb.execute("tbreak __libc_start_main")
    gdb.execute("continue")
    Malloc(wanted, found)
    gdb.execute("continue")
    with open(OUTPUT, "w") as out:
        json.dump(found, out, indent=1)


main()
