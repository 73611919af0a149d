// RUN: act-opt %s -split-input-file -verify-diagnostics

func.func @accuracy(%x: f32) {
  // expected-error @below {{accuracy must be a positive number of ULP up to 8388608, got 0}}
  %0 = act.gelu %x {accuracy = #act.accuracy<ulps = 0.0>} : f32
  return
}

// -----

func.func @mode(%x: f32) {
  // expected-error @below {{unknown accuracy 'best', expected highest, precise, fast or ulps = <bound>}}
  %0 = act.gelu %x {accuracy = #act.accuracy<best>} : f32
  return
}

// -----

func.func @word(%x: f32) {
  // expected-error @below {{unknown approximate 'erf', expected none or tanh}}
  %0 = act.gelu %x {approximate = erf} : f32
  return
}

// -----

func.func @twice(%x: f32) {
  // expected-error @below {{'alpha' is given twice}}
  %0 = act.elu %x {alpha = 1.0, alpha = 2.0} : f32
  return
}

// -----

func.func @unknown(%x: f32) {
  // expected-error @below {{'act.relu' op has no attribute 'alpha'}}
  %0 = act.relu %x {alpha = 0.1} : f32
  return
}

// -----

func.func @unknown_of_rows(%x: tensor<4xf32>) {
  // expected-error @below {{'act.softmax' op has no attribute 'beta'}}
  %0 = act.softmax %x dimension(0) {beta = 0.1} : tensor<4xf32>
  return
}

// -----

// Dialects may note what they like.
func.func @noted(%x: f32) {
  %0 = act.relu %x {builtin.note = 0.1} : f32
  return
}

// -----

// expected-error @below {{'sigmoidal' is no activation of one operand}}
func.func private @unknown() attributes {f = #act.fn<sigmoidal>}

// -----

// expected-error @below {{'prelu' is no activation of one operand}}
func.func private @two_operands() attributes {f = #act.fn<prelu>}

// -----

// expected-error @below {{'silu_grad' is no activation of one operand}}
func.func private @gradient() attributes {f = #act.fn<silu_grad>}

// -----

// expected-error @below {{'softmax' is no activation of one operand}}
func.func private @row() attributes {f = #act.fn<softmax>}

// -----

// expected-error @below {{'silu' has no parameter 'alpha'}}
func.func private @parameter() attributes {f = #act.fn<silu, alpha = 1.0>}

// -----

// expected-error @below {{'gelu' has no parameter 'accuracy'}}
func.func private @no_accuracy() attributes {f = #act.fn<gelu, accuracy = #act.accuracy<fast>>}

// -----

// expected-error @below {{'clamp' needs 'max'}}
func.func private @needs() attributes {f = #act.fn<clamp, min = 1.0>}

// -----

// expected-error @below {{'min' must have type f64, got 0 : i32}}
func.func private @bounds() attributes {f = #act.fn<clamp, min = 0 : i32, max = 1.0>}

// -----

// expected-error @below {{'beta' must be positive, got -1}}
func.func private @value() attributes {f = #act.fn<softplus, beta = -1.0>}

// -----

// expected-error @below {{attribute 'beta' failed to satisfy constraint: 64-bit float attribute}}
func.func private @type() attributes {f = #act.fn<silu, beta = 1 : i32>}
