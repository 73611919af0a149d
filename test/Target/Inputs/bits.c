/* Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The bits of what a model makes of rows of every tail length. */
#include "bits.h"
#include <stdio.h>
#include <string.h>

static ACT_TYPE x[64 * 40], y[64 * 40];

int main(void) {
  const act_model *model = act_model_get(ACT_ABI_VERSION);
  act_instance *instance;
  uint32_t state = 1;
  if (!model || model->create(model, 0, &instance))
    return puts(model ? model->last_error() : "no model"), 1;
  for (int i = 0; i < 64 * 40; ++i) {
    state = state * 1664525u + 1013904223u;
    /* In [-8, 8), and some of every exponent. */
    float value = (float)(state >> 8) / (1 << 20) - 8;
    if (i % 16 == 0) {
      uint32_t bits = state & 0xbfffffffu;
      memcpy(&value, &bits, 4);
    }
    memcpy(&x[i], (char *)&value + 4 - sizeof x[i], sizeof x[i]);
  }
  for (int columns = 1; columns < 40; ++columns) {
    uint64_t hash = 0xcbf29ce484222325u;
    if (bits_run(model, instance, (void *)x, 64, columns, (void *)y, 64,
                 columns))
      return puts(model->last_error()), 1;
    for (int i = 0; i < 64 * columns; ++i)
      hash = (hash ^ y[i]) * 0x100000001b3u;
    printf("%d %016llx\n", columns, (unsigned long long)hash);
  }
  model->destroy(instance);
  return 0;
}
