# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A module's main function, operation by operation, through the handlers.

Calls of other functions become their bodies.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from ..dims import Dim
from ..graph import GraphBuilder
from ..text import Bind, InvalidModel, Unsupported
from ..types import NUMPY_TYPES, Value, is_float
from . import bindings
from . import handlers  # noqa: F401 (registers them)
from .registry import ELEMENTWISE, HANDLERS, Operation

# How often an extent may turn out to have to equal another one.
MAX_BINDINGS = 64
MAX_CALL_DEPTH = 256


class ImportFailure(Exception):
    """Why a module cannot be imported: `file:line:1: error: ...`."""


@dataclass
class Imported:
    """The text of a module, and names of its inputs and results."""

    text: str
    inputs: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)


def import_module(text: str, source: str = "program") -> Imported:
    """Reads StableHLO as text or bytecode; `source` names it in errors."""
    try:
        module, _ = bindings.parse(text)
    except bindings.SyntaxFailure as error:
        message, line = error.args
        raise ImportFailure(f"{source}:{line}:1: error: {message}") from None
    try:
        return _Importer(module, source).run()
    except InvalidModel as error:
        raise ImportFailure(f"{source}:1:1: error: {error}") from error


class _Poison:
    """A result of what is not supported."""


class _Importer:
    def __init__(self, module, source: str):
        self.source = source
        self.functions = {}
        for op in module.body.operations:
            if op.operation.name != "func.func":
                raise InvalidModel(f"{op.operation.name} beside functions")
            self.functions[op.attributes["sym_name"].value] = op
        if "main" not in self.functions:
            if len(self.functions) != 1:
                raise InvalidModel("no function is named main")
            self.functions["main"] = next(iter(self.functions.values()))

    def run(self) -> Imported:
        known: dict = {}
        for _ in range(MAX_BINDINGS):
            self.builder = GraphBuilder(known, inline_weights=True)
            self.unsupported: dict[str, list[str]] = defaultdict(list)
            self.places: list[str] = []
            self.depth = 0
            try:
                return self._main()
            except Bind as bind:
                if bind.symbol in known:
                    raise InvalidModel(f"extent {bind.symbol} would have to be "
                                       f"{bind.extent}") from None
                known = {name: bind.extent if isinstance(extent, Dim)
                         and extent.as_symbol() == bind.symbol else extent
                         for name, extent in known.items()}
                known[bind.symbol] = bind.extent
        raise InvalidModel("the module's shapes do not agree with each other")

    def _main(self) -> Imported:
        main, names = self.functions["main"], _Names()
        inputs, arguments = [], []
        for i, argument in enumerate(main.arguments):
            inputs.append(names(bindings.location_name(argument.location) or f"arg{i}"))
            arguments.append(self._argument(inputs[-1], argument))
        results = self._block(main.regions[0].blocks[0], arguments)
        self._raise_unsupported()
        names, outputs = _Names(), []
        for i in range(len(results)):
            outputs.append(names(self._result_name(main, i)))
        return Imported(self.builder.finish("main", list(zip(outputs, results))),
                        inputs, outputs)

    def _argument(self, name: str, argument):
        try:
            return self.builder.input(name, *bindings.tensor_type(argument.type))
        except Unsupported as error:
            raise InvalidModel(f"input {name}: {error} is not supported") from None

    @staticmethod
    def _result_name(function, i: int) -> str:
        if "res_attrs" in function.attributes:
            attributes = function.attributes["res_attrs"][i]
            if "jax.result_info" in attributes:
                return attributes["jax.result_info"].value or f"result{i}"
        return f"result{i}"

    # ---- operations

    def _block(self, block, arguments) -> list:
        """The operands of the block's last operation."""
        values = dict(zip(block.arguments, arguments))
        return self._operations(block, values)

    def _operations(self, block, values) -> list:
        results: list = []
        for op in block.operations:
            op = op.operation
            operands = [values[operand] for operand in op.operands]
            if op.name in ("func.return", "stablehlo.return"):
                results = operands
                break
            for result, value in zip(op.results, self._run(op, operands), strict=True):
                values[result] = value
        return results

    def _run(self, op, operands) -> list:
        outer = self.builder.location
        place = bindings.file_and_line(op.location)
        if place or not isinstance(outer, tuple):
            self.builder.location = place or bindings.location_name(op.location)
        try:
            if any(isinstance(v, _Poison) for v in operands) and op.name != "func.call":
                return self._poison(op, None if self._is_known(op) else "")
            if op.name == "func.call":
                return self._call(op, op.attributes["callee"].value, operands)
            if op.name == "stablehlo.composite":
                return self._composite(op, operands)
            results = self._folded(op, operands)
            if results is None:
                results = self._handled(op, operands)
            return list(results) if isinstance(results, (list, tuple)) else [results]
        except Unsupported as error:
            return self._poison(op, str(error))
        finally:
            self.builder.location = outer

    @staticmethod
    def _is_known(op) -> bool:
        short = op.name.removeprefix("stablehlo.")
        return short in ELEMENTWISE or short in HANDLERS or short == "composite"

    def _handled(self, op, operands):
        short = op.name.removeprefix("stablehlo.")
        operation = Operation(op, operands, self.builder, self._scalar_body)
        if short in ELEMENTWISE:
            compute = ELEMENTWISE[short]
            if all(v.shape is None for v in operands):
                return compute(self.builder, operation, *operands)
            return self.builder.elementwise(
                lambda *values: compute(self.builder, operation, *values), *operands)
        if short in HANDLERS:
            return HANDLERS[short](self.builder, operation)
        raise Unsupported("")

    def _scalar_body(self, block, operands) -> list:
        results = self._block(block, operands)
        if any(isinstance(value, _Poison) for value in results):
            raise Unsupported("what its region does")
        return results

    def _call(self, op, name: str, operands) -> list:
        if name not in self.functions:
            raise InvalidModel(f"function {name} is not defined")
        if self.depth >= MAX_CALL_DEPTH:
            raise InvalidModel(f"function {name} calls itself")
        self.depth += 1
        try:
            return self._block(self.functions[name].regions[0].blocks[0], operands)
        finally:
            self.depth -= 1

    def _composite(self, op, operands) -> list:
        """By its name where there is a handler, else what it is made of."""
        name = op.attributes["name"].value
        if name in ELEMENTWISE:
            operation = Operation(op, operands, self.builder, self._scalar_body)
            return [self.builder.elementwise(
                lambda *v: ELEMENTWISE[name](self.builder, operation, *v), *operands)]
        return self._call(op, op.attributes["decomposition"].value, operands)

    # ---- the arithmetic of extents

    def _folded(self, op, operands):
        """Integers that are known while importing stay known."""
        compute = _FOLDED.get(op.name)
        if compute is None or not operands or any(
                v.shape is None or is_float(v.dtype) or v.dtype == "i1" for v in operands):
            return None
        elements = [self.builder.elements(v) for v in operands]
        if any(e is None for e in elements) or not any(
                isinstance(x, Dim) for e in elements for x in e.flat):
            return None
        dtype, shape = bindings.tensor_type(op.results[0].type)
        if dtype == "i1" or is_float(dtype) or None in shape:
            return None
        result = np.empty(shape, dtype=object)
        result[...] = compute(op, shape, *elements)
        range_ = np.iinfo(NUMPY_TYPES[dtype])
        if any(isinstance(x, int) and not range_.min <= x <= range_.max for x in result.flat):
            return None
        return Value(dtype, shape, elements=result)

    # ---- what is not supported

    def _poison(self, op, why: str | None = None) -> list:
        if why is not None:
            location = self.builder.location
            place = f"{location[0]}:{location[1]}" if isinstance(location, tuple) else location
            name = op.name.removeprefix("stablehlo.")
            if name == "custom_call":
                name = f"custom_call @{op.attributes['call_target_name'].value}"
            self.unsupported[f"{name} with {why}" if why else name].append(place or "unknown")
            self.places.append(f"{location[0]}:{location[1]}:1"
                               if isinstance(location, tuple) else "")
        return [_Poison() for _ in op.results]

    def _raise_unsupported(self):
        if not self.unsupported:
            return
        count = sum(map(len, self.unsupported.values()))
        parts = []
        for what, places in sorted(self.unsupported.items()):
            distinct = list(dict.fromkeys(places))
            more = f", and {len(distinct) - 8} more places" if len(distinct) > 8 else ""
            parts.append(f"{what} ({len(places)}: {', '.join(distinct[:8])}{more})")
        verb = "operations are" if count > 1 else "operation is"
        place = next(filter(None, self.places), f"{self.source}:1:1")
        raise ImportFailure(
            f"{place}: error: {count} {verb} not supported yet: {', '.join(parts)}")


class _Names:
    """Names that differ from each other."""

    def __init__(self):
        self.taken: set[str] = set()

    def __call__(self, name: str) -> str:
        unique, count = name, 1
        while unique in self.taken:
            unique, count = f"{name}.{count}", count + 1
        self.taken.add(unique)
        return unique


def _quotient(a, b):
    if not isinstance(b, Dim) and b == 0:
        raise InvalidModel("an extent is divided by 0")
    return a // b


_FOLDED = {
    "stablehlo.add": lambda op, shape, a, b: a + b,
    "stablehlo.subtract": lambda op, shape, a, b: a - b,
    "stablehlo.multiply": lambda op, shape, a, b: a * b,
    "stablehlo.divide": lambda op, shape, a, b: np.frompyfunc(_quotient, 2, 1)(a, b),
    "stablehlo.convert": lambda op, shape, a: a,
    "stablehlo.reshape": lambda op, shape, a: a.reshape(shape),
    "stablehlo.concatenate": lambda op, shape, *parts: np.concatenate(parts),
    "stablehlo.broadcast_in_dim": lambda op, shape, a: _broadcast(op, shape, a),
    "stablehlo.slice": lambda op, shape, a: a[tuple(
        slice(start, stop, step) for start, stop, step in zip(
            *(bindings.integers(op.attributes[name]) for name in
              ("start_indices", "limit_indices", "strides"))))],
}


def _broadcast(op, shape, a):
    source = [1] * len(shape)
    for axis, extent in zip(bindings.integers(op.attributes["broadcast_dimensions"]), a.shape):
        source[axis] = extent
    return np.broadcast_to(a.reshape(source), shape)
