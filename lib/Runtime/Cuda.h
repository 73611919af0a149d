/* Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Kernels on an NVIDIA GPU, through the driver that the process finds.
 */
#ifndef ACT_LIB_RUNTIME_CUDA_H
#define ACT_LIB_RUNTIME_CUDA_H

#include "Program.h"

/* A device with the program's kernels and weights on it. */
typedef struct act_cuda act_cuda;

/* What a library has only if it has code for GPUs: the runtime calls it by way
 * of the program, so that others carry none of it. Texts of errors go to
 * act_rt_fail. */
struct act_gpu_ops {
  act_status (*create)(const act_program *program, int32_t device,
                       const void *weights, act_cuda **cuda);
  void (*destroy)(act_cuda *cuda);
  /* Calls the host's code, whose launches go to the stream. */
  act_status (*run)(act_cuda *cuda, void **arguments, void *stream);
  void *(*weights)(act_cuda *cuda);
  /* Memory of the device; the status is that of the copy. */
  act_status (*allocate)(act_cuda *cuda, size_t bytes, void **memory);
  void (*release)(act_cuda *cuda, void *memory);
  act_status (*copy_in)(act_cuda *cuda, void *to, const void *from,
                        size_t bytes);
  act_status (*copy_out)(act_cuda *cuda, void *to, const void *from,
                         size_t bytes);
  act_status (*wait)(act_cuda *cuda, void *stream);
  /* Whether kernels reach what a pointer points to; `what` names it. */
  act_status (*check_memory)(act_cuda *cuda, const void *memory,
                             const char *what);
};

/* Called by the host's code of a program: one launch of kernel `kernel`, whose
 * parameters are behind the pointers. */
void act_cuda_launch(int64_t kernel, int64_t blocks, int64_t threads,
                     void **parameters);

#endif /* ACT_LIB_RUNTIME_CUDA_H */
