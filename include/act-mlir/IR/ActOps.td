// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ACT_OPS
#define ACT_OPS

include "act-mlir/IR/ActElementwiseOps.td"
include "act-mlir/IR/ActRowOps.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

def Act_KernelDoc : OpDocGroup {
  let summary = "Kernels";
  let description = "What fusion makes.";
}

def Act_KernelOp : Act_Op<"kernel", [
    IsolatedFromAbove, AttrSizedOperandSegments, SingleBlock,
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
    DestinationStyleOpInterface]> {
  let opDocGroup = Act_KernelDoc;
  let summary = "one kernel: the unit of decisions, clones and launches";
  let description = [{
    The body says what is computed, on tensors, and never how. Operands are
    tensors or, after bufferization, memrefs of the same shapes; the arguments
    of the body are tensors in both forms. What `act.yield` names last goes to
    the outs operands in order, and is the result where they are tensors.

    Constraints: C1. The body has an argument for each operand, of its type or,
    for a memref, a tensor of its element type and rank. C2. `act.yield` names
    one value for each outs operand, of its element type and rank.

    Example:

    ```mlir
    func.func @kernel(%x: tensor<4xf32>) -> tensor<4xf32> {
      %e = tensor.empty() : tensor<4xf32>
      %y = act.kernel ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) {
      ^bb0(%a: tensor<4xf32>, %o: tensor<4xf32>):
        %r = act.relu %a : tensor<4xf32>
        act.yield %r : tensor<4xf32>
      } -> tensor<4xf32>
      return %y : tensor<4xf32>
    }
    ```
  }];
  let arguments = (ins
      Variadic<AnyType>:$inputs,
      Variadic<AnyTypeOf<[AnyRankedTensor, AnyMemRef]>>:$outputs);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    (`ins` `(` $inputs^ `:` type($inputs) `)`)?
    `outs` `(` $outputs `:` type($outputs) `)` attr-dict-with-keyword $body
    (`->` type($results)^)?
  }];
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() {
      return getOutputsMutable();
    }
  }];
}

def Act_YieldOp : Act_Op<"yield", [Pure, Terminator,
                                   HasParent<"KernelOp">]> {
  let opDocGroup = Act_KernelDoc;
  let summary = "what a kernel computes";
  let description =
      "One value for each `outs` operand of the kernel, in order.";
  let arguments = (ins Variadic<AnyRankedTensor>:$values);
  let assemblyFormat = "attr-dict $values `:` type($values)";
}

#endif // ACT_OPS
