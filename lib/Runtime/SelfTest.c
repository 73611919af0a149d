/* Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 */
#include "Cuda.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t next(uint64_t *state) {
  /* splitmix64 (Steele, Lea, Flood 2014). */
  uint64_t z = *state += 0x9e3779b97f4a7c15ull;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return z ^ (z >> 31);
}

/* k / 16 * 2^scale for k in [-64, 64), put together from its parts so that
 * every type holds it exactly; of one scale, sums are exact, too. */
static uint64_t float_bits(int k, int scale, int exponent_bits,
                           int mantissa_bits) {
  uint64_t sign = k < 0, magnitude = (uint64_t)(k < 0 ? -k : k), mantissa;
  int bias = (1 << (exponent_bits - 1)) - 1, exponent = 6;
  if (!magnitude)
    return 0;
  while (!(magnitude >> exponent))
    --exponent;
  mantissa = magnitude - (1ull << exponent);
  mantissa = mantissa_bits >= exponent ? mantissa << (mantissa_bits - exponent)
                                       : mantissa >> (exponent - mantissa_bits);
  return sign << (exponent_bits + mantissa_bits) |
         (uint64_t)(exponent - 4 + scale + bias) << mantissa_bits | mantissa;
}

static void fill(act_dtype dtype, void *data, int64_t count, uint64_t seed,
                 int scale) {
  size_t bytes = (dtype.bits + 7u) / 8;
  /* The normal numbers of f8E4M3FN begin at 2^-6. */
  if (dtype.bits == 8 && scale < -2)
    scale = -2;
  for (int64_t i = 0; i < count; ++i) {
    int k = (int)(next(&seed) & 127) - 64;
    uint64_t bits;
    if (dtype.code == 2)
      bits = dtype.bits == 64   ? float_bits(k, scale, 11, 52)
             : dtype.bits == 32 ? float_bits(k, scale, 8, 23)
                                : float_bits(k, scale, 5, 10);
    else if (dtype.code == 4)
      bits = float_bits(k, scale, 8, 7);
    else if (dtype.code == 10)
      bits = float_bits(k, scale, 4, 3);
    else if (dtype.code == 12)
      bits = float_bits(k, scale, 5, 2);
    else
      bits = dtype.bits == 1 || dtype.code == 6 ? (uint64_t)(k & 1)
                                                : (uint64_t)(k & 7);
    memcpy((char *)data + i * bytes, &bits, bytes);
  }
}

/* FNV-1a. */
static uint64_t add_bytes(uint64_t hash, const void *data, size_t bytes) {
  const unsigned char *p = data;
  for (size_t i = 0; i < bytes; ++i)
    hash = (hash ^ p[i]) * 0x100000001b3ull;
  return hash;
}

static int64_t elements(const act_tensor *tensor) {
  int64_t count = 1;
  for (int32_t d = 0; d < tensor->ndim; ++d)
    count *= tensor->shape[d];
  return count;
}

static size_t bytes_of(const act_tensor *tensor) {
  return (size_t)elements(tensor) * ((tensor->dtype.bits + 7u) / 8);
}

/* Memory for a tensor whose extents are set. */
static int allocate(act_tensor *tensor) {
  tensor->data = aligned_alloc(64, (bytes_of(tensor) + 64) / 64 * 64);
  return tensor->data != 0;
}

/* On a GPU: the same tensors in its memory. */
static act_status run_on_device(act_instance *instance, act_tensor *tensors,
                                int32_t inputs, int32_t count) {
  const struct act_gpu_ops *ops = act_rt_program(instance)->gpu->ops;
  act_cuda *cuda = act_rt_cuda(instance);
  act_tensor *moved = calloc((size_t)count + 1, sizeof *moved);
  act_status status = ACT_OK;
  if (!moved)
    return act_rt_fail(ACT_ERROR_MEMORY, "out of memory");
  for (int32_t i = 0; i < count && !status; ++i) {
    moved[i] = tensors[i];
    moved[i].data = 0;
    status = ops->allocate(cuda, bytes_of(&tensors[i]) + 1, &moved[i].data);
    if (!status && i < inputs)
      status = ops->copy_in(cuda, moved[i].data, tensors[i].data,
                            bytes_of(&tensors[i]));
  }
  if (!status)
    status = act_rt_run(instance, moved, inputs, moved + inputs, count - inputs,
                        0, 0, 0);
  /* The copy waits for the default stream. */
  for (int32_t i = inputs; i < count && !status; ++i)
    status = ops->copy_out(cuda, tensors[i].data, moved[i].data,
                           bytes_of(&tensors[i]));
  for (int32_t i = 0; i < count; ++i)
    ops->release(cuda, moved[i].data);
  free(moved);
  return status;
}

/* Numbers of several sizes: an activation has constants for each of its parts.
 * All rounds are for small inputs only. */
static const signed char scales[] = {0,  0, 0, 0, 1,  1,  2,  2,
                                     -1, 3, 4, 5, -2, -4, -6, -8};
enum { ROUNDS = sizeof scales, ELEMENTS = 4096 };

/* Fills the inputs and the constants, which stand behind the results, runs,
 * adds the results to the hash. */
static act_status run_round(act_instance *instance, act_tensor *tensors,
                            int32_t inputs, int32_t count, int round,
                            uint64_t *hash) {
  act_status status = ACT_OK;
  int32_t constants = act_rt_program(instance)->num_constants;
  for (int32_t i = count; i < count + constants; ++i)
    fill(tensors[i].dtype, tensors[i].data, elements(&tensors[i]),
         ~(uint64_t)(count * round + i), scales[round]);
  if (constants)
    status = act_rt_prepare(instance, tensors + count, constants);
  if (status)
    return status;
  for (int32_t i = 0; i < inputs; ++i)
    fill(tensors[i].dtype, tensors[i].data, elements(&tensors[i]),
         (uint64_t)(count * round + i) + 1, scales[round]);
  status = act_rt_cuda(instance)
               ? run_on_device(instance, tensors, inputs, count)
               : act_rt_run(instance, tensors, inputs, tensors + inputs,
                            count - inputs, 0, 0, 0);
  for (int32_t i = inputs; i < count && !status; ++i)
    *hash = add_bytes(*hash, tensors[i].data, bytes_of(&tensors[i]));
  return status;
}

act_status act_selftest_hash(act_instance *given, uint64_t *hash) {
  const act_program *program = act_rt_program(given);
  act_status status = ACT_ERROR_MEMORY;
  int32_t inputs = program->num_inputs, outputs = program->num_outputs;
  int32_t count = inputs + outputs, ready = 0;
  int32_t all = count + program->num_constants;
  int64_t total = 0;
  act_device device = act_rt_device(given);
  act_instance *instance = given, *twin = 0;
  act_tensor *tensors = calloc((size_t)all + 1, sizeof *tensors);
  if (!tensors)
    return act_rt_fail(status, "out of memory");
  for (int32_t i = 0; i < all; ++i) {
    const act_argument *argument = &program->arguments[i];
    tensors[i].device = device;
    tensors[i].ndim = argument->ndim;
    tensors[i].dtype = argument->dtype;
    tensors[i].shape = calloc((size_t)argument->ndim + 1, sizeof(int64_t));
    ready += tensors[i].shape != 0;
  }
  if (ready < all) {
    act_rt_fail(status, "out of memory");
    goto done;
  }
  /* The caller's constants stay in place. */
  if (program->num_constants) {
    status = act_rt_twin(given, &twin);
    if (status)
      goto done;
    instance = twin;
  }
  for (int32_t i = 0; i < all; ++i) {
    if (i >= inputs && i < count)
      continue;
    const act_argument *argument = &program->arguments[i];
    for (int32_t d = 0; d < argument->ndim; ++d)
      tensors[i].shape[d] = argument->shape[d] < 0 ? 4 : argument->shape[d];
    if (!allocate(&tensors[i])) {
      status = act_rt_fail(ACT_ERROR_MEMORY, "out of memory");
      goto done;
    }
    total += elements(&tensors[i]);
  }
  /* Tensors are not on the device yet: shapes are all that is asked of them. */
  status =
      act_rt_infer_shapes(instance, tensors, inputs, tensors + inputs, outputs);
  if (status)
    goto done;
  for (int32_t i = inputs; i < count; ++i)
    if (!allocate(&tensors[i])) {
      status = act_rt_fail(ACT_ERROR_MEMORY, "out of memory");
      goto done;
    }
  *hash = 0xcbf29ce484222325ull;
  for (int round = 0; round < ROUNDS && !status; ++round) {
    if (round && total * round > ELEMENTS)
      break;
    status = run_round(instance, tensors, inputs, count, round, hash);
  }
  *hash += *hash == 0;
done:
  act_rt_destroy(twin);
  for (int32_t i = 0; i < all; ++i) {
    free(tensors[i].shape);
    free(tensors[i].data);
  }
  free(tensors);
  return status;
}

/*===-- Kernels alone -----------------------------------------------------===*/

static int is_nan(act_dtype dtype, uint64_t bits) {
  uint64_t magnitude = bits & ~(1ull << (dtype.bits - 1));
  switch (dtype.code) {
  case 4:
    return magnitude > 0x7f80;
  case 10:
    return magnitude == 0x7f;
  case 12:
    return magnitude > 0x7c;
  default:
    return magnitude > (dtype.bits == 64   ? 0x7ff0000000000000ull
                        : dtype.bits == 32 ? 0x7f800000ull
                                           : 0x7c00ull);
  }
}

/* Element `i` of a slot of a probe. */
static uint64_t element(const act_probe *probe, const void *data, int slot,
                        int i) {
  size_t bytes = probe->dtype.bits / 8;
  uint64_t bits = 0;
  memcpy(&bits, (const char *)data + slot * ACT_PROBE_SLOT_BYTES + i * bytes,
         bytes);
  return bits;
}

/* Compares what a kernel gave; the text is about its first other result. */
static act_status check_probe(const act_probe *probe, const void *found) {
  const int results = ACT_PROBE_SLOTS - 1;
  for (int i = 0; i < ACT_PROBE_ELEMENTS; ++i) {
    uint64_t expected = element(probe, probe->data, results, i);
    uint64_t got = element(probe, found, results, i);
    char text[256];
    int digits = probe->dtype.bits / 4, length;
    if (got == expected ||
        (is_nan(probe->dtype, got) && is_nan(probe->dtype, expected)))
      continue;
    length = snprintf(text, sizeof text, "%s: the bits ", probe->name);
    for (int k = 0; k < probe->num_operands; ++k)
      length += snprintf(text + length, sizeof text - (size_t)length,
                         "%s0x%0*llx", k ? ", " : "", digits,
                         (unsigned long long)element(probe, probe->data, k, i));
    snprintf(text + length, sizeof text - (size_t)length,
             " give 0x%0*llx, expected 0x%0*llx", digits,
             (unsigned long long)got, digits, (unsigned long long)expected);
    return act_rt_fail(ACT_ERROR_SELFTEST, text);
  }
  return ACT_OK;
}

/* Runs each kernel of the program on its worst input and the like. */
static act_status run_probes(const act_program *program,
                             const act_level *level) {
  size_t bytes = (size_t)program->num_probes * ACT_PROBE_BYTES;
  size_t last = ACT_PROBE_BYTES - ACT_PROBE_SLOT_BYTES;
  char *buffer = aligned_alloc(64, bytes);
  int64_t memref[] = {(int64_t)(uintptr_t)buffer, (int64_t)(uintptr_t)buffer, 0,
                      (int64_t)bytes, 1};
  void *argument = memref;
  uint64_t modes;
  act_status status = ACT_OK;
  if (!buffer)
    return act_rt_fail(ACT_ERROR_MEMORY, "out of memory");
  for (int32_t i = 0; i < program->num_probes; ++i) {
    char *data = buffer + (size_t)i * ACT_PROBE_BYTES;
    memcpy(data, program->probes[i].data, ACT_PROBE_BYTES);
    /* No result is what was there before. */
    for (size_t k = last; k < ACT_PROBE_BYTES; ++k)
      data[k] = (char)~data[k];
  }
  modes = act_float_enter();
  level->probes(&argument);
  act_float_leave(modes);
  for (int32_t i = 0; i < program->num_probes && !status; ++i)
    status =
        check_probe(&program->probes[i], buffer + (size_t)i * ACT_PROBE_BYTES);
  free(buffer);
  return status;
}

static act_status run_program(act_instance *instance, uint64_t expected) {
  uint64_t hash = 0;
  act_status status = act_selftest_hash(instance, &hash);
  if (!status && hash != expected)
    status = act_rt_fail(ACT_ERROR_SELFTEST,
                         "the results are not those stored by the compiler");
  return status;
}

act_status act_rt_selftest(act_instance *instance) {
  const act_program *program = act_rt_program(instance);
  act_status status = ACT_OK;
  int kernels;
  if (!program)
    return act_rt_fail(ACT_ERROR_ARGUMENT, "null instance");
  kernels = program->num_probes && !act_rt_cuda(instance);
  if (!program->selftest && !kernels)
    return act_rt_fail(ACT_ERROR_UNSUPPORTED,
                       "compiled where it could not run: nothing is stored");
  if (kernels)
    status = run_probes(program, act_rt_level(instance));
  if (!status && program->selftest)
    status = run_program(instance, program->selftest);
  return status;
}
