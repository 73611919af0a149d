// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// What fusion decided: the kinds of kernels, and the reasons for which
// operations stayed apart. The names are stable.

#ifndef ACT_MLIR_TRANSFORMS_FUSION_H
#define ACT_MLIR_TRANSFORMS_FUSION_H

#include "act-mlir/IR/Act.h"
#include "mlir/IR/BuiltinOps.h"
#include <optional>
#include <vector>

namespace llvm::json {
class Array;
} // namespace llvm::json

namespace mlir::act {

enum class FusionKind {
  Map,         ///< element by element
  Rows,        ///< reductions of rows, and what is mapped from or to them
  Contraction, ///< a product, convolution or window, and what maps its result
};

enum class FusionRefusal {
  Shape,            ///< their shapes are not known to agree
  Layout,           ///< the producer is read in another order, or shifted
  Gather,           ///< the producer is read at positions that are computed
  Broadcast,        ///< each element of the producer is read many times
  RowDimension,     ///< their rows run along different dimensions
  Recompute,        ///< passes over the row would compute the producer anew
  ContractionInput, ///< a contraction reads each element many times
  TwoContractions,  ///< a kernel holds one contraction
  OneRow,           ///< a single long row would keep the map on one thread
  Order,            ///< an operation between them depends on one of them
  Size,             ///< the kernel has as many operations as one may have
  View,             ///< a reshape, slice or other movement is between them
};

/// "map", "rows", "contraction".
llvm::StringRef stringify(FusionKind kind);
/// "shape", "layout", "gather", ...
llvm::StringRef stringify(FusionRefusal reason);
/// A sentence for people.
llvm::StringRef explain(FusionRefusal reason);
std::optional<FusionRefusal> symbolizeFusionRefusal(llvm::StringRef name);

/// The attribute of a kernel: {kind = "rows", apart = [{...}, ...]}, with the
/// producer, the consumer and the reason of each refusal.
inline constexpr llvm::StringLiteral kFusionAttr = "fusion";
/// The attribute of a kernel all of whose results of one type have one shape.
inline constexpr llvm::StringLiteral kOneDomainAttr = "one_domain";
/// The attribute of operations that must become parts of one kernel: those
/// that name one group.
inline constexpr llvm::StringLiteral kExpectFusedAttr = "act.expect_fused";

/// A node's name in its model, else the line in a file.
std::string placeOf(Location loc);

/// What became of one kernel.
struct KernelReport {
  struct Apart {
    StringRef producer;
    Location producerLoc;
    StringRef consumer;
    Location consumerLoc;
    FusionRefusal reason;
  };
  KernelOp kernel;
  StringRef function;
  StringRef kind; // empty for a copy
  std::vector<Operation *> operations;
  std::vector<Apart> apart;
};
std::vector<KernelReport> reportFusion(ModuleOp module);

/// The same as text, and as what a library's `describe` has.
void printFusion(ModuleOp module, raw_ostream &os);
llvm::json::Array fusionAsJSON(ModuleOp module);

} // namespace mlir::act

#endif // ACT_MLIR_TRANSFORMS_FUSION_H
