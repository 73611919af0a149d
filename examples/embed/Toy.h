// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// A small dialect and its compiler. Of act-mlir only ToyActivations.cpp,
// ToyPasses.cpp and the tool know.

#ifndef TOY_H
#define TOY_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "ToyDialect.h.inc"

#define GET_OP_CLASSES
#include "ToyOps.h.inc"

namespace toy {

/// Makes `toy.flick` an activation of act-mlir, wherever the dialect is loaded.
void registerActivations(mlir::DialectRegistry &registry);

/// The passes --toy-lower, --toy-flick-to-act, --toy-gradient, --toy-bounds and
/// --toy-expand, and the pipeline --toy-to-llvm.
void registerPasses();

} // namespace toy

#endif // TOY_H
