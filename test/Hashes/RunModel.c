/* Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */

#include "RunModel.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { LANES = 8, ARGUMENTS = 80, THREADS = 16 };

void act_hash_start(act_hash *hash) {
  for (int i = 0; i < LANES; ++i)
    hash->lanes[i] = 0xcbf29ce484222325u + i;
  hash->count = 0;
}

static uint64_t mix(uint64_t hash, uint64_t bits) {
  hash = (hash ^ bits) * 0x9e3779b97f4a7c15u;
  return hash ^ hash >> 29;
}

uint64_t act_hash_value(const act_hash *hash) {
  uint64_t value = mix(0, hash->count);
  for (int i = 0; i < LANES; ++i)
    value = mix(value, hash->lanes[i]);
  return value;
}

/* One copy for each width, so that its loops have no branches on it; compilers
 * make vectors of that over all lanes. */
#define ADD(name, type)                                                        \
  static type canonical_##name(type bits, type infinity) {                     \
    const type size = (type) ~((type)1 << (8 * sizeof(type) - 1));             \
    return (bits & size) > infinity ? size : bits;                             \
  }                                                                            \
  static void name(act_hash *hash, const type *data, int64_t count,            \
                   type infinity, type flip) {                                 \
    uint64_t lanes[LANES];                                                     \
    int64_t i = 0;                                                             \
    memcpy(lanes, hash->lanes, sizeof lanes);                                  \
    for (; i < count && (hash->count + i) % LANES; ++i) {                      \
      int lane = (hash->count + i) % LANES;                                    \
      lanes[lane] =                                                            \
          mix(lanes[lane], canonical_##name(data[i] ^ flip, infinity));        \
    }                                                                          \
    for (; count - i >= LANES; i += LANES)                                     \
      for (int lane = 0; lane < LANES; ++lane)                                 \
        lanes[lane] = mix(lanes[lane],                                         \
                          canonical_##name(data[i + lane] ^ flip, infinity));  \
    for (int lane = 0; i < count; ++lane, ++i)                                 \
      lanes[lane] =                                                            \
          mix(lanes[lane], canonical_##name(data[i] ^ flip, infinity));        \
    memcpy(hash->lanes, lanes, sizeof lanes);                                  \
    hash->count += count;                                                      \
  }
ADD(add8, uint8_t)
ADD(add16, uint16_t)
ADD(add32, uint32_t)
ADD(add64, uint64_t)

void act_hash_add(act_hash *hash, const void *data, int64_t count,
                  const act_element *element, int negate) {
  uint64_t sign = negate ? (uint64_t)1 << (element->dtype.bits - 1) : 0;
  switch (element->dtype.bits) {
  case 8:
    add8(hash, data, count, element->infinity, sign);
    break;
  case 16:
    add16(hash, data, count, element->infinity, sign);
    break;
  case 32:
    add32(hash, data, count, element->infinity, sign);
    break;
  default:
    add64(hash, data, count, element->infinity, sign);
  }
}

struct share {
  void (*body)(void *context, int64_t index);
  void *context;
  int64_t first, step, count;
};

static void *run_share(void *argument) {
  struct share *share = argument;
  for (int64_t i = share->first; i < share->count; i += share->step)
    share->body(share->context, i);
  return NULL;
}

/* As many threads as the plan says, however many cores there are. */
static void parallel_for(void *user, int64_t count,
                         void (*body)(void *context, int64_t index),
                         void *context) {
  int threads = *(const int32_t *)user;
  pthread_t ids[THREADS];
  struct share shares[THREADS];
  for (int i = 0; i < threads; ++i) {
    shares[i] = (struct share){body, context, i, threads, count};
    if (i && pthread_create(&ids[i], NULL, run_share, &shares[i]))
      abort();
  }
  run_share(&shares[0]);
  for (int i = 1; i < threads; ++i)
    pthread_join(ids[i], NULL);
}

act_status act_run_hashed(const act_model *model, const act_run_plan *plan,
                          const void *const *inputs, int64_t count,
                          act_hash *hashes) {
  int32_t threads = plan->threads < THREADS ? plan->threads : THREADS;
  act_options options = {.size = sizeof options,
                         .max_threads = threads,
                         .parallel_for = parallel_for,
                         .parallel_user = &threads};
  act_instance *instance;
  act_status status = model->create(model, &options, &instance);
  if (status)
    return status;
  int64_t bytes = plan->element.dtype.bits / 8, longest = plan->longest;
  longest = plan->rank == 0 ? 1 : longest == 0 ? count : longest;
  size_t stride = (longest * bytes + 63) / 64 * 64;
  char *results = aligned_alloc(64, stride * plan->outputs);
  act_tensor tensors[ARGUMENTS];
  int32_t total = plan->inputs + plan->outputs;
  if (!results || total > ARGUMENTS)
    abort();
  int64_t size = 0, length = 0;
  for (int32_t k = 0; k < total; ++k)
    tensors[k] = (act_tensor){.device = {1, 0},
                              .ndim = plan->rank,
                              .dtype = plan->element.dtype,
                              .shape = &size};
  for (int64_t i = 0; i < count && !status; i += size) {
    length = plan->longest && plan->rank ? length % longest + 1 : longest;
    size = length < count - i ? length : count - i;
    for (int32_t k = 0; k < plan->inputs; ++k)
      tensors[k].data = (char *)inputs[k] + i * bytes;
    for (int32_t k = 0; k < plan->outputs; ++k)
      tensors[plan->inputs + k].data = results + stride * k;
    status = model->run(instance, tensors, plan->inputs, tensors + plan->inputs,
                        plan->outputs, NULL, 0, NULL);
    for (int32_t k = 0; k < plan->outputs && !status; ++k)
      act_hash_add(&hashes[k], results + stride * k, size, &plan->element,
                   plan->negate);
  }
  free(results);
  model->destroy(instance);
  return status;
}
