#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""sample_compare.py NAME FOLDER BYTES SEEDS: samples beside the recording of everything, as
FOLDER/{all,each,sample.N}.{allocated,live,stats} tell of them. Prints ok and FAIL lines."""
import json
import math
import sys

TOTALS = ("allocations", "frees", "reallocations", "allocated_size", "live_size", "live_count")
failed = False


def load(folder, name, what):
    with open("%s/%s.%s" % (folder, name, what)) as source:
        return json.load(source)


def tell(what, wrong):
    global failed
    if wrong:
        failed = True
        print("FAIL %s: %s" % (what, wrong))
    else:
        print("ok %s" % what)


def totals(answer):
    return {key: answer["totals"][key] for key in TOTALS}


def sites(answer, key):
    """(bytes, error) of each function; what has no name is one."""
    rows = {}
    for row in answer["rows"]:
        size, error = rows.get(row["function"], (0, 0))
        rows[row["function"]] = (size + row[key], math.hypot(error, row.get("size_error", 0)))
    return rows


def each_byte(name, folder):
    """1 in 1 is everything. Where the environment moves an allocation, nothing is known."""
    every, whole = load(folder, "each", "stats"), load(folder, "all", "stats")
    same = totals(every) == totals(whole)
    tell(name + ": 1 in 1 has the same totals",
         None if same else "%s and %s" % (totals(every), totals(whole)))
    same = sites(load(folder, "each", "allocated"), "allocated_size").keys() == \
        sites(load(folder, "all", "allocated"), "allocated_size").keys()
    tell(name + ": 1 in 1 has the same sites", None if same else "others")


def sums(name, folder, what, key, sample, seeds):
    """Each sample is within 5 errors, and their mean within 4 of its own. What `top` tells is
    the most that the error can be: it is at most that of the truth."""
    truth = sum(size for size, _ in sites(load(folder, "all", what), key).values())
    errors, got, told = math.sqrt(sample * truth), [], []
    for seed in range(1, seeds + 1):
        answer = load(folder, "sample.%d" % seed, what)
        got.append(sum(row[key] for row in answer["rows"]))
        told.append(answer["total"]["size_error"])
    worst = max(abs(size - truth) for size in got)
    mean = sum(got) / seeds
    tell("%s: %s, each of %d samples (%d, off by %d at most)" % (name, what, seeds, truth, worst),
         worst > 5 * errors and "off by more than %d" % (5 * errors))
    tell("%s: %s on average (%d)" % (name, what, mean),
         abs(mean - truth) > 4 * errors / math.sqrt(seeds) and "it is %d" % truth)
    tell("%s: %s, the error that is told" % (name, what),
         any(error > 2 * errors + sample for error in told) and "%d, not %d" % (max(told), errors))


def rows(name, folder, what, key, seeds):
    """Of the sites that a sample has, nearly all are within two of the errors that it tells,
    and a site that is not there is none."""
    truth = sites(load(folder, "all", what), key)
    near = count = 0
    for seed in range(1, seeds + 1):
        for function, (size, error) in sites(load(folder, "sample.%d" % seed, what), key).items():
            if size and function not in truth:
                tell("%s: %s of %s" % (name, what, function), "there is no such site")
            if size:
                count += 1
                near += abs(size - truth.get(function, (0, 0))[0]) <= 2 * error
    tell("%s: %s, %d of %d sites within two errors" % (name, what, near, count),
         near < 0.9 * count and "too few")


def frees(name, folder, seeds):
    """What is allocated is freed or live, each with the weight that it had."""
    for seed in range(1, seeds + 1):
        answer = load(folder, "sample.%d" % seed, "stats")["totals"]
        if answer["allocations"] != answer["frees"] + answer["live_count"]:
            tell(name + ": allocations, frees and live blocks", "%s" % answer)
            return
    tell(name + ": allocations, frees and live blocks", None)


def main():
    name, folder, sample, seeds = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    each_byte(name, folder)
    for what, key in (("allocated", "allocated_size"), ("live", "size")):
        sums(name, folder, what, key, sample, seeds)
        rows(name, folder, what, key, seeds)
    frees(name, folder, seeds)
    return failed


sys.exit(main())
