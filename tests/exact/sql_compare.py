#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""sql_compare.py MALLOW FILE [DOMAIN]: "same", or how single events, added up by stack,
differ from `mallow top --by trace`. Stacks are compared from the site on, frame by frame."""

import collections
import json
import subprocess
import sys

mallow, file = sys.argv[1:3]
domain = sys.argv[3] if len(sys.argv) > 3 else "malloc"


def ask(*words):
    done = subprocess.run([mallow, *words], capture_output=True, check=True, timeout=120)
    return json.loads(done.stdout)


def rows(query):
    return ask("sql", "--json", file, query)["rows"]


def from_top():
    found = {}
    for row in ask("top", "--by", "trace", "--domain", domain, "--json", file)["rows"]:
        stack = tuple(
            (f["function"], f["file"], f["line"] or None, f["module"], f["offset"] or None,
             int(f["inlined"])) for f in row["traceback"])
        key = (stack, bool(row.get("truncated")))
        assert key not in found, key
        found[key] = [row["allocations"], row["allocated_size"], row["count"], row["size"]]
    return found


def from_site(frames):
    for i, frame in enumerate(frames):
        if not frame[-1]:
            return frames[i:]
    return frames[-1:]


def from_events():
    stacks = collections.defaultdict(list)
    for trace, *frame in rows(
            "select trace, function, file, line, module, offset, inlined, wrapper from frames"):
        stacks[trace].append(frame)
    truncated = dict(rows("select id, truncated from traces"))
    sums = collections.defaultdict(lambda: [0, 0, 0, 0])
    for trace, op, count, size in rows(
            "select trace, op, count(*), sum(size) from events where op in ('alloc', 'map', "
            f"'free', 'unmap', 'shrink') and domain = '{domain}' group by trace, op"):
        stack = tuple(tuple(f[:-1]) for f in from_site(stacks[trace]))
        row = sums[(stack, bool(truncated[trace]))]
        if op in ("alloc", "map"):
            row[0] += count
            row[1] += size
            row[2] += count
            row[3] += size
        else:
            row[2] -= count if op != "shrink" else 0
            row[3] -= size
    return dict(sums)


top, events = from_top(), from_events()
if top == events:
    print("same" if top else "no stacks at all")
else:
    differ = [k for k in top.keys() | events.keys() if top.get(k) != events.get(k)]
    key = min(differ, key=repr)
    print(f"{len(differ)} stacks differ, as {key}: top {top.get(key)}, sql {events.get(key)}")
