# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Small ONNX models for the tests, and what onnxruntime makes of them."""

import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper

import act_mlir
from act_mlir.frontends.onnx import import_model

OPSET = 20


def info(name, array_type, dims):
    return helper.make_tensor_value_info(
        name, helper.np_dtype_to_tensor_dtype(np.dtype(array_type)), dims)


class Graph:
    """Nodes that are added one by one; every node's results are outputs."""

    def __init__(self, opset=OPSET, **inputs):
        """Inputs are name = (dtype, dims)."""
        self.opset = opset
        self.inputs = [info(name, *kind) for name, kind in inputs.items()]
        self.nodes, self.constants, self.outputs = [], [], []

    def constant(self, value, dtype=None) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(value, dtype), name))
        return name

    def add(self, op, *inputs, outputs=1, hidden=False, **attributes):
        """Operands are names, arrays or lists (constants), or None."""
        names = [self.constant(i) if isinstance(i, (list, np.ndarray)) else i or ""
                 for i in inputs]
        found = [f"{op.lower()}{len(self.nodes)}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(op, names, found, found[0], **attributes))
        if not hidden:
            self.outputs += found
        return found[0] if outputs == 1 else found

    def model(self):
        graph = helper.make_graph(
            self.nodes, "main", self.inputs,
            [onnx.ValueInfoProto(name=name) for name in self.outputs], self.constants)
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", self.opset)], ir_version=10)
        inferred = onnx.shape_inference.infer_shapes(model)
        kinds = {v.name: v for v in inferred.graph.value_info}
        kinds |= {v.name: v for v in inferred.graph.output}
        del model.graph.output[:]
        model.graph.output.extend(kinds[name] for name in self.outputs)
        return model

    def run(self, *arrays, inline=True):
        """Names of results to what the compiled model gives."""
        compiled = act_mlir.compile(import_model(self.model(), inline_weights=inline).text)
        results = compiled(*arrays)
        if len(self.outputs) == 1:
            results = (results,)
        return dict(zip(self.outputs, results))

    def check(self, *arrays, rtol=1e-5, atol=1e-6):
        """Compares every node's results with onnxruntime's."""
        session = onnxruntime.InferenceSession(self.model().SerializeToString())
        names = [i.name for i in session.get_inputs()]
        expected = session.run(self.outputs, dict(zip(names, arrays)))
        found = self.run(*arrays)
        for name, value in zip(self.outputs, expected):
            assert found[name].dtype == value.dtype, name
            assert found[name].shape == value.shape, name
            np.testing.assert_allclose(found[name], value, rtol, atol, err_msg=name)


def numbers(*shape, low=-4.0, high=4.0, seed=0, dtype="f4"):
    rng = np.random.default_rng(seed)
    return rng.uniform(low, high, shape).astype(dtype)
