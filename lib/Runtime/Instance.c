/* Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Instances of a model: checks of what the caller gives, then one call.
 */
#include "Cuda.h"
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct act_instance {
  const act_program *program;
  const act_level *level;
  act_options options;
  const void *weights;
  void *mapped; /* external weights, else null */
  size_t mapped_bytes;
  pthread_mutex_t lock; /* of the workspace */
  void *workspace;
  size_t workspace_bytes;
  act_cuda *cuda; /* null: the CPU */
  /* What `run` reads behind its inputs: the memref descriptors of the constants
   * and of what is prepared of them, and pointers to each; null: there are
   * none. */
  int64_t *held_words;
  void **held;
  void *prepared;
  int is_prepared;
};

static _Thread_local char error_text[512];

const char *act_rt_last_error(void) { return error_text; }

__attribute__((format(printf, 2, 3))) static act_status
fail(act_status status, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(error_text, sizeof error_text, format, arguments);
  va_end(arguments);
  return status;
}

const char *act_rt_describe(const act_model *model) {
  return ((const act_program *)model->program)->json;
}

/*===-- Instances ---------------------------------------------------------===*/

/* The file of external weights: `path`, or the one beside the library. */
static act_status map_weights(act_instance *instance, const char *path) {
  const act_program *program = instance->program;
  char beside[4096];
  uint64_t header;
  struct stat status;
  int file;
  if (!path) {
    Dl_info info;
    const char *slash;
    if (!dladdr((const void *)program, &info) || !info.dli_fname)
      return fail(ACT_ERROR_WEIGHTS, "cannot find where the library lies");
    slash = strrchr(info.dli_fname, '/');
    snprintf(beside, sizeof beside, "%.*s%s",
             slash ? (int)(slash - info.dli_fname + 1) : 0, info.dli_fname,
             program->weights_file);
    path = beside;
  }
  file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0 || fstat(file, &status)) {
    if (file >= 0)
      close(file);
    return fail(ACT_ERROR_WEIGHTS, "cannot open the weights '%s'", path);
  }
  /* safetensors: the length of a JSON header, the header, the data. */
  instance->mapped_bytes = (size_t)status.st_size;
  instance->mapped =
      instance->mapped_bytes < 8
          ? MAP_FAILED
          : mmap(0, instance->mapped_bytes, PROT_READ, MAP_PRIVATE, file, 0);
  close(file);
  if (instance->mapped == MAP_FAILED) {
    instance->mapped = 0;
    return fail(ACT_ERROR_WEIGHTS, "cannot map the weights '%s'", path);
  }
  memcpy(&header, instance->mapped, 8);
  if (header > instance->mapped_bytes - 8 ||
      instance->mapped_bytes - 8 - header != program->weights_size)
    return fail(ACT_ERROR_WEIGHTS,
                "'%s' does not hold the weights of this "
                "model: %zu bytes of data, %llu needed",
                path, instance->mapped_bytes - 8 - (size_t)header,
                (unsigned long long)program->weights_size);
  instance->weights = (const char *)instance->mapped + 8 + header;
  return ACT_OK;
}

static int32_t num_held(const act_program *program) {
  return program->num_constants + program->num_prepared;
}

static const act_argument *held_arguments(const act_program *program) {
  return program->arguments + program->num_inputs + program->num_outputs;
}

static size_t static_bytes(const act_argument *argument) {
  size_t bytes = (argument->dtype.bits + 7u) / 8;
  for (int32_t d = 0; d < argument->ndim; ++d)
    bytes *= (size_t)argument->shape[d];
  return bytes;
}

/* A memref descriptor: pointer twice, offset, extents, strides. */
static int64_t *describe_memref(int64_t *to, void *data, const int64_t *shape,
                                int32_t ndim) {
  int64_t stride = 1;
  to[0] = to[1] = (int64_t)(uintptr_t)data;
  to[2] = 0;
  for (int32_t d = ndim; d-- > 0;) {
    to[3 + d] = shape[d];
    to[3 + ndim + d] = stride;
    stride *= shape[d];
  }
  return to + 3 + 2 * ndim;
}

/* Room for constants, in memory and as descriptors that lead nowhere yet: for
 * functions that ask for sizes they are as good. */
static act_status hold_constants(act_instance *instance) {
  const act_program *program = instance->program;
  const act_argument *arguments = held_arguments(program);
  int32_t count = num_held(program);
  size_t words = 0, bytes = 0;
  int64_t *at;
  if (!count)
    return ACT_OK;
  for (int32_t i = 0; i < count; ++i) {
    words += 3 + 2 * (size_t)arguments[i].ndim;
    if (i >= program->num_constants)
      bytes += (static_bytes(&arguments[i]) + 63) / 64 * 64;
  }
  instance->held_words = at = calloc(words, sizeof *at);
  instance->held = calloc((size_t)count, sizeof *instance->held);
  instance->prepared = aligned_alloc(64, bytes + 64);
  if (!instance->held_words || !instance->held || !instance->prepared)
    return fail(ACT_ERROR_MEMORY,
                "no memory for %zu bytes prepared of the constants", bytes);
  bytes = 0;
  for (int32_t i = 0; i < count; ++i) {
    int is_constant = i < program->num_constants;
    void *data = is_constant ? 0 : (char *)instance->prepared + bytes;
    instance->held[i] = at;
    at = describe_memref(at, data, arguments[i].shape, arguments[i].ndim);
    if (!is_constant)
      bytes += (static_bytes(&arguments[i]) + 63) / 64 * 64;
  }
  return ACT_OK;
}

act_status act_rt_create(const act_model *model, const act_options *options,
                         act_instance **result) {
  const act_program *program;
  act_instance *instance;
  uint64_t features;
  if (!model || !result)
    return fail(ACT_ERROR_ARGUMENT, "null model or instance");
  *result = 0;
  program = model->program;
  if (options && options->size < sizeof(size_t))
    return fail(ACT_ERROR_ARGUMENT, "act_options.size is not set");
  instance = calloc(1, sizeof *instance);
  if (!instance)
    return fail(ACT_ERROR_MEMORY, "out of memory");
  instance->program = program;
  instance->weights = program->weights;
  if (options)
    memcpy(&instance->options, options,
           options->size < sizeof *options ? options->size : sizeof *options);
  pthread_mutex_init(&instance->lock, 0);
  features = act_cpu_features();
  for (int32_t i = 0; i < program->num_levels && !instance->level; ++i)
    if ((program->levels[i].features & ~features) == 0)
      instance->level = &program->levels[i];
  if (!instance->level) {
    act_status status = fail(
        ACT_ERROR_CPU, "this CPU is below %s, the lowest level of the library",
        program->levels[program->num_levels - 1].name);
    act_rt_destroy(instance);
    return status;
  }
  act_status status = hold_constants(instance);
  if (!status && program->weights_file)
    status = map_weights(instance, instance->options.weights);
  if (status) {
    act_rt_destroy(instance);
    return status;
  }
  if (instance->options.device.type > 1) {
    status = ACT_ERROR_UNSUPPORTED;
    if (instance->options.device.type != 2 || !program->gpu)
      fail(status, "this library has no code for device type %d",
           instance->options.device.type);
    else
      status = program->gpu->ops->create(program, instance->options.device.id,
                                         instance->weights, &instance->cuda);
    if (status) {
      act_rt_destroy(instance);
      return status;
    }
  }
  *result = instance;
  return ACT_OK;
}

act_status act_rt_twin(const act_instance *instance, act_instance **twin) {
  act_instance *made = calloc(1, sizeof *made);
  act_status status;
  *twin = 0;
  if (!made)
    return fail(ACT_ERROR_MEMORY, "out of memory");
  made->program = instance->program;
  made->level = instance->level;
  made->options = instance->options;
  made->weights = instance->weights;
  pthread_mutex_init(&made->lock, 0);
  if ((status = hold_constants(made)))
    act_rt_destroy(made);
  else
    *twin = made;
  return status;
}

void act_rt_destroy(act_instance *instance) {
  if (!instance)
    return;
  if (instance->cuda) {
    const struct act_gpu_ops *ops = instance->program->gpu->ops;
    ops->release(instance->cuda, instance->workspace);
    ops->destroy(instance->cuda);
    instance->workspace = 0;
  }
  if (instance->mapped)
    munmap(instance->mapped, instance->mapped_bytes);
  pthread_mutex_destroy(&instance->lock);
  free(instance->workspace);
  free(instance->held_words);
  free(instance->held);
  free(instance->prepared);
  free(instance);
}

/*===-- Checks ------------------------------------------------------------===*/

static size_t element_bytes(act_dtype dtype) { return (dtype.bits + 7u) / 8; }

/* Checks one tensor; `extents` is what its shape must be, negative for any. */
static act_status check(const act_instance *instance, const char *what,
                        int32_t i, const act_tensor *tensor,
                        const act_argument *argument, const int64_t *extents) {
  int64_t stride = 1, size = (int64_t)element_bytes(argument->dtype);
  int empty = 0;
#define WHERE "%s %d ('%s'): "
#define AT what, i, argument->name
  if (instance->cuda && (tensor->device.type != 2 ||
                         tensor->device.id != instance->options.device.id))
    return fail(ACT_ERROR_ARGUMENT,
                WHERE "device type %d, number %d is not this instance's GPU %d",
                AT, tensor->device.type, tensor->device.id,
                instance->options.device.id);
  if (!instance->cuda && tensor->device.type != 1)
    return fail(ACT_ERROR_ARGUMENT, WHERE "device type %d is not the CPU", AT,
                tensor->device.type);
  if (tensor->dtype.code != argument->dtype.code ||
      tensor->dtype.bits != argument->dtype.bits || tensor->dtype.lanes != 1)
    return fail(ACT_ERROR_ARGUMENT,
                WHERE "dtype (code %d, %d bits, %d lanes), expected (code %d, "
                      "%d bits, 1 lane)",
                AT, tensor->dtype.code, tensor->dtype.bits, tensor->dtype.lanes,
                argument->dtype.code, argument->dtype.bits);
  if (tensor->ndim != argument->ndim)
    return fail(ACT_ERROR_ARGUMENT, WHERE "rank %d, expected %d", AT,
                tensor->ndim, argument->ndim);
  if (tensor->ndim && !tensor->shape)
    return fail(ACT_ERROR_ARGUMENT, WHERE "null shape", AT);
  for (int32_t d = 0; d < tensor->ndim; ++d) {
    int64_t extent = tensor->shape[d];
    if (extent < 0)
      return fail(ACT_ERROR_ARGUMENT, WHERE "extent %lld in dimension %d", AT,
                  (long long)extent, d);
    if (extents[d] >= 0 && extent != extents[d])
      return fail(ACT_ERROR_ARGUMENT,
                  WHERE "extent %lld in dimension %d, expected %lld", AT,
                  (long long)extent, d, (long long)extents[d]);
    empty |= extent == 0;
  }
  /* Extents of 0 count as 1: products with those of other tensors are sizes of
   * what lies between. */
  for (int32_t d = 0; d < tensor->ndim; ++d)
    if (tensor->shape[d] &&
        __builtin_mul_overflow(size, tensor->shape[d], &size))
      return fail(ACT_ERROR_ARGUMENT, WHERE "more than 2^63-1 bytes", AT);
  for (int32_t d = tensor->ndim; d-- > 0 && !empty;) {
    if (tensor->strides && tensor->shape[d] != 1 &&
        tensor->strides[d] != stride)
      return fail(ACT_ERROR_ARGUMENT,
                  WHERE "stride %lld in dimension %d: it is not contiguous", AT,
                  (long long)tensor->strides[d], d);
    stride *= tensor->shape[d];
  }
  if (!empty && !tensor->data)
    return fail(ACT_ERROR_ARGUMENT, WHERE "null data", AT);
  if (((uintptr_t)tensor->data + tensor->byte_offset) %
      element_bytes(argument->dtype))
    return fail(ACT_ERROR_ARGUMENT, WHERE "data are not aligned to %zu bytes",
                AT, element_bytes(argument->dtype));
  if (instance->cuda && !empty) {
    char text[96];
    snprintf(text, sizeof text, "%s %d ('%.64s')", AT);
    return instance->program->gpu->ops->check_memory(
        instance->cuda, (const char *)tensor->data + tensor->byte_offset, text);
  }
  return ACT_OK;
#undef WHERE
#undef AT
}

/* Checks that dimension `d` of input `i` has the extent of every other
 * dimension of the same name: of the first of them. */
static act_status check_same(const act_program *program,
                             const act_tensor *inputs, int32_t i, int32_t d) {
  const act_argument *argument = &program->arguments[i];
  for (int32_t j = 0; j <= i; ++j) {
    const act_argument *other = &program->arguments[j];
    for (int32_t k = 0; k < (j < i ? other->ndim : d); ++k) {
      if (other->shape[k] != argument->shape[d])
        continue;
      if (inputs[j].shape[k] == inputs[i].shape[d])
        return ACT_OK;
      return fail(ACT_ERROR_ARGUMENT,
                  "input %d ('%s'): extent %lld in dimension %d, but %lld in "
                  "dimension %d of input %d ('%s')",
                  i, argument->name, (long long)inputs[i].shape[d], d,
                  (long long)inputs[j].shape[k], k, j, other->name);
    }
  }
  return ACT_OK;
}

static act_status check_inputs(const act_instance *instance,
                               const act_tensor *inputs, int32_t count) {
  const act_program *program;
  if (!instance || (count && !inputs))
    return fail(ACT_ERROR_ARGUMENT, "null instance or inputs");
  program = instance->program;
  if (count != program->num_inputs)
    return fail(ACT_ERROR_ARGUMENT, "%d inputs, expected %d", count,
                program->num_inputs);
  for (int32_t i = 0; i < count; ++i) {
    const act_argument *argument = &program->arguments[i];
    act_status status =
        check(instance, "input", i, &inputs[i], argument, argument->shape);
    for (int32_t d = 0; !status && d < argument->ndim; ++d)
      if (argument->shape[d] < -1)
        status = check_same(program, inputs, i, d);
    if (status)
      return status;
  }
  return ACT_OK;
}

static size_t tensor_bytes(const act_tensor *tensor) {
  size_t bytes = element_bytes(tensor->dtype);
  for (int32_t d = 0; d < tensor->ndim; ++d)
    bytes *= (size_t)tensor->shape[d];
  return bytes;
}

static int overlap(const act_tensor *a, const act_tensor *b) {
  const char *x = (const char *)a->data + a->byte_offset;
  const char *y = (const char *)b->data + b->byte_offset;
  size_t m = tensor_bytes(a), n = tensor_bytes(b);
  return m && n && x < y + n && y < x + m;
}

/* Checks that a result lies beside the constants. */
static act_status check_held(const act_instance *instance, int32_t i,
                             const act_tensor *output) {
  const act_argument *arguments = held_arguments(instance->program);
  const char *x = (const char *)output->data + output->byte_offset;
  size_t bytes = tensor_bytes(output);
  for (int32_t k = 0; k < instance->program->num_constants; ++k) {
    const char *y = (const char *)(uintptr_t)*(int64_t *)instance->held[k];
    if (bytes && x < y + static_bytes(&arguments[k]) && y < x + bytes)
      return fail(ACT_ERROR_ARGUMENT, "output %d overlaps constant %d", i, k);
  }
  return ACT_OK;
}

/*===-- Calls -------------------------------------------------------------===*/

/* int64_t words for the descriptors of all arguments, workspace and weights. */
static size_t descriptor_words(const act_program *program) {
  size_t words = 10;
  for (int32_t i = 0; i < program->num_inputs + program->num_outputs; ++i)
    words += 3 + 2 * (size_t)program->arguments[i].ndim;
  return words;
}

static int32_t total_rank(const act_program *program) {
  int32_t rank = 0;
  for (int32_t i = 0; i < program->num_outputs; ++i)
    rank += program->arguments[program->num_inputs + i].ndim;
  return rank;
}

static int64_t *describe_tensors(int64_t *words, void ***argument,
                                 const act_tensor *tensors, int32_t count) {
  for (int32_t i = 0; i < count; ++i) {
    *(*argument)++ = words;
    words =
        describe_memref(words, (char *)tensors[i].data + tensors[i].byte_offset,
                        tensors[i].shape, tensors[i].ndim);
  }
  return words;
}

static void **add_held(const act_instance *instance, void **argument) {
  int32_t count = num_held(instance->program);
  if (count)
    memcpy(argument, instance->held, (size_t)count * sizeof *argument);
  return argument + count;
}

/* What `result_extents` writes: the extents of all results, and pairs. */
static int32_t num_extents(const act_program *program) {
  return total_rank(program) + 2 * program->num_checks;
}

/* The extents of all results, one behind the other; those that operations need
 * to be equal are compared. */
static act_status result_extents(const act_instance *instance,
                                 const act_tensor *inputs, int64_t *extents) {
  const act_program *program = instance->program;
  int64_t words[descriptor_words(program)];
  void *arguments[program->num_inputs + 1], **next = arguments;
  int32_t rank = num_extents(program);
  const int64_t *pair = extents + total_rank(program);
  /* One extent comes back as a value, several through a pointer that goes
   * first. */
  if (rank == 0)
    return ACT_OK;
  if (rank > 1)
    *next++ = extents;
  describe_tensors(words, &next, inputs, program->num_inputs);
  if (rank == 1)
    *next++ = extents;
  instance->level->shapes(arguments);
  for (int32_t i = 0; i < program->num_checks; ++i, pair += 2)
    if (pair[0] != pair[1])
      return fail(ACT_ERROR_ARGUMENT, "%s: extents %lld and %lld must be equal",
                  program->checks[i], (long long)pair[0], (long long)pair[1]);
  return ACT_OK;
}

act_status act_rt_infer_shapes(act_instance *instance, const act_tensor *inputs,
                               int32_t num_inputs, act_tensor *outputs,
                               int32_t num_outputs) {
  act_status status = check_inputs(instance, inputs, num_inputs);
  if (status)
    return status;
  const act_program *program = instance->program;
  if (num_outputs != program->num_outputs || (num_outputs && !outputs))
    return fail(ACT_ERROR_ARGUMENT, "%d outputs, expected %d", num_outputs,
                program->num_outputs);
  int64_t extents[num_extents(program) + 1], *at = extents;
  if ((status = result_extents(instance, inputs, extents)))
    return status;
  for (int32_t i = 0; i < num_outputs; ++i) {
    const act_argument *argument = &program->arguments[num_inputs + i];
    if (argument->ndim && !outputs[i].shape)
      return fail(ACT_ERROR_ARGUMENT, "output %d: null shape", i);
    outputs[i].ndim = argument->ndim;
    outputs[i].dtype = argument->dtype;
    for (int32_t d = 0; d < argument->ndim; ++d)
      outputs[i].shape[d] = *at++;
  }
  return ACT_OK;
}

/* Bytes of workspace for tensors that have been checked. */
static size_t workspace_for(const act_instance *instance,
                            const act_tensor *inputs,
                            const act_tensor *outputs) {
  const act_program *program = instance->program;
  int64_t words[descriptor_words(program)], *end, bytes = 0;
  void *arguments[program->num_inputs + num_held(program) +
                  program->num_outputs + 1];
  void **next = arguments;
  end = describe_tensors(words, &next, inputs, program->num_inputs);
  next = add_held(instance, next);
  describe_tensors(end, &next, outputs, program->num_outputs);
  *next = &bytes;
  (instance->cuda ? program->gpu->workspace
                  : instance->level->workspace)(arguments);
  return (size_t)bytes;
}

act_status act_rt_workspace_size(act_instance *instance,
                                 const act_tensor *inputs, int32_t num_inputs,
                                 size_t *bytes) {
  act_status status = check_inputs(instance, inputs, num_inputs);
  if (status)
    return status;
  if (!bytes)
    return fail(ACT_ERROR_ARGUMENT, "null bytes");
  const act_program *program = instance->program;
  int64_t extents[num_extents(program) + 1], *at = extents;
  act_tensor outputs[program->num_outputs];
  if ((status = result_extents(instance, inputs, extents)))
    return status;
  memset(outputs, 0, sizeof outputs);
  for (int32_t i = 0; i < program->num_outputs; ++i) {
    outputs[i].ndim = program->arguments[num_inputs + i].ndim;
    outputs[i].shape = at;
    at += outputs[i].ndim;
  }
  *bytes = workspace_for(instance, inputs, outputs);
  return ACT_OK;
}

/* Compiled code on the instance's threads. */
static void compute(const act_instance *instance, act_packed function,
                    void **arguments) {
  uint64_t modes;
  act_parallel_set(instance->options.parallel_for,
                   instance->options.parallel_user,
                   instance->options.max_threads);
  modes = act_float_enter();
  function(arguments);
  act_float_leave(modes);
}

static act_status call(const act_instance *instance, const act_tensor *inputs,
                       const act_tensor *outputs, void *workspace,
                       int64_t workspace_bytes, void *stream) {
  const act_program *program = instance->program;
  int64_t words[descriptor_words(program)], *end;
  int64_t weights_bytes = (int64_t)program->weights_size;
  void *arguments[program->num_inputs + num_held(program) +
                  program->num_outputs + 2];
  void **next = arguments;
  end = describe_tensors(words, &next, inputs, program->num_inputs);
  next = add_held(instance, next);
  end = describe_tensors(end, &next, outputs, program->num_outputs);
  *next++ = end;
  end = describe_memref(end, workspace, &workspace_bytes, 1);
  *next++ = end;
  describe_memref(end,
                  instance->cuda ? program->gpu->ops->weights(instance->cuda)
                                 : (void *)instance->weights,
                  &weights_bytes, 1);
  if (instance->cuda)
    return program->gpu->ops->run(instance->cuda, arguments, stream);
  compute(instance, instance->level->run, arguments);
  return ACT_OK;
}

/* The instance's own workspace, of at least `bytes`. */
static act_status grow_workspace(act_instance *instance, size_t bytes) {
  void *larger = 0;
  if (instance->workspace_bytes >= bytes)
    return ACT_OK;
  if (instance->cuda) {
    const struct act_gpu_ops *ops = instance->program->gpu->ops;
    act_status status = ops->allocate(instance->cuda, bytes, &larger);
    if (status)
      return status;
    ops->release(instance->cuda, instance->workspace);
  } else {
    larger = aligned_alloc(64, (bytes + 63) / 64 * 64);
    if (!larger)
      return fail(ACT_ERROR_MEMORY, "no memory for a workspace of %zu bytes",
                  bytes);
    free(instance->workspace);
  }
  instance->workspace = larger;
  instance->workspace_bytes = bytes;
  return ACT_OK;
}

act_status act_rt_run(act_instance *instance, const act_tensor *inputs,
                      int32_t num_inputs, act_tensor *outputs,
                      int32_t num_outputs, void *workspace,
                      size_t workspace_bytes, void *stream) {
  act_status status = check_inputs(instance, inputs, num_inputs);
  if (status)
    return status;
  const act_program *program = instance->program;
  if (stream && !instance->cuda)
    return fail(ACT_ERROR_ARGUMENT, "this library runs on the CPU: stream must "
                                    "be null");
  if (program->num_constants && !instance->is_prepared)
    return fail(ACT_ERROR_ARGUMENT, "the model has constants: prepare must "
                                    "have them before run");
  if (num_outputs != program->num_outputs || (num_outputs && !outputs))
    return fail(ACT_ERROR_ARGUMENT, "%d outputs, expected %d", num_outputs,
                program->num_outputs);
  int64_t extents[num_extents(program) + 1], *at = extents;
  if ((status = result_extents(instance, inputs, extents)))
    return status;
  for (int32_t i = 0; i < num_outputs; ++i) {
    const act_argument *argument = &program->arguments[num_inputs + i];
    if (!outputs[i].data && instance->options.allocate) {
      size_t bytes = element_bytes(argument->dtype);
      for (int32_t d = 0; d < argument->ndim; ++d) {
        if (!outputs[i].shape)
          return fail(ACT_ERROR_ARGUMENT, "output %d: null shape", i);
        outputs[i].shape[d] = at[d];
        bytes *= (size_t)at[d];
      }
      outputs[i].ndim = argument->ndim;
      outputs[i].dtype = argument->dtype;
      outputs[i].device =
          instance->cuda ? instance->options.device : (act_device){1, 0};
      outputs[i].strides = 0;
      outputs[i].byte_offset = 0;
      outputs[i].data = instance->options.allocate(
          instance->options.allocate_user, i, bytes ? bytes : 1);
      if (!outputs[i].data)
        return fail(ACT_ERROR_MEMORY, "output %d: no memory from the caller",
                    i);
    }
    if ((status = check(instance, "output", i, &outputs[i], argument, at)))
      return status;
    at += argument->ndim;
    for (int32_t k = 0; k < num_inputs; ++k)
      if (overlap(&outputs[i], &inputs[k]))
        return fail(ACT_ERROR_ARGUMENT, "output %d overlaps input %d", i, k);
    if ((status = check_held(instance, i, &outputs[i])))
      return status;
    for (int32_t k = 0; k < i; ++k)
      if (overlap(&outputs[i], &outputs[k]))
        return fail(ACT_ERROR_ARGUMENT, "output %d overlaps output %d", i, k);
  }
  size_t needed = workspace_for(instance, inputs, outputs);
  if (workspace) {
    if (workspace_bytes < needed)
      return fail(ACT_ERROR_ARGUMENT, "workspace of %zu bytes, %zu needed",
                  workspace_bytes, needed);
    if ((uintptr_t)workspace % 64)
      return fail(ACT_ERROR_ARGUMENT, "workspace is not aligned to 64 bytes");
    if (instance->cuda && needed &&
        (status = program->gpu->ops->check_memory(instance->cuda, workspace,
                                                  "workspace")))
      return status;
    return call(instance, inputs, outputs, workspace, (int64_t)workspace_bytes,
                stream);
  }
  if (!needed)
    return call(instance, inputs, outputs, 0, 0, stream);
  pthread_mutex_lock(&instance->lock);
  status = grow_workspace(instance, needed);
  if (!status)
    status = call(instance, inputs, outputs, instance->workspace,
                  (int64_t)instance->workspace_bytes, stream);
  /* The next call may use it on another stream. */
  if (!status && instance->cuda)
    status = program->gpu->ops->wait(instance->cuda, stream);
  pthread_mutex_unlock(&instance->lock);
  return status;
}

act_status act_rt_prepare(act_instance *instance, const act_tensor *constants,
                          int32_t num_constants) {
  const act_program *program;
  const act_argument *arguments;
  if (!instance || (num_constants && !constants))
    return fail(ACT_ERROR_ARGUMENT, "null instance or constants");
  program = instance->program;
  arguments = held_arguments(program);
  if (num_constants != program->num_constants)
    return fail(ACT_ERROR_ARGUMENT, "%d constants, expected %d", num_constants,
                program->num_constants);
  for (int32_t i = 0; i < num_constants; ++i) {
    act_status status = check(instance, "constant", i, &constants[i],
                              &arguments[i], arguments[i].shape);
    if (status)
      return status;
  }
  if (!num_constants)
    return ACT_OK;
  for (int32_t i = 0; i < num_constants; ++i)
    describe_memref(instance->held[i],
                    (char *)constants[i].data + constants[i].byte_offset,
                    arguments[i].shape, arguments[i].ndim);

  int64_t words[10], bytes = 0, *end;
  int64_t weights_bytes = (int64_t)program->weights_size;
  void *packed[num_held(program) + 2], **next = add_held(instance, packed);
  *next = &bytes;
  instance->level->prepare_workspace(packed);
  void *workspace = aligned_alloc(64, (size_t)bytes / 64 * 64 + 64);
  if (!workspace)
    return fail(ACT_ERROR_MEMORY, "no memory for a workspace of %lld bytes",
                (long long)bytes);
  *next++ = words;
  end = describe_memref(words, workspace, &bytes, 1);
  *next = end;
  describe_memref(end, (void *)instance->weights, &weights_bytes, 1);
  compute(instance, instance->level->prepare, packed);
  free(workspace);
  instance->is_prepared = 1;
  return ACT_OK;
}

const act_program *act_rt_program(const act_instance *instance) {
  return instance ? instance->program : 0;
}

const act_level *act_rt_level(const act_instance *instance) {
  return instance->level;
}

struct act_cuda *act_rt_cuda(const act_instance *instance) {
  return instance->cuda;
}

act_device act_rt_device(const act_instance *instance) {
  return instance->cuda ? instance->options.device : (act_device){1, 0};
}

act_status act_rt_fail(act_status status, const char *text) {
  return fail(status, "%s", text);
}
