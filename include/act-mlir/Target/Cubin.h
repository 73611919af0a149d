// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// PTX to machine code of a GPU, by NVIDIA's programs where they are installed.

#ifndef ACT_MLIR_TARGET_CUBIN_H
#define ACT_MLIR_TARGET_CUBIN_H

#include "mlir/Support/LLVM.h"
#include "llvm/Support/Error.h"
#include <string>
#include <vector>

namespace mlir::act {

/// What one kernel takes of a multiprocessor, as ptxas says.
struct KernelResources {
  std::string name;
  unsigned registers = 0;
  unsigned stackBytes = 0;
  unsigned spillBytes = 0; ///< stores and loads
};

struct Cubin {
  std::string code;
  std::vector<KernelResources> kernels;
};

/// Looks for one of NVIDIA's programs in `$CUDA_HOME/bin` and in PATH.
llvm::Expected<std::string> findCUDATool(StringRef name);

/// Assembles PTX for a chip such as sm_90, with temporary files in `folder`.
llvm::Expected<Cubin> assemblePTX(StringRef ptx, StringRef chip,
                                  StringRef folder);

/// One image of a fat binary: a cubin, or PTX for chips that come later.
struct FatBinaryImage {
  std::string chip;
  bool isPTX;
  std::string code;
};

/// The images in one file, of which the driver takes the one that fits.
llvm::Expected<std::string> joinImages(ArrayRef<FatBinaryImage> images,
                                       StringRef folder);

} // namespace mlir::act

#endif // ACT_MLIR_TARGET_CUBIN_H
