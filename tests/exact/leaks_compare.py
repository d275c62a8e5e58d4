#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""leaks_compare.py NAME MEMCHECK.xml MODULES PROGRAM LEAKS.json: does memcheck, all kinds of
leaks together, say the same as mallow leaks, stack by stack? One line.

A stack is its return addresses, each as module and link-time offset, which needs no names:
MODULES (modules.c) says where valgrind's modules lay. Mallow's begin at the site, so that
memcheck's is looked for without its first frames, which must then be functions that only
pass an allocation on, and without its last ones if they are in no module: it goes on behind
_start, which tells no caller, and takes words of the stack for calls. What memcheck has for several such heads is added up."""
import collections
import json
import os
import re
import sys
import xml.etree.ElementTree

WRAPPERS = re.compile(
    r"^(_*(libc_)?(GI_+)?(libc_)?(malloc|calloc|realloc|reallocarray|memalign|aligned_alloc|"
    r"posix_memalign|valloc|pvalloc|strn?dup|wcsdup|x\w*alloc\w*|x\w*dup\w*)|operator new.*|"
    r"_Zn[wa].*|std::.*alloc.*|__gnu_cxx::.*alloc.*|g_malloc\w*|g_realloc\w*|g_strn?dup\w*|"
    r"getline|__?(IO_)?getdelim|v?asprintf|_*v?asprintf\w*|__mallow_none)(@.*)?$")

THREAD_ROOTS = ("clone", "__clone", "clone3", "__clone3", "__GI___clone3")


def read_modules(path, program):
    """[(first, last, bias, name)]"""
    modules = []
    for line in open(path):
        first, last, bias, name = line.rstrip("\n").split(" ", 3)
        modules.append((int(first, 16), int(last, 16), int(bias, 16),
                        os.path.realpath(name or program)))
    return modules


def place(modules, ip):
    for first, last, bias, name in modules:
        if first <= ip < last:
            return (os.path.basename(name), ip - bias)
    return ("?", ip)


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
        if frames and frames[-1].findtext("fn") in THREAD_ROOTS:
            frames.pop()
        places = [place(modules, int(frame.find("ip").text, 16)) for frame in frames]
        while places and places[-1][0] == "?":
            places.pop()
        names = [frame.findtext("fn") or "??" for frame in frames[:len(places)]]
        leaks.append((places, names,
                      direct_bytes(what), int(what.find("leakedblocks").text)))
    return leaks


def read_mallow(path):
    """{frames: [bytes, blocks, names]}: a machine frame for each group of inlined ones."""
    rows = {}
    for leak in json.load(open(path))["leaks"]:
        outer = [frame for frame in leak["traceback"] if not frame["inlined"]]
        if outer and outer[-1]["function"] in THREAD_ROOTS:
            outer.pop()
        key = tuple((os.path.basename(os.path.realpath(frame["module"] or "?")),
                     frame["offset"]) for frame in outer)
        row = rows.setdefault(key, [0, 0, [frame["function"] or "??" for frame in outer]])
        row[0] += leak["size"]
        row[1] += leak["count"]
    return rows


def match(frames, names, rows):
    """The stack of Mallow's that this one is, behind its wrappers."""
    for head in range(len(frames) + 1):
        if tuple(frames[head:]) in rows:
            return tuple(frames[head:])
        if head < len(names) and not WRAPPERS.match(names[head]):
            break
    return tuple(frames)


def show(key, names):
    return " < ".join("%s(%s+%#x)" % (name, module, offset)
                      for (module, offset), name in zip(key, names))


def main():
    name, xml_path, modules_path, program, json_path = sys.argv[1:]
    try:
        leaks = read_memcheck(xml_path, read_modules(modules_path, program))
        rows = read_mallow(json_path)
    except (OSError, ValueError, KeyError, AttributeError,
            xml.etree.ElementTree.ParseError) as error:
        print("FAIL %s: expected two lists of leaks got %r" % (name, error))
        return 1
    theirs = collections.defaultdict(lambda: [0, 0, None])
    for frames, names, size, count in leaks:
        key = match(frames, names, rows)
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
            theirs.get(key, [0, 0])[:2], rows.get(key, [0, 0])[:2], show(key, names)))
    return 1


sys.exit(main())
