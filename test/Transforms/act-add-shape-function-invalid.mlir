// RUN: act-opt %s -act-add-shape-function -verify-diagnostics

// expected-note @below {{the other one}}
func.func @one(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}
// expected-error @below {{a program has a single public function, but 'two' and 'one' are public}}
func.func @two(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}
