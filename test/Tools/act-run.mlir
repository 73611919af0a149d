// RUN: act-run %s --input='2x2xf32=[1, 2, -3, 4]' --output=@%t.npy
// RUN: act-run %s --input=@%t.npy | FileCheck %s
// CHECK: result 0: 2x2xf32=[1, 2, 0, 4]

// RUN: act-run %s --input='8x2xf32=random(1)' --repeat=3 | FileCheck %s --check-prefix=TIME
// TIME: best {{[0-9.]+}} us, median {{[0-9.]+}} us

// RUN: not act-run %s --input='2x2xf16=0' 2>&1 | FileCheck %s --check-prefix=DTYPE
// DTYPE: error: input 0 has element type f16, the program takes tensor<?x2xf32>
// RUN: not act-run %s --input='2xf32=0' 2>&1 | FileCheck %s --check-prefix=RANK
// RANK: error: input 0 has rank 1, the program takes
// RUN: not act-run %s --input='2x3xf32=0' 2>&1 | FileCheck %s --check-prefix=EXTENT
// EXTENT: error: input 0 has extent 3 in dimension 1, the program takes
// RUN: not act-run %s 2>&1 | FileCheck %s --check-prefix=COUNT
// COUNT: error: 'f' takes 1 inputs, got 0: input0: tensor<?x2xf32>{{$}}
// RUN: not act-run %s --input='2x2xf32=[1]' 2>&1 | FileCheck %s --check-prefix=LIST
// LIST: error: '[1]' has 1 values for 4 elements
// RUN: not act-run %s --input=@%s 2>&1 | FileCheck %s --check-prefix=NPY
// NPY: act-run.mlir: error: not a .npy file
// RUN: not act-run %s -e g --input='2x2xf32=0' 2>&1 | FileCheck %s --check-prefix=ENTRY
// ENTRY: error: no function 'g' with a body
// RUN: not act-run %s --march=nonesuch --input='2x2xf32=0' 2>&1 | FileCheck %s --check-prefix=CPU
// CPU: error: unknown CPU 'nonesuch' for target
// RUN: not act-run %s --input='2x2xf32=1' --output=@/nonexistent/x.npy 2>&1 | FileCheck %s --check-prefix=OUT
// OUT: /nonexistent/x.npy: error:

func.func @f(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %y = act.relu %x : tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}
