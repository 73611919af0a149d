// RUN: act-opt %s -act-simplify -split-input-file -verify-diagnostics

// expected-error @below {{size of 'tensor<9223372036854775807x2xf32>' exceeds 2^63-1 bytes}}
func.func @f(%x: tensor<9223372036854775807x2xf32>) { return }

// -----

func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{vector too large: 'vector<65536x4xf32>' has 262144 elements, the limit is 4096}}
  %v = arith.constant dense<1.0> : vector<65536x4xf32>
  // expected-error @below {{vector too large: 'vector<65536x4xf32>'}}
  %w = act.gelu %v : vector<65536x4xf32>
  return %x : tensor<4xf32>
}

// -----

func.func private @g(%v: vector<4xf32>) -> vector<[4]xf32> {
  // expected-error @below {{scalable vectors need SVE, which is no target yet, got 'vector<[4]xf32>'}}
  %w = arith.constant dense<1.0> : vector<[4]xf32>
  return %w : vector<[4]xf32>
}

// -----

// expected-error @below {{recursive call of 'f'}}
func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = call @f(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func private @g(tensor<4xf32>) -> tensor<4xf32>
func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{call of 'g', which has no body}}
  %y = call @g(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

// expected-error @below {{no entry point: a program needs a public func.func with a body}}
module {
  func.func private @f(%x: tensor<4xf32>) -> tensor<4xf32> {
    return %x : tensor<4xf32>
  }
}
