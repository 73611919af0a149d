// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// What fusion decided, for people, programs and tests: from the kernels'
// attributes and bodies.

#include "act-mlir/IR/Act.h"
#include "act-mlir/Transforms/Fusion.h"
#include "act-mlir/Transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Remarks.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Path.h"

namespace mlir::act {
#define GEN_PASS_DEF_REPORTFUSION
#define GEN_PASS_DEF_VERIFYFUSED
#include "act-mlir/Transforms/Passes.h.inc"
} // namespace mlir::act

using namespace mlir;
using namespace mlir::act;

std::string mlir::act::placeOf(Location loc) {
  std::string name, line;
  loc->walk([&](Location inner) {
    if (auto named = dyn_cast<NameLoc>(inner); named && name.empty())
      name = named.getName().str();
    if (auto file = dyn_cast<FileLineColLoc>(inner); file && line.empty())
      line = (llvm::sys::path::filename(file.getFilename()) + ":" +
              llvm::Twine(file.getLine()))
                 .str();
    return WalkResult::advance();
  });
  return name.empty() ? line : name;
}

std::vector<KernelReport> mlir::act::reportFusion(ModuleOp module) {
  std::vector<KernelReport> reports;
  module.walk([&](KernelOp kernel) {
    KernelReport report;
    report.kernel = kernel;
    report.function = kernel->getParentOfType<func::FuncOp>().getName();
    kernel.getBody().walk([&](Operation *op) {
      bool isRegion =
          op->getNumRegions() != 0 && isa<linalg::GenericOp, linalg::MapOp>(op);
      if (isRegion || op->hasTrait<OpTrait::IsTerminator>() ||
          op->hasTrait<OpTrait::ConstantLike>() ||
          isa<linalg::FillOp, tensor::EmptyOp, tensor::DimOp>(op))
        return WalkResult::advance();
      // A named operation is one, not what its region says.
      auto parent = dyn_cast<linalg::LinalgOp>(op->getParentOp());
      if (parent && !isa<linalg::GenericOp, linalg::MapOp>(op->getParentOp()))
        return WalkResult::advance();
      report.operations.push_back(op);
      return WalkResult::advance();
    });
    if (auto fusion = kernel->getAttrOfType<DictionaryAttr>(kFusionAttr)) {
      report.kind = fusion.getAs<StringAttr>("kind").getValue();
      if (auto apart = fusion.getAs<ArrayAttr>("apart"))
        for (auto edge : apart.getAsRange<DictionaryAttr>())
          report.apart.push_back(
              {edge.getAs<StringAttr>("producer").getValue(),
               edge.getAs<LocationAttr>("producer_loc"),
               edge.getAs<StringAttr>("consumer").getValue(),
               edge.getAs<LocationAttr>("consumer_loc"),
               *symbolizeFusionRefusal(
                   edge.getAs<StringAttr>("reason").getValue())});
    }
    reports.push_back(std::move(report));
  });
  return reports;
}

/// "act.gelu, arith.addf", at most `limit` of them.
static std::string listOf(ArrayRef<Operation *> operations, size_t limit) {
  std::string text;
  llvm::raw_string_ostream os(text);
  llvm::interleaveComma(operations.take_front(limit), os, [&](Operation *op) {
    os << op->getName().getStringRef();
  });
  if (operations.size() > limit)
    os << ", and " << operations.size() - limit << " more";
  return text;
}

void mlir::act::printFusion(ModuleOp module, raw_ostream &os) {
  unsigned number = 0;
  for (KernelReport &report : reportFusion(module)) {
    os << "kernel " << number++ << " of " << report.function << ": "
       << (report.kind.empty() ? "copy" : report.kind) << ", "
       << report.operations.size() << " operation"
       << (report.operations.size() == 1 ? "" : "s") << ", to ";
    llvm::interleaveComma(report.kernel.getOutputs().getTypes(), os);
    os << "\n";
    for (Operation *op : report.operations)
      os << "  " << llvm::left_justify(op->getName().getStringRef(), 24)
         << placeOf(op->getLoc()) << "\n";
    for (const KernelReport::Apart &edge : report.apart)
      os << "  apart from " << edge.producer << " ("
         << placeOf(edge.producerLoc) << "), which " << edge.consumer << " ("
         << placeOf(edge.consumerLoc) << ") reads: " << stringify(edge.reason)
         << ", " << explain(edge.reason) << "\n";
  }
}

llvm::json::Array mlir::act::fusionAsJSON(ModuleOp module) {
  constexpr size_t kNames = 32;
  llvm::json::Array kernels;
  for (KernelReport &report : reportFusion(module)) {
    llvm::json::Array names, apart;
    for (Operation *op : ArrayRef(report.operations).take_front(kNames))
      names.push_back(op->getName().getStringRef());
    for (const KernelReport::Apart &edge : report.apart)
      apart.push_back(llvm::json::Object{{"producer", edge.producer},
                                         {"at", placeOf(edge.producerLoc)},
                                         {"consumer", edge.consumer},
                                         {"reason", stringify(edge.reason)}});
    llvm::json::Object kernel{{"kind", report.kind},
                              {"operations", int64_t(report.operations.size())},
                              {"names", std::move(names)},
                              {"at", placeOf(report.kernel.getLoc())}};
    if (!apart.empty())
      kernel["apart"] = std::move(apart);
    kernels.push_back(std::move(kernel));
  }
  return kernels;
}

namespace {

struct ReportFusionPass : public act::impl::ReportFusionBase<ReportFusionPass> {
  void runOnOperation() override {
    if (!getContext().getRemarkEngine())
      return;
    for (KernelReport &report : reportFusion(getOperation())) {
      auto options = [&](StringRef name) {
        return remark::RemarkOpts::name(name)
            .category("act-fuse")
            .function(report.function);
      };
      remark::passed(report.kernel.getLoc(), options(report.kind))
          << listOf(report.operations, 16);
      for (const KernelReport::Apart &edge : report.apart)
        remark::missed(edge.consumerLoc, options(stringify(edge.reason)))
            << (edge.consumer + " and " + edge.producer + " at " +
                placeOf(edge.producerLoc) + ": " + explain(edge.reason))
                   .str();
    }
  }
};

struct VerifyFusedPass : public act::impl::VerifyFusedBase<VerifyFusedPass> {
  void runOnOperation() override {
    llvm::MapVector<StringAttr, SmallVector<Operation *>> expected;
    bool failed = false;
    getOperation().walk([&](Operation *op) {
      Attribute attribute = op->getDiscardableAttr(kExpectFusedAttr);
      if (!attribute)
        return;
      if (auto name = dyn_cast<StringAttr>(attribute)) {
        expected[name].push_back(op);
        return;
      }
      op->emitOpError("attribute '")
          << kExpectFusedAttr << "' must be a string, got " << attribute;
      failed = true;
    });
    for (auto &[name, ops] : expected)
      failed |= !verify(name, ops);
    if (failed)
      signalPassFailure();
  }

  bool verify(StringAttr name, ArrayRef<Operation *> ops) {
    auto first = ops.front()->getParentOfType<KernelOp>();
    for (Operation *op : ops) {
      auto kernel = op->getParentOfType<KernelOp>();
      if (!kernel) {
        op->emitOpError("of the group ") << name << " is in no kernel";
        return false;
      }
      if (kernel == first)
        continue;
      InFlightDiagnostic error =
          op->emitOpError("is not in one kernel with the other operations of "
                          "the group ")
          << name;
      error.attachNote(ops.front()->getLoc()) << "another one";
      for (KernelReport &report : reportFusion(getOperation()))
        if (report.kernel == kernel || report.kernel == first)
          for (const KernelReport::Apart &edge : report.apart)
            error.attachNote(edge.producerLoc)
                << edge.producer << " and " << edge.consumer
                << " stayed apart: " << stringify(edge.reason) << ", "
                << explain(edge.reason);
      return false;
    }
    return true;
  }
};

} // namespace
