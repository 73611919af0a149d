/* Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 */
/* A model whose weights come from outside, and change. */
#include "scaled.h"
#include <stdio.h>

int main(void) {
  const act_model *model = act_model_get(ACT_ABI_VERSION);
  act_instance *instance;
  static float x[1024], w[128], b[34] = {1, 2}, y[32];
  if (!model || model->create(model, 0, &instance))
    return 1;
  for (int i = 0; i < 64; ++i)
    x[i] = w[2 * i] = 1;
  if (scaled_run(model, instance, x, y))
    printf("early: %s\n", model->last_error());
  for (int round = 0; round < 2; ++round) {
    if (scaled_prepare(model, instance, w, b) ||
        scaled_run(model, instance, x, y))
      return 1;
    printf("y = %g %g\n", y[0], y[1]);
    /* Not seen before the next prepare; b is kept and read where it is. */
    w[1] = 5;
    b[0] = 3;
    if (scaled_run(model, instance, x, y))
      return 1;
    printf("y = %g %g\n", y[0], y[1]);
  }
  if (model->selftest(instance) || scaled_run(model, instance, x, y))
    return 1;
  printf("after the self test: %g %g\n", y[0], y[1]);
  if (model->prepare(instance, 0, 0))
    printf("none: %s\n", model->last_error());
  if (scaled_run(model, instance, x, b))
    printf("inside: %s\n", model->last_error());
  model->destroy(instance);
  return 0;
}
