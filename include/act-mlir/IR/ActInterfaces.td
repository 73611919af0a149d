// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ACT_INTERFACES
#define ACT_INTERFACES

include "mlir/IR/OpBase.td"

def Act_ActivationOpInterface : OpInterface<"ActivationOpInterface"> {
  let cppNamespace = "::mlir::act";
  let description = [{
    An elementwise function that has a kernel: what fusion, folding, raising and
    expansion loop over, so that a new activation touches none of them.

    An operation of another dialect becomes one by an external model, which
    says what function it is. It must be Pure and ElementwiseMappable, and take
    scalars and vectors, since those are what it is vectorized to. Of an
    attribute `accuracy` it need not know.
  }];
  let methods = [
    InterfaceMethod<"The function whose kernel computes the operation.",
      "::mlir::act::numerics::Function", "getFunction">,
    InterfaceMethod<[{
        The function's parameters, as exact f64 values. The defaults are those
        of numerics::defaultParameters.
      }], "::llvm::SmallVector<double>", "getParameters", (ins), [{}], [{
        return ::mlir::act::detail::defaultParameters($_op.getFunction());
      }]>,
    InterfaceMethod<[{
        True where x <= y implies f(x) <= f(y). The default says nothing.
      }], "bool", "isMonotone", (ins), [{}], [{ return false; }]>,
    InterfaceMethod<[{
        True where f(-x) = -f(x). The default says nothing.
      }], "bool", "isOdd", (ins), [{}], [{ return false; }]>,
    InterfaceMethod<[{
        The bounds of the function on all numbers, before its rounding. A lower
        bound of +0 says that it is never -0. The default says nothing.
      }], "::mlir::act::FunctionRange", "getFunctionRange", (ins), [{}], [{
        return ::mlir::act::FunctionRange();
      }]>,
    InterfaceMethod<[{
        Builds the gradients for the operands that have one, from that of the
        result: `dy * f'(x)` each. None for an operation that is itself a
        gradient, for functions of `math` and for integers.
      }], "::llvm::SmallVector<::mlir::Value>", "buildGradients",
      (ins "::mlir::OpBuilder &":$b, "::mlir::Location":$loc,
           "::mlir::Value":$dy), [{}], [{
        return ::mlir::act::buildGradients($_op, b, loc, dy);
      }]>];
}

#endif // ACT_INTERFACES
