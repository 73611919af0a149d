// RUN: act-opt %s -act-mask-bf16 | FileCheck %s

// CHECK-LABEL: llvm.func @f(
// CHECK: %[[BITS:.*]] = llvm.intr.masked.load {{.*}} vector<16xi16>
// CHECK: %[[X:.*]] = llvm.bitcast %[[BITS]] : vector<16xi16> to vector<16xbf16>
// CHECK: llvm.intr.masked.store %[[X]]
llvm.func @f(%p: !llvm.ptr, %m: vector<16xi1>, %z: vector<16xbf16>) {
  %x = llvm.intr.masked.load %p, %m, %z {alignment = 2 : i32} : (!llvm.ptr, vector<16xi1>, vector<16xbf16>) -> vector<16xbf16>
  llvm.intr.masked.store %x, %p, %m {alignment = 2 : i32} : vector<16xbf16>, vector<16xi1> into !llvm.ptr
  llvm.return
}

// Another type stays as it is.
// CHECK-LABEL: llvm.func @g(
// CHECK-NOT: bitcast
llvm.func @g(%p: !llvm.ptr, %m: vector<16xi1>, %z: vector<16xf32>) {
  %x = llvm.intr.masked.load %p, %m, %z {alignment = 4 : i32} : (!llvm.ptr, vector<16xi1>, vector<16xf32>) -> vector<16xf32>
  llvm.intr.masked.store %x, %p, %m {alignment = 4 : i32} : vector<16xf32>, vector<16xi1> into !llvm.ptr
  llvm.return
}
