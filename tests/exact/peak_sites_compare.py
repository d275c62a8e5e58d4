#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""peak_sites_compare.py NAME MASSIF MODULES PROGRAM MALLOW FILE: is `top --at peak` what
massif's peak tree has, site by site and call by call? One line. MODULES (modules.c) says
where valgrind's modules lay.

massif keeps 30 calls: a stack of its own that is as long stands for all of ours that begin
so. It chooses its moment by sizes rounded up to 16 bytes, and of equal ones the last, while
Mallow shows the first moment of most requested bytes. Where that is another one, the events
are gone through: what they leave at our moment must be our rows, and at a moment of as many
bytes as massif's it must be massif's tree."""
import collections
import json
import re
import subprocess
import sys

import stacks

DEPTH = 30
LINE = re.compile(r"^( *)n(\d+): (\d+) (?:0x([0-9A-F]+): (\S+)|(.*))")


def detailed(path):
    """(bytes, lines of the tree) of the peak; without a free the last is the highest."""
    size, tree, found = 0, [], None
    for line in open(path):
        if line.startswith("mem_heap_B="):
            size = int(line.split("=")[1])
        elif line.startswith("heap_tree="):
            tree = []
            if line.strip() == "heap_tree=peak" or found is None or found[2] != "peak":
                found = (size, tree, line.strip()[10:])
        elif LINE.match(line):
            tree.append(line)
    return found[:2]


def read_massif(path, modules):
    """(bytes, [(frames, names, bytes)]): each line's bytes without its callers'."""
    size, lines = detailed(path)
    found, above = [], []
    for line in lines:
        indent, _, held, ip, name, text = LINE.match(line).groups()
        del above[len(indent):]
        if ip is None and "heap allocation functions" not in text:
            raise ValueError("a line of massif's that is no call: " + text)
        frame = stacks.place(modules, int(ip, 16)) if ip else None
        entry = [above[-1][0] + [frame] if ip else [], above[-1][1] + [name] if ip else [],
                 int(held)]
        if above:
            above[-1][2] -= int(held)
        above.append(entry)
        found.append(entry)
    return size, [entry for entry in found if entry[2]]


def compare(theirs, rows):
    """({what is compared: bytes} of theirs, the same of ours, {it: names})"""
    begins = set()
    for key in rows:
        begins.update(key[:length] for length in range(1, min(len(key), DEPTH) + 1))
    wanted, names_of = collections.Counter(), {}
    for frames, names, size in theirs:
        is_cut = len(frames) >= DEPTH - 2
        # valgrind's own malloc and setenv.
        own = {i for i, frame in enumerate(frames) if "vgpreload" in frame[0]}
        frames = [frame for i, frame in enumerate(frames) if i not in own]
        names = [name for i, name in enumerate(names) if i not in own]
        frames = stacks.known_part(frames)
        if frames and names[len(frames) - 1] in stacks.THREAD_ROOTS:
            frames = frames[:-1]
        key = stacks.match(frames, names, begins if is_cut else rows)
        wanted[key] += size
        names_of[key] = names[len(frames) - len(key):]
    got = collections.Counter()
    for key, (size, _, names) in rows.items():
        begin = next((key[:length] for length in range(len(key), 0, -1)
                      if key[:length] in wanted), key)
        got[begin] += size
        names_of.setdefault(begin, names)
    return wanted, +got, names_of


def ask(mallow, *words):
    return json.loads(subprocess.run([mallow, *words], stdout=subprocess.PIPE,
                                     check=True).stdout)


def stacks_of(mallow, path):
    """{trace: (frames, names)}, from the site on."""
    tracebacks = collections.defaultdict(list)
    names = ("trace", "function", "module", "offset", "inlined", "wrapper")
    for row in ask(mallow, "sql", "--json", path, "select %s from frames order by trace, level"
                   % ", ".join(names))["rows"]:
        tracebacks[row[0]].append(dict(zip(names, row)))
    for frames in tracebacks.values():
        while len(frames) > 1 and frames[0]["wrapper"]:
            frames.pop(0)
    return {trace: stacks.key_of(frames) for trace, frames in tracebacks.items()}


def moments(mallow, path):
    """(bytes, {trace: bytes}) after each allocation; the second is one and the same."""
    live, held = 0, collections.Counter()
    for op, trace, size in ask(
            mallow, "sql", "--json", path, "select op, trace, size from events where "
            "op in ('alloc', 'free') order by number")["rows"]:
        size = size if op == "alloc" else -size
        live += size
        held[trace] += size
        if size > 0:
            yield live, held


def rows_at(held, keys):
    """What is held, as stacks.rows_of has it."""
    rows = {}
    for trace, size in held.items():
        key, names = keys.get(trace, ((), []))
        rows.setdefault(key, [0, 0, names])[0] += size
    return {key: row for key, row in rows.items() if row[0]}


def differences(theirs, rows):
    wanted, got, names = compare(theirs, rows)
    return [(key, wanted[key], got[key], names[key]) for key in set(wanted) | set(got)
            if wanted[key] != got[key]]


def sizes_of(rows):
    return {key: row[0] for key, row in rows.items()}


def at_another_moment(size, theirs, rows, peak, mallow, path):
    """The differences to massif's at the best moment of its bytes."""
    keys = stacks_of(mallow, path)
    best, is_peak_found = None, False
    for live, held in moments(mallow, path):
        if live == peak and not is_peak_found:
            is_peak_found = True
            if sizes_of(rows_at(held, keys)) != sizes_of(rows):
                raise ValueError("other rows than the events leave at the peak")
        if live == size:
            wrong = differences(theirs, rows_at(held, keys))
            if best is None or len(wrong) < len(best):
                best = wrong
        if best == [] and is_peak_found:
            return best
    if best is None or not is_peak_found:
        raise ValueError("no moment of %d bytes, or none of %d" % (size, peak))
    return best


def main():
    name, massif_path, modules_path, program, mallow, path = sys.argv[1:]
    how = "as massif"
    try:
        size, theirs = read_massif(massif_path, stacks.read_modules(modules_path, program))
        peak = ask(mallow, "stats", "--json", path)["totals"]["peak_size"]
        top = ask(mallow, "top", "--json", "--by", "trace", "--at", "peak", path)
        rows = {key: row for key, row in stacks.rows_of(top["rows"]).items() if row[0]}
        total = sum(row[0] for row in rows.values())
        if total != peak or size > peak:
            raise ValueError("rows of together %d, a peak of %d" % (total, peak))
        wrong = differences(theirs, rows)
        if wrong:
            how = "as massif at its own moment of %d bytes" % size
            wrong = at_another_moment(size, theirs, rows, peak, mallow, path)
    except (OSError, ValueError, KeyError, TypeError, subprocess.CalledProcessError) as error:
        print("FAIL %s: expected massif's peak tree got %r" % (name, error))
        return 1
    if not wrong:
        print("ok %s (%d bytes, %d stacks, %s)" % (name, total, len(rows), how))
        return 0
    print("FAIL %s: expected massif's stacks (%d bytes) got others in %d of about %d (%d bytes)"
          % (name, size, len(wrong), len(rows), total))
    for key, theirs, ours, names in sorted(wrong, key=repr)[:6]:
        print("     massif %d, mallow %d: %s" % (theirs, ours, stacks.show(key, names)))
    return 1


sys.exit(main())
