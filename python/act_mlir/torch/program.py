# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""One compiled program, called on torch's tensors."""

from __future__ import annotations

import ctypes

import torch

from ..abi import ActError, Status, Tensor, dl_type
from ..compiler import compile as compile_text
from ..runtime import _call


class Program(torch.nn.Module):
    """Compiled from an `ImportedGraph`; called with tensors in the order of its
    inputs, then with the extents of its carriers. `single`: it gives its one
    result itself, no list."""

    def __init__(self, imported, options, single=False):
        super().__init__()
        if _call is None:
            raise ActError(Status.UNSUPPORTED,
                           "the package was built without Python's headers, which calls "
                           "from torch need")
        self.text, self.orders = imported.text, imported.orders
        self.single = single
        self.model = compile_text(imported.text, accuracy=options.get("accuracy"),
                                  threads=options.get("threads", 0))
        self.bound = bind(self.model)
        self.back = [(i, tuple(sorted(range(len(order)), key=order.__getitem__)))
                for i, order in enumerate(self.orders) if order is not None]

    def forward(self, *arguments):
        results = self.call(arguments)
        return results[0] if self.single else results

    def call(self, arguments) -> list[torch.Tensor]:
        results = self.bound(arguments)
        if type(results) is int:
            self.model._check(results)
        for i, order in self.back:
            results[i] = results[i].permute(order)
        return results


def bind(model):
    """The compiled call of a model with torch's tensors."""
    outputs = (Tensor * max(len(model.outputs), 1))()
    keep, fixed = [], True
    for tensor, output, dtype in zip(outputs, model.outputs, model._result_types):
        shape = [0 if isinstance(d, str) else d for d in output["shape"]]
        fixed = fixed and not any(isinstance(d, str) for d in output["shape"])
        extents = (ctypes.c_int64 * max(len(shape), 1))(*shape)
        keep.append(extents)
        tensor.ndim, tensor.dtype, tensor.shape = len(shape), dl_type(dtype), extents
        tensor.device.type = 1
    count = len(model.outputs)
    infer = ctypes.cast(model._infer_shapes, ctypes.c_void_p).value
    return _call.bind(torch.Tensor.__dlpack_c_exchange_api__, model._run_address, infer,
                      model._instance.value, len(model.inputs),
                      bytes(outputs)[:ctypes.sizeof(Tensor) * count], fixed)
