// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/* Two models in one program. */
#include "two.h"
#include "one.h"
#include <stdio.h>

int main(void) {
  const act_model *a = one_get(ACT_ABI_VERSION), *b = two_get(ACT_ABI_VERSION);
  act_instance *i, *k;
  float x[] = {1, 1, 1}, y[2], z[2];
  if (a->create(a, 0, &i) || b->create(b, 0, &k) || one_run(a, i, x, 1, y, 1) ||
      two_run(b, k, x, 1, z, 1))
    return 1;
  printf("one %g %g, two %g %g\n", y[0], y[1], z[0], z[1]);
  a->destroy(i);
  b->destroy(k);
  return 0;
}
