# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Einsum: products of two operands at a time, from left to right."""

from __future__ import annotations

import string

from ..elementwise import affine_map
from ..text import InvalidModel
from ..types import accumulator
from .registry import handles


@handles("Einsum")
def einsum(g, node):
    values, terms, out = _parsed(node)
    dtype = values[0].dtype
    wide = accumulator(dtype)
    values, terms = map(list, zip(*map(lambda v, t: _without_repeats(g, v, t), values, terms)))
    while len(values) > 1:
        # What no later operand and not the result has is summed here.
        needed = set(out).union(*terms[2:])
        kept = "".join(c for c in dict.fromkeys(terms[0] + terms[1]) if c in needed)
        kept = out if len(values) == 2 else kept
        values[:2] = [g.contract(values[0], values[1], terms[0], terms[1], kept, wide)]
        terms[:2] = [kept]
    [x], [term] = values, terms
    summed = [i for i, c in enumerate(term) if c not in out]
    if summed:
        x = g.sum(x, summed, before=lambda a: g.cast(a, wide))
        term = "".join(c for c in term if c in out)
    x = g.transpose(x, [term.index(c) for c in out])
    return g.elementwise(lambda a: g.cast(a, dtype), x) if x.dtype != dtype else x


def _parsed(node):
    """Operands and, for each and for the result, one letter a dimension."""
    text = node.attribute("equation").replace(" ", "")
    left, arrow, out = text.partition("->")
    values, terms = node.inputs(), left.split(",")
    free = iter(c for c in string.ascii_letters if c not in text)
    if len(terms) != len(values):
        raise InvalidModel(f"equation '{text}' for {len(values)} operands")
    ranks = [v.rank - len(t.replace("...", "")) for v, t in zip(values, terms) if "..." in t]
    # The dots stand for the last so many of these letters.
    dots = "".join(next(free) for _ in range(max(ranks, default=0)))
    letters = left.replace(",", "").replace("...", "")
    if not arrow:
        out = "..." + "".join(sorted(c for c in set(letters) if letters.count(c) == 1))
    terms = [t.replace("...", dots[len(dots) - (v.rank - len(t) + 3):] if "..." in t else "")
             for v, t in zip(values, terms)]
    out = out.replace("...", dots)
    known = set("".join(terms))
    if any(len(t) != v.rank for v, t in zip(values, terms)) or not set(out) <= known or (
            len(set(out)) != len(out) or not all(c.isalpha() for c in known)):
        raise InvalidModel(f"equation '{text}' for ranks {[v.rank for v in values]}")
    return values, terms, out


def _without_repeats(g, value, term):
    """A letter twice in one operand is its diagonal."""
    unique = "".join(dict.fromkeys(term))
    if unique == term:
        return value, term
    for i, c in enumerate(term):
        g.require_equal(value.shape[term.index(c)], value.shape[i], "a diagonal")
    shape = [value.shape[term.index(c)] for c in unique]
    reads = affine_map(len(unique), [unique.index(c) for c in term])
    return g.generic([value], [reads], shape, lambda a: a), unique
