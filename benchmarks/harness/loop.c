/* Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Loops that are timed without Python: calls of a compiled model, and copies
 * as the roof of what memory allows. benchmarks/harness/native.py builds it.
 */
#define _GNU_SOURCE
#include "act-mlir-c/Runtime.h"
#include <immintrin.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}

/* Nanoseconds of `count` calls; negative where one fails. */
double bench_model(const act_model *model, act_instance *instance,
                   const act_tensor *inputs, int32_t num_inputs,
                   act_tensor *outputs, int32_t num_outputs, void *workspace,
                   size_t workspace_bytes, int64_t count) {
  double begin = now();
  for (int64_t i = 0; i < count; ++i)
    if (model->run(instance, inputs, num_inputs, outputs, num_outputs,
                   workspace, workspace_bytes, 0))
      return -1;
  return now() - begin;
}

/* Nanoseconds of `count` calls of a function of two memref descriptors. */
double bench_function(void (*function)(void *, void *), void *input,
                      void *output, int64_t count) {
  double begin = now();
  for (int64_t i = 0; i < count; ++i)
    function(input, output);
  return now() - begin;
}

/* Stores that go past the caches; both are multiples of 64 bytes. */
__attribute__((target("avx"))) static void stream(char *to, const char *from,
                                                  size_t bytes) {
  for (size_t i = 0; i < bytes; i += 64) {
    __m256i a = _mm256_loadu_si256((const __m256i *)(from + i));
    __m256i b = _mm256_loadu_si256((const __m256i *)(from + i + 32));
    _mm256_stream_si256((__m256i *)(to + i), a);
    _mm256_stream_si256((__m256i *)(to + i + 32), b);
  }
  _mm_sfence();
}

/* Nanoseconds of `count` copies by `threads` threads. */
double bench_copy(char *to, const char *from, size_t bytes, int streaming,
                  int threads, int64_t count) {
  size_t part = (bytes / (size_t)threads + 63) / 64 * 64;
  double begin = now();
  for (int64_t i = 0; i < count; ++i) {
#pragma omp parallel for num_threads(threads) if (threads > 1)
    for (int t = 0; t < threads; ++t) {
      size_t at = (size_t)t * part;
      size_t size = at < bytes ? (bytes - at < part ? bytes - at : part) : 0;
      if (streaming)
        stream(to + at, from + at, size / 64 * 64);
      else if (size)
        memcpy(to + at, from + at, size);
    }
    __asm__ volatile("" ::: "memory");
  }
  return now() - begin;
}
