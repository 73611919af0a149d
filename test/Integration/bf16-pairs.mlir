// Weights of bf16 in pairs, an odd number of steps, on CPUs with and without
// instructions for them: integers, so exact.
// RUN: act-opt %s --act-fuse --act-pack-weights=bf16-pairs -o %t.mlir
// RUN: FileCheck %s --check-prefix=PACKED --input-file=%t.mlir
// PACKED: tensor<2x4x32x2xbf16>
// RUN: act-run %s -e known --march=x86-64-v3 --input='5x7xbf16=linspace(-17,17)' >%t.plain
// RUN: act-run %t.mlir -e known --march=x86-64-v3 --input='5x7xbf16=linspace(-17,17)' | diff %t.plain -
// RUN: act-run %s -e known --march=native --input='5x7xbf16=linspace(-17,17)' --expect-ulp=0 | FileCheck %s
// RUN: act-run %s -e known --march=native --vector-bits=1024 --input='5x7xbf16=linspace(-17,17)' --expect-ulp=0 | FileCheck %s
// RUN: act-run %s -e window --march=native --input='1x9x8xbf16=linspace(-17,54)' --expect-ulp=0 | FileCheck %s
// CHECK: result 0: at most {{.*}} from the reference

// RUN: act-opt %s --symbol-privatize=exclude=known --symbol-dce -o %t.known.mlir
// RUN: act-compile %t.known.mlir --emit=llvm-ir --march=sapphirerapids | FileCheck %s --check-prefix=DOT
// DOT: @llvm.x86.avx512bf16.dpbf16ps.512
// Not where one level lacks them, and not where subnormal numbers count.
// RUN: act-compile %t.known.mlir -o %t.o --march=sapphirerapids,x86-64-v3
// RUN: llvm-objdump-22 -d %t.o | FileCheck %s --check-prefix=PLAIN
// RUN: act-compile %t.known.mlir --emit=llvm-ir --march=sapphirerapids --reproducible | FileCheck %s --check-prefix=PLAIN
// RUN: act-compile %t.known.mlir --emit=llvm-ir --march=sapphirerapids --accuracy=highest | FileCheck %s --check-prefix=PLAIN
// RUN: act-compile %t.known.mlir --emit=llvm-ir --march=x86-64-v4 | FileCheck %s --check-prefix=PLAIN
// PLAIN-NOT: dpbf16ps

func.func @known(%x: tensor<?x7xbf16>) -> tensor<?x33xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %w = arith.constant dense<[[-6.0, -1.0, 4.0, -4.0, 1.0, 6.0, -2.0, 3.0, -5.0, 0.0, 5.0, -3.0, 2.0, -6.0, -1.0, 4.0, -4.0, 1.0, 6.0, -2.0, 3.0, -5.0, 0.0, 5.0, -3.0, 2.0, -6.0, -1.0, 4.0, -4.0, 1.0, 6.0, -2.0],
      [1.0, 6.0, -2.0, 3.0, -5.0, 0.0, 5.0, -3.0, 2.0, -6.0, -1.0, 4.0, -4.0, 1.0, 6.0, -2.0, 3.0, -5.0, 0.0, 5.0, -3.0, 2.0, -6.0, -1.0, 4.0, -4.0, 1.0, 6.0, -2.0, 3.0, -5.0, 0.0, 5.0],
      [-5.0, 0.0, 5.0, -3.0, 2.0, -6.0, -1.0, 4.0, -4.0, 1.0, 6.0, -2.0, 3.0, -5.0, 0.0, 5.0, -3.0, 2.0, -6.0, -1.0, 4.0, -4.0, 1.0, 6.0, -2.0, 3.0, -5.0, 0.0, 5.0, -3.0, 2.0, -6.0, -1.0],
      [2.0, -6.0, -1.0, 4.0, -4.0, 1.0, 6.0, -2.0, 3.0, -5.0, 0.0, 5.0, -3.0, 2.0, -6.0, -1.0, 4.0, -4.0, 1.0, 6.0, -2.0, 3.0, -5.0, 0.0, 5.0, -3.0, 2.0, -6.0, -1.0, 4.0, -4.0, 1.0, 6.0],
      [-4.0, 1.0, 6.0, -2.0, 3.0, -5.0, 0.0, 5.0, -3.0, 2.0, -6.0, -1.0, 4.0, -4.0, 1.0, 6.0, -2.0, 3.0, -5.0, 0.0, 5.0, -3.0, 2.0, -6.0, -1.0, 4.0, -4.0, 1.0, 6.0, -2.0, 3.0, -5.0, 0.0],
      [3.0, -5.0, 0.0, 5.0, -3.0, 2.0, -6.0, -1.0, 4.0, -4.0, 1.0, 6.0, -2.0, 3.0, -5.0, 0.0, 5.0, -3.0, 2.0, -6.0, -1.0, 4.0, -4.0, 1.0, 6.0, -2.0, 3.0, -5.0, 0.0, 5.0, -3.0, 2.0, -6.0],
      [-3.0, 2.0, -6.0, -1.0, 4.0, -4.0, 1.0, 6.0, -2.0, 3.0, -5.0, 0.0, 5.0, -3.0, 2.0, -6.0, -1.0, 4.0, -4.0, 1.0, 6.0, -2.0, 3.0, -5.0, 0.0, 5.0, -3.0, 2.0, -6.0, -1.0, 4.0, -4.0, 1.0]]> : tensor<7x33xbf16>
  %n = tensor.dim %x, %c0 : tensor<?x7xbf16>
  %e = tensor.empty(%n) : tensor<?x33xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<?x33xf32>) -> tensor<?x33xf32>
  %m = linalg.matmul ins(%x, %w : tensor<?x7xbf16>, tensor<7x33xbf16>)
                     outs(%i : tensor<?x33xf32>) -> tensor<?x33xf32>
  return %m : tensor<?x33xf32>
}

// Windows of three positions: pairs are of channels.
func.func @window(%x: tensor<1x9x8xbf16>) -> tensor<1x7x4xf32> {
  %zero = arith.constant 0.0 : f32
  %w = arith.constant dense<[[[-5.0, -4.0, -3.0, -2.0], [-2.0, -1.0, 0.0, 1.0], [1.0, 2.0, 3.0, 4.0], [4.0, 5.0, -5.0, -4.0], [-4.0, -3.0, -2.0, -1.0], [-1.0, 0.0, 1.0, 2.0], [2.0, 3.0, 4.0, 5.0], [5.0, -5.0, -4.0, -3.0]],
      [[2.0, 3.0, 4.0, 5.0], [5.0, -5.0, -4.0, -3.0], [-3.0, -2.0, -1.0, 0.0], [0.0, 1.0, 2.0, 3.0], [3.0, 4.0, 5.0, -5.0], [-5.0, -4.0, -3.0, -2.0], [-2.0, -1.0, 0.0, 1.0], [1.0, 2.0, 3.0, 4.0]],
      [[-2.0, -1.0, 0.0, 1.0], [1.0, 2.0, 3.0, 4.0], [4.0, 5.0, -5.0, -4.0], [-4.0, -3.0, -2.0, -1.0], [-1.0, 0.0, 1.0, 2.0], [2.0, 3.0, 4.0, 5.0], [5.0, -5.0, -4.0, -3.0], [-3.0, -2.0, -1.0, 0.0]]]> : tensor<3x8x4xbf16>
  %e = tensor.empty() : tensor<1x7x4xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<1x7x4xf32>) -> tensor<1x7x4xf32>
  %m = linalg.conv_1d_nwc_wcf ins(%x, %w : tensor<1x9x8xbf16>, tensor<3x8x4xbf16>)
                              outs(%i : tensor<1x7x4xf32>) -> tensor<1x7x4xf32>
  return %m : tensor<1x7x4xf32>
}
