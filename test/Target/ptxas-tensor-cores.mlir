// REQUIRES: ptxas
// Products by tensor cores with a bias and gelu: two blocks of 256 threads fit
// a multiprocessor's 64 Ki registers, none is spilled, and shared memory is what
// needs no permission.

// DEFINE: %{arch} =
// DEFINE: %{registers} = CHECK
// DEFINE: %{assemble} = act-compile %t.mlir --emit=ptx --offload-arch=%{arch} -o %t.ptx && ptxas -v -arch %{arch} %t.ptx -o %t.cubin 2>&1 | FileCheck %s --check-prefix=%{registers} --implicit-check-not="{{[1-9][0-9]*}} bytes spill" && FileCheck %s --check-prefix=PTX --input-file=%t.ptx

// RUN: cp %s %t.mlir
// REDEFINE: %{arch} = sm_80
// RUN: %{assemble}
// REDEFINE: %{arch} = sm_90
// RUN: %{assemble}
// REDEFINE: %{arch} = sm_100
// RUN: %{assemble}
// One block alone: ptxas moves more loads ahead for this chip.
// REDEFINE: %{arch} = sm_120
// REDEFINE: %{registers} = ONE
// RUN: %{assemble}
// REDEFINE: %{registers} = CHECK
// RUN: sed 's/bf16/f16/g' %s > %t.mlir
// REDEFINE: %{arch} = sm_80
// RUN: %{assemble}
// REDEFINE: %{arch} = sm_90
// RUN: %{assemble}

// CHECK: Compiling entry function 'main_kernel_2'
// CHECK: Used {{[0-9][0-9]|1[01][0-9]|12[0-8]}} registers, {{.*}}9216 bytes smem
// CHECK: Compiling entry function 'main_kernel_1'
// CHECK: Used {{[0-9][0-9]|1[01][0-9]|12[0-8]}} registers, {{.*}}24576 bytes smem
// CHECK: Compiling entry function 'main_kernel_0'
// CHECK: Used {{[0-9][0-9]|1[01][0-9]|12[0-8]}} registers, {{.*}}49152 bytes smem
// ONE: Used {{[0-9][0-9]|1[0-4][0-9]}} registers, {{.*}}49152 bytes smem

// A chip without them has the plain tiles.
// RUN: act-compile %s --emit=ptx --offload-arch=sm_75 -o - | FileCheck %s --check-prefix=OLD
// RUN: act-compile %s --emit=ptx --offload-arch=sm_90 --reproducible -o - | FileCheck %s --check-prefix=OLD
// OLD-NOT: mma.sync
// OLD: fma.rn.f32
// OLD-NOT: mma.sync
// So have all, where one of the chips that share the host's part has none.
// RUN: act-compile %s -o %t.so --march=x86-64-v3 --offload-arch=sm_75,sm_90 --explain | FileCheck %s --check-prefix=MIXED
// MIXED: main_kernel_0{{ +}}tiles of 64 x 64 by multiply-adds
// MIXED-NOT: main_kernel_1
// RUN: act-compile %s -o %t.so --march=x86-64-v3 --offload-arch=sm_80,sm_90 --explain | FileCheck %s --check-prefix=EXPLAIN
// EXPLAIN: main_kernel_0{{ +}}tiles of 128 x 128 by tensor cores, from copies of 16 bytes
// EXPLAIN-NEXT: main_kernel_1{{ +}}tiles of 64 x 64 by tensor cores, from copies of 16 bytes
// EXPLAIN-NEXT: main_kernel_2{{ +}}tiles of 64 x 64 by tensor cores, from copies of single elements

// PTX: cp.async.cg.shared.global
// PTX: cp.async.commit_group
// PTX: cp.async.wait_group 1
// PTX: ldmatrix.sync.aligned.m8n8.x4.shared.b16
// PTX: ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16
// PTX: mma.sync.aligned.m16n8k16.row.col.f32.{{b?}}f16.{{b?}}f16.f32

func.func @main(%x: tensor<?x768xbf16>, %w: tensor<768x3072xbf16>, %b: tensor<3072xbf16>) -> tensor<?x3072xbf16> {
  %c0 = arith.constant 0 : index
  %z = arith.constant 0.0 : f32
  %m = tensor.dim %x, %c0 : tensor<?x768xbf16>
  %e = tensor.empty(%m) : tensor<?x3072xf32>
  %i = linalg.fill ins(%z : f32) outs(%e : tensor<?x3072xf32>) -> tensor<?x3072xf32>
  %p = linalg.matmul ins(%x, %w : tensor<?x768xbf16>, tensor<768x3072xbf16>) outs(%i : tensor<?x3072xf32>) -> tensor<?x3072xf32>
  %s = linalg.generic {
      indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%p, %b : tensor<?x3072xf32>, tensor<3072xbf16>) outs(%e : tensor<?x3072xf32>) {
  ^bb0(%a: f32, %c: bf16, %o: f32):
    %d = arith.extf %c : bf16 to f32
    %sum = arith.addf %a, %d : f32
    linalg.yield %sum : f32
  } -> tensor<?x3072xf32>
  %g = act.gelu %s : tensor<?x3072xf32>
  %r = arith.truncf %g : tensor<?x3072xf32> to tensor<?x3072xbf16>
  return %r : tensor<?x3072xbf16>
}
