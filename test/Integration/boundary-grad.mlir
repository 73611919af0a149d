// RUN: act-run %s -e closed --input='5xf32=[1, 2, 3, 4, 5]' --input='5xf32=[-2, -1, 0, 1, 2]' | FileCheck %s --check-prefix=CLOSED
// RUN: act-run %s -e open --input='5xf32=[1, 2, 3, 4, 5]' --input='5xf32=[-2, -1, 0, 1, 2]' | FileCheck %s --check-prefix=OPEN

// clamp has the derivative 1 at its bounds, hardtanh and relu6 have 0.
// CLOSED: result 0: 5xf32=[0, 2, 3, 4, 0]
func.func @closed(%dy: tensor<?xf32>, %x: tensor<?xf32>) -> tensor<?xf32> {
  %0 = act.clamp_grad %dy, %x {min = -1.0, max = 1.0} : tensor<?xf32>
  return %0 : tensor<?xf32>
}

// OPEN: result 0: 5xf32=[0, 0, 3, 0, 0]
func.func @open(%dy: tensor<?xf32>, %x: tensor<?xf32>) -> tensor<?xf32> {
  %0 = act.clamp_grad %dy, %x {min = -1.0, max = 1.0, boundary_grad = 0} : tensor<?xf32>
  return %0 : tensor<?xf32>
}
