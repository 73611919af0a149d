/* Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The compiler as a library: a program in, an artifact out, both in memory.
 * Names, types and values here do not change; link libActMLIR-C.
 *
 *   act_artifact *a = act_compile(text, strlen(text), NULL);
 *   if (act_artifact_ok(a))
 *     fwrite(act_artifact_data(a), 1, act_artifact_size(a), file);
 *   else
 *     fputs(act_artifact_log(a), stderr);
 *   act_artifact_destroy(a);
 */
#ifndef ACT_MLIR_C_COMPILER_H
#define ACT_MLIR_C_COMPILER_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(_WIN32)
#define ACT_COMPILER_EXPORT __declspec(dllexport)
#else
#define ACT_COMPILER_EXPORT __attribute__((visibility("default")))
#endif

/* What to compile for. A null member, and a null pointer to all of them, stands
 * for the default in parentheses; strings are those of act-compile's options.
 */
typedef struct act_compile_options {
  size_t size; /* sizeof(act_compile_options) */
  /* shared, obj, asm, llvm-ir, mlir, ptx, cubin, fatbin (shared) */
  const char *emit;
  /* With mlir: the stage that runs last, simplify to lower (simplify) */
  const char *stage;
  const char *name;   /* the model's, a C identifier (model) */
  const char *target; /* an LLVM triple (the host's) */
  const char *march;  /* CPU levels, with commas (x86-64-v4,x86-64-v3) */
  const char
      *offload_arch;    /* GPUs, with commas (none; sm_80 for their files) */
  const char *accuracy; /* highest, precise, fast, or ULP (precise) */
  const char *parallel; /* on or off (on) */
  /* The file libActRuntime.a, for shared (the one beside this library) */
  const char *runtime;
  const char *raise;        /* on or off: find decomposed activations (on) */
  const char *round;        /* each, or once for a fused chain (each) */
  const char *reproducible; /* on or off: the same bits everywhere (off) */
} act_compile_options;

typedef struct act_artifact act_artifact;

/* "0.1.0"; lives as long as the library. */
ACT_COMPILER_EXPORT const char *act_compiler_version(void);

/* Compiles MLIR text or bytecode. May be called from any thread, from several
 * at once. The caller owns the artifact and ends it with act_artifact_destroy;
 * `program` and `options` remain the caller's, and are not read after the
 * return. Null only where there is no memory. */
ACT_COMPILER_EXPORT act_artifact *
act_compile(const char *program, size_t bytes,
            const act_compile_options *options);

/* What the following functions return belongs to the artifact and lives as long
 * as it does.
 *
 * Whether it worked; if not, there is no data. */
ACT_COMPILER_EXPORT int act_artifact_ok(const act_artifact *artifact);

/* Errors, warnings and remarks, `program:line:col: error: ...`, one a line. */
ACT_COMPILER_EXPORT const char *act_artifact_log(const act_artifact *artifact);

/* The bytes, with a zero behind them; of text the length does not count it. */
ACT_COMPILER_EXPORT const void *act_artifact_data(const act_artifact *artifact);
ACT_COMPILER_EXPORT size_t act_artifact_size(const act_artifact *artifact);

/* The C header of a library or object, else "". */
ACT_COMPILER_EXPORT const char *
act_artifact_header(const act_artifact *artifact);

/* Frees the artifact; nothing else needs to be freed. Null does nothing. */
ACT_COMPILER_EXPORT void act_artifact_destroy(act_artifact *artifact);

#ifdef __cplusplus
}
#endif
#endif /* ACT_MLIR_C_COMPILER_H */
