/* Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Hashes of what a library makes of numbers in files:
 *   run MODEL.so CODE BITS INFINITY OUTPUTS THREADS INPUT... */

#include "RunModel.h"
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

static int fail(const char *what, const char *why) {
  fprintf(stderr, "%s: error: %s\n", what, why);
  return 1;
}

int main(int argc, char **argv) {
  enum { FIRST = 7, MOST = 3 };
  if (argc <= FIRST || argc > FIRST + MOST)
    return fail(argv[0], "wrong number of arguments");
  void *library = dlopen(argv[1], RTLD_NOW);
  if (!library)
    return fail(argv[1], dlerror());
  const act_model *(*get)(uint32_t) =
      (const act_model *(*)(uint32_t))dlsym(library, "act_model_get");
  const act_model *model = get ? get(ACT_ABI_VERSION) : NULL;
  if (!model)
    return fail(argv[1], "no model");
  act_run_plan plan = {
      .element = {{atoi(argv[2]), atoi(argv[3]), 1}, strtoull(argv[4], 0, 0)},
      .outputs = atoi(argv[5]),
      .threads = atoi(argv[6]),
      .inputs = argc - FIRST,
      .rank = 1};
  const void *inputs[MOST];
  long count = 0;
  for (int k = 0; k < plan.inputs; ++k) {
    FILE *file = fopen(argv[FIRST + k], "rb");
    if (!file || fseek(file, 0, SEEK_END))
      return fail(argv[FIRST + k], "cannot be read");
    long bytes = ftell(file);
    rewind(file);
    void *data = aligned_alloc(64, (bytes + 63) / 64 * 64);
    if (!data || fread(data, 1, bytes, file) != (size_t)bytes)
      return fail(argv[FIRST + k], "cannot be read");
    fclose(file);
    inputs[k] = data;
    count = bytes / (plan.element.dtype.bits / 8);
  }
  act_hash *hashes = malloc(plan.outputs * sizeof *hashes);
  for (int k = 0; k < plan.outputs; ++k)
    act_hash_start(&hashes[k]);
  if (act_run_hashed(model, &plan, inputs, count, hashes))
    return fail(argv[1], model->last_error());
  for (int k = 0; k < plan.outputs; ++k)
    printf("%016llx\n", (unsigned long long)act_hash_value(&hashes[k]));
  return 0;
}
