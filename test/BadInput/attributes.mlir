// Attributes of the wrong kind or value: none is dropped for its default.
// RUN: act-opt %s -split-input-file -verify-diagnostics

func.func @f(%x: tensor<4xf32>) {
  // expected-error @below {{'alpha' must be finite, got nan}}
  %y = act.leaky_relu %x {alpha = 0x7FF8000000000000 : f64} : tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  // expected-error @below {{'alpha' must be finite, got inf}}
  %y = act.leaky_relu %x {alpha = 0x7FF0000000000000 : f64} : tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  // expected-error @below {{'alpha' cannot have the value "a"}}
  %y = act.leaky_relu %x {alpha = "a"} : tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  // expected-error @below {{'alpha' cannot have the value unit}}
  %y = act.leaky_relu %x {alpha} : tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  // expected-error @below {{attribute 'alpha' failed to satisfy constraint: 64-bit float attribute}}
  %y = act.leaky_relu %x {alpha = 1.0 : f32} : tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  // expected-error @below {{requires attribute 'theta'}}
  %y = act.threshold %x : tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  // expected-error @below {{'approximate' cannot have the value 1 : i32}}
  %y = act.gelu %x {approximate = 1 : i32} : tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  // expected-error @below {{unknown approximate 'tan', expected none or tanh}}
  %y = act.gelu %x {approximate = tan} : tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  // expected-error @below {{'accuracy' cannot have the value "best"}}
  %y = act.gelu %x {accuracy = "best"} : tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  // expected-error @below {{accuracy must be a positive number of ULP up to 8388608, got -1}}
  %y = act.gelu %x {accuracy = #act.accuracy<ulps = -1.0>} : tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  // expected-error @below {{accuracy must be a positive number of ULP up to 8388608, got 0}}
  %y = act.gelu %x {accuracy = #act.accuracy<ulps = 0.0>} : tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  // expected-error @below {{accuracy must be a positive number of ULP up to 8388608, got 1.000000e+300}}
  %y = act.gelu %x {accuracy = #act.accuracy<ulps = 1.0e300>} : tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  // expected-error @below {{accuracy must be a positive number of ULP up to 8388608, got nan}}
  %y = act.gelu %x {accuracy = #act.accuracy<ulps = 0x7FF8000000000000>} : tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  // expected-error @below {{unknown accuracy 'best'}}
  %y = act.gelu %x {accuracy = #act.accuracy<best>} : tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  // expected-error @below {{'fastmath' cannot have the value 1 : i64}}
  %y = act.gelu %x {fastmath = 1} : tensor<4xf32>
  return
}
