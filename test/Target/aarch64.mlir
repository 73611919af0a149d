// REQUIRES: aarch64
// Libraries for another machine: the bits of this one's, with and without SVE.

// DEFINE: %{type} =
// DEFINE: %{bits} =
// DEFINE: %{march} =
// DEFINE: %{cpu} =
// DEFINE: %{link} = %S/Inputs/bits.c -std=c11 -DACT_TYPE=%{bits} -I %t
// DEFINE: %{same} = rm -rf %t && mkdir -p %t/arm && sed 's/f32/%{type}/g' %s > %t/bits.mlir && \
// DEFINE:   act-compile %t/bits.mlir -o %t/bits.so && %host_cc %{link} %t/bits.so -o %t/here -Wl,-rpath,%t && %t/here > %t/expected && \
// DEFINE:   act-compile %t/bits.mlir -o %t/arm/bits.so --target=aarch64-linux-gnu --march=%{march} && \
// DEFINE:   aarch64-linux-gnu-gcc %{link} %t/arm/bits.so -o %t/there -Wl,-rpath,%t/arm && \
// DEFINE:   qemu-aarch64 -cpu %{cpu} -L /usr/aarch64-linux-gnu %t/there > %t/bits && cmp %t/expected %t/bits

// REDEFINE: %{march} = generic
// REDEFINE: %{cpu} = cortex-a57
// REDEFINE: %{type} = f32
// REDEFINE: %{bits} = uint32_t
// RUN: %{same}
// REDEFINE: %{type} = bf16
// REDEFINE: %{bits} = uint16_t
// RUN: %{same}
// REDEFINE: %{march} = armv8-a+sve,generic
// REDEFINE: %{cpu} = max
// RUN: %{same}
// REDEFINE: %{type} = f32
// REDEFINE: %{bits} = uint32_t
// RUN: %{same}

// An object, and what the compiler does not know.
// RUN: act-compile %s -o %t/x.o --emit=obj --target=aarch64-linux-gnu
// RUN: readelf -h %t/x.o | FileCheck %s --check-prefix=OBJ
// OBJ: Machine: {{.*}}AArch64
// RUN: not act-compile %s --emit=asm --target=aarch64-linux-gnu --march=armv8-a+nonesuch 2>&1 | FileCheck %s --check-prefix=EXTENSION
// EXTENSION: error: unknown extension 'nonesuch' for target 'aarch64-linux-gnu'
// RUN: not act-compile %s -o %t/x.so --target=riscv64-linux-gnu --march=generic-rv64 2>&1 | FileCheck %s --check-prefix=RUNTIME
// RUNTIME: riscv64-linux-gnu/libActRuntime.a: error: no runtime for riscv64-linux-gnu
// The CPU that has no SVE takes the other level.
// RUN: qemu-aarch64 -cpu cortex-a57 -L /usr/aarch64-linux-gnu %t/there > %t/bits && cmp %t/expected %t/bits

func.func @main(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %0 = act.gelu %x : tensor<?x?xf32>
  %1 = act.softmax %0 dimension(1) : tensor<?x?xf32>
  %2 = act.silu_grad %1, %x : tensor<?x?xf32>
  return %2 : tensor<?x?xf32>
}
