// Products of bf16 whose steps lie in pairs: by one instruction where the
// target has it, else by two multiply-adds. Of five steps the last is alone.
// RUN: act-opt %s --act-tile=bf16-dot --act-vectorize --canonicalize --cse | FileCheck %s --check-prefix=DOT
// RUN: act-opt %s --act-tile --act-vectorize --canonicalize --cse | FileCheck %s

#x = affine_map<(m, n, k) -> (m, k)>
#p = affine_map<(m, n, k) -> (n floordiv 32, k floordiv 2, n mod 32, k mod 2)>
#y = affine_map<(m, n, k) -> (m, n)>

// DOT-LABEL: func @pairs
// DOT: scf.for {{.*}} iter_args
// DOT: vector.load {{.*}} vector<32xbf16>
// DOT: vector.load {{.*}} vector<32xbf16>
// DOT: vector.load {{.*}} vector<2xbf16>
// DOT: vector.broadcast {{.*}} : i32 to vector<16xi32>
// DOT-COUNT-2: x86vector.avx512.dot
// DOT: scf.yield
// DOT: arith.andi {{.*}} : vector<16xi32>
// DOT: arith.extui {{.*}} : i16 to i32
// DOT-COUNT-2: x86vector.avx512.dot
// DOT-NOT: math.fma

// CHECK-LABEL: func @pairs
// CHECK: scf.for {{.*}} iter_args
// CHECK-COUNT-4: math.fma
// CHECK: scf.yield
// CHECK-COUNT-2: math.fma
// CHECK-NOT: x86vector
func.func @pairs(%x: memref<1x5xbf16>, %w: memref<1x3x32x2xbf16>, %y: memref<1x32xf32>) {
  act.kernel ins(%x, %w : memref<1x5xbf16>, memref<1x3x32x2xbf16>) outs(%y : memref<1x32xf32>) {
  ^bb0(%a: tensor<1x5xbf16>, %b: tensor<1x3x32x2xbf16>, %o: tensor<1x32xf32>):
    %z = arith.constant 0.0 : f32
    %e = tensor.empty() : tensor<1x32xf32>
    %i = linalg.fill ins(%z : f32) outs(%e : tensor<1x32xf32>) -> tensor<1x32xf32>
    %m = linalg.generic {indexing_maps = [#x, #p, #y], iterator_types = ["parallel", "parallel", "reduction"]}
        ins(%a, %b : tensor<1x5xbf16>, tensor<1x3x32x2xbf16>) outs(%i : tensor<1x32xf32>) {
    ^bb1(%s: bf16, %t: bf16, %u: f32):
      %0 = arith.extf %s : bf16 to f32
      %1 = arith.extf %t : bf16 to f32
      %2 = arith.mulf %0, %1 : f32
      %3 = arith.addf %u, %2 : f32
      linalg.yield %3 : f32
    } -> tensor<1x32xf32>
    act.yield %m : tensor<1x32xf32>
  }
  return
}
