/* Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The compiler from C: every kind of artifact, then a library that is loaded,
 * and what goes wrong. */
#include "act-mlir-c/Compiler.h"
#include "act-mlir-c/Runtime.h"
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

static const char program[] =
    "func.func @f(%x: tensor<?xf32>) -> tensor<?xf32> {\n"
    "  %y = act.relu %x : tensor<?xf32>\n"
    "  return %y : tensor<?xf32>\n}\n";

static act_artifact *compile(const char *text, const char *emit,
                             act_compile_options *options) {
  options->size = sizeof *options;
  options->emit = emit;
  return act_compile(text, strlen(text), options);
}

static void contains(const char *emit, const char *what) {
  act_compile_options options = {0};
  act_artifact *a = compile(program, emit, &options);
  printf("%s: %d, %s\n", emit, act_artifact_ok(a),
         strstr(act_artifact_data(a), what) ? what : act_artifact_log(a));
  act_artifact_destroy(a);
}

static void wrong(const char *text, act_compile_options options) {
  act_artifact *a = compile(text, options.emit, &options);
  printf("ok %d, %d bytes: %s", act_artifact_ok(a), (int)act_artifact_size(a),
         act_artifact_log(a));
  act_artifact_destroy(a);
}

static int run(const char *path) {
  act_compile_options options = {0};
  act_artifact *a = compile(program, 0, &options);
  FILE *file = fopen(path, "wb");
  const act_model *(*get)(uint32_t);
  const act_model *model;
  act_instance *instance;
  float x[] = {-1, 2, -3}, y[3];
  int64_t shape[] = {3};
  act_tensor in = {x, {1, 0}, 1, {2, 32, 1}, shape, 0, 0}, out = in;
  void *library;
  out.data = y;
  if (!file || !act_artifact_ok(a))
    return puts(act_artifact_log(a)), 1;
  fwrite(act_artifact_data(a), 1, act_artifact_size(a), file);
  fclose(file);
  printf("header: %d\n", strstr(act_artifact_header(a), "model_run") != 0);
  act_artifact_destroy(a);
  library = dlopen(path, RTLD_NOW);
  if (!library)
    return puts(dlerror()), 1;
  *(void **)&get = dlsym(library, "act_model_get");
  model = get(ACT_ABI_VERSION);
  if (model->create(model, 0, &instance) ||
      model->run(instance, &in, 1, &out, 1, 0, 0, 0))
    return puts(model->last_error()), 1;
  printf("y = %g %g %g\n", y[0], y[1], y[2]);
  model->destroy(instance);
  return 0;
}

/* x sigmoid(x), raised or not, in MLIR; and options that go with another. */
static void choices(void) {
  static const char silu[] =
      "func.func @f(%x: tensor<8xf32>) -> tensor<8xf32> {\n"
      "  %s = act.sigmoid %x : tensor<8xf32>\n"
      "  %y = arith.mulf %x, %s : tensor<8xf32>\n"
      "  return %y : tensor<8xf32>\n}\n";
  static const char *const raise[] = {0, "on", "off"};
  act_compile_options options = {0};
  act_artifact *a;
  int i;
  options.stage = "raise";
  for (i = 0; i < 3; ++i) {
    options.raise = raise[i];
    a = compile(silu, "mlir", &options);
    printf("raise %s: silu %d\n", raise[i] ? raise[i] : "default",
           strstr(act_artifact_data(a), "act.silu") != 0);
    act_artifact_destroy(a);
  }
  /* Reproducible operations carry the accuracy that was asked for. */
  options.stage = "simplify";
  for (i = 0; i < 2; ++i) {
    options.reproducible = i ? "on" : "off";
    a = compile(silu, "mlir", &options);
    printf("reproducible %s: stamped %d\n", options.reproducible,
           strstr(act_artifact_data(a), "#act.accuracy<precise>") != 0);
    act_artifact_destroy(a);
  }
  options.round = "once";
  wrong(silu, options);
  options.round = "twice";
  wrong(silu, options);
}

int main(int argc, char **argv) {
  act_compile_options none = {0}, bad = {0};
  if (argc != 2)
    return 2;
  printf("version %s\n", act_compiler_version());
  contains("mlir", "act.relu");
  contains("llvm-ir", "define hidden void @model_x86_64_v4_run");
  contains("asm", "vmaxps");
  contains("ptx", ".entry f_kernel_0");
  if (run(argv[1]))
    return 1;
  wrong("func.func @f(", none);
  wrong("", none);
  wrong("func.func @f(%x: tensor<4xf80>) { return }", none);
  bad.emit = "exe";
  wrong(program, bad);
  bad.emit = "asm";
  bad.march = "i386";
  wrong(program, bad);
  bad.march = 0;
  bad.accuracy = "best";
  wrong(program, bad);
  choices();
  act_artifact_destroy(0);
  return 0;
}
