// RUN: act-opt %s -split-input-file -verify-diagnostics

// Types and parameters of elementwise operations.

func.func @unranked(%x: tensor<*xf32>) {
  // expected-error @below {{operand #0 must be a scalar, vector or ranked tensor of f64, f32, f16, bf16, f8E4M3FN or f8E5M2, but got 'tensor<*xf32>'}}
  %0 = act.gelu %x : tensor<*xf32>
  return
}

// -----

func.func @integer(%x: i32) {
  // expected-error @below {{operand #0 must be a scalar, vector or ranked tensor of f64, f32}}
  %0 = act.gelu %x : i32
  return
}

// -----

func.func @index(%x: index) {
  // expected-error @below {{f8E5M2, i8, i16, i32 or i64, but got 'index'}}
  %0 = act.relu %x : index
  return
}

// -----

func.func @types(%x: f32) {
  // expected-error @below {{requires the same type for all operands and results}}
  %0 = "act.gelu"(%x) : (f32) -> f64
  return
}

// -----

func.func @min_max(%x: f32) {
  // expected-error @below {{'min' = 2 is greater than 'max' = 1}}
  %0 = act.clamp %x {min = 2.0, max = 1.0} : f32
  return
}

// -----

func.func @min_max_of_integers(%x: i8) {
  // expected-error @below {{'min' = 2 is greater than 'max' = -1}}
  %0 = act.clamp %x {min = 2 : i8, max = -1 : i8} : i8
  return
}

// -----

func.func @min_nan(%x: f32) {
  // expected-error @below {{'min' must be a number, got nan}}
  %0 = act.clamp %x {min = 0x7FF8000000000000 : f64, max = 1.0} : f32
  return
}

// -----

func.func @min_missing(%x: f32) {
  // expected-error @below {{requires attribute 'min'}}
  %0 = act.clamp %x {max = 1.0} : f32
  return
}

// -----

func.func @bounds_of_floats(%x: f32) {
  // expected-error @below {{'min' must have type 'f64' for operands of 'f32', got 0 : i64}}
  %0 = act.clamp %x {min = 0, max = 1.0} : f32
  return
}

// -----

func.func @bounds_of_integers(%x: tensor<4xi8>) {
  // expected-error @below {{'max' must have type 'i8' for operands of 'i8', got 1 : i32}}
  %0 = act.clamp %x {min = 0 : i8, max = 1 : i32} : tensor<4xi8>
  return
}

// -----

func.func @boundary_grad(%x: f32) {
  // expected-error @below {{attribute 'boundary_grad' failed to satisfy constraint}}
  %0 = act.clamp_grad %x, %x {min = 0.0, max = 1.0, boundary_grad = 2} : f32
  return
}

// -----

func.func @nan(%x: f32) {
  // expected-error @below {{'alpha' must be finite, got nan}}
  %0 = act.elu %x {alpha = 0x7ff8000000000000 : f64} : f32
  return
}

// -----

func.func @gradients_too(%x: f32) {
  // expected-error @below {{'alpha' must be finite, got inf}}
  %0 = act.leaky_relu_grad %x, %x {alpha = 0x7ff0000000000000 : f64} : f32
  return
}

// -----

func.func @beta(%x: f32) {
  // expected-error @below {{'beta' must be positive, got 0}}
  %0 = act.softplus %x {beta = 0.0} : f32
  return
}

// -----

func.func @celu(%x: f32) {
  // expected-error @below {{'alpha' must not be 0}}
  %0 = act.celu %x {alpha = 0.0} : f32
  return
}

// -----

func.func @lambda(%x: f32) {
  // expected-error @below {{'lambda' must not be negative, got -1}}
  %0 = act.hard_shrink %x {lambda = -1.0} : f32
  return
}

// -----

func.func @b(%x: f32) {
  // expected-error @below {{'b' must not be negative, got -0.5}}
  %0 = act.squareplus %x {b = -0.5} : f32
  return
}

// -----

func.func @theta_missing(%x: f32) {
  // expected-error @below {{requires attribute 'theta'}}
  %0 = act.threshold %x : f32
  return
}
