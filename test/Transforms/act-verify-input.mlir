// RUN: act-opt %s -act-verify-input -split-input-file -verify-diagnostics

func.func @accepted(%x: tensor<?x4xf32>, %v: vector<4096xf32>) -> tensor<?x4xf32> {
  %0 = call @callee(%x) : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %1 = call @callee(%0) : (tensor<?x4xf32>) -> tensor<?x4xf32>
  return %1 : tensor<?x4xf32>
}
func.func private @callee(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  return %x : tensor<?x4xf32>
}

// -----

// Nothing is too large when there is none of it.
func.func @empty(%x: tensor<0x4294967296x4294967296xf32>) {
  return
}

// -----

// expected-error @below {{size of 'tensor<4294967296x4294967296xf32>' exceeds 2^63-1 bytes}}
func.func @bytes(%x: tensor<4294967296x4294967296xf32>) {
  return
}

// -----

// expected-error @below {{vector too large: 'vector<4097xf32>' has 4097 elements, the limit is 4096}}
func.func @wide(%x: vector<4097xf32>) {
  return
}

// -----

// expected-error @below {{scalable vectors need SVE, which is no target yet, got 'vector<[4]xf32>'}}
func.func @scalable(%x: vector<[4]xf32>) {
  return
}

// -----

func.func private @outside()
func.func @calls() {
  // expected-error @below {{call of 'outside', which has no body}}
  call @outside() : () -> ()
  return
}

// -----

// expected-error @below {{recursive call of 'again'}}
func.func @again() {
  call @again() : () -> ()
  return
}
