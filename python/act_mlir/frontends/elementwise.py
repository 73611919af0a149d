# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Operations that act element by element, and broadcasting.

Each takes scalars and tensors of one shape alike, so that one function serves
tensors that agree in shape and the body of a `linalg.generic` that broadcasts.
"""

from __future__ import annotations

import numpy as np

from .dims import Dim, product
from .text import TextBuilder
from .types import NUMPY_TYPES, Value, bits, element, is_float, is_unsigned, type_of

COMPARE = {"eq": ("oeq", "eq", "eq"), "ne": ("une", "ne", "ne"),
           "lt": ("olt", "slt", "ult"), "le": ("ole", "sle", "ule"),
           "gt": ("ogt", "sgt", "ugt"), "ge": ("oge", "sge", "uge"),
           "unordered": ("uno", None, None)}

# Above these, a^2 + 1 is a^2, and a^2 is still finite.
ASINH_LARGE = {"f64": 1e16, "f32": 1e8, "bf16": 1e8, "f16": 200.0}


def affine_map(loops: int, results) -> str:
    """`affine_map<(d0, d1) -> (d1)>`; a result is a loop's number or a text."""
    names = ", ".join(f"d{i}" for i in range(loops))
    exprs = ", ".join(f"d{r}" if isinstance(r, int) else r for r in results)
    return f"affine_map<({names}) -> ({exprs})>"


class ElementwiseMixin(TextBuilder):
    # ---- one operation on scalars or on tensors of one shape

    def op(self, name: str, *operands: Value, attributes="", dtype=None) -> Value:
        """An operation of one type: `arith.addf %a, %b : T`."""
        operands = [self.use(v) for v in operands]
        first = operands[0]
        names = ", ".join(str(v) for v in operands)
        if attributes:
            attributes = f" {{{attributes}}}"
        return self.result(dtype or first.dtype, first.shape,
                           f"{name} {names}{attributes} : {first.type}")

    def compare(self, predicate: str, lhs: Value, rhs: Value) -> Value:
        lhs, rhs = self.use(lhs), self.use(rhs)
        kinds = COMPARE[predicate]
        if is_float(lhs.dtype):
            name = f"arith.cmpf {kinds[0]}"
        else:
            name = f"arith.cmpi {kinds[2 if is_unsigned(lhs.dtype) else 1]}"
        return self.result("i1", lhs.shape, f"{name}, {lhs}, {rhs} : {lhs.type}")

    def select(self, condition: Value, then: Value, otherwise: Value) -> Value:
        condition, then, otherwise = map(self.use, (condition, then, otherwise))
        kinds = then.type if then.shape is None else f"{condition.type}, {then.type}"
        return self.result(then.dtype, then.shape,
                           f"arith.select {condition}, {then}, {otherwise} : {kinds}")

    def like(self, value: Value, number, dtype=None) -> Value:
        """A constant of the value's shape."""
        dtype = dtype or value.dtype
        if value.shape is None:
            return self.scalar(number, dtype)
        return self.full(number, dtype, value.shape)

    def arithmetic(self, name: str, lhs: Value, rhs: Value) -> Value:
        """`add`, `sub`, `mul`, `div`, `max`, `min` for any element type."""
        if is_float(lhs.dtype):
            name = {"max": "maximum", "min": "minimum"}.get(name, name) + "f"
        else:
            signed = "u" if is_unsigned(lhs.dtype) else "s"
            name += f"{signed}i" if name in ("div", "max", "min", "rem") else "i"
        return self.op(f"arith.{name}", lhs, rhs)

    def divide(self, name: str, x: Value, y: Value) -> Value:
        """Of integers, no divisor may trap: 0 counts as 1, and so does -1 of a
        negated dividend, which is the same quotient."""
        if is_float(x.dtype):
            return self.arithmetic(name, x, y)
        zero, one = self.like(y, 0), self.like(y, 1)
        safe = self.select(self.compare("eq", y, zero), one, y)
        if is_unsigned(x.dtype):
            return self.arithmetic(name, x, safe)
        minus = self.compare("eq", y, self.like(y, -1))
        safe = self.select(minus, one, safe)
        result = self.arithmetic(name, x, safe)
        if name == "rem":
            return self.select(minus, zero, result)
        return self.select(minus, self.arithmetic("sub", zero, x), result)

    def cast(self, value: Value, dtype: str) -> Value:
        """A conversion by the rules of C, except that any number but zero is
        true, and that f8 types are reached through f32."""
        source = value.dtype
        if source == dtype:
            return value
        if dtype == "i1":
            return self.compare("ne", value, self.like(value, 0))
        for f8 in (source, dtype):
            if is_float(f8) and bits(f8) == 8 and "f32" not in (source, dtype):
                return self.cast(self.cast(value, "f32"), dtype)
        if {source, dtype} == {"f16", "bf16"}:
            return self.cast(self.cast(value, "f32"), dtype)
        if is_float(source) and is_float(dtype):
            name = "extf" if bits(dtype) > bits(source) else "truncf"
        elif is_float(source):
            name = "fptoui" if is_unsigned(dtype) else "fptosi"
        elif is_float(dtype):
            name = "uitofp" if is_unsigned(source) else "sitofp"
        elif bits(source) == bits(dtype):
            return Value(dtype, value.shape, self.use(value).name)
        elif bits(source) > bits(dtype):
            name = "trunci"
        else:
            name = "extui" if is_unsigned(source) else "extsi"
        value = self.use(value)
        return self.result(dtype, value.shape, f"arith.{name} {value} : {value.type} "
                           f"to {type_of(dtype, value.shape)}")

    def round_to_integer(self, value: Value, dtype: str) -> Value:
        """The nearest integer, ties to even, within the type's range; of what
        is not a number the lowest."""
        range_ = np.iinfo(NUMPY_TYPES[dtype])
        low, high = self.like(value, range_.min), self.like(value, range_.max)
        value = self.op("math.roundeven", value)
        value = self.select(self.compare("gt", value, low), value, low)
        value = self.select(self.compare("lt", value, high), value, high)
        return self.cast(value, dtype)

    def inverse_hyperbolic(self, name: str, x: Value) -> Value:
        """`asinh`, `acosh`, `atanh`, by log1p of a quotient that loses nothing
        near 0 (or 1, for acosh)."""
        one = self.like(x, 1)
        if name == "acosh":
            # acosh(1 + t) = log1p(t + sqrt(t (2 + t)))
            t = self.op("arith.subf", x, one)
            root = self.op("math.sqrt", self.op("arith.mulf", t, self.op("arith.addf", x, one)))
            return self.op("math.log1p", self.op("arith.addf", t, root))
        a = self.op("math.absf", x)
        if name == "atanh":
            # atanh(a) = log1p(2 a / (1 - a)) / 2
            t = self.op("arith.divf", self.op("arith.addf", a, a), self.op("arith.subf", one, a))
            y = self.op("arith.mulf", self.op("math.log1p", t), self.like(x, 0.5))
        else:
            # asinh(a) = log1p(a + a^2 / (1 + sqrt(a^2 + 1))), with a / ... for
            # the quotient where a^2 overflows: log(2 a) is all that is left.
            square = self.op("arith.mulf", a, a)
            root = self.op("math.sqrt", self.op("arith.addf", square, one))
            quotient = self.op("arith.divf", a, self.op("arith.addf", one, root))
            t = self.op("arith.mulf", a, quotient)
            large = self.op("arith.addf", self.op("math.log", a), self.like(x, np.log(2.0)))
            y = self.select(self.compare("gt", a, self.like(x, ASINH_LARGE[x.dtype])), large,
                            self.op("math.log1p", self.op("arith.addf", a, t)))
        return self.op("math.copysign", y, x)

    # ---- broadcasting

    def broadcast_shapes(self, *shapes) -> tuple:
        """The shape that NumPy's rule gives."""
        rank = max(len(s) for s in shapes)
        result = []
        for axis in range(-rank, 0):
            extent = 1
            for shape in shapes:
                if -axis > len(shape) or shape[axis] == 1:
                    continue
                if extent != 1:
                    self.require_equal(extent, shape[axis], "broadcasting")
                extent = shape[axis]
            result.append(extent)
        return tuple(result)

    def broadcast_map(self, shape, target) -> str:
        """How loops over `target` read a tensor of `shape`."""
        skip = len(target) - len(shape)
        return affine_map(len(target), [
            "0" if extent == 1 and target[skip + i] != 1 else skip + i
            for i, extent in enumerate(shape)])

    def generic(self, inputs, maps, shape, compute) -> Value:
        """A `linalg.generic` of parallel loops over `shape`; `compute` makes a
        scalar of the inputs' elements."""
        inputs = [self.use(v) for v in inputs]
        with self.body() as lines:
            elements = [Value(v.dtype, None, self.fresh()) for v in inputs]
            result = self.use(compute(*elements))
            self.emit(f"linalg.yield {result} : {result.type}")
        out = self.empty(result.dtype, shape)
        maps = [*maps, affine_map(len(shape), range(len(shape)))]
        return self.region_op(inputs, maps, ["parallel"] * len(shape), out,
                              elements, lines)

    def region_op(self, inputs, maps, iterators, out, elements, lines) -> Value:
        """The text of a `linalg.generic` whose body is written already."""
        ins = ""
        if inputs:
            ins = (f"ins({', '.join(map(str, inputs))} : "
                   f"{', '.join(v.type for v in inputs)}) ")
        kinds = ", ".join(f'"{kind}"' for kind in iterators)
        arguments = [f"{v}: {v.type}" for v in elements]
        if len(arguments) == len(inputs):
            arguments.append(f"{self.fresh()}: {element(out.dtype)}")
        result = Value(out.dtype, out.shape, self.fresh())
        scope = self._scopes[-1]
        pad = "  " * (len(self._scopes) + 1)
        scope.append(f"{pad}{result} = linalg.generic {{indexing_maps = [{', '.join(maps)}], "
                     f"iterator_types = [{kinds}]}} {ins}outs({out} : {out.type}) {{")
        scope.append(f"{pad}^bb0({', '.join(arguments)}):")
        scope.extend(lines)
        self.emit(f"}} -> {out.type}")
        return result

    def elementwise(self, compute, *operands: Value) -> Value:
        """`compute` on operands that broadcast against each other: on tensors
        where shapes agree, in the body of a `linalg.generic` where not."""
        shape = self.broadcast_shapes(*(v.shape for v in operands))
        constants = [_single(v) for v in operands]
        if all(c is not None for c in constants):
            constants[0] = None
        if all(c is not None or v.shape == shape for c, v in zip(constants, operands)):
            return compute(*(v if c is None else self.full(c, v.dtype, shape)
                             for c, v in zip(constants, operands)))
        tensors = [v for c, v in zip(constants, operands) if c is None]

        def inner(*elements):
            rest = iter(elements)
            return compute(*(next(rest) if c is None else self.scalar(c, v.dtype)
                             for c, v in zip(constants, operands)))

        maps = [self.broadcast_map(v.shape, shape) for v in tensors]
        return self.generic(tensors, maps, shape, inner)

    def broadcast_to(self, value: Value, shape) -> Value:
        shape = tuple(shape)
        if value.shape == shape:
            return value
        number = _single(value)
        if number is not None:
            return self.full(number, value.dtype, shape)
        return self.generic([value], [self.broadcast_map(value.shape, shape)],
                            shape, lambda x: x)


def _single(value: Value):
    """The number of a constant of one element."""
    if value.data is not None and product(value.shape) == 1:
        return value.data.flat[0]
    if value.elements is not None and product(value.shape) == 1:
        extent = value.elements.flat[0]
        return None if isinstance(extent, Dim) else NUMPY_TYPES[value.dtype].type(extent)
    return None
