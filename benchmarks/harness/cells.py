# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Suites: which operation runs on which shape, type and accuracy."""

from __future__ import annotations

import dataclasses
import pathlib
import tomllib

from . import networks

SUITES = pathlib.Path(__file__).resolve().parents[1] / "suites"
# Suites that are programs of their own.
SPECIAL = {"compile": "text to callable, chains, libraries of weights"}
BITS = {"f32": 32, "f16": 16, "bf16": 16}


class SuiteError(Exception):
    """What is wrong in a suite's file."""


@dataclasses.dataclass
class Operation:
    """One entry of operations.toml, or a network."""

    name: str
    dims: list[str] = dataclasses.field(default_factory=lambda: ["n"])
    inputs: dict | None = None
    weights: dict = dataclasses.field(default_factory=dict)
    constants: dict = dataclasses.field(default_factory=dict)
    integers: dict = dataclasses.field(default_factory=dict)
    output: list | None = None
    flops: str | None = None
    mlir: str | None = None
    onnx: str | None = None
    torch: str | None = None
    jax: str | None = None
    numpy: str | None = None
    upstream: str | None = None
    glibc: str | None = None

    def __post_init__(self):
        self.inputs = self.inputs or {"a": self.dims}
        self.output = self.output or next(iter(self.inputs.values()))


@dataclasses.dataclass
class Cell:
    """One operation on one shape: what every contender runs in turn."""

    operation: Operation
    dtype: str
    shape: tuple[int, ...]
    accuracies: tuple[str, ...] = ("precise",)
    offset: int = 0
    # The most ULP that a result may be off, by accuracy; {}: see report.wrong.
    bounds: dict = dataclasses.field(default_factory=dict)

    @property
    def key(self) -> str:
        shape = "x".join(map(str, self.shape))
        return f"{self.operation.name} {self.dtype} {shape}" + (
            f" +{self.offset}" if self.offset else "")

    @property
    def small(self) -> bool:
        """Whether a call costs about as much as the work: then calls from
        Python are compared, else the work itself."""
        flops = self.flops()
        return flops <= 1 << 20 if flops else self.elements() <= 4096

    def extents(self, dims) -> tuple[int, ...]:
        """The extents that a list of names and numbers stands for."""
        bound = dict(zip(self.operation.dims, self.shape))
        return tuple(d if isinstance(d, int) else bound[d] for d in dims)

    def inputs(self) -> dict[str, tuple[int, ...]]:
        return {name: self.extents(dims) for name, dims in self.operation.inputs.items()}

    def weights(self) -> dict[str, tuple[int, ...]]:
        return {name: self.extents(dims) for name, dims in self.operation.weights.items()}

    def output(self) -> tuple[int, ...]:
        return self.extents(self.operation.output)

    def elements(self) -> int:
        """Elements of the result."""
        return _product(self.output())

    def bytes(self) -> int:
        """Bytes that must be read and written, weights included."""
        read = [*self.inputs().values(), *self.weights().values()]
        return (sum(map(_product, read)) + self.elements()) * BITS[self.dtype] // 8

    def flops(self) -> int | None:
        if not self.operation.flops:
            return None
        return eval(self.operation.flops, {}, dict(zip(self.operation.dims, self.shape)))

    def mlir(self) -> str | None:
        """A function over any number of elements or rows; None where the
        program comes from ONNX."""
        op = self.operation
        if not op.mlir:
            return None
        extents = ["?", *map(str, self.shape[1:])]
        ranked = f"tensor<{'x'.join([*extents, self.dtype])}>"
        arguments = ", ".join(f'%{name}: {ranked} {{act.dims = ["n"]}}' if len(op.inputs) > 1
                              else f"%{name}: {ranked}" for name in op.inputs)
        body = op.mlir.strip("\n").replace(": T", f": {ranked}")
        return (f"func.func @{op.name}({arguments}) -> {ranked} {{\n{body}\n"
                f"  return %y : {ranked}\n}}\n")


def _product(extents) -> int:
    result = 1
    for extent in extents:
        result *= extent
    return result


def operations(path=SUITES / "operations.toml") -> dict[str, Operation]:
    table, result = _read(path) | networks.operations(), {}
    for name, entry in table.items():
        entry = dict(entry)
        if (base := entry.pop("like", None)) is not None:
            inherited = ("dims", "inputs", "weights", "output", "flops")
            entry = {k: table[base][k] for k in inherited if k in table[base]} | entry
        try:
            result[name] = Operation(name, **entry)
        except TypeError as error:
            raise SuiteError(f"{path}: error: [{name}]: {error}") from None
    return result


def suite(name: str) -> tuple[str, list[Cell]]:
    """The unit of a suite and its cells."""
    path = SUITES / f"{name}.toml"
    if not path.exists():
        raise SuiteError(f"no suite '{name}'; there are {', '.join(names())}")
    known, table, cells = operations(), _read(path), []
    for group in table["cells"]:
        for operation in group["operations"]:
            if operation not in known:
                raise SuiteError(f"{path}: error: no operation '{operation}' in operations.toml")
            if any(len(s) != len(known[operation].dims) for s in group["shapes"]):
                raise SuiteError(f"{path}: error: shapes of {operation} have "
                                 f"{len(known[operation].dims)} numbers")
            cells += [Cell(known[operation], dtype, tuple(shape),
                           tuple(group.get("accuracies", ["precise"])), group.get("offset", 0),
                           group.get("bounds", {}))
                      for dtype in group["types"] for shape in group["shapes"]]
    return table["unit"], cells


@dataclasses.dataclass
class Model:
    """A network of the suite `torch`, called or trained."""

    network: str
    shape: list[int]
    train: bool = False

    @property
    def name(self) -> str:
        return f"{self.network} step" if self.train else self.network

    @property
    def key(self) -> str:
        return f"{self.name} f32 {'x'.join(map(str, self.shape))}"


def models() -> tuple[str, list[Model]]:
    """The unit of the suite `torch` and what it runs."""
    table = _read(SUITES / "torch.toml")
    return table["unit"], [Model(**entry) for entry in table["models"]]


def names() -> list[str]:
    return sorted([*(p.stem for p in SUITES.glob("*.toml") if p.stem != "operations"),
                   *SPECIAL])


def _read(path) -> dict:
    try:
        return tomllib.loads(path.read_text())
    except tomllib.TOMLDecodeError as error:
        raise SuiteError(f"{path}: error: {error}") from None
