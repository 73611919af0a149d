// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The host's part of a GPU program in words: which kernels with what, in which
// order, on how many threads.

#include "act-mlir/Target/PTX.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::act;

namespace {

/// Values of the host's function as expressions of its arguments. What has no
/// words is named as what it is, never left out.
class Expressions {
public:
  explicit Expressions(ArrayRef<std::string> names) : names(names) {}

  std::string of(Value value) const;

private:
  std::string extent(Value memory, OpFoldResult dimension) const;
  std::string binary(Operation *op, StringRef sign) const {
    return "(" + of(op->getOperand(0)) + " " + sign.str() + " " +
           of(op->getOperand(1)) + ")";
  }
  std::string call(Operation *op, StringRef name) const {
    return name.str() + "(" + of(op->getOperand(0)) + ", " +
           of(op->getOperand(1)) + ")";
  }
  std::string unknown(Operation *op) const {
    return "<" + op->getName().getStringRef().str() + ">";
  }

  ArrayRef<std::string> names;
};

StringRef comparison(arith::CmpIPredicate predicate) {
  switch (predicate) {
  case arith::CmpIPredicate::eq:
    return "==";
  case arith::CmpIPredicate::ne:
    return "!=";
  case arith::CmpIPredicate::slt:
  case arith::CmpIPredicate::ult:
    return "<";
  case arith::CmpIPredicate::sle:
  case arith::CmpIPredicate::ule:
    return "<=";
  case arith::CmpIPredicate::sgt:
  case arith::CmpIPredicate::ugt:
    return ">";
  case arith::CmpIPredicate::sge:
  case arith::CmpIPredicate::uge:
    return ">=";
  }
  llvm_unreachable("unknown predicate");
}

std::string Expressions::extent(Value memory, OpFoldResult dimension) const {
  std::optional<int64_t> at = getConstantIntValue(dimension);
  if (at && isa<BlockArgument>(memory))
    return of(memory) + "[" + std::to_string(*at) + "]";
  if (at)
    if (auto view = memory.getDefiningOp<memref::ViewOp>())
      return of(view.getSizes()[view.getType().getDynamicDimIndex(*at)]);
  return "<memref.dim>";
}

std::string Expressions::of(Value value) const {
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    if (argument.getArgNumber() < names.size() &&
        isa<func::FuncOp>(argument.getOwner()->getParentOp()))
      return names[argument.getArgNumber()];
    return "<" +
           argument.getOwner()->getParentOp()->getName().getStringRef().str() +
           ">";
  }
  if (std::optional<int64_t> number = getConstantIntValue(value))
    return std::to_string(*number);
  return TypeSwitch<Operation *, std::string>(value.getDefiningOp())
      .Case([&](memref::DimOp op) {
        return extent(op.getSource(), op.getDimension());
      })
      .Case([&](memref::ExtractStridedMetadataOp op) {
        unsigned result = cast<OpResult>(value).getResultNumber();
        int64_t rank = cast<MemRefType>(op.getSource().getType()).getRank();
        if (result == 0)
          return of(op.getSource());
        if (result >= 2 && int64_t(result) < 2 + rank)
          return extent(
              op.getSource(),
              IntegerAttr::get(IndexType::get(op.getContext()), result - 2));
        return unknown(op);
      })
      .Case([&](memref::ViewOp op) {
        return "(" + of(op.getSource()) + " + " + of(op.getByteShift()) + ")";
      })
      .Case([&](memref::ExtractAlignedPointerAsIndexOp op) {
        return "address(" + of(op.getSource()) + ")";
      })
      .Case<memref::CastOp, memref::ReinterpretCastOp, memref::ExpandShapeOp,
            memref::CollapseShapeOp, arith::IndexCastOp>(
          [&](Operation *op) { return of(op->getOperand(0)); })
      .Case([&](arith::AddIOp op) { return binary(op, "+"); })
      .Case([&](arith::SubIOp op) { return binary(op, "-"); })
      .Case([&](arith::MulIOp op) { return binary(op, "*"); })
      .Case<arith::DivUIOp, arith::DivSIOp>(
          [&](Operation *op) { return binary(op, "/"); })
      .Case<arith::RemUIOp, arith::RemSIOp>(
          [&](Operation *op) { return binary(op, "%"); })
      .Case([&](arith::AndIOp op) { return binary(op, "&"); })
      .Case([&](arith::OrIOp op) { return binary(op, "|"); })
      .Case<arith::CeilDivUIOp, arith::CeilDivSIOp>(
          [&](Operation *op) { return call(op, "ceildiv"); })
      .Case<arith::MinUIOp, arith::MinSIOp>(
          [&](Operation *op) { return call(op, "min"); })
      .Case<arith::MaxUIOp, arith::MaxSIOp>(
          [&](Operation *op) { return call(op, "max"); })
      .Case([&](arith::CmpIOp op) {
        return binary(op, comparison(op.getPredicate()));
      })
      .Case([&](arith::SelectOp op) {
        return "(" + of(op.getCondition()) + " ? " + of(op.getTrueValue()) +
               " : " + of(op.getFalseValue()) + ")";
      })
      .Default([&](Operation *op) { return unknown(op); });
}

} // namespace

llvm::json::Value mlir::act::describeLaunches(ModuleOp module,
                                              ArrayRef<std::string> names) {
  Expressions expressions(names);
  llvm::json::Array launches;
  module.walk([&](gpu::LaunchFuncOp op) {
    if (!op->getParentOfType<func::FuncOp>())
      return;
    llvm::json::Array parameters;
    for (Value operand : op.getKernelOperands())
      parameters.push_back(expressions.of(operand));
    llvm::json::Object launch{{"kernel", op.getKernelName().getValue()},
                              {"blocks", expressions.of(op.getGridSizeX())},
                              {"threads", expressions.of(op.getBlockSizeX())},
                              {"parameters", std::move(parameters)}};
    // What stands around it.
    llvm::json::Array conditions;
    for (Operation *parent = op->getParentOp(); !isa<func::FuncOp>(parent);
         parent = parent->getParentOp()) {
      auto branch = dyn_cast<scf::IfOp>(parent);
      bool then =
          branch && branch.getThenRegion().isAncestor(op->getParentRegion());
      conditions.push_back(
          branch ? (then ? "" : "not ") + expressions.of(branch.getCondition())
                 : "<" + parent->getName().getStringRef().str() + ">");
    }
    if (!conditions.empty())
      launch["if"] = std::move(conditions);
    launches.push_back(std::move(launch));
  });
  return launches;
}
