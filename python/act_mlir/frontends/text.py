# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Operations as MLIR text: names, locations, constants, extents, regions."""

from __future__ import annotations

from contextlib import contextmanager

import numpy as np

from .dims import Dim, Extent, Opaque, Symbol, divide_exactly, product
from .types import (DTYPE_OF, NUMPY_TYPES, Value, element, identifier, number,
                    quoted, type_of)

# Constants of at most this many elements stand in the text.
INLINE_ELEMENTS = 16


class Unsupported(Exception):
    """What this compiler has no form for (yet); says what, not where."""


class DependsOnData(Unsupported):
    """What would be supported, were a value known while importing."""

    def __init__(self, what: str, value: Value):
        super().__init__(what)
        self.value = value


class InvalidModel(Exception):
    """What no compiler could take; the message names the place."""


class Bind(Exception):
    """A symbol that turned out to have to equal another extent."""

    def __init__(self, symbol: str, extent: Extent):
        super().__init__(f"{symbol} must be {extent}")
        self.symbol, self.extent = symbol, extent


class TextBuilder:
    """One function, written operation by operation.

    Constants and extents go to the function's start when first used, so that
    they dominate every use; inside the body of a `linalg.generic` constants
    are the body's own, so that the body stays closed.
    """

    def __init__(self, bindings=None, inline_weights=False):
        self.bindings = dict(bindings or {})
        self.inline_weights = inline_weights
        # A name, or a file and a line in it.
        self.location: str | tuple[str, int] = ""
        self.weights: dict[str, Value] = {}
        self._start: list[str] = []
        self._scopes: list[list[str]] = [[]]
        self._inputs: list[tuple[str, str, Value]] = []
        self._constants: set[str] = set()
        self._symbols: dict[str, tuple[str, int]] = {}
        self._indices: dict[Extent, str] = {}
        self._atoms: dict[object, str] = {}
        self._scalars: dict[tuple[str, str], str] = {}
        self._splats: dict[tuple[str, str], str] = {}
        self._count = 0

    # ---- names, lines, locations

    def fresh(self) -> str:
        self._count += 1
        return f"%{self._count - 1}"

    def emit(self, text: str, to_start=False):
        lines = self._start if to_start else self._scopes[-1]
        location = f" loc({location_text(self.location)})" if self.location else ""
        depth = 2 if to_start else len(self._scopes) + 1
        lines.append("  " * depth + text + location)

    @property
    def in_body(self) -> bool:
        return len(self._scopes) > 1

    @contextmanager
    def body(self):
        """Collects the lines of a region."""
        self._scopes.append([])
        try:
            yield self._scopes[-1]
        finally:
            self._scopes.pop()

    def result(self, dtype, shape, text, to_start=False) -> Value:
        """An operation with one result; `text` is what follows the `=`."""
        value = Value(dtype, None if shape is None else tuple(shape), self.fresh())
        self.emit(f"{value} = {text}", to_start)
        return value

    # ---- inputs

    def input(self, name: str, dtype: str, dims, constant=False) -> Value:
        """An argument; a dimension is an int, a symbol's name, or None. Those
        whose values change rarely, `constant`, come last."""
        shape, argument = [], f"%arg{len(self._inputs)}"
        for axis, dim in enumerate(dims):
            if dim is None or isinstance(dim, str):
                dim = self.symbol(dim or f"{name}.{axis}")
            if symbol := isinstance(dim, Dim) and dim.as_symbol():
                self._symbols.setdefault(symbol, (argument, axis))
            shape.append(dim)
        value = Value(dtype, tuple(shape), argument)
        self._inputs.append((name, value))
        if constant:
            self._constants.add(value.name)
        return value

    def symbol(self, name: str) -> Extent:
        extent = self.bindings.get(name)
        return Dim.symbol(name) if extent is None else extent

    def require_equal(self, lhs: Extent, rhs: Extent, what: str):
        """Two extents of which the model says that they are equal."""
        if lhs == rhs:
            return
        for a, b in ((lhs, rhs), (rhs, lhs)):
            name, value = _solved(a, b)
            if name and (isinstance(value, int) or value.as_symbol()):
                raise Bind(name, value)
        if isinstance(lhs, int) and isinstance(rhs, int):
            raise InvalidModel(f"{what}: {lhs} and {rhs} do not agree")
        raise Unsupported(f"{what} of {lhs} and {rhs}")

    # ---- extents

    def index(self, extent: Extent) -> str:
        """The extent as an `index` at the start of the function."""
        known = self._indices.get(extent)
        if known is None:
            known = self._indices[extent] = self._compute_index(extent)
        return known

    def _compute_index(self, extent: Extent) -> str:
        location, self.location = self.location, ""
        try:
            if not isinstance(extent, Dim):
                return self.result("index", None, f"arith.constant {extent} : index", True).name
            total = None
            for monomial, coefficient in extent.terms.items():
                factors = [self._atom(atom) for atom in monomial]
                if coefficient != 1 or not factors:
                    factors.append(self.index(coefficient))
                term = factors[0]
                for factor in factors[1:]:
                    term = self._index_op("arith.muli", term, factor)
                total = term if total is None else self._index_op("arith.addi", total, term)
            return total
        finally:
            self.location = location

    def _atom(self, atom) -> str:
        known = self._atoms.get(atom)
        if known is None:
            known = self._atoms[atom] = self._compute_atom(atom)
        return known

    def _compute_atom(self, atom) -> str:
        match atom:
            case Symbol(name):
                argument, axis = self._symbols[name]
                source = next(v for _, v in self._inputs if v.name == argument)
                return self.result(
                    "index", None,
                    f"tensor.dim {argument}, {self.index(axis)} : {source.type}", True).name
            case Opaque(kind, lhs, rhs):
                op = {"floordiv": "floordivsi", "min": "minsi", "max": "maxsi"}[kind]
                return self._index_op(f"arith.{op}", self.index(lhs), self.index(rhs))

    def _index_op(self, op, lhs, rhs) -> str:
        return self.result("index", None, f"{op} {lhs}, {rhs} : index", True).name

    def dynamic(self, shape) -> str:
        """The operands of `tensor.empty` and its like: the dynamic extents."""
        return ", ".join(self.index(d) for d in shape if isinstance(d, Dim))

    def mixed(self, extents) -> str:
        """A list of static and dynamic extents, as slices take it."""
        return "[" + ", ".join(
            self.index(d) if isinstance(d, Dim) else str(d) for d in extents) + "]"

    # ---- constants

    def constant(self, array: np.ndarray, key: str | None = None) -> Value:
        """A constant, or a weight where it has a name and is not small."""
        array = np.asarray(array)
        if array.dtype not in DTYPE_OF:
            raise Unsupported(f"element type {array.dtype}")
        return Value(DTYPE_OF[array.dtype], array.shape, data=array, key=key)

    def scalar(self, value, dtype: str) -> Value:
        """A constant of an element type, where it is used."""
        literal = number(value, dtype)
        text = f"arith.constant {literal}"
        if dtype != "i1":
            text += f" : {element(dtype)}"
        if self.in_body:
            return self.result(dtype, None, text)
        known = self._scalars.get((literal, dtype))
        if known is None:
            location, self.location = self.location, ""
            known = self.result(dtype, None, text, True).name
            self.location = location
            self._scalars[literal, dtype] = known
        return Value(dtype, None, known)

    def full(self, value, dtype: str, shape) -> Value:
        """A tensor of one number."""
        if any(isinstance(d, Dim) for d in shape):
            return self.fill(self.scalar(value, dtype), shape)
        kind = type_of(dtype, shape)
        literal = number(value, dtype)
        known = self._splats.get((literal, kind))
        if known is None:
            data = "" if product(shape) == 0 else literal
            location, self.location = self.location, ""
            known = self.result(dtype, shape, f"arith.constant dense<{data}> : {kind}", True).name
            self.location = location
            self._splats[literal, kind] = known
        return Value(dtype, tuple(shape), known)

    def empty(self, dtype: str, shape) -> Value:
        return self.result(
            dtype, shape, f"tensor.empty({self.dynamic(shape)}) : {type_of(dtype, shape)}")

    def fill(self, scalar: Value, shape) -> Value:
        out = self.empty(scalar.dtype, shape)
        return self.result(
            scalar.dtype, shape,
            f"linalg.fill ins({scalar} : {scalar.type}) outs({out} : {out.type}) -> {out.type}")

    def use(self, value: Value) -> Value:
        """The value in the text: constants enter it here."""
        if value.name is not None:
            return value
        if value.data is not None:
            value.name = self._constant_text(value)
        else:
            self._from_elements(value)
        return value

    def _constant_text(self, value: Value) -> str:
        array, kind = value.data, value.type
        small = array.size <= INLINE_ELEMENTS
        if array.size == 0:
            literal = "dense<>"
        elif small and (array == array.flat[0]).all() and not _signed_zeros(array):
            literal = f"dense<{number(array.flat[0], value.dtype)}>"
        elif small or (value.dtype == "i1" and self.inline_weights):
            literal = f"dense<{_nested(array, value.dtype)}>"
        elif self.inline_weights:
            raw = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<"))
            literal = f'dense<"0x{raw.tobytes().hex().upper()}">'
        else:
            if value.key is None:
                value.key = f"constant.{len(self.weights)}"
            self.weights.setdefault(value.key, value)
            literal = f"dense_resource<{quoted(value.key)}>"
        return self.result(value.dtype, value.shape,
                           f"arith.constant {literal} : {kind}", True).name

    def _from_elements(self, value: Value):
        """A tensor of extents, for an operation that needs it as a tensor."""
        if value.elements is None:
            raise AssertionError("a value without a definition")
        if self.in_body:
            raise AssertionError("a tensor is made before the body that reads it")
        names = []
        for extent in value.elements.flat:
            if isinstance(extent, Dim):
                names.append(self.result(
                    value.dtype, None,
                    f"arith.index_cast {self.index(extent)} : index to {element(value.dtype)}").name)
            else:
                names.append(self.scalar(extent, value.dtype).name)
        value.name = self.result(
            value.dtype, value.shape,
            f"tensor.from_elements {', '.join(names)} : {value.type}").name

    # ---- the whole

    def finish(self, name: str, outputs: list[tuple[str, Value]]) -> str:
        """The module's text."""
        self.location = ""
        results = [(label, self.use(value)) for label, value in outputs]
        arguments = ",\n    ".join(
            f"{value}: {value.type} {self._attributes(label, value)} loc({quoted(label)})"
            for label, value in self._inputs)
        kinds = ", ".join(f"{value.type} {self._attributes(label, value)}"
                          for label, value in results)
        names = ", ".join(str(value) for _, value in results)
        types = ", ".join(value.type for _, value in results)
        lines = ["module {", f"  func.func @{identifier(name)}({arguments})", f"      -> ({kinds}) {{"]
        lines += self._start + self._scopes[0]
        lines += [f"    return {names} : {types}", "  }", "}", ""]
        return "\n".join(lines)

    def _attributes(self, label: str, value: Value) -> str:
        """A name; extents where a symbol says which ones agree; a sign; whether
        it changes rarely."""
        parts = [f"act.name = {quoted(label)}"]
        if any(isinstance(d, Dim) for d in value.shape):
            parts.append("act.dims = [" + ", ".join(quoted(str(d)) for d in value.shape) + "]")
        if value.dtype.startswith("u"):
            parts.append("act.unsigned")
        if value.name in self._constants:
            parts.append("act.constant")
        return "{" + ", ".join(parts) + "}"


def location_text(location: str | tuple[str, int]) -> str:
    if isinstance(location, str):
        return quoted(location)
    file, line = location
    return f"{quoted(file)}:{line}:1"


def _solved(lhs: Extent, rhs: Extent):
    """The symbol that has to be something for c * symbol = rhs, or None."""
    if not isinstance(lhs, Dim) or len(lhs.terms) != 1:
        return None, None
    [(monomial, coefficient)] = lhs.terms.items()
    value = divide_exactly(rhs, coefficient)
    if len(monomial) != 1 or not isinstance(monomial[0], Symbol) or value is None:
        return None, None
    return monomial[0].name, value


def _signed_zeros(array) -> bool:
    """Whether equal elements differ in a zero's sign."""
    if DTYPE_OF[array.dtype][0] in "iu":
        return False
    signs = np.signbit(array.astype("f8"))
    return bool(signs.any() and not signs.all())


def _nested(array: np.ndarray, dtype: str) -> str:
    if array.ndim == 0:
        return number(array[()], dtype)
    return "[" + ", ".join(_nested(part, dtype) for part in array) + "]"
