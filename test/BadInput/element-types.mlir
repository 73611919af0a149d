// Element types that activations do not have.
// RUN: act-opt %s -split-input-file -verify-diagnostics

func.func @f(%x: tensor<4xcomplex<f32>>) {
  // expected-error @below {{must be a scalar, vector or ranked tensor of f64, f32, f16, bf16, f8E4M3FN or f8E5M2, but got 'tensor<4xcomplex<f32>>'}}
  %y = act.gelu %x : tensor<4xcomplex<f32>>
  return
}

// -----

func.func @f(%x: tensor<4xf80>) {
  // expected-error @below {{must be a scalar, vector or ranked tensor of f64, f32, f16, bf16, f8E4M3FN or f8E5M2, but got 'tensor<4xf80>'}}
  %y = act.gelu %x : tensor<4xf80>
  return
}

// -----

func.func @f(%x: tensor<4xf128>) {
  // expected-error @below {{must be a scalar, vector or ranked tensor of f64, f32, f16, bf16, f8E4M3FN or f8E5M2, but got 'tensor<4xf128>'}}
  %y = act.gelu %x : tensor<4xf128>
  return
}

// -----

func.func @f(%x: tensor<4xtf32>) {
  // expected-error @below {{must be a scalar, vector or ranked tensor of f64, f32, f16, bf16, f8E4M3FN or f8E5M2, but got 'tensor<4xtf32>'}}
  %y = act.gelu %x : tensor<4xtf32>
  return
}

// -----

func.func @f(%x: tensor<4xf8E4M3>) {
  // expected-error @below {{must be a scalar, vector or ranked tensor of f64, f32, f16, bf16, f8E4M3FN or f8E5M2, but got 'tensor<4xf8E4M3>'}}
  %y = act.gelu %x : tensor<4xf8E4M3>
  return
}

// -----

func.func @f(%x: tensor<4x!quant.uniform<i8:f32, 0.5>>) {
  // expected-error @below {{must be a scalar, vector or ranked tensor of f64, f32, f16, bf16, f8E4M3FN or f8E5M2, but got 'tensor<4x!quant.uniform<i8:f32, 5.000000e-01>>'}}
  %y = act.gelu %x : tensor<4x!quant.uniform<i8:f32, 0.5>>
  return
}

// -----

func.func @f(%x: memref<4xf32, 3>) {
  // expected-error @below {{must be a scalar, vector or ranked tensor of f64, f32, f16, bf16, f8E4M3FN or f8E5M2, but got 'memref<4xf32, 3>'}}
  %y = act.gelu %x : memref<4xf32, 3>
  return
}

// -----

func.func @f(%x: tensor<4xi32>) {
  // expected-error @below {{must be a scalar, vector or ranked tensor of f64, f32, f16, bf16, f8E4M3FN or f8E5M2, but got 'tensor<4xi32>'}}
  %y = act.gelu %x : tensor<4xi32>
  return
}

// -----

func.func @f(%x: tensor<4xi7>) {
  // expected-error @below {{f8E5M2, i8, i16, i32 or i64, but got 'tensor<4xi7>'}}
  %y = act.relu %x : tensor<4xi7>
  return
}
