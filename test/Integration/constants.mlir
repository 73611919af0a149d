// RUN: act-run %s --input="2x4xf32=[1,2,3,4,5,6,7,8]" --input="4x3xf32=[1,0,0,0,1,0,0,0,1,1,1,1]" --input="3xf32=[0,1,-2]" --selftest | FileCheck %s
// RUN: act-run %s --describe | FileCheck %s --check-prefix=DESCRIBE
// RUN: act-opt %s -act-lower-to-llvm-pipeline | FileCheck %s --check-prefix=LOWERED
// RUN: not act-run %s --input="2x4xf32=1" --input="4x3xf32=1" 2>&1 | FileCheck %s --check-prefix=FEW
// RUN: not act-compile %s --offload-arch=sm_80 -o %t.so 2>&1 | FileCheck %s --check-prefix=GPU
// RUN: not act-run %s --certify 2>&1 | FileCheck %s --check-prefix=CERTIFY

// The weights are packed, and their bias's exponential is computed, before the
// first call.
// CHECK: self test passed
// CHECK: result 0: 2x3xf32=[6, 8.71828
// DESCRIBE: "constants": [
// DESCRIBE: "kept": false
// DESCRIBE: "prepared_bytes": 280
// LOWERED-DAG: llvm.func @act_main(
// LOWERED-DAG: llvm.func @act_main_prepare(
// LOWERED-DAG: llvm.func @act_main_prepare_workspace(
// FEW: 'main' takes 3 inputs, got 2
// GPU: error: constant arguments need a program for CPUs alone, not one for GPUs
// CERTIFY: error: constant arguments need a program for CPUs alone, not one for --certify
func.func @main(%x: tensor<2x4xf32>, %w: tensor<4x3xf32> {act.constant}, %b: tensor<3xf32> {act.constant})
    -> tensor<2x3xf32> {
  %zero = arith.constant 0.0 : f32
  %0 = tensor.empty() : tensor<2x3xf32>
  %1 = linalg.fill ins(%zero : f32) outs(%0 : tensor<2x3xf32>) -> tensor<2x3xf32>
  %2 = linalg.matmul ins(%x, %w : tensor<2x4xf32>, tensor<4x3xf32>) outs(%1 : tensor<2x3xf32>) -> tensor<2x3xf32>
  %3 = math.exp %b : tensor<3xf32>
  %4 = linalg.broadcast ins(%3 : tensor<3xf32>) outs(%0 : tensor<2x3xf32>) dimensions = [0]
  %5 = arith.addf %2, %4 : tensor<2x3xf32>
  return %5 : tensor<2x3xf32>
}
