#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
damage.py MALLOW FILE FOLDER STRIDE [saved]: damages copies of a recording (or of a saved
snapshot, which answers less) in FOLDER: every STRIDE-th byte flipped (each time another
bit pattern), and the file cut at every page and in the middle of each. Each copy must give what the whole file gives, byte by byte, or one
sentence that names the file, and status 2. Prints "ok" or "FAIL" lines.
"""
import os
import subprocess
import sys

PAGE = 4096
EVENTS = """select op, thread, trace, count(*), sum(size), sum(at_ns), sum(block),
sum(lifetime_ns) from events group by op, thread, trace"""
LIVE_BLOCKS = "select * from live_blocks order by address, block"
QUESTIONS = (
    ("stats", ["stats", "--json", "{}"]),
    ("top @end", ["top", "--json", "{}"]),
    ("top @peak", ["top", "--json", "--by", "trace", "{}@peak"]),
    ("top @50%", ["top", "--json", "{}@50%"]),
    ("leaks", ["leaks", "--json", "{}"]),
    ("tree @peak", ["tree", "--json", "{}@peak"]),
    ("diff @25% @75%", ["diff", "--json", "{}@25%", "{}@75%"]),
    ("timeline by line", ["timeline", "--json", "--by", "line", "{}"]),
    ("sql events", ["sql", "--json", "{}", EVENTS]),
    ("sql live_blocks", ["sql", "--json", "{}", LIVE_BLOCKS]),
)
TRACES = "select * from traces join sites on trace = id"
QUESTIONS_OF_SAVED = (
    ("stats", ["stats", "--json", "{}"]),
    ("top", ["top", "--json", "--by", "trace", "{}"]),
    ("leaks", ["leaks", "--json", "{}"]),
    ("tree", ["tree", "--json", "{}"]),
    ("diff", ["diff", "--json", "{}", "{}"]),
    ("sql traces", ["sql", "--json", "{}", TRACES]),
    ("sql metadata", ["sql", "--json", "{}", "select * from metadata"]),
)


def ask(mallow, words, path):
    """What the question prints, its one sentence, or what is wrong about the answer."""
    command = [mallow] + [word.format(path) for word in words]
    try:
        done = subprocess.run(command, capture_output=True, timeout=20)
    except subprocess.TimeoutExpired:
        return None, "does not end"
    said = done.stderr.decode("utf-8", "replace")
    if done.returncode == 0:
        return done.stdout, None
    if done.returncode != 2:
        return None, f"ends with {done.returncode}: {said[:300]}"
    if done.stdout:
        return None, "answers and fails at once"
    if said.count("\n") != 1 or not said.startswith(f"mallow: {path}"):
        return None, f"says {said[:300]!r}"
    return b"", None


class Check:
    def __init__(self, mallow, whole, folder, questions):
        self.mallow = mallow
        self.list = questions
        self.path = os.path.join(folder, "damaged.mallow")
        with open(whole, "rb") as file:
            self.bytes = file.read()
        self.write(self.bytes)
        self.right = {name: self.answer(words) for name, words in questions}
        self.wrong = self.noticed = self.harmless = 0

    def write(self, content):
        with open(self.path, "wb") as file:
            file.write(content)

    def answer(self, words):
        out, wrong = ask(self.mallow, words, self.path)
        if wrong or not out:
            sys.exit(f"the whole file: {wrong or 'no answer'}")
        return out

    def questions(self, how):
        for name, words in self.list:
            out, wrong = ask(self.mallow, words, self.path)
            if not wrong and out and out != self.right[name]:
                wrong = "answers something else"
            if wrong:
                self.wrong += 1
                print(f"FAIL {how}: {name} {wrong}", flush=True)
            elif out:
                self.harmless += 1
            else:
                self.noticed += 1

    def flip(self, at):
        content = bytearray(self.bytes)
        content[at] ^= (0xFF, 0x01, 0x80, 0x20)[at % 4]
        self.write(content)
        self.questions(f"byte {at} flipped")

    def cut(self, size):
        self.write(self.bytes[:size])
        self.questions(f"cut after {size} bytes")

    def report(self, name):
        if not self.wrong and self.noticed:
            print(f"ok {name} ({self.noticed} noticed, {self.harmless} without harm)", flush=True)
        elif not self.wrong:
            print(f"FAIL {name}: nothing was noticed", flush=True)
        self.wrong = self.noticed = self.harmless = 0


def main():
    mallow, whole, folder, stride = sys.argv[1:5]
    check = Check(mallow, whole, folder, QUESTIONS_OF_SAVED if sys.argv[5:] else QUESTIONS)
    size = len(check.bytes)
    for at in range(0, size, int(stride)):
        check.flip(at)
    check.report(f"every {stride}th of {size} bytes flipped")
    for at in range(0, size, PAGE // 2):
        check.cut(at)
    check.report("cut at every half page")


if __name__ == "__main__":
    main()
