# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""PyTorch: `torch.compile(model, backend="act")`, and export ahead of time.

    model = torch.compile(model, backend="act")            # no import needed
    model = torch.compile(model, backend="act", options={"accuracy": "fast"})
    act_mlir.torch.explain()                                # what compiled, what not
"""

from torch._dynamo import register_backend
from torch._dynamo.backends.registry import _BACKENDS

from .backend import act
from .exporting import export
from .report import Graph, counters, explain, graphs, reset

__all__ = ["Graph", "act", "counters", "explain", "export", "graphs", "reset"]

if _BACKENDS.get("act") is None:
    register_backend(act, name="act")
