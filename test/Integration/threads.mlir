// Large kernels are shared by threads, and their bits do not depend on how many.
// RUN: act-run %s -e gelu --input='300001xf32=linspace(-8,8)' --max-threads=1 --output=@%t.1.npy
// RUN: act-run %s -e gelu --input='300001xf32=linspace(-8,8)' --max-threads=3 --output=@%t.3.npy
// RUN: cmp %t.1.npy %t.3.npy
// RUN: act-run %s -e softmax --input='1001x301xf32=random(1)' --max-threads=1 --output=@%t.1.npy
// RUN: act-run %s -e softmax --input='1001x301xf32=random(1)' --output=@%t.3.npy
// RUN: cmp %t.1.npy %t.3.npy
// RUN: act-run %s -e dense --input='301x200xf32=random(1)' --input='200x333xf32=random(2)' --max-threads=1 --output=@%t.1.npy
// RUN: act-run %s -e dense --input='301x200xf32=random(1)' --input='200x333xf32=random(2)' --output=@%t.3.npy
// RUN: cmp %t.1.npy %t.3.npy

// RUN: act-opt %s -act-lower-to-llvm-pipeline=parallel=false 2>&1 | FileCheck %s --check-prefix=SERIAL
// SERIAL-NOT: act_parallel_run

func.func @gelu(%x: tensor<?xf32>) -> tensor<?xf32> {
  %y = act.gelu %x : tensor<?xf32>
  return %y : tensor<?xf32>
}

func.func private @softmax(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = act.softmax %x dimension(1) : tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

func.func private @dense(%x: tensor<?x200xf32>, %w: tensor<200x333xf32>) -> tensor<?x333xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?x200xf32>
  %e = tensor.empty(%n) : tensor<?x333xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<?x333xf32>) -> tensor<?x333xf32>
  %m = linalg.matmul ins(%x, %w : tensor<?x200xf32>, tensor<200x333xf32>)
                     outs(%i : tensor<?x333xf32>) -> tensor<?x333xf32>
  return %m : tensor<?x333xf32>
}
