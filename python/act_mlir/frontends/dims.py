# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Symbolic extents.

An extent is a Python int or a `Dim`: a polynomial with integer coefficients
over atoms. An atom is a symbol, which names a dynamic extent of an input, or a
quotient, minimum or maximum that does not simplify. Two equal extents compare
equal when one is computed as the other is, up to the laws of polynomials, which
is what broadcasting and reshaping have to decide.

>>> n = Dim.symbol("N")
>>> (n * 6 + 4) // 2 == n * 3 + 2
True
>>> n * 64 // n
64
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import Union


@dataclass(frozen=True)
class Symbol:
    """A dynamic extent of an input, not negative."""

    name: str

    def __str__(self):
        return self.name


@dataclass(frozen=True)
class Opaque:
    """`floordiv`, `min` or `max` of two extents."""

    kind: str
    lhs: "Extent"
    rhs: "Extent"

    def __str__(self):
        return f"{self.kind}({self.lhs}, {self.rhs})"


class Dim:
    """A polynomial: monomials, as sorted tuples of atoms, to coefficients."""

    __slots__ = ("terms", "_hash")

    def __init__(self, terms):
        self.terms = {m: c for m, c in terms.items() if c}
        self._hash = hash(frozenset(self.terms.items()))

    @staticmethod
    def symbol(name: str) -> "Dim":
        return Dim({(Symbol(name),): 1})

    @staticmethod
    def opaque(kind: str, lhs: Extent, rhs: Extent) -> "Dim":
        return Dim({(Opaque(kind, lhs, rhs),): 1})

    def as_symbol(self) -> str | None:
        """The symbol's name when the extent is nothing but one symbol."""
        match list(self.terms.items()):
            case [((Symbol(name),), 1)]:
                return name
        return None

    def nonnegative(self) -> bool:
        """Whether no value of the symbols can make it negative."""
        return all(c > 0 for c in self.terms.values())

    def __hash__(self):
        return self._hash

    def __eq__(self, other):
        return isinstance(other, Dim) and self.terms == other.terms

    def __add__(self, other):
        terms = dict(self.terms)
        for monomial, c in _terms(other).items():
            terms[monomial] = terms.get(monomial, 0) + c
        return _simple(terms)

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + other * -1

    def __rsub__(self, other):
        return -self + other

    def __mul__(self, other):
        terms = {}
        for m1, c1 in self.terms.items():
            for m2, c2 in _terms(other).items():
                monomial = tuple(sorted(m1 + m2, key=str))
                terms[monomial] = terms.get(monomial, 0) + c1 * c2
        return _simple(terms)

    def __floordiv__(self, other):
        return _floordiv(self, other)

    def __rfloordiv__(self, other):
        return _floordiv(other, self)

    __radd__ = __add__
    __rmul__ = __mul__

    def __str__(self):
        def term(monomial, c):
            factors = [str(a) for a in monomial]
            return "*".join(([str(c)] if c != 1 or not factors else []) + factors)

        return " + ".join(term(m, c) for m, c in self.terms.items())

    __repr__ = __str__


Extent = Union[int, Dim]


def _terms(extent):
    return extent.terms if isinstance(extent, Dim) else {(): int(extent)}


def _simple(terms) -> Extent:
    terms = {m: c for m, c in terms.items() if c}
    if not terms:
        return 0
    return terms[()] if list(terms) == [()] else Dim(terms)


def divide_exactly(lhs: Extent, rhs: Extent) -> Extent | None:
    """The quotient of two polynomials, where nothing is left over.

    >>> n, m = Dim.symbol("N"), Dim.symbol("M")
    >>> divide_exactly(n * m * 6 + m * 12, n * 3 + 6)
    2*M
    """
    divisor, rest, quotient = _terms(rhs), dict(_terms(lhs)), {}
    divisor = {m: c for m, c in divisor.items() if c}
    if not divisor:
        return None
    leading = _leading(divisor)
    while rest := {m: c for m, c in rest.items() if c}:
        term = _leading(rest)
        factor, left_over = divmod(rest[term], divisor[leading])
        monomial = _without(term, leading)
        if monomial is None or left_over:
            return None
        quotient[monomial] = factor
        for other, c in divisor.items():
            product_ = tuple(sorted(other + monomial, key=str))
            rest[product_] = rest.get(product_, 0) - c * factor
    return _simple(quotient)


def _leading(terms):
    """The largest monomial in an order that products keep: by degree, and then
    by the powers of each atom in turn."""
    return min(terms, key=lambda monomial: (-len(monomial), [str(atom) for atom in monomial]))


def _without(monomial, divisor):
    """The atoms that are left when a divisor's are taken away."""
    left = list(monomial)
    for atom in divisor:
        if atom not in left:
            return None
        left.remove(atom)
    return tuple(left)


def _floordiv(lhs: Extent, rhs: Extent) -> Extent:
    exact = divide_exactly(lhs, rhs)
    if exact is not None:
        return exact
    if isinstance(rhs, int) and rhs > 0:
        # (4 N + 3) // 4 = N + 3 // 4: what divides comes out.
        whole = {m: c // rhs for m, c in lhs.terms.items() if c % rhs == 0}
        rest = {m: c for m, c in lhs.terms.items() if c % rhs}
        if whole:
            return _simple(whole) + _floordiv_rest(_simple(rest), rhs)
    return Dim.opaque("floordiv", lhs, rhs)


def _floordiv_rest(rest: Extent, rhs: int) -> Extent:
    if isinstance(rest, int):
        return rest // rhs
    return Dim.opaque("floordiv", rest, rhs)


def minimum(lhs: Extent, rhs: Extent) -> Extent:
    return _extreme("min", lhs, rhs)


def maximum(lhs: Extent, rhs: Extent) -> Extent:
    return _extreme("max", lhs, rhs)


def _extreme(kind: str, lhs: Extent, rhs: Extent) -> Extent:
    difference = lhs - rhs
    if isinstance(difference, int):
        greater = difference >= 0
    elif difference.nonnegative():
        greater = True
    elif (-difference).nonnegative():
        greater = False
    else:
        return Dim.opaque(kind, lhs, rhs)
    return lhs if greater == (kind == "max") else rhs


def product(extents) -> Extent:
    return reduce(lambda a, b: a * b, extents, 1)
