// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ACT_ELEMENTWISE_OPS
#define ACT_ELEMENTWISE_OPS

include "act-mlir/IR/ActAttributes.td"
include "act-mlir/IR/ActInterfaces.td"
include "mlir/Dialect/Arith/IR/ArithBase.td"
include "mlir/Dialect/Arith/IR/ArithOpsInterfaces.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Act_Float : AnyTypeOf<[F64, F32, F16, BF16, F8E4M3FN, F8E5M2],
    "f64, f32, f16, bf16, f8E4M3FN or f8E5M2">;
def Act_FloatLike : TypeConstraint<Or<[Act_Float.predicate,
    VectorOfAnyRankOf<[Act_Float]>.predicate,
    RankedTensorOf<[Act_Float]>.predicate]>,
    "a scalar, vector or ranked tensor of f64, f32, f16, bf16, f8E4M3FN or "
    "f8E5M2">;

def Act_Number : AnyTypeOf<[Act_Float, I8, I16, I32, I64]>;
def Act_NumberLike : TypeConstraint<Or<[Act_Number.predicate,
    VectorOfAnyRankOf<[Act_Number]>.predicate,
    RankedTensorOf<[Act_Number]>.predicate]>,
    "a scalar, vector or ranked tensor of f64, f32, f16, bf16, f8E4M3FN, "
    "f8E5M2, i8, i16, i32 or i64">;

// An attribute that is neither the operation's own nor a dialect's is an
// error: most likely a parameter that it lacks. Kernels are without this: they
// have what passes note on them.
def Act_NamedAttributes : NativeOpTrait<"HasNamedAttributes"> {
  let cppNamespace = "::mlir::act";
}

class Act_Op<string mnemonic, list<Trait> traits = []>
    : Op<Act_Dialect, mnemonic, traits>;

def Act_ElementwiseDoc : OpDocGroup {
  let summary = "Elementwise operations";
  let description = "One function of each element, rounded once.";
}
def Act_GradientDoc : OpDocGroup {
  let summary = "Gradients of elementwise operations";
  let description = "dy f'(x): the exact product, rounded once.";
}

// What all elementwise operations share: the enumerator of their kernel and
// its parameters as C++ expressions, and what is known of the function.
class Act_ElementwiseOp<string mnemonic, string function, string values,
                        string range, bit monotone, bit odd>
    : Act_Op<mnemonic, [Pure, SameOperandsAndResultType, Act_NamedAttributes,
        DeclareOpInterfaceMethods<ArithFastMathInterface>,
        DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface,
                                  ["reifyResultShapes"]>,
        Act_ActivationOpInterface]
        # ElementwiseMappable.traits> {
  let opDocGroup = Act_ElementwiseDoc;
  let hasFolder = 1;
  let hasVerifier = 1;
  string declaration = [{
    ::mlir::act::numerics::Function getFunction() {
      using ::mlir::act::numerics::Function;
      return }] # function # [{;
    }
    ::llvm::SmallVector<double> getParameters() { return }] # values # [{; }
    ::mlir::act::FunctionRange getFunctionRange() {
      constexpr double kInf = std::numeric_limits<double>::infinity();
      (void)kInf;
      return }] # range # [{;
    }
    bool isMonotone() { return }] # !if(monotone, "true", "false") # [{; }
    bool isOdd() { return }] # !if(odd, "true", "false") # [{; }
  }];
  let extraClassDeclaration = declaration;
  let extraClassDefinition = [{
    ::llvm::LogicalResult $cppClass::verify() {
      return ::mlir::act::detail::verifyElementwise(*this);
    }
    ::mlir::OpFoldResult $cppClass::fold(FoldAdaptor adaptor) {
      return ::mlir::act::foldActivation(*this, adaptor.getOperands());
    }
    ::llvm::LogicalResult $cppClass::reifyResultShapes(
        ::mlir::OpBuilder &b, ::mlir::ReifiedRankedShapedTypeDims &dims) {
      return ::mlir::act::detail::reifyElementwise(*this, b, dims);
    }
  }];
}

defvar Act_CommonAttributes = (ins OptionalAttr<Act_AccuracyAttr>:$accuracy,
    DefaultValuedAttr<Arith_FastMathAttr,
        "::mlir::arith::FastMathFlags::none">:$fastmath);

// The one shape of all descriptions.
class Act_Description<string formula, string special, string gradient,
                      string constraints, string elsewhere, string example> {
  string text = "Formula: " # formula # ".\n\nSpecial values: " # special
      # "\n\nGradient: " # gradient # ".\n\nConstraints: " # constraints
      # "\n\nElsewhere: " # elsewhere # ".\n\nExample:\n\n```mlir\n"
      # example # "\n```\n";
}

// An activation of one operand, `Act_<Name>Op`, and its gradient
// `dy * f'(x)`, `Act_<Name>GradOp`. What `at` lists, as functions of the
// parameters, are the values at -inf, -0, +0 and +inf, for the parameters that
// `remark` names; a test compares them with the kernel at the parameters of
// the example. `range` holds the bounds of f before its rounding; a lower
// bound of 0 says that f is never -0.
multiclass Act_Activation<string mnemonic, string text, string formula,
    list<string> at, string derivative, string elsewhere, string remark = "",
    string constraints = "none.", dag parameters = (ins), string values = "{}",
    string range = "{-kInf, kInf}", bit monotone = 0, bit odd = 0,
    string example = "", Constraint type = Act_FloatLike,
    string function = "Function::" # !substr(NAME, 4),
    string gradient = function # "Grad", dag gradientParameters = (ins)> {
  defvar special = "f(-inf) = " # at[0] # ", f(-0) = " # at[1]
      # ", f(+0) = " # at[2] # ", f(+inf) = " # at[3]
      # !if(!empty(remark), "", " (" # remark # ")")
      # "; NaN gives a quiet NaN.";
  def Op : Act_ElementwiseOp<mnemonic, function, values, range, monotone, odd> {
    let summary = text;
    let description = Act_Description<formula, special,
        "`act." # mnemonic # "_grad`: dy (" # derivative # ")", constraints,
        elsewhere, "%y = act." # mnemonic # " %x" # example
        # " : tensor<4x?xf32>">.text;
    let arguments = !con((ins type:$x), parameters, Act_CommonAttributes);
    let results = (outs type:$result);
    let assemblyFormat =
        "$x `` custom<Attributes>(attr-dict) `:` type($result)";
  }
  def GradOp : Act_ElementwiseOp<mnemonic # "_grad", gradient, values,
                                 "{-kInf, kInf}", 0, 0> {
    let opDocGroup = Act_GradientDoc;
    let summary = "gradient of act." # mnemonic;
    let description = Act_Description<
        "dy f'(x), rounded once, where f is `act." # mnemonic
        # "` and f'(x) is " # derivative,
        "NaN in dy or x gives a quiet NaN, and so does inf 0.", "none",
        constraints, "the backward function of what `act." # mnemonic
        # "` names", "%dx = act." # mnemonic # "_grad %dy, %x" # example
        # " : tensor<4x?xf32>">.text;
    let arguments = !con((ins Act_FloatLike:$dy, Act_FloatLike:$x), parameters,
                         Act_CommonAttributes, gradientParameters);
    let results = (outs Act_FloatLike:$result);
    let assemblyFormat =
        "$dy `,` $x `` custom<Attributes>(attr-dict) `:` type($result)";
  }
}

defm Act_Relu : Act_Activation<"relu", "rectified linear unit",
    formula = "max(x, 0)",
    at = ["0", "0", "0", "inf"],
    derivative = "1 for x > 0, else 0",
    elsewhere = "torch relu, ONNX Relu, jax relu, Keras relu",
    constraints = "C1. Integers are read as signed; the gradient takes none.",
    type = Act_NumberLike,
    range = "{0.0, kInf}",
    monotone = 1>;

defm Act_Clamp : Act_Activation<"clamp", "limit to an interval",
    formula = "minimumf(maximumf(x, min), max)",
    at = ["min", "-0", "0", "max"],
    remark = "for min < 0 < max; min = 0 means +0, and then f(-0) = +0",
    derivative = "1 inside, 0 outside, `boundary_grad` (1 by default, 0 for "
                 "hardtanh and relu6) at the bounds",
    elsewhere = "torch hardtanh, relu6 and clamp, ONNX Clip, jax relu6 and "
                "hard_tanh, Keras relu6 and hard_tanh",
    constraints = "C1. `min` <= `max`, neither is NaN; infinities are allowed. "
                  "C2. Bounds of floats are f64, those of integers have the "
                  "operand's element type, and are read as signed; the "
                  "gradient takes no integers. C3. `boundary_grad` is 0 or 1.",
    parameters = (ins TypedAttrInterface:$min, TypedAttrInterface:$max),
    gradientParameters = (ins DefaultValuedAttr<
        ConfinedAttr<I64Attr, [IntMinValue<0>, IntMaxValue<1>]>, "1">
        :$boundary_grad),
    values = "::mlir::act::detail::getBounds(getMin(), getMax())",
    range = "{getParameters()[0], getParameters()[1]}",
    gradient = "getBoundaryGrad() == 1 ? Function::ClampGrad "
               ": Function::ClampOpenGrad",
    example = " {min = -1.0, max = 1.0}",
    type = Act_NumberLike,
    monotone = 1>;

defm Act_LeakyRelu : Act_Activation<"leaky_relu", "leaky rectified linear unit",
    formula = "x > 0 ? x : alpha x",
    at = ["-inf", "-0", "0", "inf"],
    remark = "alpha = 0 is not relu: -inf gives NaN, -1 gives -0",
    derivative = "1 for x > 0, else alpha",
    elsewhere = "torch leaky_relu (and rrelu in evaluation), ONNX LeakyRelu, "
                "jax leaky_relu, Keras leaky_relu",
    constraints = "C1. `alpha` is finite.",
    parameters = (ins DefaultValuedAttr<F64Attr, "0.01">:$alpha),
    values = "{getAlpha().convertToDouble()}",
    example = " {alpha = 0.2}">;

defm Act_Threshold : Act_Activation<"threshold", "replacement of small values",
    formula = "x <= theta ? value : x",
    at = ["value", "value", "value", "inf"],
    remark = "for theta >= 0",
    derivative = "1 for x > theta, else 0",
    elsewhere = "torch threshold, ONNX ThresholdedRelu, Keras threshold",
    constraints = "C1. `theta` and `value` are finite.",
    parameters = (ins F64Attr:$theta, DefaultValuedAttr<F64Attr, "0.0">:$value),
    values = "{getTheta().convertToDouble(), getValue().convertToDouble()}",
    example = " {theta = 1.0, value = 0.5}">;

defm Act_ReluSquared : Act_Activation<"relu_squared", "squared rectifier",
    formula = "max(x, 0)^2",
    at = ["0", "0", "0", "inf"],
    derivative = "2 max(x, 0)",
    elsewhere = "relu^2 (torch idiom, Keras relu^2)",
    range = "{0.0, kInf}",
    monotone = 1>;

defm Act_Elu : Act_Activation<"elu", "exponential linear unit",
    formula = "x > 0 ? x : alpha expm1(x)",
    at = ["-alpha", "-0", "0", "inf"],
    remark = "for alpha > 0",
    derivative = "1 for x > 0, else alpha exp(x)",
    elsewhere = "torch elu, ONNX Elu, jax elu, Keras elu",
    constraints = "C1. `alpha` is finite.",
    parameters = (ins DefaultValuedAttr<F64Attr, "1.0">:$alpha),
    values = "{getAlpha().convertToDouble()}",
    example = " {alpha = 0.5}">;

defm Act_Celu : Act_Activation<"celu", "continuously differentiable elu",
    formula = "max(0, x) + min(0, alpha expm1(x / alpha))",
    at = ["-alpha", "-0", "0", "inf"],
    remark = "for alpha > 0; -inf at -inf for alpha < 0",
    derivative = "1 for x >= 0, else exp(x / alpha)",
    elsewhere = "torch celu, ONNX Celu, jax celu, Keras celu",
    constraints = "C1. `alpha` is finite and not 0.",
    parameters = (ins DefaultValuedAttr<F64Attr, "1.0">:$alpha),
    values = "{getAlpha().convertToDouble()}",
    example = " {alpha = 0.5}">;

defm Act_Selu : Act_Activation<"selu", "self-normalizing elu",
    formula = "scale (x > 0 ? x : alpha expm1(x))",
    at = ["-scale alpha", "-0", "0", "inf"],
    derivative = "scale for x > 0, else scale alpha exp(x)",
    elsewhere = "torch selu, ONNX Selu (whose defaults differ in the last "
                "bits), jax selu, Keras selu",
    constraints = "C1. `alpha` and `scale` are finite.",
    example = " {alpha = 1.6732, scale = 1.0507}",
    parameters = (ins
        DefaultValuedAttr<F64Attr, "1.6732632423543772848170429916717">:$alpha,
        DefaultValuedAttr<F64Attr, "1.0507009873554804934193349852946">:$scale),
    values = "{getAlpha().convertToDouble(), getScale().convertToDouble()}">;

defm Act_Sigmoid : Act_Activation<"sigmoid", "logistic function",
    formula = "1 / (1 + exp(-x))",
    at = ["0", "1/2", "1/2", "1"],
    derivative = "s (1 - s), s = sigmoid(x)",
    elsewhere = "torch sigmoid, ONNX Sigmoid, jax sigmoid, Keras sigmoid",
    range = "{0.0, 1.0}",
    monotone = 1>;

defm Act_LogSigmoid : Act_Activation<"log_sigmoid",
                                     "logarithm of the logistic function",
    formula = "-log1p(exp(-x))",
    at = ["-inf", "-log(2)", "-log(2)", "-0"],
    derivative = "1 / (1 + exp(x))",
    elsewhere = "torch logsigmoid, jax log_sigmoid, Keras log_sigmoid",
    range = "{-kInf, 0.0}",
    monotone = 1>;

defm Act_HardSigmoid : Act_Activation<"hard_sigmoid",
                                      "piecewise linear sigmoid",
    formula = "clamp(alpha x + beta, 0, 1), alpha exactly 1/6 where it is "
              "not given",
    at = ["0", "beta", "beta", "1"],
    remark = "for alpha > 0 and beta in [0, 1]",
    derivative = "alpha strictly between the bounds, else 0",
    elsewhere = "torch hardsigmoid, ONNX HardSigmoid (alpha 0.2), jax "
                "hard_sigmoid, Keras hard_sigmoid",
    constraints = "C1. `alpha` and `beta` are finite.",
    parameters = (ins OptionalAttr<F64Attr>:$alpha,
                      DefaultValuedAttr<F64Attr, "0.5">:$beta),
    values = "{getAlpha() ? getAlpha()->convertToDouble() : 1.0 / 6.0, "
              "getBeta().convertToDouble()}",
    example = " {alpha = 0.2, beta = 0.5}",
    range = "{0.0, 1.0}">;

defm Act_Tanh : Act_Activation<"tanh", "hyperbolic tangent",
    formula = "tanh x",
    at = ["-1", "-0", "0", "1"],
    derivative = "1 - tanh(x)^2",
    elsewhere = "torch tanh, ONNX Tanh, jax tanh, Keras tanh",
    range = "{-1.0, 1.0}",
    monotone = 1,
    odd = 1>;

defm Act_TanhShrink : Act_Activation<"tanh_shrink", "x - tanh x",
    formula = "x - tanh x",
    at = ["-inf", "-0", "0", "inf"],
    derivative = "tanh(x)^2",
    elsewhere = "torch tanhshrink, Keras tanh_shrink",
    monotone = 1,
    odd = 1>;

defm Act_SoftCap : Act_Activation<"soft_cap", "tanh scaled to a limit",
    formula = "limit tanh(x / limit)",
    at = ["-limit", "-0", "0", "limit"],
    derivative = "1 - tanh(x / limit)^2",
    elsewhere = "the soft cap of logits and attention scores in Gemma 2 (30 "
                "and 50), ONNX Attention's softcap",
    constraints = "C1. `limit` is finite and positive.",
    parameters = (ins DefaultValuedAttr<F64Attr, "30.0">:$limit),
    values = "{getLimit().convertToDouble()}",
    example = " {limit = 50.0}",
    range = "{-getLimit().convertToDouble(), getLimit().convertToDouble()}",
    monotone = 1,
    odd = 1>;

defm Act_Silu : Act_Activation<"silu", "sigmoid linear unit (swish)",
    formula = "x sigmoid(beta x)",
    at = ["-0", "-0", "0", "inf"],
    remark = "for beta > 0; the limits for beta <= 0 (-inf at -inf)",
    derivative = "s (1 + beta x (1 - s)), s = sigmoid(beta x)",
    elsewhere = "torch silu, ONNX Swish (alpha), jax silu, Keras silu; beta "
                "= 1.702 is the sigmoid form of gelu",
    constraints = "C1. `beta` is finite.",
    parameters = (ins DefaultValuedAttr<F64Attr, "1.0">:$beta),
    values = "{getBeta().convertToDouble()}",
    example = " {beta = 1.702}",
    range = "{getBeta().convertToDouble() == 1 ? -0.2785 : -kInf, kInf}">;

defm Act_HardSwish : Act_Activation<"hard_swish", "piecewise quadratic swish",
    formula = "x clamp(x/6 + 1/2, 0, 1)",
    at = ["-0", "-0", "0", "inf"],
    derivative = "0 for x <= -3, 1 for x >= 3, else x/3 + 1/2",
    elsewhere = "torch hardswish, ONNX HardSwish, jax hard_swish, Keras "
                "hard_silu",
    range = "{-0.375, kInf}">;

defm Act_Mish : Act_Activation<"mish", "self-regularized unit",
    formula = "x tanh(log1p(exp x))",
    at = ["-0", "-0", "0", "inf"],
    derivative = "t + x (1 - t^2) sigmoid(x), t = tanh(log1p(exp x))",
    elsewhere = "torch mish, ONNX Mish, jax mish, Keras mish",
    range = "{-0.3089, kInf}">;

defm Act_Softplus : Act_Activation<"softplus", "smooth rectifier",
    formula = "log1p(exp(beta x)) / beta",
    at = ["0", "log(2) / beta", "log(2) / beta", "inf"],
    derivative = "sigmoid(beta x)",
    elsewhere = "torch softplus (its threshold is a select where it changes "
                "values), ONNX Softplus, jax softplus, Keras softplus",
    constraints = "C1. `beta` is finite and positive.",
    parameters = (ins DefaultValuedAttr<F64Attr, "1.0">:$beta),
    values = "{getBeta().convertToDouble()}",
    example = " {beta = 2.0}",
    range = "{0.0, kInf}",
    monotone = 1>;

defm Act_Squareplus : Act_Activation<"squareplus", "algebraic rectifier",
    formula = "(x + sqrt(x^2 + b)) / 2",
    at = ["0", "sqrt(b) / 2", "sqrt(b) / 2", "inf"],
    derivative = "(1 + x / sqrt(x^2 + b)) / 2",
    elsewhere = "jax squareplus, Keras squareplus",
    constraints = "C1. `b` is finite and not negative.",
    parameters = (ins DefaultValuedAttr<F64Attr, "4.0">:$b),
    values = "{getB().convertToDouble()}",
    example = " {b = 1.0}",
    range = "{0.0, kInf}",
    monotone = 1>;

defm Act_Softsign : Act_Activation<"softsign", "x / (1 + |x|)",
    formula = "x / (1 + |x|)",
    at = ["-1", "-0", "0", "1"],
    derivative = "1 / (1 + |x|)^2",
    elsewhere = "torch softsign, ONNX Softsign, jax soft_sign, Keras "
                "softsign",
    range = "{-1.0, 1.0}",
    monotone = 1,
    odd = 1>;

defm Act_HardShrink : Act_Activation<"hard_shrink",
                                     "zero in place of small values",
    formula = "|x| <= lambda ? 0 : x",
    at = ["-inf", "0", "0", "inf"],
    derivative = "1 for |x| > lambda, else 0",
    elsewhere = "torch hardshrink, ONNX Shrink (lambd, bias = 0), Keras "
                "hard_shrink",
    constraints = "C1. `lambda` is finite and not negative.",
    parameters = (ins DefaultValuedAttr<F64Attr, "0.5">:$lambda),
    values = "{getLambda().convertToDouble()}",
    example = " {lambda = 1.0}",
    monotone = 1>;

defm Act_SoftShrink : Act_Activation<"soft_shrink", "shrinking towards zero",
    formula = "x < -lambda ? x + bias : x > lambda ? x - bias : 0, bias = "
              "lambda where it is not given",
    at = ["-inf", "0", "0", "inf"],
    derivative = "1 for |x| > lambda, else 0",
    elsewhere = "torch softshrink, ONNX Shrink (lambd, bias), Keras "
                "soft_shrink",
    constraints = "C1. `lambda` is finite and not negative. C2. `bias` is "
                  "finite.",
    parameters = (ins DefaultValuedAttr<F64Attr, "0.5">:$lambda,
                      OptionalAttr<F64Attr>:$bias),
    values = "{getLambda().convertToDouble(), "
              "(getBias() ? *getBias() : getLambda()).convertToDouble()}",
    example = " {lambda = 1.0, bias = 0.5}">;

defm Act_SparsePlus : Act_Activation<"sparse_plus",
                                     "piecewise quadratic softplus",
    formula = "0 for x <= -1, (x + 1)^2 / 4 between, x for x >= 1",
    at = ["0", "1/4", "1/4", "inf"],
    derivative = "(x + 1) / 2 between -1 and 1, 0 below, 1 above "
                 "(act.sparse_sigmoid)",
    elsewhere = "jax sparse_plus, Keras sparse_plus",
    range = "{0.0, kInf}",
    monotone = 1>;

defm Act_SparseSigmoid : Act_Activation<"sparse_sigmoid",
                                        "piecewise linear sigmoid",
    formula = "0 for x <= -1, (x + 1) / 2 between, 1 for x >= 1",
    at = ["0", "1/2", "1/2", "1"],
    derivative = "1/2 strictly between -1 and 1, else 0",
    elsewhere = "jax sparse_sigmoid, Keras sparse_sigmoid",
    range = "{0.0, 1.0}",
    monotone = 1>;

defm Act_Gelu : Act_Activation<"gelu", "Gaussian error linear unit",
    formula = "x Phi(x); with `approximate = tanh` the form of Hendrycks and "
              "Gimpel, x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) / 2",
    at = ["-0", "-0", "0", "inf"],
    derivative = "Phi(x) + x phi(x), or the derivative of the tanh form",
    elsewhere = "torch gelu, ONNX Gelu, jax gelu (tanh by default), Keras "
                "gelu",
    parameters = (ins DefaultValuedAttr<Act_GeluFormAttr,
         "::mlir::act::GeluForm::None">:$approximate),
    // The enumerators of the function and of its gradient, chosen by the form.
    function = [{getApproximate() == GeluForm::Tanh ? Function::GeluTanh
                                                     : Function::Gelu}],
    gradient = [{getApproximate() == GeluForm::Tanh ? Function::GeluTanhGrad
                                                     : Function::GeluGrad}],
    example = " {approximate = tanh}",
    range = "{-0.1701, kInf}">;

//===----------------------------------------------------------------------===//
// Activations of two operands
//===----------------------------------------------------------------------===//

class Act_PreluLike<string mnemonic, string function, dag operands>
    : Act_ElementwiseOp<mnemonic, "Function::" # function, "{}",
                        "{-kInf, kInf}", 0, 0> {
  let arguments = !con(operands, Act_CommonAttributes);
  let results = (outs Act_FloatLike:$result);
}

def Act_PreluOp : Act_PreluLike<"prelu", "Prelu",
    (ins Act_FloatLike:$x, Act_FloatLike:$slope)> {
  let summary = "rectifier with a learned slope";
  let description = Act_Description<"x > 0 ? x : slope x",
    "by the formula; NaN in x or in the slope of a negative x gives NaN.",
    "`act.prelu_grad` for x, `act.prelu_slope_grad` for the slope", "none.",
    "torch prelu, ONNX PRelu, Keras PReLU",
    "%y = act.prelu %x, %slope : tensor<4x?xf32>">.text;
  let assemblyFormat =
      "$x `,` $slope `` custom<Attributes>(attr-dict) `:` type($result)";
}

class Act_PreluGradLike<string mnemonic, string function>
    : Act_PreluLike<mnemonic, function,
        (ins Act_FloatLike:$dy, Act_FloatLike:$x, Act_FloatLike:$slope)> {
  let opDocGroup = Act_GradientDoc;
  let assemblyFormat = "$dy `,` $x `,` $slope `` custom<Attributes>(attr-dict) "
                       "`:` type($result)";
}

def Act_PreluGradOp : Act_PreluGradLike<"prelu_grad", "PreluGrad"> {
  let summary = "gradient of act.prelu for its input";
  let description = Act_Description<"x > 0 ? dy : slope dy, rounded once",
    "NaN in dy or x gives a quiet NaN, and so does inf 0.", "none", "none.",
    "the backward function of what `act.prelu` names",
    "%dx = act.prelu_grad %dy, %x, %slope : tensor<4x?xf32>">.text;
}

def Act_PreluSlopeGradOp
    : Act_PreluGradLike<"prelu_slope_grad", "PreluSlopeGrad"> {
  let summary = "gradient of act.prelu for its slope";
  let description = Act_Description<"x > 0 ? 0 : x dy, element by element; a "
    "shared slope sums it",
    "NaN in dy or x gives a quiet NaN, and so does inf 0.", "none", "none.",
    "the backward function of what `act.prelu` names",
    "%ds = act.prelu_slope_grad %dy, %x, %slope : tensor<4x?xf32>">.text;
}

#endif // ACT_ELEMENTWISE_OPS
