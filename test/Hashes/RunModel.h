/* Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Runs a model on numbers and hashes the bits of its results. Plain C, for
 * machines that have a model and no compiler. */

#ifndef ACT_TEST_HASHES_RUNMODEL_H
#define ACT_TEST_HASHES_RUNMODEL_H

#include "act-mlir-c/Runtime.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A hash of numbers in order: element i goes to lane i % 8. Numbers may be
 * added in pieces of any length. All NaN are one, since machines give them
 * different signs and payloads. */
typedef struct act_hash {
  uint64_t lanes[8];
  uint64_t count;
} act_hash;

typedef struct act_element {
  act_dtype dtype;
  uint64_t infinity; /* what is greater, without its sign, is NaN */
} act_element;

void act_hash_start(act_hash *hash);
void act_hash_add(act_hash *hash, const void *data, int64_t count,
                  const act_element *element, int negate);
uint64_t act_hash_value(const act_hash *hash);

typedef struct act_run_plan {
  act_element element;
  int32_t inputs, outputs;
  int32_t rank;    /* 1: vectors of any length; 0: one number a call */
  int32_t longest; /* 0: all in one call; else pieces of 1, 2, ..., longest */
  int32_t negate;  /* results have the other sign */
  int32_t threads;
} act_run_plan;

/* Calls the model on `count` numbers of each input and adds its results, as
 * many of each, to `hashes`. */
act_status act_run_hashed(const act_model *model, const act_run_plan *plan,
                          const void *const *inputs, int64_t count,
                          act_hash *hashes);

#ifdef __cplusplus
}
#endif
#endif /* ACT_TEST_HASHES_RUNMODEL_H */
