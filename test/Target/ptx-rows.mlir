// RUN: act-compile %s --emit=ptx --offload-arch=sm_90 | FileCheck %s
// RUN: act-compile %s --emit=ptx --offload-arch=sm_90 | FileCheck %s --check-prefix=NONE

// CHECK: .target sm_90
// CHECK: .visible .entry main_kernel_0(
// CHECK: .maxntid 256, 1, 1
// CHECK-COUNT-5: shfl.sync.bfly.b32
// CHECK: .visible .entry main_kernel_{{[0-9]+}}(
// CHECK: .maxntid 64, 1, 1
// CHECK: .shared
// CHECK: setp.gt.f32
// CHECK: st.shared.b32
// CHECK: bar.sync
// CHECK-COUNT-5: shfl.sync.bfly.b32
// CHECK: st.shared.b64
// NONE-NOT: {{__nv_|call|approx|\.local}}
func.func @main(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %0 = act.softmax %x dimension(1) : tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}
