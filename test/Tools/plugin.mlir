// The stock mlir-opt with the plugin: parses and folds the dialect, runs every
// pass and pipeline, goes through bytecode.
// DEFINE: %{mlir-opt} = mlir-opt --load-dialect-plugin=%act_lib/ActPlugin.so --load-pass-plugin=%act_lib/ActPlugin.so
// RUN: %{mlir-opt} %s --canonicalize | FileCheck %s --check-prefix=PARSE
// RUN: %{mlir-opt} %s --emit-bytecode | %{mlir-opt} | FileCheck %s --check-prefix=PARSE
// RUN: %{mlir-opt} %s --pass-pipeline='builtin.module(act-lower-to-llvm-pipeline)' | FileCheck %s --check-prefix=LOWER
// RUN: %{mlir-opt} %s --pass-pipeline='builtin.module(act-lower-to-llvm-pipeline{accuracy=fast round-once=true})' | FileCheck %s --check-prefix=LOWER
// RUN: %{mlir-opt} %s --pass-pipeline='builtin.module(act-lower-to-nvvm-pipeline{chip=sm_90})' | FileCheck %s --check-prefix=PTX
// RUN: %{mlir-opt} %s --pass-pipeline='builtin.module(act-raise,func.func(act-fuse))' | FileCheck %s --check-prefix=FUSE
// RUN: sed 's/tensor<?xf32>/vector<8xf32>/g' %s | %{mlir-opt} --convert-to-llvm | FileCheck %s --check-prefix=CONVERT

// PARSE: act.gelu
// LOWER: llvm.func @act_f(
// PTX: gpu.binary {{.*}}.target sm_90
// FUSE: act.kernel
// CONVERT: llvm.intr.fma({{.*}}vector<8xf32>

// Each pass of the page is in it, and each has its options.
// RUN: mlir-opt --load-pass-plugin=%act_lib/ActPlugin.so --list-passes > %t
// RUN: %python %S/Inputs/listed.py %act_src/docs/Passes.md %t | count 0
// RUN: FileCheck %s --check-prefix=LIST < %t
// LIST: --act-expand-ops
// LIST-NEXT: --accuracy=

// The passes alone bring what they need.
// RUN: sed 's/act.gelu/math.exp/' %s | mlir-opt --load-pass-plugin=%act_lib/ActPlugin.so --pass-pipeline='builtin.module(act-lower-to-llvm-pipeline)' | FileCheck %s --check-prefix=LOWER

// Without the plugin the dialect is not known.
// RUN: not mlir-opt %s 2>&1 | FileCheck %s --check-prefix=NONE
// NONE: error: {{.*}}act

func.func @f(%x: tensor<?xf32>) -> tensor<?xf32> {
  %y = act.gelu %x : tensor<?xf32>
  return %y : tensor<?xf32>
}
