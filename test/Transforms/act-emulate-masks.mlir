// RUN: act-opt %s -act-emulate-masks=mask-bits=32 | FileCheck %s
// RUN: act-opt %s -act-emulate-masks=mask-bits=8 | FileCheck %s --check-prefix=ALL
// RUN: act-opt %s -act-emulate-masks=mask-bits=0 | FileCheck %s --check-prefix=NONE

// Where everything can be masked, everything stays.
// ALL-NOT: alloca
// NONE-NOT: vector.maskedstore %{{.*}} : memref<?xf32>
// NONE-NOT: vector.maskedload %{{.*}} : memref<?xf32>

// CHECK-LABEL: func.func @tail(
// CHECK-SAME: %[[X:.*]]: memref<?xf16>, %[[Y:.*]]: memref<?xf16>, %[[I:.*]]: index, %[[N:.*]]: index)
func.func @tail(%x: memref<?xf16>, %y: memref<?xf16>, %i: index, %n: index) {
  %mask = vector.create_mask %n : vector<8xi1>
  %zero = arith.constant dense<0.0> : vector<8xf16>
  // The buffers are not in a loop.
  // CHECK: memref.alloca() {alignment = 64 : i64} : memref<8xf16>
  // CHECK: memref.alloca() {alignment = 64 : i64} : memref<8xf16>
  // CHECK: scf.for
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %k = %c0 to %n step %c1 {
    // A number outside of the vector is the mask's to bound.
    // CHECK: %[[LOW:.*]] = arith.maxsi %[[N]], %{{.*}}
    // CHECK: %[[LANES:.*]] = arith.minsi %[[LOW]], %{{.*}}
    // CHECK: vector.store %{{.*}}, %[[BUFFER:.*]][%{{.*}}] : memref<8xf16>
    // CHECK: scf.for %[[LANE:.*]] = %{{.*}} to %[[LANES]]
    // CHECK: %[[AT:.*]] = arith.addi %[[I]], %[[LANE]]
    // CHECK: %[[E:.*]] = memref.load %[[X]][%[[AT]]]
    // CHECK: memref.store %[[E]], %[[BUFFER]][%[[LANE]]]
    // CHECK: %[[V:.*]] = vector.load %[[BUFFER]]
    %v = vector.maskedload %x[%i], %mask, %zero : memref<?xf16>, vector<8xi1>, vector<8xf16> into vector<8xf16>
    // CHECK: vector.store %[[V]], %[[OUT:.*]][%{{.*}}] : memref<8xf16>
    // CHECK: memref.load %[[OUT]]
    // CHECK: memref.store {{.*}}, %[[Y]]
    vector.maskedstore %y[%i], %mask, %v : memref<?xf16>, vector<8xi1>, vector<8xf16>
  }
  return
}

// What the target has stays, and so does a mask with gaps.
// CHECK-LABEL: func.func @stays(
// CHECK-NOT: alloca
// CHECK: vector.maskedload %{{.*}} : memref<?xf32>
// CHECK: vector.maskedstore %{{.*}} : memref<?xf16>
func.func @stays(%x: memref<?xf32>, %y: memref<?xf16>, %i: index, %n: index,
                 %any: vector<8xi1>, %h: vector<8xf16>) -> vector<8xf32> {
  %mask = vector.create_mask %n : vector<8xi1>
  %zero = arith.constant dense<0.0> : vector<8xf32>
  %v = vector.maskedload %x[%i], %mask, %zero : memref<?xf32>, vector<8xi1>, vector<8xf32> into vector<8xf32>
  vector.maskedstore %y[%i], %any, %h : memref<?xf16>, vector<8xi1>, vector<8xf16>
  return %v : vector<8xf32>
}
