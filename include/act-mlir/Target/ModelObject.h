// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The constants by which a library describes its model to the runtime.

#ifndef ACT_MLIR_TARGET_MODELOBJECT_H
#define ACT_MLIR_TARGET_MODELOBJECT_H

#include "llvm/IR/Module.h"
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mlir::act {

struct ModelImage {
  struct Argument {
    std::string name;
    std::vector<int64_t> shape; // -1: known at run time
    uint8_t code, bits;         // DLPack's
  };
  struct Level {
    std::string name;
    uint64_t features;
    std::string run, shapes, workspace;    // symbols
    std::string probes;                    // a symbol, where there are some
    std::string prepare, prepareWorkspace; // where there are constants
  };
  struct Probe {
    std::string name;
    uint8_t code, bits; // DLPack's
    unsigned operands;
    std::string data;
  };
  std::string name; // a C identifier
  std::string json;
  std::vector<Argument> inputs, outputs, constants, prepared;
  std::vector<Level> levels;
  std::vector<std::string> checks; // of pairs of extents
  std::vector<Probe> probes;
  uint64_t weightsBytes = 0;
  std::string externalWeights; // a file beside the library; empty: embedded
  uint64_t selftest = 0;
  struct GPU {
    struct Image {
      int chip;
      std::string text;
    };
    std::vector<Image> images; // from the newest to the oldest
    std::vector<std::string> kernels;
    std::string run, workspace; // symbols
  };
  std::optional<GPU> gpu;
};

/// The section of an object file that has zeros where embedded weights go.
inline constexpr const char *kWeightsSection = ".act.weights";

/// A module with `act_model_get` for a library of its own, else `<name>_get`;
/// everything else in it is hidden.
std::unique_ptr<llvm::Module> buildModelModule(llvm::LLVMContext &context,
                                               const ModelImage &image,
                                               bool library);

} // namespace mlir::act

#endif // ACT_MLIR_TARGET_MODELOBJECT_H
