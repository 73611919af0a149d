// RUN: act-compile %s --emit=ptx --offload-arch=sm_80 | FileCheck %s
// RUN: act-compile %s --emit=ptx --offload-arch=sm_80 | FileCheck %s --check-prefix=NONE
// RUN: act-compile %s --emit=ptx --offload-arch=sm_100 | FileCheck %s --check-prefix=NEW
// RUN: not act-compile %s --emit=ptx --offload-arch=sm_81x 2>&1 | FileCheck %s --check-prefix=CHIP
// RUN: act-compile %s --emit=ptx -o %t.1 && act-compile %s --emit=ptx -o %t.2 && cmp %t.1 %t.2

// CHECK: .version 7.0
// CHECK: .target sm_80
// CHECK: .visible .entry main_kernel_0(
// CHECK: .maxntid 256, 1, 1
// Four vectors are on their way before the first is used.
// CHECK-NOT: fma.rn
// CHECK: ld.global.v4.b32
// CHECK-NOT: fma.rn
// CHECK: ld.global.v4.b32
// CHECK-NOT: fma.rn
// CHECK: ld.global.v4.b32
// CHECK-NOT: fma.rn
// CHECK: ld.global.v4.b32
// CHECK: fma.rn.f{{32|64}}
// CHECK-COUNT-4: st.global.v4.b32
// CHECK: ld.global.v4.b32
// CHECK: fma.rn.f{{32|64}}
// CHECK: st.global.v4.b32
// CHECK: ld.global.b32
// CHECK: st.global.b32
// CHECK: .visible .entry main_kernel_1(
// CHECK: ld.global.v4.b32
// CHECK: st.global.v4.b32

// No library, no approximation but that of a quotient for 16 bits, no thread's
// memory.
// CHECK: rcp.approx.ftz.f32
// NONE-NOT: {{__nv_|call|(ex2|lg2|tanh|sin|cos|sqrt|div)\.(approx|full)|\.local}}

// NEW: .version 8.6
// NEW: .target sm_100

// CHIP: ptx-elementwise.mlir{{.*}}: error: unknown GPU 'sm_81x'
func.func @main(%x: tensor<?xf32>, %h: tensor<?xbf16>)
    -> (tensor<?xf32>, tensor<?xbf16>) {
  %0 = act.gelu %x : tensor<?xf32>
  %1 = act.silu %h : tensor<?xbf16>
  return %0, %1 : tensor<?xf32>, tensor<?xbf16>
}
