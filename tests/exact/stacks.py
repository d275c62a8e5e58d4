# SPDX-License-Identifier: MIT
"""Stacks without names, for leaks_compare.py and peak_sites_compare.py: a tuple of (module,
link-time offset), most recent call first. Mallow's begin at the site, so that another
tool's is looked for without its first frames, which must then be functions that only pass
an allocation on, and without its last ones if they are in no module: valgrind goes on behind
_start, which tells no caller, and takes words of the stack for calls."""
import os
import re

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
    """The frame at an address."""
    for first, last, bias, name in modules:
        if first <= ip < last:
            return (os.path.basename(name), ip - bias)
    return ("?", ip)


def known_part(frames):
    while frames and frames[-1][0] == "?":
        frames = frames[:-1]
    return frames


def key_of(traceback):
    """(frames, names): a machine frame for each group of inlined ones."""
    outer = [frame for frame in traceback if not frame["inlined"]]
    if outer and outer[-1]["function"] in THREAD_ROOTS:
        outer.pop()
    return (tuple((os.path.basename(os.path.realpath(frame["module"] or "?")),
                   frame["offset"]) for frame in outer),
            [frame["function"] or "??" for frame in outer])


def rows_of(answer):
    """{frames: [bytes, blocks, names]} of the rows of an answer by trace."""
    rows = {}
    for row in answer:
        key, names = key_of(row["traceback"])
        entry = rows.setdefault(key, [0, 0, names])
        entry[0] += row["size"]
        entry[1] += row["count"]
    return rows


def match(frames, names, known):
    """The part of a stack, behind its wrappers, that is among the known ones; else all."""
    for head in range(len(frames) + 1):
        if tuple(frames[head:]) in known:
            return tuple(frames[head:])
        if head < len(names) and not WRAPPERS.match(names[head]):
            break
    return tuple(frames)


def show(key, names):
    return " < ".join("%s(%s+%#x)" % (name, module, offset)
                      for (module, offset), name in zip(key, names))
