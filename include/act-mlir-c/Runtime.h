/* Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The interface of a compiled model. A shared library exports one function,
 * `act_model_get`; an object file exports `<name>_get` and needs libActRuntime.
 */
#ifndef ACT_MLIR_C_RUNTIME_H
#define ACT_MLIR_C_RUNTIME_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Changes when a member moves or changes its meaning; new members go last. */
#define ACT_ABI_VERSION 1u

typedef enum act_status {
  ACT_OK = 0,
  ACT_ERROR_ARGUMENT = 1,    /* wrong dtype, rank, shape, strides, null, ... */
  ACT_ERROR_CPU = 2,         /* this CPU lacks what the library needs */
  ACT_ERROR_MEMORY = 3,      /* an allocation failed */
  ACT_ERROR_WEIGHTS = 4,     /* external weights are missing or malformed */
  ACT_ERROR_SELFTEST = 5,    /* other bits than the compiler expects */
  ACT_ERROR_UNSUPPORTED = 6, /* not offered by this library */
  ACT_ERROR_DEVICE = 7       /* the GPU or its driver is missing, or fails */
} act_status;

/* act_tensor has the layout of DLPack 1.0's DLTensor, act_dtype that of
 * DLDataType, act_device that of DLDevice: a pointer to one may be cast to a
 * pointer to the other (https://dmlc.github.io/dlpack). */
typedef struct act_device {
  int32_t type; /* kDLCPU = 1, kDLCUDA = 2 */
  int32_t id;
} act_device;

typedef struct act_dtype {
  uint8_t code; /* kDLInt = 0, kDLUInt = 1, kDLFloat = 2, kDLBfloat = 4,
                   kDLBool = 6, kDLFloat8_e4m3fn = 10, kDLFloat8_e5m2 = 12 */
  uint8_t bits;
  uint16_t lanes; /* 1 */
} act_dtype;

typedef struct act_tensor {
  void *data;
  act_device device;
  int32_t ndim;
  act_dtype dtype;
  int64_t *shape;   /* ndim extents */
  int64_t *strides; /* ndim strides in elements; null: row by row */
  uint64_t byte_offset;
} act_tensor;

typedef struct act_model act_model;
typedef struct act_instance act_instance;

/* Calls body(context, i) for every i in [0, count), on any threads, and
 * returns when all calls have returned. `context` is `run`'s and dead then. */
typedef void (*act_parallel_for)(void *user, int64_t count,
                                 void (*body)(void *context, int64_t index),
                                 void *context);

/* Memory for result `index` of `bytes` bytes, aligned to 64; null: none. It is
 * the host's: the library neither keeps nor frees it. */
typedef void *(*act_allocate)(void *user, int32_t index, size_t bytes);

/* `create` copies the struct. What its pointers lead to (functions, their
 * `user`) must live as long as the instance; the name of the weights need not.
 */
typedef struct act_options {
  size_t size; /* sizeof(act_options) */
  /* The host's threads; null: the process's OpenMP runtime if it has one, else
   * the calling thread. */
  act_parallel_for parallel_for;
  void *parallel_user;
  int32_t max_threads; /* 0: as many as the runtime gives, 1: serial */
  /* Memory for results whose `data` is null in `run`; may be null. */
  act_allocate allocate;
  void *allocate_user;
  /* The file of external weights; null: the one beside the library. */
  const char *weights;
  /* Where the tensors of `run` are: {kDLCUDA, n} in a library with code for
   * GPUs, which it loads and gives the weights here; {0, 0}: the CPU. */
  act_device device;
} act_options;

/* The model and all it points to are part of the library: nobody frees them,
 * and they live until the library is unloaded, which must be after the last
 * instance has been destroyed. Tensors, their `data`, `shape` and `strides`
 * remain the caller's, and are neither kept nor freed after a function's
 * return.
 *
 * Functions may be called from any thread. `run` on one instance from several
 * threads needs a workspace of its own for each, or waits for the others. */
struct act_model {
  uint32_t abi_version; /* ACT_ABI_VERSION of the compiler */
  uint32_t size;        /* sizeof(act_model) of the compiler */

  /* JSON: name, inputs, outputs, constants (name, dtype, shape with "?"; of
   * constants, whether they are kept), levels,
   * accuracy, versions; kernels, and activations: for each function, type and
   * accuracy the kernel that computes it, its largest measured error in ULP,
   * the input that has it and how many were visited. The library's. */
  const char *(*describe)(const act_model *model);

  /* An instance; `options` may be null. The caller owns it and ends it with
   * `destroy`, once, when no other function runs on it. Null there does
   * nothing. On an error `*instance` is null and there is nothing to destroy.
   */
  act_status (*create)(const act_model *model, const act_options *options,
                       act_instance **instance);
  void (*destroy)(act_instance *instance);

  /* Writes the extents of each result to `outputs[i].shape`, which has room
   * for the rank that `describe` states, and sets its ndim and dtype. */
  act_status (*infer_shapes)(act_instance *instance, const act_tensor *inputs,
                             int32_t num_inputs, act_tensor *outputs,
                             int32_t num_outputs);

  /* Bytes of workspace that `run` needs for inputs of these extents. */
  act_status (*workspace_size)(act_instance *instance, const act_tensor *inputs,
                               int32_t num_inputs, size_t *bytes);

  /* Results go to the memory of `outputs`. `workspace` is aligned to 64 bytes,
   * or null: then the instance's own is used, which grows to what is needed.
   * `stream` is null on a CPU, a CUstream on a GPU: there `run` returns when
   * all kernels have been launched, or, without a workspace of the caller, when
   * they have run. On an error of the arguments nothing has been written.
   * Inputs and outputs must be contiguous and must not overlap. On a CPU a
   * thread computes with rounding to nearest, subnormal numbers and no traps,
   * and has its own floating-point modes again afterwards. */
  act_status (*run)(act_instance *instance, const act_tensor *inputs,
                    int32_t num_inputs, act_tensor *outputs,
                    int32_t num_outputs, void *workspace,
                    size_t workspace_bytes, void *stream);

  /* Runs each activation's kernel alone, on its worst input and on the ends of
   * its type, and compares the bits with those of the compiler's evaluation;
   * the error names the kernel, the input and both results. Then runs the
   * model, on a GPU that alone, on inputs that are the same everywhere and
   * compares with the machine that compiled. Fails also where the calling
   * thread does not round to nearest or takes subnormal numbers as zero. */
  act_status (*selftest)(act_instance *instance);

  /* The text of the calling thread's last error; "" where there was none. The
   * library's, and changed by that thread's next error. */
  const char *(*last_error)(void);

  const void *program; /* private */

  /* In a model with constants, as `describe` lists them: takes them, once
   * before the first `run` and again whenever they have changed, and computes
   * what depends on them alone, in memory of the instance. Those that are
   * `kept` are read by `run` where they are: they must live and stay as they
   * are until the next `prepare`. No other function may run on the instance
   * meanwhile. On an error of the arguments the constants before are in place.
   */
  act_status (*prepare)(act_instance *instance, const act_tensor *constants,
                        int32_t num_constants);
};

/* The model, which is the library's, or null where the library cannot serve
 * this version. */
#if defined(_WIN32)
#define ACT_EXPORT __declspec(dllexport)
#else
#define ACT_EXPORT __attribute__((visibility("default")))
#endif
ACT_EXPORT const act_model *act_model_get(uint32_t abi_version);

#ifdef __cplusplus
}
#endif
#endif /* ACT_MLIR_C_RUNTIME_H */
