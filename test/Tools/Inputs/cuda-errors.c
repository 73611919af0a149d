/* Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Calls that fail on a GPU: each says why, writes nothing, and leaves an
 * instance whose next call works. */
#include "head.h"
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Alignas(64) float x[7][10], y[7][10], z[8][10];
static _Alignas(64) char space[1 << 16];
static int64_t shape[] = {7, 10}, huge[] = {1, 10};
/* Nothing is there: where nothing runs, it may be as large as one likes. */
static void *const far = (void *)(1ULL << 62);
static const act_model *model;
static act_instance *gpu;
static void (*fake_memory)(const void *, int);

static act_tensor matrix(void *data) {
  act_tensor t = {data, {2, 1}, 2, {2, 32, 1}, shape, 0, 0};
  return t;
}

/* The call that has to fail, and then one that works. */
static void expect(const char *what, act_tensor in, act_tensor out, void *at) {
  act_tensor good = matrix(x), result = matrix(z);
  int status, same = 1;
  memset(z, 0x55, sizeof z);
  status = model->run(gpu, &in, 1, &out, 1, at, at ? sizeof space : 0, 0);
  printf("%s: %d: %s\n", what, status, status ? model->last_error() : "-");
  for (size_t i = 0; i < sizeof z; ++i)
    same &= ((char *)z)[i] == 0x55;
  unsetenv("FAKE_CUDA");
  unsetenv("FAKE_ERROR");
  unsetenv("FAKE_DRY");
  fake_memory(0, 0);
  if (model->run(gpu, &good, 1, &result, 1, space, sizeof space, 0))
    printf("then: %s\n", model->last_error());
  printf("nothing written: %d, then as ever: %d\n", same,
         !memcmp(y, z, sizeof y));
}

static void fail_at(const char *call, const char *error) {
  setenv("FAKE_CUDA", call, 1);
  setenv("FAKE_ERROR", error, 1);
}

int main(void) {
  act_options options = {.size = sizeof options, .device = {2, 1}};
  act_tensor in = matrix(x), out = matrix(z), first = matrix(y), other;
  model = act_model_get(ACT_ABI_VERSION);
  if (model->create(model, &options, &gpu))
    return printf("create: %s\n", model->last_error()), 1;
  *(void **)&fake_memory =
      dlsym(dlopen("libcuda.so.1", RTLD_NOW | RTLD_NOLOAD), "fake_memory");
  for (int i = 0; i < 70; ++i)
    x[i / 10][i % 10] = (float)(i * i % 23) / 4 - 3;
  if (model->run(gpu, &in, 1, &first, 1, space, sizeof space, 0))
    return printf("run: %s\n", model->last_error()), 1;

  fake_memory(x, -1);
  expect("memory of the host", in, out, space);
  fake_memory(z, 0);
  expect("memory of another GPU", in, out, space);
  fake_memory(space, 0);
  expect("workspace of another GPU", in, out, space);
  fail_at("cuPointerGetAttributes", "999");
  expect("unknown pointer", in, out, space);

  other = in;
  other.byte_offset = 2;
  expect("misaligned", other, out, space);
  other = in;
  other.data = 0;
  expect("null", other, out, space);

  fail_at("cuMemAlloc_v2", "2");
  expect("out of memory", in, out, 0);
  fail_at("cuLaunchKernel", "701");
  expect("launch", in, out, space);
  fail_at("cuCtxPushCurrent_v2", "999");
  expect("context", in, out, space);
  fail_at("cuStreamSynchronize", "999");
  expect("wait", in, matrix(malloc(sizeof y)), 0);

  /* More blocks than a launch can have; more bytes than there are. */
  in.shape = out.shape = huge;
  out.data = far;
  huge[0] = 1LL << 36;
  setenv("FAKE_DRY", "1", 1);
  expect("too many blocks", in, out, 0);
  huge[0] = 1LL << 60;
  expect("too many elements", in, out, 0);

  /* Memory that the driver moves is of every GPU. */
  in.shape = out.shape = shape;
  out.data = z;
  fake_memory(x, -2);
  if (model->run(gpu, &in, 1, &out, 1, space, sizeof space, 0))
    return printf("managed: %s\n", model->last_error()), 1;
  printf("managed: %d\n", !memcmp(y, z, sizeof y));

  /* More than 2^31 elements. */
  fake_memory(0, 0);
  setenv("FAKE_DRY", "1", 1);
  in.shape = out.shape = huge;
  out.data = far;
  huge[0] = (1LL << 28) + 1;
  if (model->run(gpu, &in, 1, &out, 1, 0, 0, 0))
    return printf("large: %s\n", model->last_error()), 1;
  model->destroy(gpu);
  return 0;
}
