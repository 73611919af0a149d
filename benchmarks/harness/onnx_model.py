# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The ONNX model of a cell, for us, onnxruntime and OpenVINO alike."""

from __future__ import annotations

import numpy as np
import onnx
import onnx.parser
from onnx import TensorProto, helper

_NAMES = {"f32": "float", "f16": "float16", "bf16": "bfloat16"}
_TYPES = {"f32": TensorProto.FLOAT, "f16": TensorProto.FLOAT16, "bf16": TensorProto.BFLOAT16}


def build(cell, weights: dict[str, np.ndarray]) -> onnx.ModelProto:
    op, name = cell.operation, _NAMES[cell.dtype]

    def typed(argument, extents):
        return f"{name}[{', '.join(map(str, extents))}] {argument}"

    inputs = ", ".join(typed(k, v) for k, v in cell.inputs().items())
    model = onnx.parser.parse_model(
        f'<ir_version: 10, opset_import: ["" : 23]>\n'
        f"{op.name} ({inputs}) => ({typed('y', cell.output())}) {{ {op.onnx} }}")
    initializers = model.graph.initializer
    for key, array in weights.items():
        initializers.append(helper.make_tensor(key, _TYPES[cell.dtype], array.shape,
                                               array.tobytes(), raw=True))
    for key, value in op.constants.items():
        initializers.append(helper.make_tensor(key, _TYPES[cell.dtype], [], [value]))
    for key, values in op.integers.items():
        initializers.append(helper.make_tensor(key, TensorProto.INT64, [len(values)], values))
    return model
