#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""c_source.py FUNCTIONS: a C program of that many functions, always the same, on standard
output: work for a compiler."""
import random
import sys


def function(number, rng):
    lines = ["static int f%d(struct s *p, int a, int b)" % number, "{", "\tint i, r = a;"]
    for step in range(6):
        kind = rng.randrange(4)
        if kind == 0:
            lines.append("\tfor (i = 0; i < b + %d; i++)\n\t\tr += p->v[(i * %d) & 15] ^ i;"
                         % (rng.randrange(9), rng.randrange(1, 99)))
        elif kind == 1:
            lines.append("\tif (r > %d)\n\t\tp->n[%d] = r * %d;\n\telse\n\t\tr -= p->n[%d];"
                         % (rng.randrange(999), step, rng.randrange(99), (step + 1) % 8))
        elif kind == 2 and number > 4:
            lines.append("\tr += f%d(p, r & 7, a);" % rng.randrange(number))
        else:
            lines.append("\tswitch (r & 3) {\n\tcase 0: r ^= %d; break;\n\tcase 1: r += b; break;"
                         "\n\tcase 2: p->v[3]++; break;\n\tdefault: r = -r;\n\t}" % rng.randrange(9999))
    lines += ["\treturn r;", "}", ""]
    return "\n".join(lines)


def main():
    count = int(sys.argv[1])
    rng = random.Random(3)
    print("struct s { int v[16]; int n[8]; };\n")
    for number in range(count):
        print(function(number, rng))
    print("int main(int argc, char **argv)\n{\n\tstruct s s = { { argc } };\n\tint r = 0;\n")
    for number in range(count):
        print("\tr += f%d(&s, argc, r);" % number)
    print("\treturn r + (argv == 0);\n}")


main()
