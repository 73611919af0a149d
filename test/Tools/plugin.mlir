// The stock mlir-opt with the plugin: parses the dialect, runs the pipeline.
// RUN: mlir-opt %s --load-dialect-plugin=%act_lib/ActPlugin.so | FileCheck %s --check-prefix=PARSE
// RUN: mlir-opt %s --load-dialect-plugin=%act_lib/ActPlugin.so --load-pass-plugin=%act_lib/ActPlugin.so --pass-pipeline='builtin.module(act-lower-to-llvm-pipeline)' | FileCheck %s --check-prefix=LOWER

// Without it the dialect is not known.
// RUN: not mlir-opt %s 2>&1 | FileCheck %s --check-prefix=NONE
// NONE: error: {{.*}}act

// PARSE: act.gelu
// LOWER: llvm.func @act_f(
func.func @f(%x: tensor<?xf32>) -> tensor<?xf32> {
  %y = act.gelu %x : tensor<?xf32>
  return %y : tensor<?xf32>
}
