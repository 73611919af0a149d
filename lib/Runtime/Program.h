/* Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What the compiler writes into a library for the runtime. The layouts are
 * written once more in lib/Target/ModelObject.cpp.
 */
#ifndef ACT_LIB_RUNTIME_PROGRAM_H
#define ACT_LIB_RUNTIME_PROGRAM_H

#include "act-mlir-c/Runtime.h"

#ifdef __cplusplus
extern "C" {
#endif

/* An input or a result. An extent of -1 is known at run time only; extents of
 * one number below -1 are all the same. */
typedef struct act_argument {
  const char *name;
  const int64_t *shape;
  int32_t ndim;
  act_dtype dtype;
} act_argument;

/* A function whose arguments are pointers to memref descriptors. */
typedef void (*act_packed)(void **arguments);

/* What a CPU must have for the code of one level. */
enum {
  ACT_CPU_ANY = 0,
  ACT_CPU_X86_V3 = 1,
  ACT_CPU_X86_V4 = 2,
  ACT_CPU_X86_BF16 = 4,
  ACT_CPU_X86_VBMI = 8,
  ACT_CPU_ARM_SVE = 16
};

/* The code of one level; the first that the CPU can run is taken. */
typedef struct act_level {
  const char *name;
  uint64_t features;
  act_packed run, shapes, workspace;
  act_packed probes; /* runs the kernels of all probes; null: there are none */
  /* From the constants to what is prepared of them; null: there are none. */
  act_packed prepare, prepare_workspace;
} act_level;

/* A kernel of the program alone: slots with the elements of up to three
 * operands and, in the last one, the results that the compiler expects. */
enum {
  ACT_PROBE_ELEMENTS = 16,
  ACT_PROBE_SLOTS = 4,
  ACT_PROBE_SLOT_BYTES = 8 * ACT_PROBE_ELEMENTS,
  ACT_PROBE_BYTES = ACT_PROBE_SLOTS * ACT_PROBE_SLOT_BYTES
};
typedef struct act_probe {
  const char *name;
  const void *data;
  act_dtype dtype;
  int32_t num_operands;
} act_probe;

/* PTX for a chip, such as 80 for sm_80. */
typedef struct act_gpu_image {
  int32_t chip;
  const char *text;
} act_gpu_image;

/* The code for GPUs: images from the newest chip to the oldest, the kernels'
 * names in the order that launches count them, and the host's part, whose
 * tensors are on the device. */
typedef struct act_gpu {
  const act_gpu_image *images;
  const char *const *kernels;
  act_packed run, workspace;
  const struct act_gpu_ops *ops;
  int32_t num_images, num_kernels;
} act_gpu;

typedef struct act_program {
  const char *json;
  /* The inputs, the results, the constants, what is prepared of these. */
  const act_argument *arguments;
  const act_level *levels;
  const void *weights;
  uint64_t weights_size;
  const char *weights_file; /* null: embedded */
  uint64_t selftest;        /* hash of the results; 0: none stored */
  int32_t num_inputs, num_outputs, num_levels;
  const act_gpu *gpu; /* null: none */
  /* What needs two extents to be equal: `shapes` returns them in pairs, behind
   * the shapes. */
  int32_t num_checks;
  const char *const *checks;
  int32_t num_probes;
  const act_probe *probes;
  int32_t num_constants, num_prepared;
} act_program;

/* The features of this CPU, as bits of the enumeration above. */
uint64_t act_cpu_features(void);

/* Compiled code reckons with rounding to nearest, subnormal numbers and no
 * traps. Gives this thread these modes, and returns those that it had, for
 * `act_float_leave`. */
uint64_t act_float_enter(void);
void act_float_leave(uint64_t modes);

/* Called by compiled code: body(context, i) for i in [0, count). */
void act_parallel_run(int64_t count, void (*body)(void *, int64_t),
                      void *context);

/* Whose threads `act_parallel_run` uses on this thread. */
void act_parallel_set(act_parallel_for function, void *user,
                      int32_t max_threads);

/* Runs on inputs that are the same numbers everywhere, in [-128, 128), with
 * four elements where an extent is dynamic, and gives a hash of the results'
 * bits, never 0. */
act_status act_selftest_hash(act_instance *instance, uint64_t *hash);

/* The functions of `act_model`, with `program` behind them. */
const char *act_rt_describe(const act_model *model);
act_status act_rt_create(const act_model *model, const act_options *options,
                         act_instance **instance);
void act_rt_destroy(act_instance *instance);
act_status act_rt_infer_shapes(act_instance *instance, const act_tensor *inputs,
                               int32_t num_inputs, act_tensor *outputs,
                               int32_t num_outputs);
act_status act_rt_workspace_size(act_instance *instance,
                                 const act_tensor *inputs, int32_t num_inputs,
                                 size_t *bytes);
act_status act_rt_run(act_instance *instance, const act_tensor *inputs,
                      int32_t num_inputs, act_tensor *outputs,
                      int32_t num_outputs, void *workspace,
                      size_t workspace_bytes, void *stream);
act_status act_rt_selftest(act_instance *instance);
const char *act_rt_last_error(void);
act_status act_rt_prepare(act_instance *instance, const act_tensor *constants,
                          int32_t num_constants);

/* Another instance of the same program with the same options, on the CPU: it
 * has no constants yet. */
act_status act_rt_twin(const act_instance *instance, act_instance **twin);

/* What lies behind an instance, its device (null: the CPU), and this thread's
 * error. */
const act_program *act_rt_program(const act_instance *instance);
const act_level *act_rt_level(const act_instance *instance);
struct act_cuda *act_rt_cuda(const act_instance *instance);
act_device act_rt_device(const act_instance *instance);
act_status act_rt_fail(act_status status, const char *text);

#ifdef __cplusplus
}
#endif
#endif /* ACT_LIB_RUNTIME_PROGRAM_H */
