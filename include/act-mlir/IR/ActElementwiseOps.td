// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ACT_ELEMENTWISE_OPS
#define ACT_ELEMENTWISE_OPS

include "act-mlir/IR/ActAttributes.td"
include "act-mlir/IR/ActInterfaces.td"
include "mlir/Dialect/Arith/IR/ArithBase.td"
include "mlir/Dialect/Arith/IR/ArithOpsInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Act_Float : AnyTypeOf<[F64, F32, F16, BF16, F8E4M3FN, F8E5M2],
    "f64, f32, f16, bf16, f8E4M3FN or f8E5M2">;
def Act_FloatLike : TypeConstraint<Or<[Act_Float.predicate,
    VectorOfAnyRankOf<[Act_Float]>.predicate,
    RankedTensorOf<[Act_Float]>.predicate]>,
    "a scalar, vector or ranked tensor of f64, f32, f16, bf16, f8E4M3FN or "
    "f8E5M2">;

class Act_Op<string mnemonic, list<Trait> traits = []>
    : Op<Act_Dialect, mnemonic, traits>;

// What all elementwise operations share. `fn` is the enumerator of the kernel,
// `params` a C++ expression for its parameters.
class Act_ElementwiseOp<string mnemonic, string fn, string params, bit monotone,
                        bit odd>
    : Act_Op<mnemonic, [Pure, SameOperandsAndResultType,
        DeclareOpInterfaceMethods<ArithFastMathInterface>,
        Act_ActivationOpInterface]
        # ElementwiseMappable.traits> {
  let results = (outs Act_FloatLike:$result);
  let hasFolder = 1;
  let hasVerifier = 1;
  string declaration = [{
    ::mlir::act::numerics::Function getFunction() { return }] # fn # [{; }
    ::llvm::SmallVector<double> getParameters() { return }] # params # [{; }
    bool isMonotone() { return }] # !if(monotone, "true", "false") # [{; }
    bool isOdd() { return }] # !if(odd, "true", "false") # [{; }
  }];
  let extraClassDeclaration = declaration;
  let extraClassDefinition = [{
    ::llvm::LogicalResult $cppClass::verify() {
      return ::mlir::act::detail::verifyElementwise(*this);
    }
    ::mlir::OpFoldResult $cppClass::fold(FoldAdaptor adaptor) {
      return ::mlir::act::detail::foldElementwise(*this, adaptor.getOperands());
    }
  }];
}

defvar Act_CommonAttributes = (ins OptionalAttr<Act_AccuracyAttr>:$accuracy,
    DefaultValuedAttr<Arith_FastMathAttr,
        "::mlir::arith::FastMathFlags::none">:$fastmath);

// An activation of one operand and its gradient `dy * f'(x)`.
multiclass Act_Activation<string mnemonic, string text, string fn, string params,
                          dag attributes, string formula, string special,
                          string derivative, string elsewhere, bit monotone,
                          bit odd> {
  def Op : Act_ElementwiseOp<mnemonic, fn, params, monotone, odd> {
    let summary = text;
    let description = "Formula: " # formula # ".\n\nAt -inf, -0, +0, +inf: "
        # special # ". NaN gives a quiet NaN.\n\nGradient: " # derivative
        # ".\n\nElsewhere: " # elsewhere # ".\n\n```mlir\n%y = act."
        # mnemonic # " %x : tensor<4x?xf32>\n```\n";
    let arguments = !con((ins Act_FloatLike:$x), attributes,
                         Act_CommonAttributes);
    let assemblyFormat = "$x `` custom<Attributes>(attr-dict) `:` type($result)";
  }
  def GradOp : Act_ElementwiseOp<mnemonic # "_grad", fn # "Grad", params, 0, 0> {
    let summary = "gradient of act." # mnemonic;
    let description = "dy times the derivative of `act." # mnemonic
        # "` at x, rounded once: " # derivative
        # ".\n\n```mlir\n%dx = act." # mnemonic
        # "_grad %dy, %x : tensor<4x?xf32>\n```\n";
    let arguments = !con((ins Act_FloatLike:$dy, Act_FloatLike:$x), attributes,
                         Act_CommonAttributes);
    let assemblyFormat = "$dy `,` $x `` custom<Attributes>(attr-dict) `:` type($result)";
  }
}

defm Act_Relu : Act_Activation<"relu", "rectified linear unit",
    "::mlir::act::numerics::Function::Relu", "{}",
    (ins ),
    "max(x, 0)",
    "0, 0, 0, inf",
    "1 for x > 0, else 0",
    "torch relu, ONNX Relu", 1, 0>;
defm Act_LeakyRelu : Act_Activation<"leaky_relu", "leaky rectified linear unit",
    "::mlir::act::numerics::Function::LeakyRelu", "{getAlpha().convertToDouble()}",
    (ins DefaultValuedAttr<F64Attr, "0.01">:$alpha),
    "x > 0 ? x : alpha x",
    "by the formula",
    "1 for x > 0, else alpha",
    "torch leaky_relu, ONNX LeakyRelu", 0, 0>;
defm Act_Clamp : Act_Activation<"clamp", "limit to an interval (hardtanh, relu6)",
    "::mlir::act::numerics::Function::Clamp", "{getMin().convertToDouble(), getMax().convertToDouble()}",
    (ins F64Attr:$min, F64Attr:$max),
    "minimumf(maximumf(x, min), max)",
    "min, by the formula, max",
    "1 inside and at the bounds, 0 outside",
    "torch hardtanh, ONNX Clip", 1, 0>;
defm Act_Threshold : Act_Activation<"threshold", "replace small values",
    "::mlir::act::numerics::Function::Threshold", "{getTheta().convertToDouble(), getValue().convertToDouble()}",
    (ins F64Attr:$theta, DefaultValuedAttr<F64Attr, "0.0">:$value),
    "x <= theta ? value : x",
    "value, ., ., inf",
    "1 for x > theta, else 0",
    "torch threshold, ONNX ThresholdedRelu", 0, 0>;
defm Act_ReluSquared : Act_Activation<"relu_squared", "squared rectifier",
    "::mlir::act::numerics::Function::ReluSquared", "{}",
    (ins ),
    "max(x, 0)^2",
    "0, 0, 0, inf",
    "2 max(x, 0)",
    "relu^2", 1, 0>;
defm Act_Elu : Act_Activation<"elu", "exponential linear unit",
    "::mlir::act::numerics::Function::Elu", "{getAlpha().convertToDouble()}",
    (ins DefaultValuedAttr<F64Attr, "1.0">:$alpha),
    "x > 0 ? x : alpha expm1(x)",
    "-alpha, -0, 0, inf",
    "1 for x > 0, else alpha exp(x)",
    "torch elu, ONNX Elu", 0, 0>;
defm Act_Celu : Act_Activation<"celu", "continuously differentiable elu",
    "::mlir::act::numerics::Function::Celu", "{getAlpha().convertToDouble()}",
    (ins DefaultValuedAttr<F64Attr, "1.0">:$alpha),
    "max(0, x) + min(0, alpha expm1(x / alpha))",
    "-alpha, -0, 0, inf for alpha > 0; -inf at -inf for alpha < 0",
    "1 for x >= 0, else exp(x / alpha)",
    "torch celu, ONNX Celu", 0, 0>;
defm Act_Selu : Act_Activation<"selu", "self-normalizing elu",
    "::mlir::act::numerics::Function::Selu", "{getAlpha().convertToDouble(), getScale().convertToDouble()}",
    (ins DefaultValuedAttr<F64Attr, "1.6732632423543772848170429916717">:$alpha, DefaultValuedAttr<F64Attr, "1.0507009873554804934193349852946">:$scale),
    "scale (x > 0 ? x : alpha expm1(x))",
    "-scale alpha, -0, 0, inf",
    "scale for x > 0, else scale alpha exp(x)",
    "torch selu, ONNX Selu", 0, 0>;
defm Act_Sigmoid : Act_Activation<"sigmoid", "logistic function",
    "::mlir::act::numerics::Function::Sigmoid", "{}",
    (ins ),
    "1 / (1 + exp(-x))",
    "0, 0.5, 0.5, 1",
    "s (1 - s)",
    "torch sigmoid, ONNX Sigmoid", 1, 0>;
defm Act_LogSigmoid : Act_Activation<"log_sigmoid", "logarithm of the logistic function",
    "::mlir::act::numerics::Function::LogSigmoid", "{}",
    (ins ),
    "-log1p(exp(-x))",
    "-inf, -ln 2, -ln 2, -0",
    "1 / (1 + exp(x))",
    "torch logsigmoid", 1, 0>;
defm Act_HardSigmoid : Act_Activation<"hard_sigmoid", "piecewise linear sigmoid",
    "::mlir::act::numerics::Function::HardSigmoid", "{getAlpha() ? getAlpha()->convertToDouble() : 1.0 / 6.0, getBeta().convertToDouble()}",
    (ins OptionalAttr<F64Attr>:$alpha, DefaultValuedAttr<F64Attr, "0.5">:$beta),
    "clamp(alpha x + beta, 0, 1), alpha exactly 1/6 where unset",
    "0, ., ., 1",
    "alpha strictly between the bounds, else 0",
    "torch hardsigmoid, ONNX HardSigmoid (alpha 0.2)", 0, 0>;
defm Act_Tanh : Act_Activation<"tanh", "hyperbolic tangent",
    "::mlir::act::numerics::Function::Tanh", "{}",
    (ins ),
    "tanh x",
    "-1, -0, 0, 1",
    "1 - tanh(x)^2",
    "torch tanh, ONNX Tanh", 1, 1>;
defm Act_TanhShrink : Act_Activation<"tanh_shrink", "x - tanh x",
    "::mlir::act::numerics::Function::TanhShrink", "{}",
    (ins ),
    "x - tanh x",
    "-inf, -0, 0, inf",
    "tanh(x)^2",
    "torch tanhshrink", 1, 1>;
defm Act_HardSwish : Act_Activation<"hard_swish", "piecewise quadratic swish",
    "::mlir::act::numerics::Function::HardSwish", "{}",
    (ins ),
    "x clamp(x/6 + 1/2, 0, 1)",
    "-0, -0, 0, inf",
    "0 for x <= -3, 1 for x >= 3, else x/3 + 1/2",
    "torch hardswish, ONNX HardSwish", 0, 0>;
defm Act_Silu : Act_Activation<"silu", "sigmoid linear unit (swish)",
    "::mlir::act::numerics::Function::Silu", "{getBeta().convertToDouble()}",
    (ins DefaultValuedAttr<F64Attr, "1.0">:$beta),
    "x sigmoid(beta x)",
    "-0, -0, 0, inf for beta > 0, else the limits",
    "s (1 + beta x (1 - s)), s = sigmoid(beta x)",
    "torch silu, ONNX Swish", 0, 0>;
defm Act_Mish : Act_Activation<"mish", "x tanh(softplus x)",
    "::mlir::act::numerics::Function::Mish", "{}",
    (ins ),
    "x tanh(log1p(exp x))",
    "-0, -0, 0, inf",
    "n/d + x d/dx of it",
    "torch mish, ONNX Mish", 0, 0>;
defm Act_Softplus : Act_Activation<"softplus", "smooth rectifier",
    "::mlir::act::numerics::Function::Softplus", "{getBeta().convertToDouble()}",
    (ins DefaultValuedAttr<F64Attr, "1.0">:$beta),
    "log1p(exp(beta x)) / beta",
    "0, ln 2 / beta, ln 2 / beta, inf",
    "sigmoid(beta x)",
    "torch softplus, ONNX Softplus", 1, 0>;
defm Act_Squareplus : Act_Activation<"squareplus", "algebraic rectifier",
    "::mlir::act::numerics::Function::Squareplus", "{getB().convertToDouble()}",
    (ins DefaultValuedAttr<F64Attr, "4.0">:$b),
    "(x + sqrt(x^2 + b)) / 2",
    "0, sqrt(b)/2, sqrt(b)/2, inf",
    "(1 + x / sqrt(x^2 + b)) / 2",
    "jax squareplus", 1, 0>;
defm Act_Softsign : Act_Activation<"softsign", "x / (1 + |x|)",
    "::mlir::act::numerics::Function::Softsign", "{}",
    (ins ),
    "x / (1 + |x|)",
    "-1, -0, 0, 1",
    "1 / (1 + |x|)^2",
    "torch softsign, ONNX Softsign", 1, 1>;
defm Act_HardShrink : Act_Activation<"hard_shrink", "zero small values",
    "::mlir::act::numerics::Function::HardShrink", "{getLambda().convertToDouble()}",
    (ins DefaultValuedAttr<F64Attr, "0.5">:$lambda),
    "|x| <= lambda ? 0 : x",
    "-inf, 0, 0, inf",
    "1 for |x| > lambda, else 0",
    "torch hardshrink", 1, 1>;
defm Act_SoftShrink : Act_Activation<"soft_shrink", "shrink towards zero",
    "::mlir::act::numerics::Function::SoftShrink", "{getLambda().convertToDouble(), getBias() ? getBias()->convertToDouble() : getLambda().convertToDouble()}",
    (ins DefaultValuedAttr<F64Attr, "0.5">:$lambda, OptionalAttr<F64Attr>:$bias),
    "x < -lambda ? x + bias : x > lambda ? x - bias : 0, bias = lambda where unset",
    "-inf, 0, 0, inf",
    "1 for |x| > lambda, else 0",
    "torch softshrink, ONNX Shrink", 0, 1>;
defm Act_SparsePlus : Act_Activation<"sparse_plus", "piecewise quadratic softplus",
    "::mlir::act::numerics::Function::SparsePlus", "{}",
    (ins ),
    "0 for x <= -1, (x + 1)^2 / 4 between, x for x >= 1",
    "0, 1/4, 1/4, inf",
    "sparse_sigmoid",
    "jax sparse_plus", 1, 0>;
defm Act_SparseSigmoid : Act_Activation<"sparse_sigmoid", "piecewise linear sigmoid",
    "::mlir::act::numerics::Function::SparseSigmoid", "{}",
    (ins ),
    "0 for x <= -1, (x + 1) / 2 between, 1 for x >= 1",
    "0, 1/2, 1/2, 1",
    "1/2 strictly between -1 and 1, else 0",
    "jax sparse_sigmoid", 1, 0>;

def Act_GeluOp : Act_ElementwiseOp<"gelu", "getApproximate() == GeluForm::Tanh ? ::mlir::act::numerics::Function::GeluTanh : ::mlir::act::numerics::Function::Gelu",
    "{}", 0, 0> {
  let summary = "Gaussian error linear unit";
  let description = [{
    Formula: x Phi(x); with `approximate = tanh` the form of Hendrycks and
    Gimpel, 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))).

    At -inf, -0, +0, +inf: -0, -0, 0, inf. NaN gives a quiet NaN.

    Gradient: Phi(x) + x phi(x).

    Elsewhere: torch gelu, ONNX Gelu, jax gelu (the tanh form by default).

    ```mlir
    %y = act.gelu %x : tensor<4x?xf32>
    %z = act.gelu %x {approximate = tanh} : tensor<4x?xf32>
    ```
  }];
  let arguments = !con((ins Act_FloatLike:$x, DefaultValuedAttr<Act_GeluFormAttr, "::mlir::act::GeluForm::None">:$approximate), Act_CommonAttributes);
  let assemblyFormat = "$x `` custom<Attributes>(attr-dict) `:` type($result)";
}

def Act_GeluGradOp : Act_ElementwiseOp<"gelu_grad", "getApproximate() == GeluForm::Tanh ? ::mlir::act::numerics::Function::GeluTanhGrad : ::mlir::act::numerics::Function::GeluGrad",
    "{}", 0, 0> {
  let summary = "gradient of act.gelu";
  let description = [{
    dy (Phi(x) + x phi(x)), rounded once, or the derivative of the tanh form.

    ```mlir
    %dx = act.gelu_grad %dy, %x : tensor<4x?xf32>
    ```
  }];
  let arguments = !con((ins Act_FloatLike:$dy, Act_FloatLike:$x, DefaultValuedAttr<Act_GeluFormAttr, "::mlir::act::GeluForm::None">:$approximate), Act_CommonAttributes);
  let assemblyFormat = "$dy `,` $x `` custom<Attributes>(attr-dict) `:` type($result)";
}

def Act_PreluOp : Act_ElementwiseOp<"prelu", "::mlir::act::numerics::Function::Prelu",
    "{}", 0, 0> {
  let summary = "rectifier with a learned slope";
  let description = [{
    Formula: x > 0 ? x : slope x. Special values by the formula.

    Elsewhere: torch prelu, ONNX PRelu.

    ```mlir
    %y = act.prelu %x, %slope : tensor<4x?xf32>
    ```
  }];
  let arguments = !con((ins Act_FloatLike:$x, Act_FloatLike:$slope), Act_CommonAttributes);
  let assemblyFormat = "$x `,` $slope `` custom<Attributes>(attr-dict) `:` type($result)";
}

def Act_PreluGradOp : Act_ElementwiseOp<"prelu_grad", "::mlir::act::numerics::Function::PreluGrad",
    "{}", 0, 0> {
  let summary = "gradient of act.prelu for its input";
  let description = [{
    x > 0 ? dy : slope dy.

    ```mlir
    %dx = act.prelu_grad %dy, %x, %slope : tensor<4x?xf32>
    ```
  }];
  let arguments = !con((ins Act_FloatLike:$dy, Act_FloatLike:$x, Act_FloatLike:$slope), Act_CommonAttributes);
  let assemblyFormat = "$dy `,` $x `,` $slope `` custom<Attributes>(attr-dict) `:` type($result)";
}

def Act_PreluSlopeGradOp : Act_ElementwiseOp<"prelu_slope_grad", "::mlir::act::numerics::Function::PreluSlopeGrad",
    "{}", 0, 0> {
  let summary = "gradient of act.prelu for its slope";
  let description = [{
    x > 0 ? 0 : x dy, element by element (a shared slope sums it).

    ```mlir
    %ds = act.prelu_slope_grad %dy, %x, %slope : tensor<4x?xf32>
    ```
  }];
  let arguments = !con((ins Act_FloatLike:$dy, Act_FloatLike:$x, Act_FloatLike:$slope), Act_CommonAttributes);
  let assemblyFormat = "$dy `,` $x `,` $slope `` custom<Attributes>(attr-dict) `:` type($result)";
}

#endif // ACT_ELEMENTWISE_OPS
