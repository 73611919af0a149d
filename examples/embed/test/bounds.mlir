// RUN: toy-opt %s --toy-bounds --verify-diagnostics
// RUN: not toy-opt %s --act-expand="accuracy=0.1" 2>&1 | FileCheck %s
// CHECK: bounds.mlir:[[#@LINE + 5]]:8: error: accuracy of 0.1 ULP cannot be met by any kernel of toy.flick on f32; the best there is, f64-pair, has

func.func @f(%x: vector<8xf32>) -> vector<8xf32> {
  // expected-remark-re @below {{precise: f32-pair, 0.{{[0-9]+}} ULP}}
  // expected-remark-re @below {{fast: f32-plain, {{[1-3]}}.{{[0-9]+}} ULP}}
  %y = toy.flick %x : vector<8xf32>
  return %y : vector<8xf32>
}
