// RUN: act-opt %s --act-keep-zeros | FileCheck %s

// CHECK-LABEL: llvm.func @extended
llvm.func @extended(%h: f16) -> f32 {
  // CHECK: %[[ZERO:.*]] = llvm.mlir.constant(0.0
  // CHECK: %[[X:.*]] = llvm.fpext
  // CHECK: %[[F:.*]] = llvm.call_intrinsic "llvm.arithmetic.fence"(%[[X]])
  // CHECK: %[[C:.*]] = llvm.fcmp "olt" %[[F]], %[[ZERO]]
  // CHECK: llvm.select %[[C]], %[[ZERO]], %[[F]]
  %zero = llvm.mlir.constant(0.0 : f32) : f32
  %x = llvm.fpext %h : f16 to f32
  %c = llvm.fcmp "olt" %x, %zero : f32
  %y = llvm.select %c, %zero, %x : i1, f32
  llvm.return %y : f32
}

// The other way round, in vectors, with a zero of the other sign.
// CHECK-LABEL: llvm.func @vectors
// CHECK: %[[F:.*]] = llvm.call_intrinsic "llvm.arithmetic.fence"
// CHECK: llvm.fcmp "ogt" %{{.*}}, %[[F]]
// CHECK: llvm.select %{{.*}}, %[[F]]
llvm.func @vectors(%h: vector<4xf16>) -> vector<4xf32> {
  %zero = llvm.mlir.constant(dense<0.0> : vector<4xf32>) : vector<4xf32>
  %other = llvm.mlir.constant(dense<-0.0> : vector<4xf32>) : vector<4xf32>
  %x = llvm.fpext %h : vector<4xf16> to vector<4xf32>
  %c = llvm.fcmp "ogt" %zero, %x : vector<4xf32>
  %y = llvm.select %c, %x, %other : vector<4xi1>, vector<4xf32>
  llvm.return %y : vector<4xf32>
}

// Not extended; compared with another number; chosen from others.
// CHECK-LABEL: llvm.func @others
// CHECK-NOT: llvm.call_intrinsic
llvm.func @others(%h: f16, %w: f32) -> (f32) {
  %zero = llvm.mlir.constant(0.0 : f32) : f32
  %one = llvm.mlir.constant(1.0 : f32) : f32
  %x = llvm.fpext %h : f16 to f32
  %c0 = llvm.fcmp "olt" %w, %zero : f32
  %a = llvm.select %c0, %zero, %w : i1, f32
  %c1 = llvm.fcmp "olt" %x, %one : f32
  %b = llvm.select %c1, %one, %x : i1, f32
  %c2 = llvm.fcmp "olt" %x, %zero : f32
  %d = llvm.select %c2, %a, %b : i1, f32
  llvm.return %d : f32
}
