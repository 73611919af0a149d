/* Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * A libcuda.so.1 without a GPU: it says what is asked of it, and runs kernels
 * by the executor's code for them. All memory is that of the GPU that was asked
 * for last, but for what fake_memory says. FAKE_CUDA names a call that fails,
 * with the error FAKE_ERROR or 999. With FAKE_DRY nothing is allocated or run.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef unsigned long long memory;
typedef void (*gpu_thread)(void *, int64_t, int64_t, void *);
void act_gpu_launch(gpu_thread thread, void *arguments, int64_t blocks,
                    int64_t threads, int64_t shared, int32_t synchronizes);

typedef struct {
  char name[128];
  gpu_thread code;
  int count;
  char kinds[64]; /* p: an address, 8: 64 bits, 4: 32 bits */
} function;

/* What LLVM's headers in the executor ask for. */
int _ZN4llvm24DisableABIBreakingChecksE;

static int depth, live;

/* The memory of a pointer: on the host for -1, of the given GPU otherwise; -2:
 * of the first GPU, but managed. */
static const void *special;
static int special_place, own;
void fake_memory(const void *pointer, int place) {
  special = pointer;
  special_place = place;
}

/* The error of a call; 0: it works. */
static int fails(const char *call) {
  const char *wanted = getenv("FAKE_CUDA"), *error = getenv("FAKE_ERROR");
  if (!wanted || strcmp(wanted, call))
    return 0;
  return error ? atoi(error) : 999;
}

#define CHECK(call)                                                            \
  if (fails(#call))                                                            \
  return fails(#call)
#define CURRENT()                                                              \
  if (!depth)                                                                  \
  return 201 /* CUDA_ERROR_INVALID_CONTEXT */

int cuInit(unsigned flags) {
  CHECK(cuInit);
  return flags ? 1 : 0;
}
int cuGetErrorName(int error, const char **text) {
  static const struct {
    int error;
    const char *name;
  } names[] = {{2, "CUDA_ERROR_OUT_OF_MEMORY"},
               {100, "CUDA_ERROR_NO_DEVICE"},
               {101, "CUDA_ERROR_INVALID_DEVICE"},
               {222, "CUDA_ERROR_UNSUPPORTED_PTX_VERSION"},
               {999, "CUDA_ERROR_UNKNOWN"}};
  *text = "CUDA_ERROR_OTHER";
  for (unsigned i = 0; i < sizeof names / sizeof *names; ++i)
    if (names[i].error == error)
      *text = names[i].name;
  return 0;
}
int cuGetErrorString(int error, const char **text) {
  *text = error == 999 ? "as asked for" : "not as asked for";
  return 0;
}
int cuDeviceGet(int *device, int ordinal) {
  CHECK(cuDeviceGet);
  *device = ordinal + 40;
  return ordinal > 1 ? 101 : 0;
}
int cuDeviceGetAttribute(int *value, int attribute, int device) {
  (void)device;
  *value = attribute == 75  ? (getenv("FAKE_OLD") ? 7 : 9)
           : attribute == 8 ? (getenv("FAKE_SMALL") ? 16 : 48 << 10)
                            : 0;
  return 0;
}
int cuDevicePrimaryCtxRetain(void **context, int device) {
  own = device - 40;
  *context = (void *)(intptr_t)device;
  return 0;
}
int cuDevicePrimaryCtxRelease_v2(int device) {
  printf("driver: release device %d, depth %d, %d allocations left\n", device,
         depth, live);
  return 0;
}
int cuCtxPushCurrent_v2(void *context) {
  CHECK(cuCtxPushCurrent_v2);
  ++depth;
  return context ? 0 : 1;
}
int cuCtxPopCurrent_v2(void **context) {
  CURRENT();
  --depth;
  *context = 0;
  return 0;
}
int cuModuleLoadDataEx(void **module, const void *image, unsigned count,
                       int *options, void **values) {
  const char *target = strstr(image, ".target ");
  CURRENT();
  if (fails("cuModuleLoadDataEx")) {
    for (unsigned i = 0; i < count; ++i)
      if (options[i] == 5)
        strcpy(values[i], "line 7: no such instruction");
    return fails("cuModuleLoadDataEx");
  }
  printf("driver: load %.13s\n", target);
  *module = (void *)image;
  return 0;
}
int cuModuleUnload(void *module) {
  CURRENT();
  return module ? 0 : 1;
}
int cuModuleGetFunction(void **result, void *module, const char *name) {
  function *f = calloc(1, sizeof *f);
  char text[160];
  const char *at, *end;
  snprintf(text, sizeof text, ".entry %s(", name);
  at = strstr(module, text);
  CURRENT();
  if (!at)
    return 500;
  end = strchr(at, ')');
  while ((at = strstr(at, ".param ")) && at < end) {
    const char *line = strchr(at, '\n');
    const char *address = strstr(at, ".ptr");
    f->kinds[f->count++] = address && address < line ? 'p' : at[9];
    at = line;
  }
  snprintf(f->name, sizeof f->name, "%s_thread", name);
  *(void **)&f->code = dlsym(RTLD_DEFAULT, f->name);
  if (!f->code) {
    Dl_info self;
    dladdr((void *)cuInit, &self);
    *(void **)&f->code =
        dlsym(dlopen(self.dli_fname, RTLD_NOW | RTLD_NOLOAD), f->name);
  }
  *result = f;
  return f->code ? 0 : 500;
}
int cuFuncGetAttribute(int *value, int attribute, void *kernel) {
  CURRENT();
  *value = attribute == 1 && kernel ? 1024 : 0;
  return 0;
}
int cuPointerGetAttributes(unsigned count, int *attributes, void **values,
                           memory address) {
  int place = (const void *)(uintptr_t)address == special ? special_place : own;
  CHECK(cuPointerGetAttributes);
  for (unsigned i = 0; i < count; ++i)
    *(int *)values[i] = attributes[i] == 2   ? (place == -1 ? 0 : 2)
                        : attributes[i] == 8 ? place == -2
                        : attributes[i] == 9 ? (place < 0 ? 0 : place)
                                             : -1;
  return 0;
}
int cuMemAlloc_v2(memory *result, size_t bytes) {
  CURRENT();
  CHECK(cuMemAlloc_v2);
  if (getenv("FAKE_DRY"))
    bytes = 1;
  *result = (memory)(uintptr_t)aligned_alloc(256, (bytes + 255) / 256 * 256);
  ++live;
  return *result ? 0 : 2;
}
int cuMemFree_v2(memory address) {
  CURRENT();
  --live;
  free((void *)(uintptr_t)address);
  return 0;
}
int cuMemcpyHtoD_v2(memory to, const void *from, size_t bytes) {
  CURRENT();
  memcpy((void *)(uintptr_t)to, from, bytes);
  return 0;
}
int cuMemcpyDtoH_v2(void *to, memory from, size_t bytes) {
  CURRENT();
  memcpy(to, (void *)(uintptr_t)from, bytes);
  return 0;
}
int cuStreamSynchronize(void *stream) {
  CURRENT();
  CHECK(cuStreamSynchronize);
  printf("driver: wait for stream %p\n", stream);
  return 0;
}
int cuLaunchKernel(void *kernel, unsigned gx, unsigned gy, unsigned gz,
                   unsigned bx, unsigned by, unsigned bz, unsigned shared,
                   void *stream, void **parameters, void **extra) {
  function *f = kernel;
  char record[1024], *to = record;
  CURRENT();
  CHECK(cuLaunchKernel);
  if (!gx || gy != 1 || gz != 1 || by != 1 || bz != 1 || shared || extra)
    return 1;
  printf("driver: launch %s, %u blocks of %u, %d parameters, stream %p\n",
         f->name, gx, bx, f->count, stream);
  for (int i = 0; i < f->count; ++i) {
    if (f->kinds[i] == 'p') { /* a memref of rank 0 */
      memcpy(to, parameters[i], 8);
      memcpy(to + 8, parameters[i], 8);
      memset(to + 16, 0, 8);
      to += 24;
    } else if (f->kinds[i] == '6') { /* u64 */
      memcpy(to, parameters[i], 8);
      to += 8;
    } else {
      return 1;
    }
  }
  if (!getenv("FAKE_DRY"))
    act_gpu_launch(f->code, record, gx, bx, 48 << 10, 1);
  return 0;
}
