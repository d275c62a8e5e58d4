# SPDX-License-Identifier: MIT
"""What docs/from-tracemalloc.md shows of Python: from_tracemalloc.c does the same in C."""
import tracemalloc
from tracemalloc import DomainFilter, Filter, Snapshot

# (domain, size, frames, total number of frames), most recent frame first
OLD = [(0, 10, (("a.c", 2), ("b.c", 4)), 2)] * 3 + [
    (1, 2, (("a.c", 5), ("b.c", 4)), 2),
    (2, 66, (("b.c", 1),), 1),
    (3, 7, (("<unknown>", 0),), 1),
]
NEW = [(0, 10, (("a.c", 2), ("b.c", 4)), 2)] * 3 + [
    (2, 2, (("a.c", 5), ("b.c", 4)), 2),
    (2, 5000, (("a.c", 5), ("b.c", 4)), 2),
    (4, 400, (("c.c", 578),), 1),
]
old, new = Snapshot(OLD, 2), Snapshot(NEW, 2)

for trace in old.traces[3:]:
    print(trace.domain, trace.size, trace.traceback.total_nframe, trace.traceback[-1])

for statistic in new.statistics("lineno"):
    print(statistic)

for statistic in old.statistics("filename", cumulative=True):
    print(statistic)

for difference in new.compare_to(old, "lineno"):
    print(difference)

largest = new.statistics("traceback")[0]
print(largest.size, largest.count)
print("\n".join(largest.traceback.format()))
print("\n".join(largest.traceback.format(1)))
print("\n".join(largest.traceback.format(-1)))
print("\n".join(largest.traceback.format(most_recent_first=True)))

for statistic in old.filter_traces([Filter(False, "a.c"),
                                    Filter(False, "<unknown>", 0)]).statistics("lineno"):
    print(statistic)

for statistic in old.filter_traces([Filter(True, "b.*", all_frames=True),
                                    DomainFilter(False, 1)]).statistics("lineno"):
    print(statistic)

try:
    new.statistics("traceback", cumulative=True)
except ValueError as error:
    print(error)

for size in 5002, 10240, 348160, -66:
    print(tracemalloc._format_size(size, False), tracemalloc._format_size(size, True))

old.commit = "4f2a"
old.dump("old.dump")
loaded = Snapshot.load("old.dump")
print(loaded.commit, len(loaded.traces))
