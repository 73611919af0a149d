# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares two results of one suite: what got slower beyond the noise.

    benchmarks/run.py compare old.json new.json

Seconds of two runs say little on a machine that others use. Compared is how
many times as long as ours the same contender, timed in the same rounds, took:
the fastest peer that both runs have, else the copy.
"""

from __future__ import annotations

import json
import pathlib
import sys

# What a change must exceed on top of the two runs' own spread.
FLOOR = 0.03


def spread(ratio: dict) -> float:
    """Half the distance of the quartiles, relative."""
    return (ratio["q3"] - ratio["q1"]) / 2 / ratio["best"]


def changes(old: dict, new: dict):
    """(key, contender, against, old ratio, new ratio, noise), for each that
    both have."""
    before = {c["key"]: c for c in old["cells"]}
    for cell in new["cells"]:
        earlier = before.get(cell["key"], {})
        for name, ratios in cell.get("ratios", {}).items():
            past = earlier.get("ratios", {}).get(name, {})
            common = [o for o in ratios if o in past and not o.endswith("copy")] or [
                o for o in ratios if o in past]
            if not common:
                continue
            against = min(common, key=lambda o: past[o]["best"])
            a, b = past[against], ratios[against]
            yield (cell["key"], name, against, a["best"], b["best"],
                   FLOOR + spread(a) + spread(b))


def main(argv) -> int:
    if len(argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        old, new = (json.loads(pathlib.Path(p).read_text()) for p in argv)
    except (OSError, ValueError) as error:
        print(f"run.py: error: {error}", file=sys.stderr)
        return 1
    for key in ("suite", "level", "threads"):
        if old[key] != new[key]:
            print(f"run.py: error: {key} is {old[key]} and {new[key]}", file=sys.stderr)
            return 1
    if old["machine"]["cpu"] != new["machine"]["cpu"]:
        print(f"note: two machines: {old['machine']['cpu']} and {new['machine']['cpu']}")
    losses = gains = total = 0
    for key, name, against, a, b, noise in changes(old, new):
        total += 1
        if b < a * (1 - noise):
            losses += 1
            print(f"slower: {key}, {name}: {a:.2f} -> {b:.2f} times {against} "
                  f"(noise {100 * noise:.0f} %)")
        elif b > a * (1 + noise):
            gains += 1
    gone = {c["key"] for c in old["cells"] if "ratios" in c} - {
        c["key"] for c in new["cells"] if "ratios" in c}
    for key in sorted(gone):
        print(f"gone: {key}")
    print(f"{total} compared: {losses} slower, {gains} faster, {len(gone)} gone")
    return 1 if losses or gone else 0
