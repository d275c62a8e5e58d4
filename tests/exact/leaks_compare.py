#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""leaks_compare.py NAME MEMCHECK.xml MODULES PROGRAM LEAKS.json: does memcheck, all kinds of
leaks together, say the same as mallow leaks, stack by stack? One line.

MODULES (modules.c) says where valgrind's modules lay. What memcheck has for several stacks
that differ only in wrappers is added up."""
import collections
import json
import re
import sys
import xml.etree.ElementTree

import stacks


def direct_bytes(what):
    """Of a record that also tells what hangs on it."""
    text = what.find("text").text
    found = re.search(r"\(([0-9,]+) direct,", text)
    return int(found[1].replace(",", "")) if found else int(what.find("leakedbytes").text)


def read_memcheck(path, modules):
    """[(frames [(module, offset)], names, bytes, blocks)], without memcheck's own frame."""
    leaks = []
    for error in xml.etree.ElementTree.parse(path).getroot().iter("error"):
        if not error.find("kind").text.startswith("Leak_"):
            continue
        what = error.find("xwhat")
        # Its own malloc, and its own setenv, which calls that of the C library.
        frames = [frame for frame in error.find("stack").findall("frame")
                  if "vgpreload" not in (frame.findtext("obj") or "")]
        # A thread's first: valgrind does not have clone3, which the C library prefers.
        if frames and frames[-1].findtext("fn") in stacks.THREAD_ROOTS:
            frames.pop()
        places = stacks.known_part([stacks.place(modules, int(frame.find("ip").text, 16))
                                    for frame in frames])
        names = [frame.findtext("fn") or "??" for frame in frames[:len(places)]]
        leaks.append((places, names,
                      direct_bytes(what), int(what.find("leakedblocks").text)))
    return leaks


def main():
    name, xml_path, modules_path, program, json_path = sys.argv[1:]
    try:
        leaks = read_memcheck(xml_path, stacks.read_modules(modules_path, program))
        rows = stacks.rows_of(json.load(open(json_path))["leaks"])
    except (OSError, ValueError, KeyError, AttributeError,
            xml.etree.ElementTree.ParseError) as error:
        print("FAIL %s: expected two lists of leaks got %r" % (name, error))
        return 1
    theirs = collections.defaultdict(lambda: [0, 0, None])
    for frames, names, size, count in leaks:
        key = stacks.match(frames, names, rows)
        entry = theirs[key]
        entry[0] += size
        entry[1] += count
        entry[2] = names[len(names) - len(key):]
    wrong = [key for key in set(theirs) | set(rows)
             if theirs.get(key, [0, 0])[:2] != rows.get(key, [0, 0])[:2]]
    size, count = (sum(row[i] for row in rows.values()) for i in (0, 1))
    if not wrong:
        print("ok %s (%d bytes in %d blocks, %d stacks)" % (name, size, count, len(rows)))
        return 0
    print("FAIL %s: expected memcheck's stacks got others in %d of %d (%d bytes in %d blocks, "
          "memcheck %d in %d)" % (name, len(wrong), len(set(theirs) | set(rows)), size, count,
                                  sum(t[0] for t in theirs.values()),
                                  sum(t[1] for t in theirs.values())))
    for key in sorted(wrong)[:6]:
        names = (rows.get(key) or theirs[key])[2]
        print("     memcheck %s, mallow %s: %s" % (
            theirs.get(key, [0, 0])[:2], rows.get(key, [0, 0])[:2], stacks.show(key, names)))
    return 1


sys.exit(main())
