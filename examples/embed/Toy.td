// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TOY
#define TOY

include "mlir/IR/OpBase.td"
include "mlir/IR/BuiltinAttributes.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Toy_Dialect : Dialect {
  let name = "toy";
  let cppNamespace = "::toy";
}

class Toy_Op<string mnemonic, list<Trait> traits = []>
    : Op<Toy_Dialect, mnemonic, [Pure] # traits>;

def Toy_Matrix : 2DTensorOf<[AnyFloat]>;

def Toy_DenseOp : Toy_Op<"dense"> {
  let summary = "x w + b";
  let arguments = (ins Toy_Matrix:$x, Toy_Matrix:$w, 1DTensorOf<[AnyFloat]>:$b);
  let results = (outs Toy_Matrix:$y);
  let assemblyFormat =
      "$x `,` $w `,` $b attr-dict `:` functional-type(operands, results)";
}

def Toy_NormalizeOp : Toy_Op<"normalize", [SameOperandsAndResultType]> {
  let summary = "rows to probabilities";
  let arguments = (ins Toy_Matrix:$x);
  let results = (outs Toy_Matrix:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}

// What act-mlir needs of an activation: no effects, elementwise, and scalars
// and vectors beside tensors, since those are what it becomes.
def Toy_FlickOp : Toy_Op<"flick", [SameOperandsAndResultType]
                                  # ElementwiseMappable.traits> {
  let summary = "x / (1 + exp(-sharpness x))";
  let arguments = (ins FloatLike:$x,
                       DefaultValuedAttr<F64Attr, "1.702">:$sharpness);
  let results = (outs FloatLike:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}

#endif // TOY
