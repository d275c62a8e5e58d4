# SPDX-License-Identifier: MIT
"""For gdb: runs the program with INPUT as standard input and counts how often the C
library's allocation functions were entered, on standard error."""
import re
import sys

import gdb

# The C library's own names, since a program has a stub of its own called malloc.
NAMES = {
    "malloc": "__libc_malloc", "calloc": "__libc_calloc", "realloc": "__libc_realloc",
    "reallocarray": "__libc_reallocarray", "free": "__libc_free",
    "memalign": "__libc_memalign", "aligned_alloc": "aligned_alloc",
    "posix_memalign": "__posix_memalign", "valloc": "__libc_valloc",
    "pvalloc": "__libc_pvalloc",
}


class Counter(gdb.Breakpoint):
    def __init__(self, name, address):
        super().__init__("*%d" % address, internal=True)
        self.silent = True
        self.name = name
        self.hits = 0

    def stop(self):
        if self.name == "free" and int(gdb.parse_and_eval("$rdi")) == 0:
            return False
        self.hits += 1
        return False


def main():
    gdb.execute("set pagination off")
    gdb.execute("set breakpoint pending on")
    gdb.execute("set startup-with-shell on")
    # starti takes all arguments anew.
    shown = gdb.execute("show args", to_string=True)
    arguments = re.search(r'started is "(.*)"\.', shown, re.S)[1]
    gdb.execute("starti %s < %s > /dev/null" % (arguments, INPUT))
    gdb.execute("tbreak __libc_start_main")
    gdb.execute("continue")
    counters = [Counter(name, int(gdb.parse_and_eval("(long)&" + symbol)))
                for name, symbol in NAMES.items()]
    gdb.execute("continue")
    print("calls: " + ", ".join("%s %d" % (c.name, c.hits) for c in counters),
          file=sys.stderr)


main()
