#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""sites_compare.py NAME GDB.json TOP.json: is each of gdb's backtraces a row of top --by
trace? A line a backtrace.

gdb's begins with malloc itself and the allocation wrappers that top's site leaves out, so
a row must be the tail of a backtrace whose head is nothing but wrappers. Compared are
function, file (the path's tail: one of them may be relative to the compilation's folder),
line and whether the frame was inlined. Where gdb has no debug information, only a name that
both give is compared: gdb names the nearest symbol before, however far.

Where gdb gives another line, addr2line decides, which reads the same line table: gdb leaves
out the rows that are no beginning of a statement."""
import functools
import json
import os
import re
import subprocess
import sys

WRAPPERS = re.compile(
    r"^(_*(libc_)?(GI_+)?(libc_)?(malloc|calloc|realloc|reallocarray|memalign|aligned_alloc|"
    r"posix_memalign|valloc|strdup|strndup|xmalloc|xcalloc|xrealloc|xstrdup)|operator new.*|"
    r"_Zn[wa].*|std::.*alloc.*|__gnu_cxx::.*alloc.*|.*allocator.*|g_malloc\w*|g_realloc\w*|"
    r"getline|__?getdelim|v?asprintf|__v?asprintf\w*|checked_request2size|tcache_\w+|"
    r"_mid_memalign|__asprintf_chk)$")


def plain(name):
    """A name without parameters, template noise of "()" and glibc's prefix of hidden aliases."""
    if not name:
        return None
    name = re.sub(r"^(__GI_)+", "", name)
    return name.split("@")[0]


def same_name(ours, theirs):
    return plain(ours) == plain(theirs) or (
        ours and theirs and ours.split("(")[0] == theirs.split("(")[0])


def tail_of(path):
    parts = [p for p in os.path.normpath(path).split("/") if p not in ("", ".", "..")]
    return parts


def same_file(ours, theirs):
    a, b = tail_of(ours), tail_of(theirs)
    length = min(len(a), len(b))
    return length > 0 and a[-length:] == b[-length:]


def difference(row, frame):
    """None, or what differs between a frame of top and one of gdb."""
    if frame["file"] is None:
        if frame["offset"] is not None and row["offset"] != frame["offset"] - 1:
            return "offset %#x" % row["offset"]
        if row["function"] and frame["function"] and row["file"] is None \
                and not same_name(row["function"], frame["function"]):
            return "function %s" % row["function"]
        return None if row["file"] is None else "file %s where gdb has none" % row["file"]
    if not any(same_name(row["function"], name) for name in (frame["function"], frame["symbol"])):
        return "function %s" % row["function"]
    # gdb's is the return address, ours the call's last byte.
    if row["offset"] != frame["offset"] - 1:
        return "offset %#x" % row["offset"]
    if row["file"] is None or not same_file(row["file"], frame["file"]):
        return "file %s" % row["file"]
    if row["line"] != frame["line"]:
        return "line %s" % row["line"]
    if bool(row["inlined"]) != frame["inlined"]:
        return "inlined %s" % row["inlined"]
    return None


def debug_file(module):
    """The file with the module's line table: its debug file by build-id, or itself."""
    notes = subprocess.run(["readelf", "-n", module], stdout=subprocess.PIPE, text=True).stdout
    found = re.search(r"Build ID: ([0-9a-f]{2})([0-9a-f]+)", notes)
    path = "/usr/lib/debug/.build-id/%s/%s.debug" % found.groups() if found else ""
    return path if os.path.exists(path) else module


@functools.lru_cache(maxsize=None)
def addr2line(module, offset):
    """[(file, line)] of a call, innermost inlined frame first."""
    lines = subprocess.run(["addr2line", "-ie", debug_file(module), hex(offset)],
                           stdout=subprocess.PIPE, text=True).stdout.split("\n")
    places = [re.match(r"(.*):(\d+)", line) for line in lines]
    return [(place[1], int(place[2])) for place in places if place]


def settled(traceback, index):
    """Does addr2line give this row's file and line, at its depth of inlining?"""
    row = traceback[index]
    first = index
    while first > 0 and traceback[first - 1]["inlined"] \
            and traceback[first - 1]["offset"] == row["offset"]:
        first -= 1
    places = addr2line(row["module"], row["offset"])
    if row["file"] is None or index - first >= len(places):
        return False
    path, line = places[index - first]
    return same_file(row["file"], path) and row["line"] == line


def compare(traceback, frames):
    """(frames that agree, counted from the outermost; None or the first difference)."""
    if len(traceback) > len(frames):
        return 0, "%d frames" % len(traceback)
    head = frames[:len(frames) - len(traceback)]
    for agreed, (row, frame) in enumerate(zip(reversed(traceback), reversed(frames))):
        wrong = difference(row, frame)
        if wrong and wrong.startswith(("line", "file")) and row["inlined"] == frame["inlined"] \
                and frame["line"] and settled(traceback, len(traceback) - 1 - agreed):
            continue
        if wrong:
            return agreed, "%s (%s + %#x) where gdb has %s (%s:%s%s)" % (
                wrong, row["module"], row["offset"], frame["function"], frame["file"],
                frame["line"], ", inlined" if frame["inlined"] else "")
    for frame in head:
        if not WRAPPERS.match(plain(frame["function"]) or ""):
            return len(traceback), "no frame %s (%s:%s)" % (
                frame["function"], frame["file"], frame["line"])
    return len(traceback), None


def main():
    name, gdb_path, top_path = sys.argv[1:]
    try:
        samples = json.load(open(gdb_path))
        rows = [row["traceback"] for row in json.load(open(top_path))["rows"]]
    except (OSError, ValueError, KeyError) as error:
        print("FAIL %s: expected backtraces and rows got %r" % (name, error))
        return 1
    failed = 0
    if not samples:
        print("FAIL %s: expected gdb to stop got no backtrace" % name)
        return 1
    for sample in samples:
        results = [compare(traceback, sample["frames"]) for traceback in rows]
        best = max(results, key=lambda r: (r[1] is None, r[0]), default=(0, "no rows"))
        label = "%s: allocation %d (%d frames, %d inlined)" % (
            name, sample["ordinal"], len(sample["frames"]),
            sum(f["inlined"] for f in sample["frames"]))
        if best[1] is None:
            print("ok " + label)
            continue
        failed = 1
        print("FAIL %s: expected gdb's backtrace got, at best after %d frames, %s"
              % (label, best[0], best[1]))
    return failed


sys.exit(main())
