// RUN: act-opt %s -act-bf16-to-integers -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: llvm.func @moved(
// CHECK-SAME: vector<16xi16>
// CHECK: %[[Z:.*]] = llvm.mlir.constant(dense<16256> : vector<16xi16>) : vector<16xi16>
// CHECK: %[[X:.*]] = llvm.intr.masked.load {{.*}} vector<16xi16>) -> vector<16xi16>
// CHECK: %[[Y:.*]] = llvm.select {{.*}}, %[[X]], %[[Z]]
// CHECK-NOT: bitcast
// CHECK: llvm.add %[[Y]], %[[Y]] : vector<16xi16>
// CHECK: llvm.intr.masked.store %[[X]]
llvm.func @moved(%p: !llvm.ptr, %m: vector<16xi1>, %z: vector<16xbf16>) -> vector<16xi16> {
  %one = llvm.mlir.constant(dense<1.0> : vector<16xbf16>) : vector<16xbf16>
  %x = llvm.intr.masked.load %p, %m, %z {alignment = 2 : i32} : (!llvm.ptr, vector<16xi1>, vector<16xbf16>) -> vector<16xbf16>
  %y = llvm.select %m, %x, %one : vector<16xi1>, vector<16xbf16>
  %bits = llvm.bitcast %y : vector<16xbf16> to vector<16xi16>
  %sum = llvm.add %bits, %bits : vector<16xi16>
  llvm.intr.masked.store %x, %p, %m {alignment = 2 : i32} : vector<16xbf16>, vector<16xi1> into !llvm.ptr
  llvm.return %sum : vector<16xi16>
}

// CHECK-LABEL: llvm.func @scalars(
// CHECK: llvm.mlir.constant(-16512 : i16) : i16
// CHECK: llvm.getelementptr {{.*}} !llvm.ptr, i16
// CHECK: llvm.load {{.*}} : !llvm.ptr -> i16
llvm.func @scalars(%p: !llvm.ptr, %i: i64) {
  %c = llvm.mlir.constant(-1.0 : bf16) : bf16
  %q = llvm.getelementptr %p[%i] : (!llvm.ptr, i64) -> !llvm.ptr, bf16
  %x = llvm.load %q : !llvm.ptr -> bf16
  llvm.store %x, %p : bf16, !llvm.ptr
  llvm.store %c, %q : bf16, !llvm.ptr
  llvm.return
}

// Where these products are, so are vectors of bf16.
// CHECK-LABEL: llvm.func @products(
// CHECK: %[[X:.*]] = llvm.load {{.*}} -> vector<32xi16>
// CHECK: %[[A:.*]] = llvm.bitcast %[[X]] : vector<32xi16> to vector<32xbf16>
// CHECK: llvm.call_intrinsic "llvm.x86.avx512bf16.dpbf16ps.512"(%{{.*}}, %[[A]], %{{.*}}) : (vector<16xf32>, vector<32xbf16>, vector<32xbf16>)
llvm.func @products(%p: !llvm.ptr, %s: vector<16xf32>) -> vector<16xf32> {
  %x = llvm.load %p : !llvm.ptr -> vector<32xbf16>
  %y = llvm.call_intrinsic "llvm.x86.avx512bf16.dpbf16ps.512"(%s, %x, %x) : (vector<16xf32>, vector<32xbf16>, vector<32xbf16>) -> vector<16xf32>
  llvm.return %y : vector<16xf32>
}

// Other types stay as they are.
// CHECK-LABEL: llvm.func @other(
// CHECK: llvm.fadd {{.*}} : vector<16xf16>
llvm.func @other(%x: vector<16xf16>) -> vector<16xf16> {
  %y = llvm.fadd %x, %x : vector<16xf16>
  llvm.return %y : vector<16xf16>
}

// -----

llvm.func @computes(%x: vector<16xbf16>) -> vector<16xbf16> {
  // expected-error @below {{computes on bf16: act-expand-ops takes that apart}}
  %y = llvm.fadd %x, %x : vector<16xbf16>
  llvm.return %y : vector<16xbf16>
}
