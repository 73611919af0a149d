// RUN: act-opt %s -act-expand-ops --remark-policy=all --remarks-filter-missed=act-expand-ops 2>&1 | FileCheck %s

// CHECK: remark: [Missed] LibraryCall
// CHECK-SAME: math.sin has no kernel: each element is a call of the C library
// CHECK-NOT: remark:
// CHECK-LABEL: @sine
// CHECK: math.sin
func.func @sine(%x: vector<8xf32>) -> vector<8xf32> {
  %0 = math.sin %x : vector<8xf32>
  return %0 : vector<8xf32>
}

// What is machine code, or has a kernel, is no call.
// CHECK-LABEL: @others
func.func @others(%x: vector<8xf32>) -> vector<8xf32> {
  %0 = math.floor %x : vector<8xf32>
  %1 = math.sqrt %0 : vector<8xf32>
  %2 = math.exp %1 : vector<8xf32>
  return %2 : vector<8xf32>
}
