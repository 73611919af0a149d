// RUN: act-run %s -e relu --input='5xi8=[-128, -1, 0, 1, 127]' | FileCheck %s --check-prefix=RELU
// RUN: act-run %s -e clamp --input='2x20xi32=linspace(-20,19)' | FileCheck %s --check-prefix=CLAMP

// RELU: result 0: 5xi8=[0, 0, 0, 1, 127]
func.func @relu(%x: tensor<?xi8>) -> tensor<?xi8> {
  %y = act.relu %x : tensor<?xi8>
  return %y : tensor<?xi8>
}

// CLAMP: result 0: 2x20xi32=[-2, -2, -2, -2, -2, -2, -2, -2, -2, -2, -2, -2, -2, -2, -2, -2, -2, -2, -2, -1, 0, 1, 2, 3, 3,
func.func @clamp(%x: tensor<2x?xi32>) -> tensor<2x?xi32> {
  %y = act.clamp %x {min = -2 : i32, max = 3 : i32} : tensor<2x?xi32>
  return %y : tensor<2x?xi32>
}
