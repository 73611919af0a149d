// Every activation and its gradient, by the threads of a GPU and by the CPU: the
// same bits, in vectors and in the elements after them.

// DEFINE: %{with} =
// DEFINE: %{same} = act-run %t.mlir %{with} --print-limit=5000 > %t.cpu && act-run %t.mlir %{with} --print-limit=5000 --target=gpu-sim > %t.gpu && cmp %t.cpu %t.gpu

// RUN: cp %s %t.mlir
// REDEFINE: %{with} = --input='1037xf32=linspace(-20,20)' --input='1037xf32=random(2)'
// RUN: %{same}
// REDEFINE: %{with} = --input='9xf32=[nan, -inf, inf, -0.0, 0, 1e-40, 1, -1, 3e38]' --input='9xf32=1'
// RUN: %{same}
// RUN: sed 's/f32/f16/' %s > %t.mlir
// REDEFINE: %{with} = --input='1037xf16=linspace(-20,20)' --input='1037xf16=random(2)'
// RUN: %{same}
// RUN: sed 's/f32/bf16/' %s > %t.mlir
// REDEFINE: %{with} = --input='1037xbf16=linspace(-20,20)' --input='1037xbf16=random(2)'
// RUN: %{same}

!t = tensor<?xf32>

func.func @main(%x: !t, %d: !t)
    -> (
     !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t,
     !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t,
     !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t) {
  %r0 = act.celu %x : !t
  %r1 = act.celu_grad %d, %x : !t
  %r2 = act.clamp %x {min = -1.0 : f64, max = 1.0 : f64} : !t
  %r3 = act.clamp_grad %d, %x {min = -1.0 : f64, max = 1.0 : f64} : !t
  %r4 = act.elu %x : !t
  %r5 = act.elu_grad %d, %x : !t
  %r6 = act.gelu %x : !t
  %r7 = act.gelu_grad %d, %x : !t
  %r8 = act.hard_shrink %x : !t
  %r9 = act.hard_shrink_grad %d, %x : !t
  %r10 = act.hard_sigmoid %x : !t
  %r11 = act.hard_sigmoid_grad %d, %x : !t
  %r12 = act.hard_swish %x : !t
  %r13 = act.hard_swish_grad %d, %x : !t
  %r14 = act.leaky_relu %x : !t
  %r15 = act.leaky_relu_grad %d, %x : !t
  %r16 = act.log_sigmoid %x : !t
  %r17 = act.log_sigmoid_grad %d, %x : !t
  %r18 = act.mish %x : !t
  %r19 = act.mish_grad %d, %x : !t
  %r20 = act.relu %x : !t
  %r21 = act.relu_grad %d, %x : !t
  %r22 = act.relu_squared %x : !t
  %r23 = act.relu_squared_grad %d, %x : !t
  %r24 = act.selu %x : !t
  %r25 = act.selu_grad %d, %x : !t
  %r26 = act.sigmoid %x : !t
  %r27 = act.sigmoid_grad %d, %x : !t
  %r28 = act.silu %x : !t
  %r29 = act.silu_grad %d, %x : !t
  %r30 = act.soft_shrink %x : !t
  %r31 = act.soft_shrink_grad %d, %x : !t
  %r32 = act.softplus %x : !t
  %r33 = act.softplus_grad %d, %x : !t
  %r34 = act.softsign %x : !t
  %r35 = act.softsign_grad %d, %x : !t
  %r36 = act.sparse_plus %x : !t
  %r37 = act.sparse_plus_grad %d, %x : !t
  %r38 = act.sparse_sigmoid %x : !t
  %r39 = act.sparse_sigmoid_grad %d, %x : !t
  %r40 = act.squareplus %x : !t
  %r41 = act.squareplus_grad %d, %x : !t
  %r42 = act.tanh %x : !t
  %r43 = act.tanh_grad %d, %x : !t
  %r44 = act.tanh_shrink %x : !t
  %r45 = act.tanh_shrink_grad %d, %x : !t
  %r46 = act.threshold %x {theta = 0.5 : f64, value = 2.0 : f64} : !t
  %r47 = act.threshold_grad %d, %x {theta = 0.5 : f64, value = 2.0 : f64} : !t
  return
      %r0, %r1, %r2, %r3, %r4, %r5, %r6, %r7, %r8, %r9, %r10, %r11, %r12,
      %r13, %r14, %r15, %r16, %r17, %r18, %r19, %r20, %r21, %r22, %r23, %r24,
      %r25, %r26, %r27, %r28, %r29, %r30, %r31, %r32, %r33, %r34, %r35, %r36,
      %r37, %r38, %r39, %r40, %r41, %r42, %r43, %r44, %r45, %r46, %r47
      :
     !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t,
     !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t,
     !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t, !t
}
