/* Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Tensors as a host may give them to `run`, and what `run` leaves alone. */
#include "head.h"
#include <fenv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every allocation of the process goes through here. */
extern void *__libc_malloc(size_t bytes);
extern void *__libc_memalign(size_t align, size_t bytes);
static int allocations;
void *malloc(size_t bytes) {
  ++allocations;
  return __libc_malloc(bytes);
}
void *aligned_alloc(size_t align, size_t bytes) {
  ++allocations;
  return __libc_memalign(align, bytes);
}

static _Alignas(64) float x[64], y[64], before[64];
static _Alignas(64) char space[1 << 16];
static const act_model *model;
static act_instance *instance;

static act_tensor matrix(float *data, int64_t *shape, int64_t *strides) {
  act_tensor t = {data, {1, 0}, 2, {2, 32, 1}, shape, strides, 0};
  return t;
}

static void run(const char *what, act_tensor in, act_tensor out) {
  act_status status;
  memcpy(before, y, sizeof y);
  status = model->run(instance, &in, 1, &out, 1, 0, 0, 0);
  printf("%s: %d %s%s\n", what, status, status ? model->last_error() : "ok",
         status && memcmp(before, y, sizeof y) ? " WRITTEN" : "");
}

int main(void) {
  int64_t shape[] = {3, 10}, dense[] = {10, 1}, back[] = {-10, 1};
  int64_t rows[] = {0, 1}, columns[] = {1, 3}, wide[] = {20, 1};
  int64_t huge[] = {INT64_C(1) << 62, 10}, none[] = {0, 10};
  int64_t one[] = {1, 10}, any[] = {77, 1}, hole[] = {INT64_MIN, 10};
  size_t bytes = 0;
  uint32_t bits = 0x7fa12345;
  act_tensor in, out;
  model = act_model_get(ACT_ABI_VERSION);
  if (model->create(model, 0, &instance))
    return puts(model->last_error()), 1;
  for (int i = 0; i < 64; ++i)
    x[i] = (float)(i % 7) - 3;
  out = matrix(y, shape, 0);
  run("dense", matrix(x, shape, dense), out);
  run("one row, any stride", matrix(x, one, any), matrix(y, one, any));
  run("no rows, no data", matrix(0, none, 0), matrix(0, none, 0));
  run("negative stride", matrix(x + 20, shape, back), out);
  run("broadcast input", matrix(x, shape, rows), out);
  run("columns", matrix(x, shape, columns), out);
  run("rows apart", matrix(x, shape, wide), out);
  run("broadcast output", matrix(x, shape, 0), matrix(y, shape, rows));
  run("misaligned", matrix((float *)((char *)x + 1), shape, 0), out);
  run("in place", matrix(y, shape, 0), out);
  run("partly over", matrix(y + 10, shape, 0), out);
  run("huge", matrix(x, huge, 0), matrix(y, huge, 0));
  run("most negative", matrix(x, hole, 0), out);
  in = matrix(x, shape, 0);
  in.ndim = -1;
  run("negative rank", in, out);
  in = matrix(x, 0, 0);
  run("null shape", in, out);

  in = matrix(x, shape, 0);
  printf("size %d\n", model->workspace_size(instance, &in, 1, &bytes));
  printf("null size %d\n", model->workspace_size(instance, &in, 1, 0));
  printf("null outputs %d\n", model->infer_shapes(instance, &in, 1, 0, 1));
  printf("small %d: %s\n",
         model->run(instance, &in, 1, &out, 1, space, bytes - 1, 0),
         model->last_error());
  printf("odd %d: %s\n",
         model->run(instance, &in, 1, &out, 1, space + 4, bytes, 0),
         model->last_error());
  printf("stream %d: %s\n",
         model->run(instance, &in, 1, &out, 1, space, bytes, space),
         model->last_error());
  printf("null create %d\n", model->create(model, 0, 0));

  /* A signalling NaN with a payload, under another rounding, with the flags
   * clear: the result is quiet, the environment is the caller's. */
  memcpy(&x[3], &bits, 4);
  fesetround(FE_UPWARD);
  allocations = 0;
  for (int i = 0; i < 100; ++i)
    if (model->run(instance, &in, 1, &out, 1, space, bytes, 0))
      return puts(model->last_error()), 1;
  printf("allocations %d, rounding %s\n", allocations,
         fegetround() == FE_UPWARD ? "kept" : "CHANGED");
  fesetround(FE_TONEAREST);
  memcpy(&bits, &y[3], 4);
  printf("quiet NaN %d\n", (bits & 0x7fc00000) == 0x7fc00000);
  model->destroy(instance);
  model->destroy(0);
  return 0;
}
