// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/IR/Act.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/Transforms/InliningUtils.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::act;

#include "act-mlir/IR/ActDialect.cpp.inc"
#include "act-mlir/IR/ActEnums.cpp.inc"
#include "act-mlir/IR/ActInterfaces.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "act-mlir/IR/ActAttributes.cpp.inc"

namespace {
/// Everything here may move into another function: it has no effects but those
/// on its operands.
struct ActInliner : DialectInlinerInterface {
  using DialectInlinerInterface::DialectInlinerInterface;

  bool isLegalToInline(Operation *, Region *, bool, IRMapping &) const final {
    return true;
  }
  bool isLegalToInline(Region *, Region *, bool, IRMapping &) const final {
    return true;
  }
};
} // namespace

void ActDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "act-mlir/IR/ActOps.cpp.inc"
      >();
  addAttributes<
#define GET_ATTRDEF_LIST
#include "act-mlir/IR/ActAttributes.cpp.inc"
      >();
  addInterfaces<ActInliner>();
  act::detail::addBytecodeInterface(this);
}
