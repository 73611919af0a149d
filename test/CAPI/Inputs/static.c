// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/* Two models in one program, each with one instance that 16 threads share:
 * half of them bring a workspace, the others wait for the instance's own. */
#include "deep.h"
#include "wide.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define THREADS 16
#define RUNS 50
#define ROWS 64

static const act_model *deep, *wide;
static act_instance *of_deep, *of_wide;

static float input(int thread, int i) { return (float)((thread + i) % 7 - 3); }

static int check(const float *y, int thread, const float weights[3]) {
  for (int row = 0; row < ROWS; ++row) {
    float sum = 0;
    for (int i = 0; i < 3; ++i)
      sum += weights[i] * input(thread, 3 * row + i);
    if (y[2 * row] != (sum > 0 ? sum : 0))
      return 1;
  }
  return 0;
}

static act_status run(const act_model *model, act_instance *instance, float *x,
                      float *y, void *workspace, size_t bytes) {
  int64_t from[] = {ROWS, 3}, to[] = {ROWS, 2};
  act_tensor in = {x, {1, 0}, 2, {2, 32, 1}, from, NULL, 0};
  act_tensor out = {y, {1, 0}, 2, {2, 32, 1}, to, NULL, 0};
  return model->run(instance, &in, 1, &out, 1, workspace, bytes, NULL);
}

static void *work(void *argument) {
  int thread = (int)(size_t)argument;
  size_t bytes = thread % 2 ? 1 << 16 : 0;
  void *workspace = bytes ? aligned_alloc(64, bytes) : NULL;
  float x[3 * ROWS], y[2 * ROWS], z[2 * ROWS];
  for (int i = 0; i < 3 * ROWS; ++i)
    x[i] = input(thread, i);
  size_t wrong = 0;
  for (int i = 0; i < RUNS; ++i) {
    memset(y, 255, sizeof y);
    memset(z, 255, sizeof z);
    wrong += run(deep, of_deep, x, y, workspace, bytes) != ACT_OK;
    wrong += run(wide, of_wide, x, z, workspace, bytes) != ACT_OK;
    wrong += check(y, thread, (float[]){1, 3, 5});
    wrong += check(z, thread, (float[]){1, 3, 7});
  }
  free(workspace);
  return (void *)wrong;
}

int main(void) {
  deep = deep_get(ACT_ABI_VERSION);
  wide = wide_get(ACT_ABI_VERSION);
  if (!deep || !wide || deep->create(deep, NULL, &of_deep) ||
      wide->create(wide, NULL, &of_wide) || deep->selftest(of_deep) ||
      wide->selftest(of_wide))
    return 1;
  printf("named %d\n", strstr(deep->describe(deep), "\"name\":\"deep\"") &&
                           strstr(wide->describe(wide), "\"name\":\"wide\""));
  pthread_t threads[THREADS];
  size_t wrong = 0;
  for (size_t i = 0; i < THREADS; ++i)
    if (pthread_create(&threads[i], NULL, work, (void *)i))
      return 1;
  for (int i = 0; i < THREADS; ++i) {
    void *result;
    pthread_join(threads[i], &result);
    wrong += (size_t)result;
  }
  printf("%d runs, %d wrong\n", 2 * THREADS * RUNS, (int)wrong);
  deep->destroy(of_deep);
  wide->destroy(of_wide);
  return wrong != 0;
}
