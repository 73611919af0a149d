// RUN: act-opt %s -act-verify-lowered -split-input-file -verify-diagnostics

llvm.func @lowered(%x: f32) -> f32 {
  %0 = llvm.fadd %x, %x : f32
  llvm.return %0 : f32
}

// -----

llvm.func @left(%x: f32) -> f32 {
  // expected-error @below {{operations that the LLVM target cannot take: act.gelu (2) arith.addf (1)}}
  // expected-note @below {{first act.gelu}}
  %0 = act.gelu %x : f32
  %1 = act.gelu %0 : f32
  // expected-note @below {{first arith.addf}}
  %2 = arith.addf %0, %1 : f32
  llvm.return %2 : f32
}
