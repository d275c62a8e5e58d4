#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""inputs.py FOLDER [SCALE]: writes the inputs of the checks and of the bench, always the
same: big.json, big.xml, work.sql, words.txt, sum.bc."""
import json
import os
import random
import sys


def write_json(path, records, rng):
    rows = []
    for i in range(records):
        rows.append({
            "id": i,
            "name": "name-%d" % rng.randrange(10**9),
            "values": [rng.random() for _ in range(4)],
            "nested": {"text": "x" * (i % 90), "none": None, "even": i % 2 == 0},
        })
    with open(path, "w") as out:
        json.dump(rows, out)


def write_xml(path, records, rng):
    with open(path, "w") as out:
        out.write("<?xml version='1.0'?>\n<all>\n")
        for i in range(records):
            out.write("<item id='%d' kind='k%d'><name>n%d</name><text>%s</text></item>\n"
                      % (i, i % 7, rng.randrange(10**6), "lorem " * (i % 11)))
        out.write("</all>\n")


def write_sql(path, rows, rng):
    with open(path, "w") as out:
        out.write("CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, b REAL);\n")
        out.write("CREATE INDEX ta ON t(a);\nBEGIN;\n")
        for i in range(rows):
            out.write("INSERT INTO t(a, b) VALUES('key-%d', %f);\n"
                      % (rng.randrange(10**9), rng.random()))
        out.write("COMMIT;\nSELECT count(*), max(a) FROM t WHERE a > 'key-5';\n")


def write_words(path, lines, rng):
    with open(path, "w") as out:
        for _ in range(lines):
            out.write(" ".join("w%d" % rng.randrange(5000) for _ in range(8)) + "\n")


def main():
    folder = sys.argv[1]
    scale = float(sys.argv[2]) if len(sys.argv) > 2 else 1.0
    rng = random.Random(20)
    os.makedirs(folder, exist_ok=True)
    write_json(folder + "/big.json", int(2000 * scale), rng)
    write_xml(folder + "/big.xml", int(2000 * scale), rng)
    write_sql(folder + "/work.sql", int(3000 * scale), rng)
    write_words(folder + "/words.txt", int(2000 * scale), rng)
    with open(folder + "/sum.bc", "w") as out:
        out.write("scale=40\ns=0\nfor(i=1;i<400;i++) s+=1/i^3\ns\n2^2000\n")


main()
