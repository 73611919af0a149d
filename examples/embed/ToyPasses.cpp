// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The compiler: its own operations to act and linalg, then act-mlir's stages.

#include "Toy.h"
#include "act-mlir/IR/Act.h"
#include "act-mlir/Pipelines/Pipelines.h"
#include "act-mlir/Transforms/Expansion.h"
#include "act-mlir/Transforms/RowPatterns.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;
using act::ActivationOpInterface;

namespace {

//===----------------------------------------------------------------------===//
// Lowering
//===----------------------------------------------------------------------===//

struct LowerDense : public OpRewritePattern<toy::DenseOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(toy::DenseOp op,
                                PatternRewriter &b) const override {
    Location loc = op.getLoc();
    auto type = cast<RankedTensorType>(op.getType());
    SmallVector<OpFoldResult> sizes = {
        tensor::getMixedSize(b, loc, op.getX(), 0),
        tensor::getMixedSize(b, loc, op.getW(), 1)};
    Value empty = tensor::EmptyOp::create(b, loc, sizes, type.getElementType());
    Value zero =
        arith::ConstantOp::create(b, loc, b.getZeroAttr(type.getElementType()));
    Value init = linalg::FillOp::create(b, loc, zero, empty).getResult(0);
    Value product =
        linalg::MatmulOp::create(b, loc, ValueRange{op.getX(), op.getW()}, init)
            .getResult(0);
    Value bias = linalg::BroadcastOp::create(b, loc, op.getB(), empty,
                                             ArrayRef<int64_t>{0})
                     ->getResult(0);
    b.replaceOpWithNewOp<arith::AddFOp>(op, product, bias);
    return success();
  }
};

struct LowerNormalize : public OpRewritePattern<toy::NormalizeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(toy::NormalizeOp op,
                                PatternRewriter &b) const override {
    b.replaceOpWithNewOp<act::SoftmaxOp>(op, op.getX(), /*dimension=*/1,
                                         act::MaskedRow::Nan,
                                         act::AccuracyAttr());
    return success();
  }
};

/// For what reads the program and does not know the dialect.
struct FlickToAct : public OpRewritePattern<toy::FlickOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(toy::FlickOp op,
                                PatternRewriter &b) const override {
    auto activation = cast<ActivationOpInterface>(op.getOperation());
    Operation *silu =
        act::buildFunction(b, op.getLoc(), activation.getFunction(),
                           activation.getParameters(), op.getX());
    b.replaceOp(op, silu);
    return success();
  }
};

template <class Derived>
struct ToyPass : public PassWrapper<Derived, OperationPass<ModuleOp>> {
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<act::ActDialect, arith::ArithDialect, linalg::LinalgDialect,
                    math::MathDialect, tensor::TensorDialect>();
  }
  void apply(RewritePatternSet patterns) {
    if (failed(
            applyPatternsGreedily(this->getOperation(), std::move(patterns))))
      this->signalPassFailure();
  }
};

struct LowerPass : public ToyPass<LowerPass> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(LowerPass)
  StringRef getArgument() const override { return "toy-lower"; }
  StringRef getDescription() const override {
    return "toy to act and linalg; activations stay";
  }
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<LowerDense, LowerNormalize>(&getContext());
    apply(std::move(patterns));
  }
};

struct FlickToActPass : public ToyPass<FlickToActPass> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(FlickToActPass)
  StringRef getArgument() const override { return "toy-flick-to-act"; }
  StringRef getDescription() const override { return "toy.flick to act.silu"; }
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<FlickToAct>(&getContext());
    apply(std::move(patterns));
  }
};

/// act-mlir's patterns without its pipelines: rows become linalg.generic; what
/// is on scalars and vectors becomes arith, with the accuracy asked for.
struct ExpandPass : public ToyPass<ExpandPass> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ExpandPass)
  StringRef getArgument() const override { return "toy-expand"; }
  StringRef getDescription() const override {
    return "rows to linalg, scalar activations to their fastest kernels";
  }
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    act::populateRowDecompositionPatterns(patterns);
    act::populateExpansionPatterns(patterns, {act::AccuracyMode::Fast});
    apply(std::move(patterns));
  }
};

//===----------------------------------------------------------------------===//
// What the interface tells
//===----------------------------------------------------------------------===//

/// For each function `f` of one tensor that is a chain of activations, a
/// function `f_gradient` of the tensor and the gradient of the result.
struct GradientPass : public ToyPass<GradientPass> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(GradientPass)
  StringRef getArgument() const override { return "toy-gradient"; }
  StringRef getDescription() const override {
    return "gradients of chains of activations";
  }
  void runOnOperation() override {
    SmallVector<func::FuncOp> functions(getOperation().getOps<func::FuncOp>());
    for (func::FuncOp function : functions)
      if (failed(differentiate(function)))
        return signalPassFailure();
  }

  static LogicalResult differentiate(func::FuncOp function) {
    FunctionType type = function.getFunctionType();
    if (type.getNumInputs() != 1 || type.getNumResults() != 1)
      return function.emitError("must have one argument and one result");
    OpBuilder b(function->getContext());
    b.setInsertionPointAfter(function);
    auto gradient = func::FuncOp::create(
        b, function.getLoc(), (function.getName() + "_gradient").str(),
        b.getFunctionType({type.getInput(0), type.getResult(0)},
                          type.getInput(0)));
    Block *body = gradient.addEntryBlock();
    b.setInsertionPointToStart(body);
    IRMapping map;
    map.map(function.getArgument(0), body->getArgument(0));
    SmallVector<Operation *> chain;
    for (Operation &op : function.front().without_terminator()) {
      if (!isa<ActivationOpInterface>(op) || op.getNumOperands() != 1)
        return op.emitOpError("is no activation of one operand");
      chain.push_back(b.clone(op, map));
    }
    Value dy = body->getArgument(1);
    for (Operation *op : llvm::reverse(chain)) {
      SmallVector<Value> gradients =
          cast<ActivationOpInterface>(op).buildGradients(b, op->getLoc(), dy);
      if (gradients.empty())
        return op->emitOpError("has no gradient");
      dy = gradients.front();
    }
    func::ReturnOp::create(b, function.getLoc(), dy);
    return success();
  }
};

struct BoundsPass : public ToyPass<BoundsPass> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(BoundsPass)
  StringRef getArgument() const override { return "toy-bounds"; }
  StringRef getDescription() const override {
    return "says which kernel each activation gets, and its measured error";
  }
  void runOnOperation() override {
    getOperation().walk([](ActivationOpInterface op) {
      Type element = getElementTypeOrSelf(op->getResult(0).getType());
      std::optional<act::numerics::Type> type = act::getNumericType(element);
      if (!type)
        return;
      for (act::AccuracyMode mode :
           {act::AccuracyMode::Precise, act::AccuracyMode::Fast}) {
        act::AccuracyRequest request{mode};
        const act::numerics::Measurement *kernel = act::numerics::cheapest(
            op.getFunction(), *type, *request.bound(op.getFunction(), *type),
            op.getParameters().data());
        if (kernel)
          op->emitRemark(act::stringifyAccuracyMode(mode))
              << ": " << act::numerics::name(kernel->kernel) << ", "
              << std::to_string(kernel->ulps) << " ULP";
      }
    });
  }
};

} // namespace

/// act-mlir's stages one after the other, after toy's own lowering. A compiler
/// may put its own passes between them.
static void buildToLLVM(OpPassManager &pm,
                        const act::LLVMPipelineOptions &options) {
  pm.addPass(std::make_unique<LowerPass>());
  for (act::Stage stage : act::kStages)
    act::buildStage(pm, stage, options);
}

void toy::registerPasses() {
  PassRegistration<LowerPass>();
  PassRegistration<FlickToActPass>();
  PassRegistration<ExpandPass>();
  PassRegistration<GradientPass>();
  PassRegistration<BoundsPass>();
  PassPipelineRegistration<act::LLVMPipelineOptions>(
      "toy-to-llvm", "toy to the LLVM dialect", buildToLLVM);
}
