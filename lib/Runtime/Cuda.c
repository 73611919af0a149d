/* Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * A thin loader over the CUDA driver API: libcuda.so.1 is opened when the first
 * instance on a GPU is made, nothing of a toolkit is needed. Signatures and
 * numbers: NVIDIA's CUDA Driver API reference, version 12.
 */
#include "Cuda.h"
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int cu_result;
typedef int cu_device;
typedef void *cu_handle; /* contexts, modules, functions, streams */
typedef unsigned long long cu_memory;

enum {
  CUDA_ERROR_OUT_OF_MEMORY = 2,
  CU_DEVICE_ATTRIBUTE_SHARED_PER_BLOCK = 8,
  CU_DEVICE_ATTRIBUTE_MAJOR = 75,
  CU_DEVICE_ATTRIBUTE_MINOR = 76,
  CU_FUNC_ATTRIBUTE_SHARED_BYTES = 1,
  CU_POINTER_ATTRIBUTE_MEMORY_TYPE = 2,
  CU_POINTER_ATTRIBUTE_IS_MANAGED = 8,
  CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL = 9,
  CU_MEMORYTYPE_DEVICE = 2,
  CU_JIT_ERROR_LOG_BUFFER = 5,
  CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES = 6
};

/* Name in the library, then result and parameters: what drivers since CUDA 11
 * have under these names. */
#define DRIVER(X)                                                              \
  X(cuInit, (unsigned flags))                                                  \
  X(cuGetErrorName, (cu_result error, const char **text))                      \
  X(cuGetErrorString, (cu_result error, const char **text))                    \
  X(cuDeviceGet, (cu_device * device, int ordinal))                            \
  X(cuDeviceGetAttribute, (int *value, int attribute, cu_device device))       \
  X(cuDevicePrimaryCtxRetain, (cu_handle * context, cu_device device))         \
  X(cuDevicePrimaryCtxRelease_v2, (cu_device device))                          \
  X(cuCtxPushCurrent_v2, (cu_handle context))                                  \
  X(cuCtxPopCurrent_v2, (cu_handle * context))                                 \
  X(cuModuleLoadDataEx, (cu_handle * module, const void *image,                \
                         unsigned count, int *options, void **values))         \
  X(cuModuleUnload, (cu_handle module))                                        \
  X(cuModuleGetFunction,                                                       \
    (cu_handle * function, cu_handle module, const char *name))                \
  X(cuFuncGetAttribute, (int *value, int attribute, cu_handle function))       \
  X(cuPointerGetAttributes,                                                    \
    (unsigned count, int *attributes, void **values, cu_memory memory))        \
  X(cuMemAlloc_v2, (cu_memory * memory, size_t bytes))                         \
  X(cuMemFree_v2, (cu_memory memory))                                          \
  X(cuMemcpyHtoD_v2, (cu_memory to, const void *from, size_t bytes))           \
  X(cuMemcpyDtoH_v2, (void *to, cu_memory from, size_t bytes))                 \
  X(cuStreamSynchronize, (cu_handle stream))                                   \
  X(cuLaunchKernel,                                                            \
    (cu_handle function, unsigned grid_x, unsigned grid_y, unsigned grid_z,    \
     unsigned block_x, unsigned block_y, unsigned block_z, unsigned shared,    \
     cu_handle stream, void **parameters, void **extra))

#define X(name, parameters) static cu_result(*name) parameters;
DRIVER(X)
#undef X

/* What went wrong, in words: `what`, then the driver's name and sentence. */
static void describe(char *text, size_t size, cu_result result,
                     const char *what) {
  const char *name = 0, *sentence = 0;
  cuGetErrorName(result, &name);
  cuGetErrorString(result, &sentence);
  snprintf(text, size, "%s: %s (%s)", what, name ? name : "unknown error",
           sentence ? sentence : "no text");
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char missing[256]; /* why there is no driver; empty: there is one */

static void open_driver(void) {
  void *library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  cu_result result;
  if (!library) {
    snprintf(missing, sizeof missing, "no NVIDIA driver: %s", dlerror());
    return;
  }
#define X(name, parameters)                                                    \
  if (!(*(void **)&name = dlsym(library, #name))) {                            \
    snprintf(missing, sizeof missing,                                          \
             "the NVIDIA driver is too old: it has no " #name);                \
    return;                                                                    \
  }
  DRIVER(X)
#undef X
  result = cuInit(0);
  if (result)
    describe(missing, sizeof missing, result, "no GPU");
}

struct act_cuda {
  const act_program *program;
  int32_t ordinal;
  cu_device device;
  cu_handle context, module;
  cu_handle *functions;
  void *weights;
};

static act_status failed(cu_result result, const char *what) {
  char text[512];
  describe(text, sizeof text, result, what);
  return act_rt_fail(result == CUDA_ERROR_OUT_OF_MEMORY ? ACT_ERROR_MEMORY
                                                        : ACT_ERROR_DEVICE,
                     text);
}

static void pop(void) {
  cu_handle context;
  cuCtxPopCurrent_v2(&context);
}

/*===-- Instances ---------------------------------------------------------===*/

/* The newest image that the device can run. */
static act_status load_module(act_cuda *cuda, int32_t device) {
  const act_gpu *gpu = cuda->program->gpu;
  const act_gpu_image *best = 0;
  int major = 0, minor = 0, capability, shared = 0, most = 0;
  char log[4096] = "", text[4600];
  int options[] = {CU_JIT_ERROR_LOG_BUFFER, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES};
  void *values[] = {log, (void *)sizeof log};
  cu_result result;
  cuDeviceGetAttribute(&major, CU_DEVICE_ATTRIBUTE_MAJOR, cuda->device);
  cuDeviceGetAttribute(&minor, CU_DEVICE_ATTRIBUTE_MINOR, cuda->device);
  capability = 10 * major + minor;
  for (int32_t i = 0; i < gpu->num_images; ++i)
    if (gpu->images[i].chip <= capability &&
        (!best || best->chip < gpu->images[i].chip))
      best = &gpu->images[i];
  if (!best) {
    snprintf(text, sizeof text,
             "GPU %d has compute capability %d.%d; the oldest that the library "
             "has code for is sm_%d",
             device, major, minor, gpu->images[gpu->num_images - 1].chip);
    return act_rt_fail(ACT_ERROR_DEVICE, text);
  }
  result = cuModuleLoadDataEx(&cuda->module, best->text, 2, options, values);
  if (result) {
    log[sizeof log - 1] = 0;
    snprintf(text, sizeof text, "loading the code for sm_%d: %s", best->chip,
             log);
    return failed(result, text);
  }
  cuDeviceGetAttribute(&most, CU_DEVICE_ATTRIBUTE_SHARED_PER_BLOCK,
                       cuda->device);
  for (int32_t i = 0; i < gpu->num_kernels; ++i) {
    if ((result = cuModuleGetFunction(&cuda->functions[i], cuda->module,
                                      gpu->kernels[i])) ||
        (result = cuFuncGetAttribute(&shared, CU_FUNC_ATTRIBUTE_SHARED_BYTES,
                                     cuda->functions[i])))
      return failed(result, gpu->kernels[i]);
    if (shared > most) {
      snprintf(text, sizeof text,
               "kernel '%s' needs %d bytes of shared memory, a block on GPU %d "
               "has %d",
               gpu->kernels[i], shared, device, most);
      return act_rt_fail(ACT_ERROR_DEVICE, text);
    }
  }
  return ACT_OK;
}

static void destroy(act_cuda *cuda) {
  if (!cuda)
    return;
  if (cuda->context && !cuCtxPushCurrent_v2(cuda->context)) {
    if (cuda->weights)
      cuMemFree_v2((cu_memory)(uintptr_t)cuda->weights);
    if (cuda->module)
      cuModuleUnload(cuda->module);
    pop();
  }
  if (cuda->context)
    cuDevicePrimaryCtxRelease_v2(cuda->device);
  free(cuda->functions);
  free(cuda);
}

static act_status allocate(act_cuda *cuda, size_t bytes, void **memory) {
  cu_memory address = 0;
  cu_result result = cuCtxPushCurrent_v2(cuda->context);
  char text[96];
  if (result)
    return failed(result, "entering the device's context");
  result = cuMemAlloc_v2(&address, bytes);
  pop();
  *memory = (void *)(uintptr_t)address;
  snprintf(text, sizeof text, "%zu bytes of the device's memory", bytes);
  return result ? failed(result, text) : ACT_OK;
}

static void release(act_cuda *cuda, void *memory) {
  if (!memory || cuCtxPushCurrent_v2(cuda->context))
    return;
  cuMemFree_v2((cu_memory)(uintptr_t)memory);
  pop();
}

static act_status copy_in(act_cuda *cuda, void *to, const void *from,
                          size_t bytes) {
  cu_result result = cuCtxPushCurrent_v2(cuda->context);
  if (result)
    return failed(result, "entering the device's context");
  result = cuMemcpyHtoD_v2((cu_memory)(uintptr_t)to, from, bytes);
  pop();
  return result ? failed(result, "copying to the device") : ACT_OK;
}

static act_status copy_out(act_cuda *cuda, void *to, const void *from,
                           size_t bytes) {
  cu_result result = cuCtxPushCurrent_v2(cuda->context);
  if (result)
    return failed(result, "entering the device's context");
  result = cuMemcpyDtoH_v2(to, (cu_memory)(uintptr_t)from, bytes);
  pop();
  return result ? failed(result, "copying from the device") : ACT_OK;
}

static act_status wait_for(act_cuda *cuda, void *stream) {
  cu_result result = cuCtxPushCurrent_v2(cuda->context);
  if (result)
    return failed(result, "entering the device's context");
  result = cuStreamSynchronize(stream);
  pop();
  return result ? failed(result, "waiting for the stream") : ACT_OK;
}

static act_status check_memory(act_cuda *cuda, const void *memory,
                               const char *what) {
  int attributes[] = {CU_POINTER_ATTRIBUTE_MEMORY_TYPE,
                      CU_POINTER_ATTRIBUTE_IS_MANAGED,
                      CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL};
  int type = 0, managed = 0, ordinal = 0;
  void *values[] = {&type, &managed, &ordinal};
  char text[160];
  /* It knows nothing of memory of the host that no GPU reaches: type 0. */
  cu_result result = cuPointerGetAttributes(3, attributes, values,
                                            (cu_memory)(uintptr_t)memory);
  if (result)
    return failed(result, what);
  if (type == 0) {
    snprintf(text, sizeof text, "%s is not memory that a GPU reaches", what);
    return act_rt_fail(ACT_ERROR_ARGUMENT, text);
  }
  if (type == CU_MEMORYTYPE_DEVICE && !managed && ordinal != cuda->ordinal) {
    snprintf(text, sizeof text, "%s is memory of GPU %d, not of GPU %d", what,
             ordinal, cuda->ordinal);
    return act_rt_fail(ACT_ERROR_ARGUMENT, text);
  }
  return ACT_OK;
}

static void *weights_of(act_cuda *cuda) { return cuda->weights; }

static act_status create(const act_program *program, int32_t device,
                         const void *weights, act_cuda **out) {
  act_cuda *cuda;
  act_status status;
  cu_result result;
  char text[64];
  pthread_once(&once, open_driver);
  if (missing[0])
    return act_rt_fail(ACT_ERROR_DEVICE, missing);
  cuda = calloc(1, sizeof *cuda);
  if (cuda)
    cuda->functions =
        calloc((size_t)program->gpu->num_kernels + 1, sizeof(cu_handle));
  if (!cuda || !cuda->functions) {
    free(cuda);
    return act_rt_fail(ACT_ERROR_MEMORY, "out of memory");
  }
  cuda->program = program;
  cuda->ordinal = device;
  snprintf(text, sizeof text, "GPU %d", device);
  /* The primary context is the one that frameworks use. */
  if ((result = cuDeviceGet(&cuda->device, device)) ||
      (result = cuDevicePrimaryCtxRetain(&cuda->context, cuda->device)) ||
      (result = cuCtxPushCurrent_v2(cuda->context))) {
    status = failed(result, text);
    destroy(cuda);
    return status;
  }
  status = load_module(cuda, device);
  pop();
  if (!status && program->weights_size) {
    status = allocate(cuda, program->weights_size, &cuda->weights);
    if (!status)
      status = copy_in(cuda, cuda->weights, weights, program->weights_size);
  }
  if (status) {
    destroy(cuda);
    return status;
  }
  *out = cuda;
  return ACT_OK;
}

/*===-- Launches ----------------------------------------------------------===*/

/* The run of this thread. */
static _Thread_local act_cuda *running;
static _Thread_local void *running_stream;
static _Thread_local act_status running_status;

void act_cuda_launch(int64_t kernel, int64_t blocks, int64_t threads,
                     void **parameters) {
  const char *name = running->program->gpu->kernels[kernel];
  cu_result result;
  char text[256];
  if (running_status)
    return;
  if (blocks > 0x7fffffff) {
    snprintf(text, sizeof text,
             "kernel '%s' needs %lld blocks, more than 2^31-1", name,
             (long long)blocks);
    running_status = act_rt_fail(ACT_ERROR_DEVICE, text);
    return;
  }
  result =
      cuLaunchKernel(running->functions[kernel], (unsigned)blocks, 1, 1,
                     (unsigned)threads, 1, 1, 0, running_stream, parameters, 0);
  if (!result)
    return;
  snprintf(text, sizeof text, "kernel '%s' on %lld blocks of %lld threads",
           name, (long long)blocks, (long long)threads);
  running_status = failed(result, text);
}

static act_status run(act_cuda *cuda, void **arguments, void *stream) {
  cu_result result = cuCtxPushCurrent_v2(cuda->context);
  if (result)
    return failed(result, "entering the device's context");
  running = cuda;
  running_stream = stream;
  running_status = ACT_OK;
  cuda->program->gpu->run(arguments);
  running = 0;
  pop();
  return running_status;
}

/* The library's program refers to it by this name. */
const struct act_gpu_ops act_cuda_ops = {
    create,  destroy, run,      weights_of, allocate,
    release, copy_in, copy_out, wait_for,   check_memory};
