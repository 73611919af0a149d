# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Places of extremes, order, and running sums.

TopK, CumSum and CumProd compare or join every pair along their dimension: they
are quadratic in its extent, which is short where models use them.
"""

from __future__ import annotations

from ..dims import Dim
from ..elementwise import affine_map
from ..text import Unsupported
from ..types import accumulator, is_float
from .registry import handles, normalized


@handles("ArgMax", "ArgMin")
def arg_extreme(g, node):
    """The first (or last) place where the extreme is; NaN counts as extreme."""
    x, axis = node[0], node.axis(0)
    extreme = (g.max if node.op == "ArgMax" else g.min)(x, [axis], keep=True)
    last = node.attribute("select_last_index", 0)
    loops = list(range(x.rank))
    reads = affine_map(x.rank, ["0" if i == axis else i for i in loops])

    def place(a, m):
        found = g.compare("eq", a, m)
        if is_float(a.dtype):
            found = g.op("arith.ori", found, g.compare("unordered", a, a))
        none = g.scalar(-1 if last else 2 ** 63 - 1, "i64")
        return g.select(found, g.from_index(g.loop_index(axis), "i64"), none)

    places = g.generic([x, extreme], [affine_map(x.rank, loops), reads], x.shape, place)
    return (g.max if last else g.min)(places, [axis], keep=bool(node.attribute("keepdims", 1)))


@handles("TopK")
def top_k(g, node):
    """Each element's rank is the number of those that go before it; result p
    is the element of rank p."""
    x = node[0]
    axis = normalized(node.attribute("axis", -1), x.rank)
    k = node.attribute("k") if "k" in node.attributes else node.extents(1, "k")[0]
    order = [i for i in range(x.rank) if i != axis] + [axis]
    x = g.transpose(x, order)
    rank, n = x.rank, x.shape[-1]
    if isinstance(k, int) and isinstance(n, int) and k > n:
        raise Unsupported(f"k = {k} of {n} elements")
    before = "gt" if node.attribute("largest", 1) else "lt"
    g.prepare_extents([n])
    x = g.use(x)

    def count(total):
        at = [g.loop_index(i) for i in range(rank)]
        j = g.loop_index(rank)
        a, b = g.extract(x, at), g.extract(x, [*at[:-1], j])
        same = g.op("arith.andi", g.compare("eq", a, b), g.compare_indices("slt", j, at[-1]))
        first = g.op("arith.ori", g.compare(before, b, a), same)
        return g.select(first, g.arithmetic("add", total, g.like(total, 1)), total)

    ranks = g.use(g.accumulate(g.full_init(0, "i64", x.shape), n, count))

    def pick(read):
        def step(total):
            at = [g.loop_index(i) for i in range(rank)]
            place = [*at[:-1], g.loop_index(rank)]
            found = g.compare_indices("eq", g.as_index(g.extract(ranks, place)), at[-1])
            return g.select(found, read(place), total)
        return step

    shape = (*x.shape[:-1], k)
    values = g.accumulate(g.full_init(0, x.dtype, shape), n, pick(lambda at: g.extract(x, at)))
    places = g.accumulate(g.full_init(0, "i64", shape), n,
                          pick(lambda at: g.from_index(at[-1], "i64")))
    back = [order.index(i) for i in range(rank)]
    return [g.transpose(values, back), g.transpose(places, back)]


@handles("CumSum", "CumProd")
def running(g, node):
    x = node[0]
    axis = node.number("axis", 1)
    if isinstance(axis, Dim):
        raise Unsupported("an axis that is not constant")
    axis = normalized(int(axis), x.rank)
    name, start = ("add", 0) if node.op == "CumSum" else ("mul", 1)
    backward = node.attribute("reverse", 0)
    predicate = ("sg" if backward else "sl") + ("t" if node.attribute("exclusive", 0) else "e")
    wide = accumulator(x.dtype)
    g.prepare_extents(x.shape)
    x = g.use(x)

    def step(total):
        at = [g.loop_index(i) for i in range(x.rank)]
        j = g.loop_index(x.rank)
        inside = g.compare_indices(predicate, j, at[axis])
        at[axis] = j
        joined = g.arithmetic(name, total, g.cast(g.extract(x, at), wide))
        return g.select(inside, joined, total)

    total = g.accumulate(g.full_init(start, wide, x.shape), x.shape[axis], step)
    return g.elementwise(lambda a: g.cast(a, x.dtype), total) if wide != x.dtype else total
