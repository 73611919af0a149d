// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The stages of the way from tensors to LLVM, as functions with options.

#ifndef ACT_MLIR_PIPELINES_PIPELINES_H
#define ACT_MLIR_PIPELINES_PIPELINES_H

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"

namespace mlir {
namespace act {

/// What the numbers of a program are to be, whatever the target.
template <class Derived>
struct NumericOptions : public PassPipelineOptions<Derived> {
  template <class T>
  using Option = ::mlir::detail::PassOptions::Option<T>;

  Option<std::string> accuracy{
      *this, "accuracy",
      llvm::cl::desc("highest, precise, fast or a bound in ULP"),
      llvm::cl::init("precise")};
  Option<bool> raise{*this, "raise",
                     llvm::cl::desc("find activations in decomposed form"),
                     llvm::cl::init(true)};
  Option<bool> roundOnce{
      *this, "round-once",
      llvm::cl::desc("round a kernel's elementwise work once, at its end"),
      llvm::cl::init(false)};
  Option<bool> reproducible{
      *this, "reproducible",
      llvm::cl::desc("one kernel for each operation, also in folds"),
      llvm::cl::init(false)};
};

struct LLVMPipelineOptions : public NumericOptions<LLVMPipelineOptions> {
  Option<int64_t> vectorBits{
      *this, "vector-bits",
      llvm::cl::desc("width of the target's vector register in bits"),
      llvm::cl::init(512)};
  Option<int64_t> maskBits{
      *this, "mask-bits",
      llvm::cl::desc("the smallest element that the target's memory accesses "
                     "can mask, in bits; 0: none"),
      llvm::cl::init(8)};
  Option<bool> parallel{*this, "parallel",
                        llvm::cl::desc("let threads share large kernels"),
                        llvm::cl::init(true)};
  Option<bool> probes{
      *this, "probes",
      llvm::cl::desc("add a function that runs each kernel alone"),
      llvm::cl::init(false)};
  Option<bool> bf16Dot{
      *this, "bf16-dot",
      llvm::cl::desc("the target multiplies pairs of bf16 (AVX512-BF16)"),
      llvm::cl::init(false)};
  Option<bool> pack{
      *this, "pack",
      llvm::cl::desc("lay out operands of contractions for the CPU's "
                     "register tiles"),
      llvm::cl::init(true)};
};

struct NVVMPipelineOptions : public NumericOptions<NVVMPipelineOptions> {
  Option<std::string> chip{*this, "chip",
                           llvm::cl::desc("the chip: sm_80, sm_90 ..."),
                           llvm::cl::init("sm_80")};
  Option<std::string> format{
      *this, "format",
      llvm::cl::desc("what becomes of the kernels: isa (PTX), or none to stop "
                     "at the NVVM dialect"),
      llvm::cl::init("isa")};
};

/// The stages of a program, in order.
enum class Stage {
  Simplify,  ///< folds, canonical forms, shapes resolved
  Raise,     ///< activations are `act` operations
  Fuse,      ///< `act.kernel` regions on tensors
  Bufferize, ///< kernels on memrefs, one workspace, weights as an argument
  Tile,      ///< rows decomposed, the schedule as attributes
  Vectorize, ///< loops, vectors, `act` and `math` on them
  Expand,    ///< no `act`, no `math`
  Lower      ///< the LLVM dialect
};
inline constexpr Stage kStages[] = {
    Stage::Simplify, Stage::Raise,     Stage::Fuse,   Stage::Bufferize,
    Stage::Tile,     Stage::Vectorize, Stage::Expand, Stage::Lower};

/// "simplify", "fuse", ...
StringRef stringifyStage(Stage stage);
std::optional<Stage> symbolizeStage(StringRef name);

/// The stages that do not depend on the target, and those that do.
inline ArrayRef<Stage> stagesBeforeTarget() {
  return ArrayRef(kStages).take_front(3);
}
inline ArrayRef<Stage> stagesOfTarget() {
  return ArrayRef(kStages).drop_front(3);
}

/// Adds a stage, which ends in the check of its contract.
void buildStage(OpPassManager &pm, Stage stage,
                const LLVMPipelineOptions &options);

/// All stages, from tensors to the LLVM dialect.
void buildLowerToLLVMPipeline(OpPassManager &pm,
                              const LLVMPipelineOptions &options);

/// All stages, from tensors to PTX in a `gpu.binary`.
void buildLowerToNVVMPipeline(OpPassManager &pm,
                              const NVVMPipelineOptions &options);

/// The same kernels as functions of the host, for the executor; from fused
/// kernels to the LLVM dialect.
void buildGPUExecutorStages(OpPassManager &pm,
                            const LLVMPipelineOptions &options);

void registerActPipelines();
void registerGPUPipelines();

} // namespace act
} // namespace mlir

#endif // ACT_MLIR_PIPELINES_PIPELINES_H
