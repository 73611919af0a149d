// The patterns without the pipelines, and the stock conversion.
// RUN: toy-opt %s --toy-expand | FileCheck %s
// RUN: toy-opt %s --convert-to-llvm | FileCheck %s --check-prefix=LLVM

// CHECK-LABEL: func @f
// CHECK-NOT: toy.flick
// CHECK: math.fma {{.*}} : vector<8xf32>
// CHECK: return
// LLVM-LABEL: llvm.func @f
// LLVM-NOT: toy.flick
// LLVM: llvm.return
func.func @f(%x: vector<8xf32>) -> vector<8xf32> {
  %y = toy.flick %x : vector<8xf32>
  return %y : vector<8xf32>
}

// Neither takes tensors, but of rows.
// CHECK-LABEL: func @no_expansion_of_tensors
// CHECK: toy.flick
// LLVM-LABEL: func @no_expansion_of_tensors
// LLVM: toy.flick
func.func @no_expansion_of_tensors(%x: tensor<8xf32>) -> tensor<8xf32> {
  %y = toy.flick %x : tensor<8xf32>
  return %y : tensor<8xf32>
}

// CHECK-LABEL: func @row
// CHECK-NOT: act.softmax
// CHECK: linalg.generic
// CHECK: act.
// CHECK: return
func.func @row(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %y = act.softmax %x dimension(1) : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
