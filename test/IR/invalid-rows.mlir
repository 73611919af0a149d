// RUN: act-opt %s -split-input-file -verify-diagnostics

func.func @dimension(%x: tensor<4x4xf32>) {
  // expected-error @below {{'act.softmax' op dimension 2 is out of range for rank 2}}
  %0 = act.softmax %x dimension(2) : tensor<4x4xf32>
  return
}

// -----

func.func @negative(%x: tensor<4x4xf32>) {
  // expected-error @below {{'act.hardmax' op dimension -1 is out of range for rank 2}}
  %0 = act.hardmax %x dimension(-1) : tensor<4x4xf32>
  return
}

// -----

func.func @rank_0(%x: tensor<f32>) {
  // expected-error @below {{'act.log_softmax' op dimension 0 is out of range for rank 0}}
  %0 = act.log_softmax %x dimension(0) : tensor<f32>
  return
}

// -----

func.func @inferred(%x: tensor<4x4xf32>) {
  // expected-error @below {{'act.logsumexp' op dimension 2 is out of range for rank 2}}
  %0 = act.logsumexp %x dimension(2) : tensor<4x4xf32> -> tensor<4xf32>
  return
}

// -----

func.func @gradient(%x: tensor<4x4xf32>) {
  // expected-error @below {{'act.softmax_grad' op dimension 3 is out of range for rank 2}}
  %0 = act.softmax_grad %x, %x dimension(3) : tensor<4x4xf32>
  return
}

// -----

func.func @vector(%x: vector<4xf32>) {
  // expected-error @below {{operand #0 must be ranked tensor of f64, f32, f16, bf16, f8E4M3FN or f8E5M2}}
  %0 = "act.softmax"(%x) <{dimension = 0 : i64}> : (vector<4xf32>) -> vector<4xf32>
  return
}

// -----

func.func @reduced(%x: tensor<4x8xf32>) {
  // expected-error @below {{'act.logsumexp' op result must have type 'tensor<4xf32>', got 'tensor<8xf32>'}}
  %0 = act.logsumexp %x dimension(1) : tensor<4x8xf32> -> tensor<8xf32>
  return
}

// -----

func.func @odd(%x: tensor<4x7xf32>) {
  // expected-error @below {{'act.glu' op dimension 1 = 7 is not even}}
  %0 = act.glu %x dimension(1) {activation = #act.fn<silu>, gate = first} : tensor<4x7xf32> -> tensor<4x3xf32>
  return
}

// -----

func.func @no_gate(%x: tensor<4x8xf32>) {
  // expected-error @below {{needs 'gate', first or second, for a packed operand}}
  %0 = act.glu %x dimension(1) {activation = #act.fn<silu>} : tensor<4x8xf32> -> tensor<4x4xf32>
  return
}

// -----

func.func @no_dimension(%x: tensor<4x8xf32>) {
  // expected-error @below {{'act.glu' op needs 'dimension' for a packed operand}}
  %0 = act.glu %x {activation = #act.fn<silu>, gate = first} : tensor<4x8xf32> -> tensor<4x4xf32>
  return
}

// -----

func.func @two_types(%x: tensor<4x8xf32>, %y: tensor<4x4xf32>) {
  // expected-error @below {{gate of type 'tensor<4x8xf32>' and value of type 'tensor<4x4xf32>' differ}}
  %0 = act.glu %x, %y {activation = #act.fn<silu>} : tensor<4x8xf32>, tensor<4x4xf32> -> tensor<4x8xf32>
  return
}

// -----

func.func @two_operands(%x: tensor<4x8xf32>) {
  // expected-error @below {{of two operands takes no 'dimension', 'gate' or 'layout': the first operand gates}}
  %0 = act.glu %x, %x {activation = #act.fn<silu>, gate = first} : tensor<4x8xf32>, tensor<4x8xf32> -> tensor<4x8xf32>
  return
}

// -----

func.func @limit(%x: tensor<4x8xf32>) {
  // expected-error @below {{'limit' must be positive, got 0}}
  %0 = act.glu %x dimension(1) {activation = #act.fn<silu>, gate = first, limit = 0.0} : tensor<4x8xf32> -> tensor<4x4xf32>
  return
}

// -----

func.func @offset(%x: tensor<4x8xf32>) {
  // expected-error @below {{'offset' must be finite, got inf}}
  %0 = act.glu %x dimension(1) {activation = #act.fn<silu>, gate = first, offset = 0x7FF0000000000000 : f64} : tensor<4x8xf32> -> tensor<4x4xf32>
  return
}

// -----

func.func @grad_odd(%dy: tensor<4x3xf32>, %x: tensor<4x7xf32>) {
  // expected-error @below {{'act.glu_grad' op dimension 1 = 7 is not even}}
  %0 = act.glu_grad %dy, %x dimension(1) {activation = #act.fn<silu>, gate = first} : tensor<4x3xf32>, tensor<4x7xf32>
  return
}

// -----

func.func @grad_no_gate(%dy: tensor<4x4xf32>, %x: tensor<4x8xf32>) {
  // expected-error @below {{needs 'gate', first or second, for a packed operand}}
  %0 = act.glu_grad %dy, %x dimension(1) {activation = #act.fn<silu>} : tensor<4x4xf32>, tensor<4x8xf32>
  return
}

// -----

func.func @grad_shape(%dy: tensor<4x8xf32>, %x: tensor<4x8xf32>) {
  // expected-error @below {{dy must have type 'tensor<4x4xf32>', got 'tensor<4x8xf32>'}}
  %0 = act.glu_grad %dy, %x dimension(1) {activation = #act.fn<silu>, gate = first} : tensor<4x8xf32>, tensor<4x8xf32>
  return
}
