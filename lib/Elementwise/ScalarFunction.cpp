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
  if (function.getNumArguments() != 1 || function.getNumResults() != 1 ||
      !function.getBody().hasOneBlock())
    return function.emitError("expected one operand and one result, got ")
           << function.getNumArguments() << " and " << function.getNumResults();
  Block &block = function.getBody().front();
  Value result = block.getTerminator()->getOperand(0);
  if (!isa<FloatType>(getElementTypeOrSelf(result.getType())) ||
      !isa<FloatType>(
          getElementTypeOrSelf(function.getArgumentTypes().front())))
    return function.emitError("expected floats, got ")
           << function.getFunctionType();
  ElementwiseGraph graph(block);
  unsigned input = graph.nodeOf(function.getArgument(0));
  unsigned root = graph.nodeOf(result);
  llvm::SmallSetVector<unsigned, 16> found;
  found.insert(root);
  for (unsigned i = 0; i < found.size(); ++i) {
    const ElementwiseGraph::Node &node = graph[found[i]];
    if (node.kind != ElementwiseGraph::Node::Computed) {
      Operation *op =
          node.values.empty() ? nullptr : node.values.front().getDefiningOp();
      return emitError(op ? op->getLoc() : function.getLoc())
             << "a result's element depends on more than the operand's "
                "element: "
             << (op ? op->getName().getStringRef() : StringRef("operand"))
             << " is no elementwise operation that is known here";
    }
    for (unsigned operand : node.operands)
      if (operand != input && graph[operand].isVarying())
        found.insert(operand);
  }
  return ScalarFunction(std::make_unique<Cone>(graph, input, root));
}

double ScalarFunction::operator()(double x) const { return (*cone)(x); }
double ScalarFunction::inPairs(double x) const { return cone->inPairs(x); }
bool ScalarFunction::isFinite(double x) const { return cone->isFinite(x); }
