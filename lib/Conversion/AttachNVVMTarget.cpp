// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Conversion/Passes.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "llvm/Config/Targets.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"

namespace mlir::act {
#define GEN_PASS_DEF_ATTACHNVVMTARGET
#include "act-mlir/Conversion/Passes.h.inc"
} // namespace mlir::act

using namespace mlir;
using namespace mlir::act;

bool mlir::act::hasTensorCores(StringRef chip) {
  unsigned number = 0;
  return chip.consume_front("sm_") && !chip.consumeInteger(10, number) &&
         number >= 80;
}

namespace {

/// Older chips lack what the kernels use (independent scheduling of threads).
constexpr unsigned kOldestChip = 70;

/// What is wrong with a chip's name; empty if nothing is.
std::string checkChip(StringRef chip) {
#if LLVM_HAS_NVPTX_TARGET
  LLVMInitializeNVPTXTargetInfo();
  LLVMInitializeNVPTXTargetMC();
#endif
  llvm::Triple triple("nvptx64-nvidia-cuda");
  std::string error;
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(triple, error);
  if (!target)
    return "this LLVM has no NVPTX target";
  std::unique_ptr<llvm::MCSubtargetInfo> info(
      target->createMCSubtargetInfo(triple, "", ""));
  unsigned number = 0;
  StringRef digits = chip;
  bool named =
      digits.consume_front("sm_") && !digits.consumeInteger(10, number);
  if (!info || !named || !info->isCPUStringValid(chip))
    return "unknown GPU '" + chip.str() +
           "', expected a chip of LLVM's NVPTX target such as sm_80 or sm_90";
  if (number < kOldestChip)
    return "GPU '" + chip.str() + "' is older than sm_" +
           std::to_string(kOldestChip) + ", the oldest that there is code for";
  return "";
}

struct AttachNVVMTargetPass
    : public act::impl::AttachNVVMTargetBase<AttachNVVMTargetPass> {
  using AttachNVVMTargetBase::AttachNVVMTargetBase;

  void runOnOperation() override {
    if (std::string error = checkChip(chip); !error.empty()) {
      emitError(getOperation().getLoc(), error);
      return signalPassFailure();
    }
    // Without features LLVM takes the lowest PTX version that has the chip.
    auto target = NVVM::NVVMTargetAttr::get(&getContext(), /*optLevel=*/3,
                                            "nvptx64-nvidia-cuda", chip,
                                            /*features=*/"");
    for (auto module : getOperation().getOps<gpu::GPUModuleOp>())
      module.setTargetsAttr(ArrayAttr::get(&getContext(), target));
  }
};

} // namespace
