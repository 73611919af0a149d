// An operation of another dialect in the kernels of act: into the product's
// epilogue, into a chain, and on vectors at last.
// RUN: toy-opt %s --toy-lower --act-fuse | FileCheck %s
// RUN: toy-opt %s --toy-to-llvm --mlir-print-ir-after=act-vectorize 2>&1 | FileCheck %s --check-prefix=VECTOR

// CHECK-LABEL: func @dense
// CHECK: act.kernel
// CHECK: linalg.matmul
// CHECK: arith.addf
// CHECK: toy.flick
// CHECK: act.yield
// CHECK-NOT: act.kernel
// VECTOR: toy.flick {{.*}} : vector<{{.*}}xf32>
func.func @dense(%x: tensor<?x4xf32>, %w: tensor<4x3xf32>, %b: tensor<3xf32>) -> tensor<?x3xf32> {
  %h = toy.dense %x, %w, %b : (tensor<?x4xf32>, tensor<4x3xf32>, tensor<3xf32>) -> tensor<?x3xf32>
  %y = toy.flick %h : tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}
