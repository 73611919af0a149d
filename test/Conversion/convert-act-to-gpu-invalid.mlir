// RUN: act-opt %s -split-input-file -convert-act-to-gpu -verify-diagnostics

func.func @tensors(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{must be on memrefs before convert-act-to-gpu; run act-bufferize first}}
  %y = act.kernel ins(%x : tensor<4xf32>) outs(%x : tensor<4xf32>) {
  ^bb0(%a: tensor<4xf32>, %o: tensor<4xf32>):
    act.yield %a : tensor<4xf32>
  } -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @host(%x: memref<4xf32>, %y: memref<4xi32>) {
  %c0 = arith.constant 0 : index
  // expected-error @below {{operations that the GPU target cannot take outside kernels: memref.load (2) memref.store (1)}}
  // expected-note @below {{first memref.load}}
  %a = memref.load %x[%c0] : memref<4xf32>
  %b = memref.load %y[%c0] : memref<4xi32>
  // expected-note @below {{first memref.store}}
  memref.store %a, %x[%c0] : memref<4xf32>
  return
}
