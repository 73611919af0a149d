// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ACT_ELEMENTWISE_PASSES
#define ACT_ELEMENTWISE_PASSES

include "mlir/Pass/PassBase.td"

def Raise : Pass<"act-raise", "::mlir::ModuleOp"> {
  let summary = "find activations in decomposed form";
  let description = [{
    Activations are found by what their operations compute, not by how they are
    spelled: before

    ```mlir
    %0 = arith.negf %x : tensor<?xf32>
    %1 = math.exp %0 : tensor<?xf32>
    %2 = arith.addf %1, %one : tensor<?xf32>
    %3 = arith.divf %x, %2 : tensor<?xf32>
    ```

    and after

    ```mlir
    %3 = act.silu %x : tensor<?xf32>
    ```

    A candidate computes one value from another by at most `max-ops` operations
    of `arith`, `math` and `act` and constants, on tensors and in the bodies of
    `linalg` operations that only map. It is evaluated in f64, without rounding
    in between, at every finite bf16 number, beside each constant, and at f32
    numbers in between, and compared with each activation, whose parameters
    follow from values and constants. They must agree within what the rounding
    of the candidate's constants to their types explains.

    `linalg.softmax`, softmax and log_softmax as reductions, and `tosa.sigmoid`,
    `tosa.tanh`, `tosa.erf` and `tosa.clamp` become operations of `act` and
    `math` as well.

    The named function is the real-valued one, so that values may change where
    the decomposed form overflowed, cancelled, or dropped NaN. Each find is a
    remark that says which special values change, and the largest relative
    difference elsewhere. An activation of which a costly part has other uses
    stays as it is, and that is a remark too.
  }];
  let options = [
    Option<"maxOps", "max-ops", "unsigned", /*default=*/"128",
           "the most operations that one activation may consist of">];
  let statistics = [
    Statistic<"numRaised", "raised", "activations found">];
  let dependentDialects = ["::mlir::act::ActDialect",
                           "::mlir::math::MathDialect"];
}

def StampAccuracy : Pass<"act-stamp-accuracy"> {
  let summary = "write the accuracy on every operation";
  let description = [{
    Operations of `act` and `math` that have a kernel and carry no accuracy get
    the one that is given, so that everything behind, folds included, takes the
    kernel that it names: before

    ```mlir
    %1 = act.gelu %0 : tensor<4xf32>
    ```

    and after

    ```mlir
    %1 = act.gelu %0 {accuracy = #act.accuracy<precise>} : tensor<4xf32>
    ```
  }];
  let options = [
    Option<"accuracy", "accuracy", "std::string", /*default=*/"\"precise\"",
           "highest, precise, fast or a bound in ULP">];
  let dependentDialects = ["::mlir::act::ActDialect"];
}

def RoundOnce : Pass<"act-round-once"> {
  let summary = "round a kernel's elementwise work once, at its end";
  let description = [{
    In each `linalg.generic` of an `act.kernel` that only maps, and in which
    more than one operation rounds, floats of up to 32 bits are widened to f64
    where they come in, computed in f64, and rounded where they leave:

    ```mlir
    ^bb0(%a: f32, %b: f32, %o: f32):
      %0 = arith.mulf %a, %b : f32
      %1 = act.silu %0 : f32
      linalg.yield %1 : f32
    ```

    becomes

    ```mlir
    ^bb0(%a: f32, %b: f32, %o: f32):
      %0 = arith.extf %a : f32 to f64
      %1 = arith.extf %b : f32 to f64
      %2 = arith.mulf %0, %1 : f64
      %3 = act.silu %2 {act.core} : f64
      %4 = arith.truncf %3 : f64 to f32
      linalg.yield %4 : f32
    ```

    Conversions between floats inside are no roundings either. `act.core` asks
    for the kernel that is correct to 2^-35, far below the last place of f32;
    functions whose tails it gives up, which a later factor may bring back, are
    computed on pairs. Reductions and contractions stay as they are.
  }];
  let dependentDialects = ["::mlir::act::ActDialect",
                           "::mlir::arith::ArithDialect"];
}

#endif // ACT_ELEMENTWISE_PASSES
