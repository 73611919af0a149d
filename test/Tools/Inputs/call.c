// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/* Calls a compiled `dense` model, rightly and wrongly. */
#include "dense.h"
#include <stdio.h>
#include <string.h>

static float x[] = {1, 0, 0, 0, 1, 0, -1, -1, -1}, y[6];
static const act_model *model;
static act_instance *instance;

static act_tensor matrix(float *data, int64_t *shape) {
  act_tensor t = {data, {1, 0}, 2, {2, 32, 1}, shape, 0, 0};
  return t;
}

static void expect_error(const char *what, act_tensor in, act_tensor out) {
  float before[6];
  act_status status;
  memcpy(before, y, sizeof y);
  status = model->run(instance, &in, 1, &out, 1, 0, 0, 0);
  printf("%s: %d: %s%s\n", what, status, model->last_error(),
         memcmp(before, y, sizeof y) ? " WRITTEN" : "");
}

static void serial(void *user, int64_t n, void (*body)(void *, int64_t),
                   void *context) {
  ++*(int *)user;
  for (int64_t i = 0; i < n; ++i)
    body(context, i);
}

static void *give(void *user, int32_t index, size_t bytes) {
  printf("allocate %d: %zu bytes\n", index, bytes);
  return user;
}

int main(void) {
  int64_t in[] = {3, 3}, out[] = {3, 2}, other[] = {2, 2}, negative[] = {-1, 3};
  int64_t strides[] = {1, 3};
  int calls = 0;
  size_t bytes;
  act_tensor a, b;
  act_options options = {sizeof options, serial, &calls, 0, 0, 0, 0, {0, 0}};
  model = act_model_get(ACT_ABI_VERSION);
  printf("other version: %d\n", act_model_get(99) == 0);
  printf("%s\n", model->describe(model));
  if (model->create(model, &options, &instance))
    return puts(model->last_error()), 1;
  printf("selftest %d\n", model->selftest(instance));
  if (dense_run(model, instance, x, 3, y, 3))
    return puts(model->last_error()), 1;
  printf("y = %g %g %g %g %g %g\n", y[0], y[1], y[2], y[3], y[4], y[5]);
  a = matrix(x, in);
  b = matrix(y, out);
  printf("workspace %d\n", model->workspace_size(instance, &a, 1, &bytes));
  b.shape = other;
  expect_error("extent", a, b);
  b.shape = out;
  a.ndim = 1;
  expect_error("rank", a, b);
  a = matrix(x, negative);
  expect_error("negative", a, b);
  a = matrix(x, in);
  a.dtype.bits = 16;
  expect_error("dtype", a, b);
  a = matrix(0, in);
  expect_error("null", a, b);
  a = matrix(x, in);
  a.strides = strides;
  expect_error("strides", a, b);
  a = matrix(x, in);
  a.byte_offset = 1;
  expect_error("alignment", a, b);
  a = matrix(x, in);
  a.device.type = 2;
  expect_error("device", a, b);
  a = matrix(x, in);
  b.data = x;
  expect_error("overlap", a, b);
  b = matrix(y, out);
  printf("count: %d: %s\n", model->run(instance, &a, 2, &b, 1, 0, 0, 0),
         model->last_error());
  printf("null instance: %d\n", model->run(0, &a, 1, &b, 1, 0, 0, 0));
  model->destroy(instance);

  options.allocate = give;
  options.allocate_user = y;
  memset(y, 0, sizeof y);
  model->create(model, &options, &instance);
  b.data = 0;
  if (model->run(instance, &a, 1, &b, 1, 0, 0, 0))
    return puts(model->last_error()), 1;
  printf("allocated y = %g %g, %d rows\n", y[0], y[1], (int)b.shape[0]);
  model->destroy(instance);
  return 0;
}
