// RUN: toy-opt %s --canonicalize | FileCheck %s

// CHECK-LABEL: func @constant
// CHECK-NEXT: %[[Y:.+]] = arith.constant dense<[0.000000e+00, 0.880797088]> : tensor<2xf32>
// CHECK-NEXT: return %[[Y]]
func.func @constant() -> tensor<2xf32> {
  %x = arith.constant dense<[0.0, 1.0]> : tensor<2xf32>
  %y = toy.flick %x {sharpness = 2.0} : tensor<2xf32>
  return %y : tensor<2xf32>
}

// What asks for another accuracy than the folder's stays for its kernel.
// CHECK-LABEL: func @no_fold_of_other_accuracy
// CHECK: toy.flick
func.func @no_fold_of_other_accuracy() -> f32 {
  %x = arith.constant 1.0 : f32
  %y = toy.flick %x {accuracy = #act.accuracy<fast>} : f32
  return %y : f32
}

// act has no kernels on f80.
// CHECK-LABEL: func @no_fold_of_f80
// CHECK: toy.flick
func.func @no_fold_of_f80() -> f80 {
  %x = arith.constant 1.0 : f80
  %y = toy.flick %x : f80
  return %y : f80
}
