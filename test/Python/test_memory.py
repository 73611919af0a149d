# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What compiling weights costs: memory for two copies of them, not more."""

import json

import numpy as np

from act_mlir.compiler import find_tool
from harness.compile_time import run_tool

PROGRAM = """
func.func @main(%x: tensor<4xNxf32>) -> tensor<4xNxf32> {
  %w = arith.constant dense_resource<w> : tensor<NxNxf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4xNxf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<4xNxf32>) -> tensor<4xNxf32>
  %y = linalg.matmul ins(%x, %w : tensor<4xNxf32>, tensor<NxNxf32>)
      outs(%i : tensor<4xNxf32>) -> tensor<4xNxf32>
  return %y : tensor<4xNxf32>
}
"""


def peak_mib(folder, n):
    (folder / "m.mlir").write_text(PROGRAM.replace("N", str(n)))
    np.arange(n * n, dtype=np.float32).tofile(folder / "w.bin")
    (folder / "m.weights.json").write_text(
        json.dumps({"w": {"file": "w.bin", "offset": 0, "length": 4 * n * n}}))
    row = run_tool([find_tool("act-compile"), folder / "m.mlir", "-o", folder / "m.so",
                    "--march=x86-64-v3"], 60)
    assert "failed" not in row, row
    return row["peak_mib"]


def test_weights_are_held_twice_at_most(tmp_path):
    small, large = peak_mib(tmp_path, 64), peak_mib(tmp_path, 4096)
    assert large - small < 2.3 * 64
