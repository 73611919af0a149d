# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Functions of jax, compiled.

>>> import jax.numpy as jnp
>>> import act_mlir.jax
>>> x = jnp.linspace(-3, 3, 8)
>>> silu = act_mlir.jax.compile(lambda x: x / (1 + jnp.exp(-x)), x)
>>> bool(jnp.allclose(silu(x), x / (1 + jnp.exp(-x)), atol=1e-6))
True
"""

from __future__ import annotations

import jax
import numpy as np

from .abi import numpy_type
from .compiler import CompileError
from .compiler import compile as _compile
from .frontends.stablehlo import ImportFailure, import_module
from .runtime import Model

__all__ = ["Function", "compile"]


class Function:
    """A compiled function of jax: called as the function is, with arrays of the
    shapes that it was compiled for.

    `model` is what `act_mlir.compile` gives; `text` is its program.
    """

    def __init__(self, model: Model, text: str, in_tree, out_tree, kept):
        self.model, self.text = model, text
        self._in_tree, self._out_tree, self._kept = in_tree, out_tree, kept
        self._types = [numpy_type(i["dtype"]) for i in model.inputs]

    def __repr__(self):
        return repr(self.model).replace("act_mlir.Model", "act_mlir.jax.Function")

    def __call__(self, *args, **kwargs):
        leaves, tree = jax.tree.flatten((args, kwargs))
        if tree != self._in_tree:
            raise TypeError(f"arguments have the structure {tree}, expected {self._in_tree}")
        arrays = [_host_array(leaves[i], dtype) for i, dtype in zip(self._kept, self._types)]
        results = self.model(*arrays)
        if len(self.model.outputs) == 1:
            results = (results,)
        return jax.tree.unflatten(self._out_tree, [_jax_array(r) for r in results])


def compile(fn, *specs, target: str | None = None, accuracy=None, threads: int = 0, cache=True,
            options=(), **named_specs) -> Function:
    """Compiles a function of jax for arguments like `specs`.

    `specs` and `named_specs` are what `fn` is called with: arrays,
    `jax.ShapeDtypeStruct`s, or trees of them; without any, `fn` is what jax
    has lowered or exported (`jax.jit(f).lower(x)`, `jax.export.export(...)`),
    the latter with symbolic extents too. The other arguments are those of
    `act_mlir.compile`. Raises `CompileError`, which names the lines of
    operations that are not supported.
    """
    text, in_tree, out_tree, kept = lowered(fn, specs, named_specs)
    try:
        imported = import_module(text, getattr(fn, "__name__", "program"))
    except ImportFailure as failure:
        raise CompileError(str(failure)) from None
    model = _compile(imported.text, target=target, accuracy=accuracy, threads=threads,
                     cache=cache, options=options)
    return Function(model, imported.text, in_tree, out_tree, kept)


def lowered(fn, specs=(), named=None):
    """Text of StableHLO, structure of arguments and results, and which leaves
    of the arguments the text's function takes."""
    if isinstance(fn, jax.export.Exported):
        return (fn.mlir_module(), fn.in_tree, fn.out_tree, list(fn.module_kept_var_idx))
    if isinstance(fn, jax.stages.Lowered):
        stage = fn
    else:
        stage = jax.jit(fn, keep_unused=True).lower(*specs, **(named or {}))
    kept = stage._lowering.compile_args.get("kept_var_idx", range(stage.in_tree.num_leaves))
    return stage.as_text(debug_info=True), stage.in_tree, stage.out_tree, sorted(kept)


def _host_array(leaf, dtype) -> np.ndarray:
    """What an array of jax on the CPU holds, without a copy."""
    if isinstance(leaf, jax.core.Tracer):
        raise TypeError("a compiled function takes arrays: it cannot be called while jax "
                        "traces another one")
    if isinstance(leaf, (bool, int, float)):
        return np.asarray(leaf, dtype)
    return np.asarray(leaf)


def _jax_array(array: np.ndarray):
    """An array of jax that shares memory where jax can."""
    try:
        return jax.dlpack.from_dlpack(array, copy=None)
    except (TypeError, ValueError, BufferError, RuntimeError):
        return jax.numpy.asarray(array)  # of a type that DLPack lacks
