#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""symbols.py RESOLVE OBJECT COUNT: how far the symbolizer and another tool agree.

Resolves COUNT random addresses of the object's .text with RESOLVE (resolve.c) and with
llvm-symbolizer, or addr2line where that is missing, and compares the frames of each:
how many there are, their functions, lines and files. What counts as agreement although
the text differs, because the other tool is known to answer another question:

  alias     both names are ELF symbols of one address (llvm prefers the ELF symbol, we,
            like gdb, the name in DWARF: __GI_abort or abort)
  spelling  the same function with less in its name (a function without linkage name is
            std::sort<...> for us, sort<...> or its ELF symbol for the others)
  more      the other tool has no name, or no file (it ignores assembly labels)

addr2line (binutils 2.40) names padding after the function before it, does not read what
clang or -gsplit-dwarf write, and calls files <artificial>: with it only the line of the
innermost frame is compared.

Prints one line, and examples of each disagreement; status 1 below 99 %.
"""
import collections
import os
import random
import re
import shutil
import subprocess
import sys

LLVM = next(filter(None, map(shutil.which, ("llvm-symbolizer", "llvm-symbolizer-14"))), None)
AGREE = ("same", "alias", "spelling", "more")


def run(*command, text=""):
    return subprocess.run(command, input=text, capture_output=True, text=True,
                          errors="replace", check=True)


def addresses(path, count):
    header = re.search(r"\] \.text +PROGBITS +(\w+) +\w+ +(\w+)",
                       run("readelf", "-SW", path).stdout)
    start, size = (int(x, 16) for x in header.groups())
    return sorted(random.Random(1).sample(range(start, start + size), min(count, size)))


def frames(lines):
    pairs = zip(lines[::2], lines[1::2])
    where = (re.match(r"(.*?):([0-9]+|\?)", line) for _, line in pairs)
    return [(name, os.path.normpath(m[1]), int(m[2].replace("?", "0")))
            for name, m in zip(lines[::2], where)]


def records(output):
    return [frames(record.split("\n")) for record in output.strip("\n").split("\n\n")]


def by_llvm(path, wanted):
    out = run(LLVM, "--inlines", "--no-demangle", "--obj=" + path, text=wanted).stdout
    # Rust's hashes are not names: ::h0123456789abcdef of the old mangling, [4a5b] of v0.
    return records(re.sub(r"::h[0-9a-f]{16}$|\[[0-9a-f]{8,16}\]", "",
                          run("c++filt", text=out).stdout, flags=re.M))


def debug_file(path):
    build_id = re.search(r"Build ID: (\w\w)(\w+)", run("readelf", "-n", path).stdout)
    name = "/usr/lib/debug/.build-id/{}/{}.debug".format(*build_id.groups()) if build_id else ""
    return name if os.path.exists(name) else None


def by_addr2line(path, wanted):
    out = run("addr2line", "-afiC", "-e", debug_file(path) or path, text=wanted).stdout
    return [frames(part.strip("\n").split("\n")[1:]) for part in re.split(r"(?m)^(?=0x)", out)
            if part]


def symbols_at(files):
    """What ELF calls the place where each name is: name -> address."""
    table = {}
    for flags in ([], ["-D"]):
        for file in files:
            out = subprocess.run(["nm", "-C", *flags, file], capture_output=True, text=True)
            for line in out.stdout.splitlines():
                address, _, name = line.partition(" ")
                if address.strip():
                    table.setdefault(name[2:].split("@")[0], set()).add(address)
    return table


def bare(name):
    """The last part of a name without its template arguments, parameters and clones."""
    name = re.sub(r" \[clone.*|\.(part|cold|constprop|isra|lto_priv|llvm)\b.*", "", name)
    name = name.replace("(anonymous namespace)", "").replace("operator<<", "operator shl")
    name = name.replace("operator<", "operator lt").replace("operator>", "operator gt")
    name = name.replace("operator()", "operator call").replace("operator->", "operator arrow")
    last = None
    while last != name:
        last, name = name, re.sub(r"<[^<>]*>|\([^()]*\)|\{[^{}]*\}", "", name)
    name = re.sub(r"( const| volatile|&)+$", "", name).split("::")[-1]
    return name.split()[-1] if name.split() and "operator" not in name else name


def compare(ours, other, table):
    if len(ours) != len(other):
        return "depth"
    result = "same"
    for (name, file, line), (name2, file2, line2) in zip(ours, other):
        if name2 == "??" and name != "??":
            result = "more"
        elif name != name2:
            if table.get(name, set()) & table.get(name2, set()):
                result = "alias"
            elif bare(name) == bare(name2):
                result = "spelling"
            else:
                return "name"
        if line != line2:
            return "line"
        if file != file2 and line:
            return "file"
    return result


def compare_lines(ours, other, _):
    if ours[0][2] == other[0][2]:
        return "same"
    return "more" if other[0][2] == 0 else "line"


def main():
    resolve, path, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    wanted = addresses(path, count)
    text = "".join("%#x\n" % address for address in wanted)
    mine = run(resolve, path, text=text)
    ours = records(mine.stdout)
    other = (by_llvm if LLVM else by_addr2line)(path, text)
    if not len(wanted) == len(ours) == len(other):
        sys.exit("%s: %d addresses, %d and %d answers"
                 % (path, len(wanted), len(ours), len(other)))
    table = symbols_at({path, debug_file(path) or path})
    kinds, examples = collections.Counter(), collections.defaultdict(list)
    for address, a, b in zip(wanted, ours, other):
        kind = (compare if LLVM else compare_lines)(a, b, table)
        kinds[kind] += 1
        examples[kind].append((address, a, b))
    agreed = sum(kinds[kind] for kind in AGREE) / len(wanted)
    print("%-28s %6.2f %%  %s  (%s)" % (os.path.basename(path), 100 * agreed, dict(kinds),
                                       mine.stderr.strip().splitlines()[-1]))
    for kind in set(examples) - set(AGREE) | set(os.environ.get("SHOW", "").split()):
        for address, a, b in examples[kind][:2]:
            print("  %s at %#x\n    ours  %s\n    other %s" % (kind, address, a, b))
    sys.exit(agreed < 0.99)


main()
