# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Contenders of one cell, timed in turn: each sample of one stands beside a
sample of every other, so that a slow spell of the machine meets all of them."""

from __future__ import annotations

import gc
import random
import statistics
import time


def python_loop(call):
    """Nanoseconds of `count` calls of a Python function."""
    def loop(count: int) -> float:
        begin = time.perf_counter_ns()
        for _ in range(count):
            call()
        return time.perf_counter_ns() - begin
    return loop


def interleaved(loops: dict, sample_ms: float, rounds: int, budget_s: float,
                settle=lambda: None) -> dict[str, list[float]]:
    """Nanoseconds of one call, one number a round, for each of the loops.

    A sample has as many calls as fill `sample_ms`. There are at least 3 rounds,
    and fewer than `rounds` where they would take more than `budget_s`.
    """
    counts, round_s = {}, 0.0
    for name, loop in loops.items():
        loop(1)
        once, count = loop(1), 1
        while once < sample_ms * 1e6 / 4 and count < 1 << 24:
            count = max(count + 1, min(count * 16, int(count * sample_ms * 1e6 / max(once, 1))))
            once = loop(count)
        counts[name] = max(1, round(count * sample_ms * 1e6 / max(once, 1)))
        round_s += once / count * counts[name] * 1e-9
    rounds = max(3, min(rounds, int(budget_s / max(round_s, 1e-9))))
    samples = {name: [] for name in loops}
    order, shuffle = list(loops), random.Random(0)
    gc.collect()
    gc.disable()
    try:
        for _ in range(rounds):
            shuffle.shuffle(order)
            for name in order:
                settle()
                samples[name].append(loops[name](counts[name]) / counts[name])
    finally:
        gc.enable()
    return samples


def summary(samples: list[float]) -> dict:
    ordered = sorted(samples)
    return {"best": ordered[0], "median": statistics.median(ordered),
            "q1": ordered[len(ordered) // 4], "q3": ordered[(3 * len(ordered)) // 4],
            "rounds": len(ordered)}


def ratio(samples: list[float], ours: list[float]) -> dict:
    """How many times as long a peer takes: best to best, and the quartiles of
    the rounds."""
    rounds = sorted(p / o for p, o in zip(samples, ours))
    return {"best": min(samples) / min(ours), "q1": rounds[len(rounds) // 4],
            "q3": rounds[(3 * len(rounds)) // 4]}
