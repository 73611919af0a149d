# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""act-mlir from Python: compile models, load and run compiled ones.

    import act_mlir
    model = act_mlir.compile("model.onnx")     # or load("model.so")
    y = model(x)                               # NumPy arrays in and out
    act_mlir.plot("gelu").savefig("gelu.png")  # values, gradient, errors
"""

from .abi import ActError, Status
from .compiler import CompileError, compile
from .plotting import plot
from .runtime import Model, load

__all__ = ["ActError", "CompileError", "Model", "Status", "compile", "load",
           "plot"]
