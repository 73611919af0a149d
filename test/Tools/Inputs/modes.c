/* Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * A host that rounds otherwise, flushes subnormal numbers or traps. */
#include "modes.h"
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <xmmintrin.h>

enum { ROWS = 4096, COUNT = ROWS * 64 };
static float x[COUNT], expected[3][COUNT], found[3][COUNT];
static const act_model *model;

typedef struct {
  int64_t count;
  void (*body)(void *, int64_t);
  void *context;
  int kept;
} job;

static void *thread(void *data) {
  job *j = data;
  _mm_setcsr(0x9fc0);
  for (int64_t i = 0; i < j->count; ++i)
    j->body(j->context, i);
  j->kept = _mm_getcsr() == 0x9fc0;
  return 0;
}

/* All on one other thread, which flushes. */
static void parallel_for(void *user, int64_t count,
                         void (*body)(void *, int64_t), void *context) {
  job j = {count, body, context, 0};
  pthread_t t;
  pthread_create(&t, 0, thread, &j);
  pthread_join(t, 0);
  *(int *)user = j.kept ? 1 : -1;
}

static void run(act_instance *instance, float (*y)[COUNT]) {
  if (modes_run(model, instance, x, ROWS, y[0], ROWS, y[1], ROWS, y[2], ROWS))
    puts(model->last_error());
}

static void check(const char *what, act_instance *instance, unsigned modes) {
  unsigned before = _mm_getcsr(), after;
  act_status status;
  memset(found, 0, sizeof found);
  _mm_setcsr(modes);
  run(instance, found);
  after = _mm_getcsr();
  status = model->selftest(instance);
  _mm_setcsr(before);
  printf("%s: %s, modes %s, self test %d\n", what,
         memcmp(expected, found, sizeof found) ? "OTHER BITS" : "same bits",
         (after & 0xffc0) == modes ? "kept" : "CHANGED", status);
}

int main(void) {
  int kept = 0;
  act_options options = {.size = sizeof options};
  act_instance *own, *hosted;
  options.parallel_for = parallel_for;
  options.parallel_user = &kept;
  model = act_model_get(ACT_ABI_VERSION);
  if (model->create(model, 0, &own) || model->create(model, &options, &hosted))
    return puts(model->last_error()), 1;
  /* Numbers of all exponents, most of them finite. */
  for (uint32_t i = 0; i < COUNT; ++i) {
    uint32_t bits = i * 0x9e3779b1u;
    memcpy(&x[i], &bits, 4);
  }
  run(own, expected);
  check("default", own, 0x1f80);
  check("flushed", own, 0x9fc0);
  check("upward", own, 0x5f80);
  check("downward", own, 0x3f80);
  check("towards zero", own, 0x7f80);
  check("traps", own, 0x1080);
  check("threads of the host", hosted, 0x1f80);
  printf("its modes %s\n", kept > 0 ? "kept" : "CHANGED");
  model->destroy(own);
  model->destroy(hosted);
  return 0;
}
