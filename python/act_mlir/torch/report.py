# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What was compiled: counted, and listed by graph."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field

# Counts since the start: `graphs` (each is one compilation asked for by torch;
# more than one for one function are recompilations), `partitions` (programs),
# `compiled` and `eager` operations.
counters: Counter = Counter()


@dataclass
class Graph:
    """One graph that torch gave: its direction (`inference`, `forward`,
    `backward`), its programs and what runs eagerly, with the reason."""

    direction: str
    partitions: int = 0
    compiled: int = 0
    eager: dict[str, str] = field(default_factory=dict)
    programs: list[str] = field(default_factory=list, repr=False)


# The last graphs.
graphs: deque[Graph] = deque(maxlen=256)


def record(graph: Graph):
    graphs.append(graph)
    counters["graphs"] += 1
    counters["partitions"] += graph.partitions
    counters["compiled"] += graph.compiled
    counters["eager"] += len(graph.eager)


def reset():
    graphs.clear()
    counters.clear()


def explain() -> str:
    """The graphs so far, as text.

    >>> print(explain())                                      # doctest: +SKIP
    forward: 1 program of 41 operations; eager: none
    """
    lines = []
    for graph in graphs:
        programs = f"{graph.partitions} program{'s' * (graph.partitions != 1)}"
        lines.append(f"{graph.direction}: {programs} of {graph.compiled} operations; eager: "
                     + ("none" if not graph.eager else str(len(graph.eager))))
        lines += [f"  {name}: {why}" for name, why in graph.eager.items()]
    return "\n".join(lines)
