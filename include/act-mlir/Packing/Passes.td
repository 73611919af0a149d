// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ACT_PACKING_PASSES
#define ACT_PACKING_PASSES

include "mlir/Pass/PassBase.td"

def ChannelsLast : Pass<"act-channels-last", "::mlir::func::FuncOp"> {
  let summary = "images between kernels with their channels side by side";
  let description = [{
    Convolutions with constant filters make and read images in the order of
    memory that suits them, where nothing outside sees it: the dimension of the
    channels becomes the last one. Before

    ```mlir
    %y = act.kernel ins(%x, %f : tensor<1x3x9x9xf32>, tensor<64x3x3x3xf32>)
                    outs(%e : tensor<1x64x7x7xf32>)
    ```

    and after

    ```mlir
    %y = act.kernel ins(%x, %f : tensor<1x3x9x9xf32>, tensor<64x3x3x3xf32>)
                    outs(%e : tensor<1x7x7x64xf32>)
    ```

    The loops inside a kernel stay as they are, and with them the order of its
    sums: what it reads and writes gets another indexing map. Images that maps,
    pooling, padding or concatenation connect move together, if more
    convolutions make or read them than copies are needed, one for each image
    that comes from outside or goes there. What is made for a padding gets a gap
    of a line behind its channels where these are a multiple of 1024 bytes.
  }];
  let statistics = [
    Statistic<"numMoved", "moved", "images with channels last">];
  let dependentDialects = ["::mlir::act::ActDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
}

def PackWeights : Pass<"act-pack-weights"> {
  let summary = "lay out constant operands of contractions in panels";
  let description = [{
    A constant that only contractions inside kernels read (matrix products,
    convolutions) gets the order in which a register tile reads it: panels of
    32 columns (16, if there are no more), the reduced loops in the order of the
    sum, the columns of a panel side by side, zeros where there are none. Before

    ```mlir
    ins(%x, %w : tensor<?x64xf32>, tensor<64x40xf32>)
    indexing_maps = [(m, n, k) -> (m, k), (m, n, k) -> (k, n), ...]
    ```

    and after

    ```mlir
    ins(%x, %p : tensor<?x64xf32>, tensor<2x64x32xf32>)
    indexing_maps = [(m, n, k) -> (m, k),
                     (m, n, k) -> (n floordiv 32, k, n mod 32), ...]
    ```

    The layout does not depend on the width of vectors: all levels of a library
    share it, and the constant as it was is gone. One that is read in another
    form too stays. With `bf16-pairs`, weights of bf16 that meet bf16 have two
    steps of the sum side by side, for instructions that multiply both:

    ```mlir
    indexing_maps = [(m, n, k) -> (m, k),
                     (m, n, k) -> (n floordiv 32, k floordiv 2, n mod 32,
                                   k mod 2), ...]
    ```
  }];
  let options = [
    Option<"bf16Pairs", "bf16-pairs", "bool", /*default=*/"false",
           "two steps of a sum of products of bf16 side by side">];
  let statistics = [
    Statistic<"numPacked", "packed", "constants laid out in panels">];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect"];
}

def PackOperands : Pass<"act-pack-operands", "::mlir::func::FuncOp"> {
  let summary = "copy operands of contractions into panels at run time";
  let description = [{
    Where a contraction would read an operand across its memory, or reads one of
    more than 32 KiB for 16 rows or more, a kernel of its own lays it out in
    panels first, in the form of `act-pack-weights`:

    ```mlir
    %p = act.kernel ins(%w : tensor<1024x512xf32>)
                    outs(%e : tensor<16x1024x32xf32>) {...}
    %y = act.kernel ins(%x, %p : tensor<64x1024xf32>, tensor<16x1024x32xf32>)
    ```

    The copy is part of the workspace; constant arguments (`act.constant`), for
    which act-outline-constants makes it once, are copied for any number of
    rows. Other 16-bit operands whose products are f32
    are widened on the way, and those that are read element by element before.
  }];
  let statistics = [
    Statistic<"numPacked", "packed", "operands copied into panels">];
  let dependentDialects = ["::mlir::act::ActDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
}

#endif // ACT_PACKING_PASSES
