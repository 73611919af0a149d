// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Elementwise/ScalarFunction.h"
#include "Cone.h"

using namespace mlir;
using namespace mlir::act;

ScalarFunction::ScalarFunction(std::unique_ptr<Cone> cone)
    : cone(std::move(cone)) {}
ScalarFunction::ScalarFunction(const ScalarFunction &other)
    : cone(std::make_unique<Cone>(*other.cone)) {}
ScalarFunction::ScalarFunction(ScalarFunction &&other) = default;
ScalarFunction::~ScalarFunction() = default;

FailureOr<ScalarFunction> ScalarFunction::create(func::FuncOp function) {
  unsigned count = function.getNumArguments();
  if (count < 1 || count > 2 || function.getNumResults() != 1 ||
      !function.getBody().hasOneBlock())
    return function.emitError("expected one or two operands and one result, "
                              "got ")
           << count << " and " << function.getNumResults();
  Block &block = function.getBody().front();
  Value result = block.getTerminator()->getOperand(0);
  auto isFloat = [](Type type) {
    return isa<FloatType>(getElementTypeOrSelf(type));
  };
  if (!isFloat(result.getType()) ||
      !llvm::all_of(function.getArgumentTypes(), isFloat))
    return function.emitError("expected floats, got ")
           << function.getFunctionType();
  ElementwiseGraph graph(block);
  unsigned input = graph.nodeOf(function.getArgument(0));
  unsigned other = count == 2 ? graph.nodeOf(function.getArgument(1))
                              : ElementwiseGraph::kNone;
  unsigned root = graph.nodeOf(result);
  llvm::SmallSetVector<unsigned, 16> found;
  found.insert(root);
  for (unsigned i = 0; i < found.size(); ++i) {
    const ElementwiseGraph::Node &node = graph[found[i]];
    if (node.kind != ElementwiseGraph::Node::Computed) {
      Operation *op =
          node.values.empty() ? nullptr : node.values.front().getDefiningOp();
      return emitError(op ? op->getLoc() : function.getLoc())
             << "a result's element depends on more than the operands' "
                "elements: "
             << (op ? op->getName().getStringRef() : StringRef("operand"))
             << " is no elementwise operation that is known here";
    }
    for (unsigned operand : node.operands)
      if (operand != input && operand != other && graph[operand].isVarying())
        found.insert(operand);
  }
  return ScalarFunction(std::make_unique<Cone>(graph, input, root, other));
}

void ScalarFunction::setOther(double y) { cone->setOther(y); }
double ScalarFunction::operator()(double x) const { return (*cone)(x); }
double ScalarFunction::inPairs(double x) const { return cone->inPairs(x); }
bool ScalarFunction::isFinite(double x) const { return cone->isFinite(x); }
