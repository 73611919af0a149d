// RUN: act-opt %s -act-fuse -act-tile | FileCheck %s
// RUN: act-opt %s -act-fuse -act-tile=accuracy=fast | FileCheck %s --check-prefix=FAST
// RUN: act-opt %s -act-fuse -act-tile=accuracy=highest | FileCheck %s --check-prefix=HIGHEST
// RUN: not act-opt %s -act-fuse -act-tile=accuracy=most 2>&1 | FileCheck %s --check-prefix=BAD

// Exponentials of a row: in f32 as far as 2 ULP, in f64 beyond.
// BAD: error: unknown accuracy 'most', expected highest, precise, fast or a positive number of ULP
// CHECK-LABEL: @softmax
// CHECK: arith.shli {{.*}} : i32
// CHECK: linalg.yield %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} : f32, f32, f32, f32
// CHECK: %[[SUM:.+]] = arith.addf %{{.+}}, %[[BEFORE:.+]] {act.run_sum = [8, 3.68934881E+19 : f32]} : f64
// CHECK: arith.subf %[[SUM]], %[[BEFORE]] : f64
// CHECK: arith.addf {{.*}} {act.run_sum = [8, -0.000000e+00 : f32]} : f64
// FAST-LABEL: @softmax
// FAST: arith.shli {{.*}} : i32
// FAST: arith.addf {{.*}} {act.run_sum = [4, -0.000000e+00 : f32]} : f64
// FAST-NOT: act.run_sum
// HIGHEST-LABEL: @softmax
// HIGHEST: math.exp {{.*}}act.core{{.*}} : f64
func.func @softmax(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %y = act.softmax %x dimension(1) : tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}

// What is on bf16 alone has lanes of 16 bits.
// CHECK-LABEL: @on_bf16
// CHECK: vector_width = 32 : index
func.func @on_bf16(%x: tensor<64xbf16>) -> tensor<64xbf16> {
  %y = act.silu %x : tensor<64xbf16>
  return %y : tensor<64xbf16>
}

// What is on f32 as well has not, though its results are bf16.
// CHECK-LABEL: @on_f32_too
// CHECK: vector_width = 16 : index
func.func @on_f32_too(%x: tensor<64xf32>) -> tensor<64xbf16> {
  %y = act.silu %x : tensor<64xf32>
  %z = arith.truncf %y : tensor<64xf32> to tensor<64xbf16>
  return %z : tensor<64xbf16>
}
