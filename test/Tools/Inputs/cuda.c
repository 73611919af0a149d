/* Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * A model on the CPU and on a GPU, from one library: the same bits. */
#include "head.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Alignas(64) float x[7][10], y[7][10], z[7][10];
static _Alignas(64) char space[1 << 16];

static act_tensor matrix(void *data, int device, int64_t *shape) {
  act_tensor t = {data, {device, device == 2}, 2, {2, 32, 1}, shape, 0, 0};
  return t;
}

int main(void) {
  int64_t shape[] = {7, 10};
  size_t bytes = 0;
  const act_model *model = act_model_get(ACT_ABI_VERSION);
  act_instance *cpu, *gpu;
  act_options options;
  act_tensor in = matrix(x, 2, shape), out = matrix(z, 2, shape);
  act_tensor on_cpu = matrix(x, 1, shape), result = matrix(y, 1, shape);
  memset(&options, 0, sizeof options);
  options.size = sizeof options;
  options.device.type = 2;
  options.device.id = 1;
  if (model->create(model, 0, &cpu))
    return puts(model->last_error()), 1;
  if (model->create(model, &options, &gpu))
    return printf("create: %s\n", model->last_error()), 1;
  for (int i = 0; i < 70; ++i)
    x[i / 10][i % 10] = (float)(i * i % 23) / 4 - 3;
  if (model->run(cpu, &on_cpu, 1, &result, 1, 0, 0, 0))
    return puts(model->last_error()), 1;
  if (model->workspace_size(gpu, &in, 1, &bytes))
    return puts(model->last_error()), 1;
  if (model->run(gpu, &in, 1, &out, 1, space, bytes, (void *)0x5150))
    return printf("run: %s\n", model->last_error()), 1;
  printf("same bits: %d\n", !memcmp(y, z, sizeof y));
  memset(z, 0, sizeof z);
  if (model->run(gpu, &in, 1, &out, 1, 0, 0, 0))
    return puts(model->last_error()), 1;
  printf("own workspace: %d\n", !memcmp(y, z, sizeof y));
  printf("self test: %d\n", model->selftest(gpu));
  printf("wrong place: %d: %s\n", model->run(gpu, &on_cpu, 1, &out, 1, 0, 0, 0),
         model->last_error());
  in.device.id = 0;
  printf("other GPU: %d: %s\n", model->run(gpu, &in, 1, &out, 1, 0, 0, 0),
         model->last_error());
  in.device.id = 1;
  printf("device tensor on the host: %d: %s\n",
         model->run(cpu, &in, 1, &result, 1, 0, 0, 0), model->last_error());
  model->destroy(gpu);
  model->destroy(cpu);
  options.device.type = 10;
  printf("other device: %d: %s\n", model->create(model, &options, &gpu),
         model->last_error());
  return 0;
}
