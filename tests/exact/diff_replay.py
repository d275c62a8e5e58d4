#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""usage: diff_replay.py MALLOW FILE OLD NEW    (OLD, NEW: percent of the recorded time)

`mallow diff FILE@OLD% FILE@NEW%` against the difference of two replays from the start.

The replay shares nothing with Mallow: it reads the chunks with sqlite3 and libzstd as
docs/format.md says, looks at no checkpoint, and keeps every single block, each of which has to
be live, and what its free says it is, when it is freed. Only which frames of a stack
are before its site is taken from `mallow top`. Compared are bytes and blocks live and
allocated by stack, by line and by thread; prints one line on what was compared, or the first
differences, and ends with 0 or 1.
"""
import collections
import ctypes
import json
import sqlite3
import subprocess
import sys

ALLOCATION, FREE, REALLOCATION, SHRINK, END = range(1, 6)
BLOCK = 1
MASK = (1 << 64) - 1
COLUMNS = ("op", "thread", "time", "trace", "size", "age", "old_trace", "old_size", "old_time")
ZSTD = ctypes.CDLL("libzstd.so.1")
ZSTD.ZSTD_decompress.restype = ctypes.c_size_t
ZSTD.ZSTD_decompress.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t]


class Wrong(Exception):
    """The file does not say what it should."""


def unpack(blob):
    """The content of a packed blob."""
    if not blob:
        return b""
    size = int.from_bytes(blob[9:13], "little")
    if blob[0] == 0:
        return blob[13:13 + size]
    out = ctypes.create_string_buffer(size)
    if ZSTD.ZSTD_decompress(out, size, blob[13:], len(blob) - 13) != size:
        raise Wrong("a blob does not decompress")
    return out.raw


def varints(content):
    """All of them."""
    values = []
    at = 0
    while at < len(content):
        first = content[at]
        if first & 1:
            values.append(first >> 1)
            at += 1
        elif first == 0:
            values.append(int.from_bytes(content[at + 1:at + 9], "little"))
            at += 9
        else:
            size = (first & -first).bit_length()
            values.append(int.from_bytes(content[at:at + size], "little") >> size)
            at += size
    return values


def unfold(value):
    return -(value >> 1) - 1 if value & 1 else value >> 1


def steps(values):
    last = 0
    for value in values:
        last = last + unfold(value) & MASK
        yield last


class Recording:
    def __init__(self, path):
        self.sqlite = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        self.duration_ns, self.cut = self.ask("SELECT duration_ns, cut_changes FROM run")[0]
        self.modules = dict(self.ask("SELECT id, path FROM module"))
        strings = dict(self.ask("SELECT id, text FROM string"))
        self.threads = dict(self.ask("SELECT id, process FROM thread"))
        self.locations = collections.defaultdict(list)
        for frame, function, file, line, inlined in self.ask(
                "SELECT frame, function, file, line, inlined FROM location ORDER BY id"):
            self.locations[frame].append((strings.get(function), strings.get(file), line, bool(inlined)))
        self.frames, self.nodes, self.traces = [None], [None], [None]
        for kind, count, data in self.ask("SELECT kind, count, data FROM segment ORDER BY id"):
            self.add_segment(kind, count, varints(unpack(data)))

    def ask(self, query):
        return self.sqlite.execute(query).fetchall()

    def add_segment(self, kind, count, values):
        columns = [values[i * count:(i + 1) * count] for i in range(5)]
        if kind == 1:
            self.frames += zip(steps(columns[0]), steps(columns[1]))
        elif kind == 2:
            self.add_nodes(count, values)
        elif kind == 3:
            self.traces += zip(steps(columns[0]), steps(columns[1]), *columns[2:])

    def add_nodes(self, count, values):
        runs = values[0]
        lengths, parents = values[1:1 + runs], values[1 + runs:1 + 2 * runs]
        frames = iter(values[1 + 2 * runs:])
        for length, distance in zip(lengths, parents):
            first = len(self.nodes)
            for i in range(length):
                parent = first + i - 1 if i else (first - distance if distance else 0)
                self.nodes.append((parent, next(frames)))
        if sum(lengths) != count or next(frames, None) is not None:
            raise Wrong("a segment of nodes has another length")

    def stack(self, node):
        """Frames as JSON has them, most recent first, those of libmallow.so left out."""
        frames = []
        while node:
            node, frame = self.nodes[node]
            number, offset = self.frames[frame]
            module = self.modules.get(number)
            if module and module.rsplit("/", 1)[-1].startswith("libmallow.so"):
                continue
            for function, file, line, inlined in self.locations.get(frame) or [(None, None, 0, False)]:
                frames.append((function, file, line, module, offset, inlined))
        return tuple(frames)

    def changes(self):
        """(time in us, op, thread, old ordinal, old trace, old size, trace, ordinal, size)"""
        for row in self.ask("SELECT count, ordinal, start_us, end_us, " + ", ".join(COLUMNS) +
                            " FROM chunk ORDER BY id"):
            yield from decode(*row)


def pairs(values):
    """{change: difference} of a column of distances and differences."""
    at, out = 0, {}
    for distance, difference in zip(values[::2], values[1::2]):
        at += distance
        out[at] = difference
    return out


def decode(count, ordinal, start_us, end_us, op, thread_, time_, *blobs):
    """The changes of one chunk."""
    ops = unpack(op)
    threads, times = pairs(varints(unpack(thread_))), pairs(varints(unpack(time_)))
    new_traces, sizes, ages, old_traces, old_sizes, _old_times = (iter(varints(unpack(b))) for b in blobs)
    time, thread, old_trace = start_us, 0, 0
    trace_of, size_of = [0] * 64, [0] * 4096
    before, own = ordinal, {}
    for i in range(count):
        time += times.get(i, 0)
        thread += unfold(threads.get(i, 0))
        what, kind = ops[i] & 15, ops[i] >> 4
        old = (0, 0, 0)
        if kind == BLOCK:
            age = ordinal - next(ages)
            if age > before:
                old = (age, *own[age])
            else:
                old_trace += unfold(next(old_traces))
                size_of[old_trace % 4096] ^= next(old_sizes)
                old = (age, old_trace, size_of[old_trace % 4096])
        new = (0, 0, 0)
        if what == SHRINK:
            left = old[2] - next(sizes)
            new = (0, 0, left)
            if old[0] > before:
                own[old[0]] = (old[1], left)
        elif what in (ALLOCATION, REALLOCATION):
            trace = trace_of[thread % 64] = trace_of[thread % 64] + unfold(next(new_traces))
            size_of[trace % 4096] ^= next(sizes)
            ordinal += 1
            new = (trace, ordinal, size_of[trace % 4096])
            own[ordinal] = (trace, new[2])
        yield (time, what, thread, *old, *new)
    if time != end_us:
        raise Wrong("a chunk ends at another time")


class Heap:
    """Every block, and what each trace allocated."""

    def __init__(self):
        self.blocks = {}
        self.allocated = collections.defaultdict(lambda: [0, 0])

    def apply(self, change):
        _, what, _, old, old_trace, old_size, trace, ordinal, size = change
        if old and self.blocks.pop(old, None) != (old_trace, old_size):
            raise Wrong(f"block {old} is freed and not live, or another one")
        if what == SHRINK:
            self.blocks[old] = (old_trace, size)
        elif ordinal:
            self.blocks[ordinal] = (trace, size)
            self.allocated[trace][0] += size
            self.allocated[trace][1] += 1

    def sums(self):
        """{trace: (size, count, allocated size, allocations)}"""
        sums = {trace: [0, 0, *both] for trace, both in self.allocated.items()}
        for trace, size in self.blocks.values():
            sums[trace][0] += size
            sums[trace][1] += 1
        return sums


def replay(recording, until_us):
    heap = Heap()
    for change in recording.changes():
        if change[0] > until_us:
            break
        heap.apply(change)
    return heap.sums()


def ask(mallow, *arguments):
    done = subprocess.run([mallow, *arguments, "--json"], capture_output=True, check=False)
    if done.returncode:
        raise Wrong(f"mallow {' '.join(arguments)}: {done.stderr.decode()}")
    return json.loads(done.stdout)


def frames_of(row):
    return tuple((f["function"], f["file"], f["line"], f["module"], f["offset"], f["inlined"])
                 for f in row["traceback"])


def line_key(frame):
    """What makes a row by line: the line, or what there is instead."""
    function, file, line, module, offset = frame[:5]
    if file and line:
        return (file, line)
    if function:
        return (function, file or module)
    return (module, offset)


class Keys:
    """The groups of a trace."""

    def __init__(self, recording, known):
        self.recording = recording
        self.known = known # stacks as rows have them, site first
        self.stacks = {}

    def site(self, trace):
        node, _, _, _, flags = self.recording.traces[trace]
        if node not in self.stacks:
            whole = self.recording.stack(node)
            self.stacks[node] = next((whole[i:] for i in range(len(whole) + 1) if whole[i:] in self.known), None)
            if self.stacks[node] is None:
                raise Wrong(f"no row has the stack of trace {trace}")
        return self.stacks[node], flags & 1

    def key(self, by, trace):
        if by == "thread":
            return self.recording.traces[trace][1]
        stack, truncated = self.site(trace)
        if by == "trace":
            return stack, truncated
        return line_key(stack[0]) if stack else None


def group(recording, keys, by, sums):
    groups = collections.defaultdict(lambda: [0, 0, 0, 0])
    for trace, numbers in sums.items():
        if recording.traces[trace][2] == 0: # malloc's domain
            groups[keys.key(by, trace)] = [a + b for a, b in zip(groups[keys.key(by, trace)], numbers)]
    return groups


def expected(recording, keys, by, olds, news):
    """{key: (size, size_diff, count, count_diff, allocated_size, ..., allocations, ...)}"""
    old, new = group(recording, keys, by, olds), group(recording, keys, by, news)
    rows = {}
    for key in old.keys() | new.keys():
        before, after = old.get(key, [0] * 4), new.get(key, [0] * 4)
        rows[key] = tuple(n for b, a in zip(before, after) for n in (a, a - b))
    return rows


def found(mallow, path, by, places):
    answer = ask(mallow, "diff", "--by", by, "--sort", "allocated", *(f"{path}@{p}%" for p in places))
    rows = {}
    for row in answer["rows"]:
        if by == "thread":
            key = row["thread"]
        elif by == "trace":
            key = (frames_of(row), int(row.get("truncated", False)))
        else:
            key = line_key(frames_of(row)[0]) if row["traceback"] else None
        if key in rows:
            raise Wrong(f"two rows by {by} for {key}")
        rows[key] = tuple(row[name + end] for name in ("size", "count", "allocated_size", "allocations")
                          for end in ("", "_diff"))
    return rows


def live_only(rows):
    """What `diff` without --sort shows: groups that hold something at either place."""
    return {key: n[:4] for key, n in rows.items() if n[0] or n[1] or n[2] or n[3]}


def found_live(mallow, path, by, places):
    answer = ask(mallow, "diff", "--by", by, *(f"{path}@{p}%" for p in places))
    order = [(abs(r["size_diff"]), r["size"], abs(r["count_diff"]), r["count"]) for r in answer["rows"]]
    if order != sorted(order, reverse=True):
        raise Wrong(f"the rows by {by} are out of order")
    return sorted((r["size"], r["size_diff"], r["count"], r["count_diff"]) for r in answer["rows"])


def compare(by, want, got):
    wrong = [f"by {by}: {key} is {got.get(key)}, not {want.get(key)}"
             for key in sorted(want.keys() | got.keys(), key=repr) if want.get(key) != got.get(key)]
    return wrong[:3]


def main():
    mallow, path, *places = sys.argv[1:]
    recording = Recording(path)
    if recording.cut:
        raise Wrong("events were cut off")
    rows = ask(mallow, "top", "--by", "trace", path)["rows"]
    keys = Keys(recording, {frames_of(row) for row in rows})
    moments = [recording.duration_ns * int(place) // 100 // 1000 for place in places]
    olds, news = (replay(recording, moment) for moment in moments)
    wrong, compared = [], []
    for by in ("trace", "line", "thread"):
        want = expected(recording, keys, by, olds, news)
        want = {key: n for key, n in want.items() if any(n[4:])}
        wrong += compare(by, want, found(mallow, path, by, places))
        if sorted(live_only(want).values()) != found_live(mallow, path, by, places):
            wrong.append(f"by {by}: other rows without --sort allocated")
        compared.append(f"{len(want)} by {by}")
    print("\n".join(wrong) if wrong else
          f"{', '.join(compared)}, {sum(n[0] for n in news.values())} bytes at {places[1]}%")
    return 1 if wrong else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Wrong as wrong_:
        print(wrong_)
        sys.exit(1)
