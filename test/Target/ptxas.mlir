// REQUIRES: ptxas
// NVIDIA's assembler takes every kernel, and none that works element by element
// spills registers.

// DEFINE: %{file} =
// DEFINE: %{arch} =
// DEFINE: %{check} =
// DEFINE: %{assemble} = act-compile %{file} --emit=ptx --offload-arch=%{arch} -o %t.ptx && ptxas -v -arch %{arch} %t.ptx -o %t.cubin 2>&1 | FileCheck %s --check-prefix=INFO %{check}

// REDEFINE: %{file} = %s
// REDEFINE: %{arch} = sm_80
// RUN: %{assemble}
// REDEFINE: %{arch} = sm_90
// RUN: %{assemble}
// REDEFINE: %{arch} = sm_120
// RUN: %{assemble}

// REDEFINE: %{check} = --implicit-check-not="{{[1-9][0-9]*}} bytes spill"
// REDEFINE: %{file} = %S/../Integration/gpu-elementwise.mlir
// REDEFINE: %{arch} = sm_80
// RUN: %{assemble}
// RUN: sed 's/f32/f16/' %S/../Integration/gpu-elementwise.mlir > %t.mlir
// REDEFINE: %{file} = %t.mlir
// RUN: %{assemble}
// RUN: sed 's/f32/bf16/' %S/../Integration/gpu-elementwise.mlir > %t.mlir
// REDEFINE: %{arch} = sm_90
// RUN: %{assemble}

// Nor do those that hold rows, up to the longest.
// RUN: split-file %S/Inputs/held-rows.mlir %t.d
// REDEFINE: %{arch} = sm_80
// REDEFINE: %{file} = %t.d/softmax.mlir
// RUN: %{assemble}
// REDEFINE: %{arch} = sm_90
// REDEFINE: %{file} = %t.d/grad.mlir
// RUN: %{assemble}
// REDEFINE: %{arch} = sm_120
// REDEFINE: %{file} = %t.d/producer.mlir
// RUN: %{assemble}

// INFO: Compiling entry function 'main_kernel_{{[0-9]+}}' for 'sm_

func.func @main(%x: tensor<?x20xf32>, %w: tensor<20x33xf32>, %b: tensor<33xf32>,
                %h: tensor<?x?xf16>, %image: tensor<2x3x9x9xf32>,
                %filter: tensor<4x3x3x3xf32>, %v: tensor<?xbf16>,
                %index: tensor<?xi32>)
    -> (tensor<?x33xf32>, tensor<?x?xf16>, tensor<?x?xf16>, tensor<?xf16>,
        tensor<2x4x7x7xf32>, tensor<?xf32>, tensor<?xi1>, tensor<?x10xf32>,
        tensor<bf16>, tensor<?xf32>, tensor<?x?xf16>, tensor<?x?xf64>) {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?x20xf32>
  %e = tensor.empty(%n) : tensor<?x33xf32>
  %i = linalg.broadcast ins(%b : tensor<33xf32>) outs(%e : tensor<?x33xf32>) dimensions = [0]
  %m = linalg.matmul ins(%x, %w : tensor<?x20xf32>, tensor<20x33xf32>)
                     outs(%i : tensor<?x33xf32>) -> tensor<?x33xf32>
  %dense = act.mish %m : tensor<?x33xf32>

  %softmax = act.softmax %h dimension(1) : tensor<?x?xf16>
  %across = act.log_softmax %h dimension(0) : tensor<?x?xf16>
  %lse = act.logsumexp %h dimension(1) : tensor<?x?xf16> -> tensor<?xf16>

  %f = tensor.empty() : tensor<2x4x7x7xf32>
  %g = linalg.fill ins(%zero : f32) outs(%f : tensor<2x4x7x7xf32>) -> tensor<2x4x7x7xf32>
  %conv = linalg.conv_2d_nchw_fchw
      ins(%image, %filter : tensor<2x3x9x9xf32>, tensor<4x3x3x3xf32>)
      outs(%g : tensor<2x4x7x7xf32>) -> tensor<2x4x7x7xf32>

  %wide = arith.extf %v : tensor<?xbf16> to tensor<?xf32>
  %positive = arith.cmpf ogt, %wide, %wide : tensor<?xf32>
  %glu = act.glu %x dimension(1) {activation = #act.fn<silu>, gate = second}
      : tensor<?x20xf32> -> tensor<?x10xf32>
  %total = act.logsumexp %v dimension(0) : tensor<?xbf16> -> tensor<bf16>

  %hard = act.hardmax %h dimension(1) : tensor<?x?xf16>
  %d = arith.extf %h : tensor<?x?xf16> to tensor<?x?xf64>
  %grad = act.softmax_grad %d, %d dimension(1) : tensor<?x?xf64>

  %count = tensor.dim %index, %c0 : tensor<?xi32>
  %t = tensor.empty(%count) : tensor<?xf32>
  %table = linalg.generic {
      indexing_maps = [affine_map<(a) -> (a)>, affine_map<(a) -> (a)>],
      iterator_types = ["parallel"]}
      ins(%index : tensor<?xi32>) outs(%t : tensor<?xf32>) {
  ^bb0(%p: i32, %o: f32):
    %k = arith.index_cast %p : i32 to index
    %value = tensor.extract %b[%k] : tensor<33xf32>
    linalg.yield %value : f32
  } -> tensor<?xf32>
  return %dense, %softmax, %across, %lse, %conv, %wide, %positive, %glu, %total,
         %table, %hard, %grad
      : tensor<?x33xf32>, tensor<?x?xf16>, tensor<?x?xf16>, tensor<?xf16>,
        tensor<2x4x7x7xf32>, tensor<?xf32>, tensor<?xi1>, tensor<?x10xf32>,
        tensor<bf16>, tensor<?xf32>, tensor<?x?xf16>, tensor<?x?xf64>
}
