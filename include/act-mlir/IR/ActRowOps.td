// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ACT_ROW_OPS
#define ACT_ROW_OPS

include "act-mlir/IR/ActElementwiseOps.td"
include "mlir/Dialect/Linalg/IR/LinalgInterfaces.td"
include "mlir/Interfaces/TilingInterface.td"

def Act_RowDoc : OpDocGroup {
  let summary = "Row operations";
  let description = "Functions of what lies along one dimension of a tensor.";
}

def Act_RowTensor : RankedTensorOf<[Act_Float]>;

// An operation over the rows of a tensor: what lies along `dimension`.
class Act_RowOp<string mnemonic, list<Trait> traits = []>
    : Act_Op<mnemonic, [Pure, Act_NamedAttributes,
        DeclareOpInterfaceMethods<ArithFastMathInterface>,
        DeclareOpInterfaceMethods<AggregatedOpInterface,
                                  ["decomposeOperation"]>,
        DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface,
                                  ["reifyResultShapes"]>,
        DeclareOpInterfaceMethods<TilingInterface,
            ["getLoopIteratorTypes", "getIterationDomain",
             "getTiledImplementation", "getResultTilePosition",
             "generateResultTileValue"]>] # traits> {
  let opDocGroup = Act_RowDoc;
  let results = (outs Act_RowTensor:$result);
  let hasVerifier = 1;
}

// A row operation whose result has its operands' type.
class Act_RowMapOp<string mnemonic>
    : Act_RowOp<mnemonic, [SameOperandsAndResultType]>;

// What row operations of one operand, and gradients, have.
defvar Act_RowArguments = (ins Act_RowTensor:$x, I64Attr:$dimension);
defvar Act_RowGradArguments = (ins Act_RowTensor:$dy, Act_RowTensor:$y,
                               I64Attr:$dimension);

// A row operation whose result's type follows from its operands. The verifier
// says where it does not, once: inference has no second word in it.
class Act_RowInferOp<string mnemonic>
    : Act_RowOp<mnemonic, [DeclareOpInterfaceMethods<InferTypeOpInterface,
                                                     ["refineReturnTypes"]>]> {
  let extraClassDefinition = [{
    ::llvm::LogicalResult $cppClass::refineReturnTypes(
        ::mlir::MLIRContext *, std::optional<::mlir::Location>,
        ::mlir::ValueRange, ::mlir::DictionaryAttr, ::mlir::OpaqueProperties,
        ::mlir::RegionRange, ::llvm::SmallVectorImpl<::mlir::Type> &) {
      return ::mlir::success();
    }
  }];
}

class Act_RowFormat<string operands, string types> {
  string format = operands # [{ `dimension` `(` $dimension `)`
    `` custom<Attributes>(attr-dict) `:` }] # types;
}

def Act_SoftmaxOp : Act_RowMapOp<"softmax"> {
  let summary = "softmax over one dimension";
  let description = [{
    Formula: exp(x - max) / sum exp(x - max).

    Special values: a row with NaN or +inf is all NaN; a row of -inf is NaN, or
    0 with `masked_row = zero`, which is what attention wants of a row that is
    masked altogether.

    Gradient: `act.softmax_grad`.

    Constraints: C1. 0 <= `dimension` < rank.

    Elsewhere: torch softmax (softmin is softmax of -x, softmax2d is dimension
    1 of four), ONNX Softmax, jax softmax, Keras softmax.

    Example:

    ```mlir
    %y = act.softmax %x dimension(1) : tensor<4x?xf32>
    %z = act.softmax %x dimension(0) {masked_row = zero} : tensor<4x?xf32>
    ```
  }];
  let arguments = !con(Act_RowArguments,
    (ins DefaultValuedAttr<Act_MaskedRowAttr, "::mlir::act::MaskedRow::Nan">
         :$masked_row), Act_CommonAttributes);
  let assemblyFormat = Act_RowFormat<"$x", "type($x)">.format;
}

def Act_LogSoftmaxOp : Act_RowMapOp<"log_softmax"> {
  let summary = "logarithm of softmax";
  let description = [{
    Formula: x - max - log sum exp(x - max); the sum leaves out the maximum and
    enters by log1p, so that a result next to 0 keeps its digits.

    Special values: a row with NaN or +inf is all NaN, and so is a row of -inf.

    Gradient: `act.log_softmax_grad`.

    Constraints: C1. 0 <= `dimension` < rank.

    Elsewhere: torch log_softmax, ONNX LogSoftmax, jax log_softmax, Keras
    log_softmax.

    Example:

    ```mlir
    %y = act.log_softmax %x dimension(1) : tensor<4x?xf32>
    ```
  }];
  let arguments = !con(Act_RowArguments, Act_CommonAttributes);
  let assemblyFormat = Act_RowFormat<"$x", "type($x)">.format;
}

def Act_LogSumExpOp : Act_RowInferOp<"logsumexp"> {
  let summary = "logarithm of a sum of exponentials";
  let description = [{
    Formula: max + log sum exp(x - max); `dimension` is reduced.

    Special values: a row with NaN is NaN, else a row with +inf is +inf; a row
    of -inf and a row of length 0 are -inf.

    Gradient: dy softmax(x).

    Constraints: C1. 0 <= `dimension` < rank. C2. The result is the operand
    without `dimension`.

    Elsewhere: torch logsumexp, ONNX ReduceLogSumExp, jax logsumexp.

    Example:

    ```mlir
    %y = act.logsumexp %x dimension(1) : tensor<4x?xf32> -> tensor<4xf32>
    ```
  }];
  let arguments = !con(Act_RowArguments, Act_CommonAttributes);
  let assemblyFormat =
      Act_RowFormat<"$x", "type($x) `->` type($result)">.format;
}

def Act_HardmaxOp : Act_RowMapOp<"hardmax"> {
  let summary = "one at the first maximum of a row";
  let description = [{
    Formula: 1 at the first maximum, else 0.

    Special values: a row with NaN is all NaN. Infinities compare as numbers:
    a row of -inf has its maximum at the start; -0 and +0 are equal.

    Gradient: 0 almost everywhere; there is no operation for it.

    Constraints: C1. 0 <= `dimension` < rank.

    Elsewhere: ONNX Hardmax (before opset 13 over flattened axes).

    Example:

    ```mlir
    %y = act.hardmax %x dimension(1) : tensor<4x?xf32>
    ```
  }];
  let arguments = !con(Act_RowArguments, Act_CommonAttributes);
  let assemblyFormat = Act_RowFormat<"$x", "type($x)">.format;
}

def Act_SoftmaxGradOp : Act_RowMapOp<"softmax_grad"> {
  let summary = "gradient of act.softmax";
  let description = [{
    Formula: y (dy - sum dy y), where y is what `act.softmax` returned.

    Special values: by the formula; a row of y that is 0 (`masked_row = zero`)
    gives 0 where dy is finite.

    Gradient: none.

    Constraints: C1. 0 <= `dimension` < rank.

    Elsewhere: torch _softmax_backward_data.

    Example:

    ```mlir
    %dx = act.softmax_grad %dy, %y dimension(1) : tensor<4x?xf32>
    ```
  }];
  let arguments = !con(Act_RowGradArguments, Act_CommonAttributes);
  let assemblyFormat = Act_RowFormat<"$dy `,` $y", "type($y)">.format;
}

def Act_LogSoftmaxGradOp : Act_RowMapOp<"log_softmax_grad"> {
  let summary = "gradient of act.log_softmax";
  let description = [{
    Formula: dy - exp(y) sum dy, where y is what `act.log_softmax` returned.

    Special values: by the formula.

    Gradient: none.

    Constraints: C1. 0 <= `dimension` < rank.

    Elsewhere: torch _log_softmax_backward_data.

    Example:

    ```mlir
    %dx = act.log_softmax_grad %dy, %y dimension(1) : tensor<4x?xf32>
    ```
  }];
  let arguments = !con(Act_RowGradArguments, Act_CommonAttributes);
  let assemblyFormat = Act_RowFormat<"$dy `,` $y", "type($y)">.format;
}

//===----------------------------------------------------------------------===//
// Gated linear units
//===----------------------------------------------------------------------===//

defvar Act_GluAttributes = !con((ins Act_FnAttr:$activation,
    DefaultValuedAttr<Act_GluLayoutAttr, "::mlir::act::GluLayout::Halves">
        :$layout,
    OptionalAttr<Act_GluGateAttr>:$gate, OptionalAttr<F64Attr>:$limit,
    DefaultValuedAttr<F64Attr, "0.0">:$offset), Act_CommonAttributes);

def Act_GluOp : Act_RowInferOp<"glu"> {
  let summary = "gated linear unit";
  let description = [{
    Formula: f(gate) (value + offset), rounded once. One packed operand holds
    gate and value along `dimension`: in its halves, or with
    `layout = interleaved` in turn; `gate` says which of the two gates, and has
    no default, since systems differ (torch's glu gates with the second half,
    Llama packs the gate first). Of two operands the first is the gate. With
    `limit` the gate is limited to at most it, the value to +-limit.

    Special values: by the formula, of f's own value; 0 inf is NaN.

    Gradient: `act.glu_grad`.

    Constraints: C1. A packed operand needs `dimension`, 0 <= `dimension` <
    rank, and `gate`. C2. Its extent along `dimension` is even. C3. Two
    operands have one type, and neither `dimension`, `gate` nor
    `layout = interleaved`. C4. `limit` is positive. C5. `activation` is an
    operation of one operand with parameters that it allows.

    Elsewhere: torch glu (sigmoid, second), SwiGLU (silu), GEGLU (gelu), ReGLU
    (relu) idioms, ONNX SwiGLU, jax glu, Keras glu; clamped SwiGLU is
    `activation = #act.fn<silu, beta = 1.702>, limit = 7.0, offset = 1.0`.

    Example:

    ```mlir
    %y = act.glu %x dimension(1) {activation = #act.fn<sigmoid>, gate = second}
        : tensor<4x8xf32> -> tensor<4x4xf32>
    %z = act.glu %a, %b {activation = #act.fn<silu, beta = 1.702>}
        : tensor<4x?xf32>, tensor<4x?xf32> -> tensor<4x?xf32>
    ```
  }];
  let arguments = !con(
      (ins Act_RowTensor:$x, Optional<Act_RowTensor>:$value,
           OptionalAttr<I64Attr>:$dimension), Act_GluAttributes);
  let assemblyFormat = [{
    $x (`,` $value^)? (`dimension` `(` $dimension^ `)`)?
    `` custom<Attributes>(attr-dict) `:` type($x) (`,` type($value)^)?
    `->` type($result)
  }];
}

def Act_GluGradOp : Act_RowOp<"glu_grad", [AllTypesMatch<["x", "result"]>]> {
  let summary = "gradient of act.glu for its packed operand";
  let description = [{
    Formula: dy f(gate) where the value stands, dy (value + offset) f'(gate)
    where the gate stands, each rounded once; 0 where `limit` cuts, and 1 times
    it at the limit itself.

    Special values: by the formula; 0 inf is NaN.

    Gradient: none.

    Constraints: C1. 0 <= `dimension` < rank. C2. x has an even extent along
    `dimension`, dy half of it. C3. `gate` is there. C4. `limit` is positive.

    Elsewhere: torch glu_backward.

    Example:

    ```mlir
    %dx = act.glu_grad %dy, %x dimension(1)
        {activation = #act.fn<silu>, gate = first}
        : tensor<4x4xf32>, tensor<4x8xf32>
    ```
  }];
  let arguments = !con((ins Act_RowTensor:$dy, Act_RowTensor:$x,
                            I64Attr:$dimension), Act_GluAttributes);
  let assemblyFormat = Act_RowFormat<"$dy `,` $x", "type($dy) `,` type($x)">
      .format;
}

#endif // ACT_ROW_OPS
