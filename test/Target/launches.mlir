// PTX comes with what a host must launch: kernels, numbers, parameters.
// RUN: act-compile %s --emit=ptx --offload-arch=sm_90 | FileCheck %s

// CHECK: // launch {"blocks":"{{.*}}","if":["((x[0] * 20) != 0)"],"kernel":"main_kernel_0","parameters":["x","(workspace + 0)",{{.*}}],"threads":"256"}
// CHECK-NEXT: // launch {"blocks":"ceildiv(y[0], 8)","if":["(y[0] != 0)"],"kernel":"main_kernel_1","parameters":["(workspace + 0)","x[0]","y","y[0]","y[0]"],"threads":"256"}
// CHECK-NOT: // launch
// CHECK: .target sm_90
// CHECK: .entry main_kernel_0(
// CHECK: .entry main_kernel_1(
func.func @main(%x: tensor<?x20xf32> {act.name = "x"}) -> (tensor<?x20xf32> {act.name = "y"}) {
  %g = act.gelu %x : tensor<?x20xf32>
  %y = act.softmax %g dimension(1) : tensor<?x20xf32>
  return %y : tensor<?x20xf32>
}
