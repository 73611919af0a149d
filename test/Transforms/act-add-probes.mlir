// RUN: act-opt %s -act-add-probes -split-input-file -verify-diagnostics | FileCheck %s
// RUN: act-opt %s -act-add-probes=accuracy=highest -split-input-file -verify-diagnostics | FileCheck %s --check-prefix=HIGHEST

// One probe for each function, type and accuracy, as wide as its operation.
// CHECK: act.probes = [{accuracy = "precise", expected = dense<{{[^>]*}}> : tensor<16xf32>, function = "silu", inputs = 4294967296 : i64, kernel = "f32-pair", operands = dense<{{[^>]*}}> : tensor<1x16xf32>, parameters = {beta = 1.000000e+00 : f64}, type = f32, ulps = {{[^,]*}} : f64, worst = {{[^,]*}} : f64},
// CHECK-SAME: {accuracy = "fast", {{.*}}kernel = "f32-plain"
// CHECK-SAME: {accuracy = "precise", {{.*}}function = "relu_grad"{{.*}}operands = dense<{{.*}}> : tensor<2x16xbf16>
// HIGHEST: {accuracy = "highest", {{.*}}kernel = "f64-pair"
// CHECK: func.func @f_probes(%[[M:.*]]: memref<?xi8>) attributes {act.helper = "f_probes", llvm.emit_c_interface}
// CHECK: %[[X:.*]] = memref.view %[[M]][%c0{{.*}}][] : memref<?xi8> to memref<16xf32>
// CHECK: %[[Y:.*]] = memref.view %[[M]][%c384{{.*}}][] : memref<?xi8> to memref<16xf32>
// CHECK: scf.for %[[I:.*]] = %{{.*}} to %c16{{.*}} step %c8
// CHECK-NEXT: vector.load %[[X]][%[[I]]] : memref<16xf32>, vector<8xf32>
// CHECK-NEXT: %[[R:.*]] = act.silu
// CHECK-NEXT: vector.store %[[R]], %[[Y]][%[[I]]]
// CHECK: memref.view %[[M]][%c512
// CHECK: scf.for {{.*}} step %c4{{(_[0-9]+)?}} {
// CHECK: act.silu %{{.*}} {accuracy = #act.accuracy<fast>} : vector<4xf32>
// CHECK: scf.for {{.*}} step %c1{{(_[0-9]+)?}} {
// CHECK: %[[DY:.*]] = memref.load
// CHECK: %[[X2:.*]] = memref.load
// CHECK: act.relu_grad %[[DY]], %[[X2]] : bf16
// CHECK-NOT: scf.for
func.func @f(%x: vector<8xf32>, %y: vector<12xf32>, %z: bf16) -> (vector<8xf32>, vector<12xf32>, bf16) {
  %0 = act.silu %x : vector<8xf32>
  %1 = act.silu %0 : vector<8xf32>
  %2 = act.silu %y {accuracy = #act.accuracy<fast>} : vector<12xf32>
  %3 = act.relu_grad %z, %z : bf16
  return %1, %2, %3 : vector<8xf32>, vector<12xf32>, bf16
}

// -----

// Neither integers nor operations of the machine have a kernel.
// CHECK-LABEL: @none
// CHECK-NOT: func.func
func.func @none(%x: f32, %i: i32) -> (f32, i32) {
  %0 = math.sqrt %x : f32
  %1 = act.relu %i : i32
  return %0, %1 : f32, i32
}

// -----

func.func @tensor(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{act-add-probes needs scalars and vectors, got 'tensor<4xf32>'}}
  %0 = act.gelu %x : tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

func.func @exact(%x: f32) -> f32 {
  // expected-error @below {{accuracy of 0.1 ULP cannot be met by any kernel of act.gelu on f32}}
  %0 = act.gelu %x {accuracy = #act.accuracy<ulps = 0.1>} : f32
  return %0 : f32
}
