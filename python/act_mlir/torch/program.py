# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""One compiled program, called on torch's tensors."""

from __future__ import annotations

import ctypes
import threading
import weakref

import torch

from ..abi import ActError, Status, Tensor, dl_type
from ..compiler import compile as compile_text
from ..runtime import Model, _call


class Program(torch.nn.Module):
    """Compiled from an `ImportedGraph`; called with tensors in the order of its
    inputs, then with the extents of its carriers, then with its constants.
    `single`: it gives its one result itself, no list."""

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
        self.count = len(self.model.inputs) + len(self.model.constants)
        self.call = None

    def forward(self, *arguments):
        if len(arguments) != self.count:
            raise TypeError(f"{self.count} inputs, got {len(arguments)}")
        self.call = self.call or self.call_at(range(self.count))
        results = self.call(arguments)
        return results[0] if self.single else results

    def call_at(self, places):
        """A function of a sequence in which the arguments stand at `places`."""
        places = tuple(places)
        if self.model.constants:
            run = _Held(self.model, places).run
        else:
            run, _ = bind(self.model, places)
        back = [(i, tuple(sorted(range(len(order)), key=order.__getitem__)))
                for i, order in enumerate(self.orders) if order is not None]
        check = self.model._check

        def call(arguments) -> list[torch.Tensor]:
            results = run(arguments)
            if type(results) is int:
                check(results)
            for i, order in back:
                results[i] = results[i].permute(order)
            return results

        return call


class _Held:
    """A call of a model with constants: what is computed of them is held as long
    as they are the same. Modules that share one program have each their own."""

    def __init__(self, model: Model, places):
        self.unused, self.places = model, places
        self.constants = places[len(model.inputs):]
        # The last one used comes first.
        self.held: list[_Instance] = []
        self.first = lambda arguments: NotImplemented
        self.lock = threading.Lock()

    def run(self, arguments):
        results = self.first(arguments)
        if results is NotImplemented:
            with self.lock:
                results = self.search(arguments)
        return results

    def search(self, arguments):
        constants = [arguments[i] for i in self.constants]
        for instance in self.held:
            if instance.is_of(constants):
                break
        else:
            model, self.unused = self.unused or self.held[0].model.another(), None
            instance = _Instance(model, self.places, constants, weakref.WeakMethod(self.drop))
        self.held = [instance, *(other for other in self.held if other is not instance)]
        self.first = instance.call
        results = instance.call(arguments)
        return instance.hold(arguments) if results is NotImplemented else results

    def drop(self, instance):
        """A constant of an instance is gone."""
        if instance.call is self.first:
            self.first = lambda arguments: NotImplemented
        self.held = [other for other in self.held if other is not instance]
        if not self.held:
            self.unused = instance.model


class _Instance:
    """The constants of one module, and what is computed of them."""

    def __init__(self, model, places, constants, drop):
        self.model = model
        self.call, self.hold = bind(model, places)
        own = weakref.ref(self)

        def gone(_):
            instance, dropping = own(), drop()
            if instance is not None and dropping is not None:
                dropping(instance)

        self.constants = [weakref.ref(constant, gone) for constant in constants]

    def is_of(self, constants) -> bool:
        return all(held() is constant for held, constant in zip(self.constants, constants))


def bind(model, places):
    """The compiled calls of a model with torch's tensors, which stand at
    `places`: with the constants that are held, and one that takes them first."""
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
    infer, prepare = (ctypes.cast(function, ctypes.c_void_p).value for function in
                      (model._infer_shapes, model._model.contents.prepare))
    return _call.bind(torch.Tensor.__dlpack_c_exchange_api__, model._run_address, infer,
                      prepare, model._instance.value, len(model.inputs), places,
                      bytes(outputs)[:ctypes.sizeof(Tensor) * count], fixed)
