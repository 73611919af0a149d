/* Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * A libcuda.so.1 without a GPU: it says what is asked of it, and runs kernels
 * by the executor's code for them. FAKE_CUDA names a call that fails. */
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

static int fails(const char *call) {
  const char *wanted = getenv("FAKE_CUDA");
  return wanted && !strcmp(wanted, call);
}

#define CHECK(call)                                                            \
  if (fails(#call))                                                            \
  return 999
#define CURRENT()                                                              \
  if (!depth)                                                                  \
  return 201 /* CUDA_ERROR_INVALID_CONTEXT */

int cuInit(unsigned flags) {
  CHECK(cuInit);
  return flags ? 1 : 0;
}
int cuGetErrorName(int error, const char **text) {
  *text = error == 999 ? "CUDA_ERROR_UNKNOWN" : "CUDA_ERROR_OTHER";
  return 0;
}
int cuGetErrorString(int error, const char **text) {
  *text = error == 999 ? "as asked for" : "not as asked for";
  return 0;
}
int cuDeviceGet(int *device, int ordinal) {
  *device = ordinal + 40;
  return ordinal > 1 ? 101 : 0;
}
int cuDeviceGetAttribute(int *value, int attribute, int device) {
  (void)device;
  *value = attribute == 75 ? (getenv("FAKE_OLD") ? 7 : 9) : 0;
  return 0;
}
int cuDevicePrimaryCtxRetain(void **context, int device) {
  *context = (void *)(intptr_t)device;
  return 0;
}
int cuDevicePrimaryCtxRelease_v2(int device) {
  printf("driver: release device %d, depth %d, %d allocations left\n", device,
         depth, live);
  return 0;
}
int cuCtxPushCurrent_v2(void *context) {
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
    return 999;
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
int cuMemAlloc_v2(memory *result, size_t bytes) {
  CURRENT();
  CHECK(cuMemAlloc_v2);
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
  act_gpu_launch(f->code, record, gx, bx, 48 << 10, 1);
  return 0;
}
