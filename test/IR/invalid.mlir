// RUN: act-opt %s -split-input-file -verify-diagnostics

func.func @clamp(%x: f32) {
  // expected-error @below {{'min' = 2 is greater than 'max' = 1}}
  %0 = act.clamp %x {min = 2.0 : f64, max = 1.0 : f64} : f32
  return
}

// -----

func.func @nan(%x: f32) {
  // expected-error @below {{'alpha' must be finite}}
  %0 = act.elu %x {alpha = 0x7ff8000000000000 : f64} : f32
  return
}

// -----

func.func @beta(%x: f32) {
  // expected-error @below {{'beta' must be positive}}
  %0 = act.softplus %x {beta = 0.0 : f64} : f32
  return
}

// -----

func.func @celu(%x: f32) {
  // expected-error @below {{'alpha' must not be 0}}
  %0 = act.celu %x {alpha = 0.0 : f64} : f32
  return
}

// -----

func.func @lambda(%x: f32) {
  // expected-error @below {{'lambda' must not be negative}}
  %0 = act.hard_shrink %x {lambda = -1.0 : f64} : f32
  return
}

// -----

func.func @unranked(%x: tensor<*xf32>) {
  // expected-error @below {{ranked tensor}}
  %0 = act.gelu %x : tensor<*xf32>
  return
}

// -----

func.func @dimension(%x: tensor<4x4xf32>) {
  // expected-error @below {{dimension 2 is out of range for rank 2}}
  %0 = act.softmax %x dimension(2) : tensor<4x4xf32>
  return
}

// -----

func.func @accuracy(%x: f32) {
  // expected-error @below {{accuracy must be a positive finite number of ULP}}
  %0 = act.gelu %x {accuracy = #act.accuracy<ulps = 0.0>} : f32
  return
}

// -----

func.func @mode(%x: f32) {
  // expected-error @below {{unknown accuracy 'best', expected highest, precise, fast or ulps = <bound>}}
  %0 = act.gelu %x {accuracy = #act.accuracy<best>} : f32
  return
}
