// PTX comes with what a host must launch: kernels, numbers, parameters.
// RUN: act-compile %s --emit=ptx --offload-arch=sm_90 | FileCheck %s

// CHECK: // launch {"blocks":"ceildiv(x[0], 8)","if":["(x[0] != 0)"],"kernel":"main_kernel_0","parameters":["x","x[0]","(workspace + 0)","x[0]","x[0]"],"threads":"256"}
// CHECK-NEXT: // launch {"blocks":"{{.*}}","if":["{{.*}}"],"kernel":"main_kernel_1","parameters":["(workspace + 0)","y",{{.*}}],"threads":"256"}
// CHECK-NOT: // launch
// CHECK: .target sm_90
// CHECK: .entry main_kernel_0(
// CHECK: .entry main_kernel_1(
func.func @main(%x: tensor<?x20xf32> {act.name = "x"}) -> (tensor<?x20xf32> {act.name = "y"}) {
  %y = act.softmax %x dimension(1) : tensor<?x20xf32>
  %z = act.gelu %y : tensor<?x20xf32>
  return %z : tensor<?x20xf32>
}
