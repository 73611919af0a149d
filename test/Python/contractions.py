# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Kernels of matrix products as text, with a reference in f64."""

import numpy as np

TYPES = {"f32": np.float32, "f64": np.float64}


def tensor(shape, dtype="f32"):
    return f"tensor<{''.join(f'{d}x' for d in shape)}{dtype}>"


def constant(array, dtype="f32"):
    data = array.astype(TYPES[dtype]).tobytes().hex().upper()
    return f'dense<"0x{data}"> : {tensor(array.shape, dtype)}'


def text(m, k, n, weights=None, epilogue="", transposed=False, dtype="f32"):
    """x w, then an epilogue on %t (a sum) and %b (a bias), as one kernel. `m`
    may be "?"; weights are a constant or, without, the second argument."""
    x, y, bias = tensor((m, k), dtype), tensor((m, n), dtype), tensor((n,), dtype)
    w = tensor((n, k) if transposed else (k, n), dtype)
    size = "%n" if m == "?" else ""
    dim = f"%n = tensor.dim %x, %c0 : {x}" if m == "?" else ""
    inner = f"%n2 = tensor.dim %a, %i0 : {x}" if m == "?" else ""
    maps = ("indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>,"
            " affine_map<(m, n, k) -> (m, n)>]") if transposed else ""
    argument = "" if weights is not None else f", %w: {w}"
    const = f"%w = arith.constant {constant(weights, dtype)}" if weights is not None else ""
    return f"""
func.func @f(%x: {x}, %bias: {bias}{argument}) -> {y} {{
  %c0 = arith.constant 0 : index
  {const}
  {dim}
  %e = tensor.empty({size}) : {y}
  %y = act.kernel ins(%x, %w, %bias : {x}, {w}, {bias}) outs(%e : {y}) {{
  ^bb0(%a: {x}, %c: {w}, %v: {bias}, %o: {y}):
    %i0 = arith.constant 0 : index
    %z = arith.constant 0.0 : {dtype}
    {inner}
    %e2 = tensor.empty({"%n2" if m == "?" else ""}) : {y}
    %i = linalg.fill ins(%z : {dtype}) outs(%e2 : {y}) -> {y}
    %p = linalg.matmul {maps} ins(%a, %c : {x}, {w}) outs(%i : {y}) -> {y}
    %g = linalg.generic {{indexing_maps = [affine_map<(i, j) -> (i, j)>,
        affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i, j)>],
        iterator_types = ["parallel", "parallel"]}}
        ins(%p, %v : {y}, {bias}) outs(%o : {y}) {{
    ^bb1(%t: {dtype}, %b: {dtype}, %u: {dtype}):
      %s = arith.addf %t, %b : {dtype}
      {epilogue or f"linalg.yield %s : {dtype}"}
    }} -> {y}
    act.yield %g : {y}
  }} -> {y}
  return %y : {y}
}}
"""


GELU = """%h = act.gelu %s : f32
      linalg.yield %h : f32"""
RELU = """%h = act.relu %s : f32
      linalg.yield %h : f32"""


def reference(x, w, bias, epilogue=""):
    import math
    y = x.astype("f8") @ w.astype("f8") + bias.astype("f8")
    if epilogue == RELU:
        return np.maximum(y, 0)
    if epilogue == GELU:
        return y * 0.5 * (1 + np.vectorize(math.erf)(y / math.sqrt(2)))
    return y
