/* Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Classifies images with a compiled model, one at a time and 64 at a time.
 *
 *   cc -I include classify.c -ldl -o classify
 *   ./classify ./mlp.so images.npy labels.npy
 */
#define _GNU_SOURCE
#include "act-mlir-c/Runtime.h"
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PIXELS = 64, CLASSES = 10, BATCH = 64 };

/* The data of a .npy file, version 1, and their number of bytes. */
static void *read_npy(const char *path, size_t *bytes) {
  FILE *file = fopen(path, "rb");
  unsigned char head[10];
  char *data;
  long end, begin;
  if (!file || fread(head, 1, 10, file) != 10 || memcmp(head, "\x93NUMPY", 6)) {
    fprintf(stderr, "%s: error: not a .npy file\n", path);
    exit(1);
  }
  begin = 10 + head[8] + 256L * head[9];
  fseek(file, 0, SEEK_END);
  end = ftell(file);
  fseek(file, begin, SEEK_SET);
  *bytes = (size_t)(end - begin);
  data = malloc(*bytes);
  if (!data || fread(data, 1, *bytes, file) != *bytes) {
    fprintf(stderr, "%s: error: cannot be read\n", path);
    exit(1);
  }
  fclose(file);
  return data;
}

static const act_model *model;
static act_instance *instance;

static void run(float *images, float *scores, int64_t count) {
  int64_t in_shape[] = {count, 1, 8, 8}, out_shape[] = {count, CLASSES};
  act_tensor in = {images, {1, 0}, 4, {2, 32, 1}, in_shape, 0, 0};
  act_tensor out = {scores, {1, 0}, 2, {2, 32, 1}, out_shape, 0, 0};
  if (model->run(instance, &in, 1, &out, 1, 0, 0, 0)) {
    fprintf(stderr, "error: %s\n", model->last_error());
    exit(1);
  }
}

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Microseconds an image, the best of many runs. */
static double best_time(float *images, float *scores, int64_t count) {
  double best = 1e9;
  for (int i = 0; i < 500; ++i) {
    double start = seconds(), time;
    run(images, scores, count);
    time = seconds() - start;
    best = time < best ? time : best;
  }
  return best * 1e6 / (double)count;
}

int main(int argc, char **argv) {
  size_t image_bytes, label_bytes;
  int64_t count, right = 0;
  float *images, *scores;
  int64_t *labels;
  void *library;
  const act_model *(*get)(uint32_t);
  if (argc != 4) {
    fprintf(stderr, "usage: classify model.so images.npy labels.npy\n");
    return 2;
  }
  library = dlopen(argv[1], RTLD_NOW);
  if (!library) {
    fprintf(stderr, "error: %s\n", dlerror());
    return 1;
  }
  *(void **)&get = dlsym(library, "act_model_get");
  model = get ? get(ACT_ABI_VERSION) : 0;
  if (!model) {
    fprintf(stderr, "%s: error: no compiled model of this version\n", argv[1]);
    return 1;
  }
  if (model->create(model, 0, &instance) || model->selftest(instance)) {
    fprintf(stderr, "error: %s\n", model->last_error());
    return 1;
  }
  images = read_npy(argv[2], &image_bytes);
  labels = read_npy(argv[3], &label_bytes);
  count = (int64_t)(image_bytes / (PIXELS * sizeof *images));
  if ((int64_t)(label_bytes / sizeof *labels) != count || count < BATCH) {
    fprintf(stderr, "error: %s and %s do not fit together\n", argv[2], argv[3]);
    return 1;
  }
  scores = malloc((size_t)count * CLASSES * sizeof *scores);
  run(images, scores, count);
  for (int64_t i = 0; i < count; ++i) {
    int best = 0;
    for (int k = 1; k < CLASSES; ++k)
      if (scores[i * CLASSES + k] > scores[i * CLASSES + best])
        best = k;
    right += best == labels[i];
  }
  printf("%d of %d right, %.2f us an image alone, %.2f us in a batch of %d\n",
         (int)right, (int)count, best_time(images, scores, 1),
         best_time(images, scores, BATCH), BATCH);
  model->destroy(instance);
  free(images);
  free(labels);
  free(scores);
  return 0;
}
