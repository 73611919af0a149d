// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Transforms/Fusion.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/ErrorHandling.h"

using namespace mlir::act;
using llvm::StringRef;

StringRef mlir::act::stringify(FusionKind kind) {
  switch (kind) {
  case FusionKind::Map:
    return "map";
  case FusionKind::Rows:
    return "rows";
  case FusionKind::Contraction:
    return "contraction";
  }
  llvm_unreachable("unknown kind");
}

namespace {
struct Reason {
  FusionRefusal reason;
  StringRef name, sentence;
};
} // namespace

static constexpr Reason kReasons[] = {
    {FusionRefusal::Shape, "shape", "their shapes are not known to agree"},
    {FusionRefusal::Layout, "layout",
     "the producer is read in another order, or shifted"},
    {FusionRefusal::Gather, "gather",
     "the producer is read at positions that are computed"},
    {FusionRefusal::Broadcast, "broadcast",
     "each element of the producer is read many times"},
    {FusionRefusal::RowDimension, "row-dimension",
     "their rows run along different dimensions"},
    {FusionRefusal::Recompute, "recompute",
     "each pass over the row would compute the producer anew"},
    {FusionRefusal::ContractionInput, "contraction-input",
     "a contraction and other passes read each element many times"},
    {FusionRefusal::TwoContractions, "two-contractions",
     "a kernel holds one contraction"},
    {FusionRefusal::OneRow, "one-row",
     "a single long row would keep the map on one thread"},
    {FusionRefusal::Order, "order",
     "others wait for the producer, and the consumer for them"},
    {FusionRefusal::Size, "size",
     "the kernel has as many operations as one may have"},
    {FusionRefusal::View, "view",
     "a reshape, slice or other movement is between them"},
};

static const Reason &find(FusionRefusal reason) {
  return *llvm::find_if(kReasons,
                        [&](const Reason &r) { return r.reason == reason; });
}

StringRef mlir::act::stringify(FusionRefusal reason) {
  return find(reason).name;
}

StringRef mlir::act::explain(FusionRefusal reason) {
  return find(reason).sentence;
}

std::optional<FusionRefusal> mlir::act::symbolizeFusionRefusal(StringRef name) {
  for (const Reason &reason : kReasons)
    if (reason.name == name)
      return reason.reason;
  return std::nullopt;
}
