// RUN: act-opt %s --act-vectorize --canonicalize --cse | FileCheck %s

#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (k, n)>
#y = affine_map<(m, n, k) -> (m, n)>
#p = affine_map<(m, n, k) -> (n floordiv 32, k, n mod 32)>
#ij = affine_map<(i, j) -> (i, j)>

// Two rows of two vectors; relu follows before the sums are stored. The panel
// is fetched 32 steps ahead; LLVM leaves the loop as it is.
// CHECK: #[[$ROLLED:.+]] = #llvm.loop_unroll<disable = true>
// CHECK: #[[$STAYS:.+]] = #llvm.loop_annotation<unroll = #[[$ROLLED]]>
// CHECK-LABEL: func @epilogue
// CHECK: %[[S:.+]]:4 = scf.for {{.*}} iter_args
// CHECK: memref.prefetch
// CHECK: vector.load {{.*}} vector<16xf32>
// CHECK: memref.prefetch
// CHECK: vector.load {{.*}} vector<16xf32>
// CHECK: memref.load
// CHECK: vector.broadcast
// CHECK-COUNT-2: math.fma
// CHECK: memref.load
// CHECK-COUNT-2: math.fma
// CHECK: } {loop_annotation = #[[$STAYS]]}
// CHECK-NOT: scf.for
// CHECK: act.relu %[[S]]#0
// CHECK: vector.store
// CHECK-NOT: memref.alloca
func.func @epilogue(%x: memref<2x64xf32>, %w: memref<1x64x32xf32>, %y: memref<2x32xf32>) {
  act.kernel ins(%x, %w : memref<2x64xf32>, memref<1x64x32xf32>) outs(%y : memref<2x32xf32>) attributes {vector_width = 16 : index} {
  ^bb0(%a: tensor<2x64xf32>, %b: tensor<1x64x32xf32>, %o: tensor<2x32xf32>):
    %z = arith.constant 0.0 : f32
    %e = tensor.empty() : tensor<2x32xf32>
    %i = linalg.fill ins(%z : f32) outs(%e : tensor<2x32xf32>) -> tensor<2x32xf32>
    %m = linalg.generic {indexing_maps = [#x, #p, #y], iterator_types = ["parallel", "parallel", "reduction"]}
        ins(%a, %b : tensor<2x64xf32>, tensor<1x64x32xf32>) outs(%i : tensor<2x32xf32>) {
    ^bb1(%s: f32, %t: f32, %u: f32):
      %0 = arith.mulf %s, %t : f32
      %1 = arith.addf %u, %0 : f32
      linalg.yield %1 : f32
    } -> tensor<2x32xf32>
    %g = linalg.generic {indexing_maps = [#ij, #ij], iterator_types = ["parallel", "parallel"]}
        ins(%m : tensor<2x32xf32>) outs(%o : tensor<2x32xf32>) {
    ^bb1(%s: f32, %u: f32):
      %0 = act.relu %s : f32
      linalg.yield %0 : f32
    } -> tensor<2x32xf32>
    act.yield %g : tensor<2x32xf32>
  }
  return
}

// A long epilogue runs over a buffer of the tile; the right operand is read
// where it is, with a mask behind its last whole vector.
// CHECK-LABEL: func @buffered
// CHECK: %[[B:.+]] = memref.alloca() {alignment = 64 : i64} : memref<3x32xf32>
// CHECK: scf.for
// CHECK-NOT: memref.prefetch
// CHECK: math.fma
// CHECK: vector.store %{{.+}}, %[[B]]
// CHECK: scf.for
// CHECK: vector.load %[[B]]
// CHECK: act.gelu
// CHECK: vector.maskedload
// CHECK: math.fma
// CHECK: act.gelu
// CHECK: vector.maskedstore
func.func @buffered(%x: memref<3x64xf32>, %w: memref<64x17xf32>, %y: memref<3x17xf32>) {
  act.kernel ins(%x, %w : memref<3x64xf32>, memref<64x17xf32>) outs(%y : memref<3x17xf32>) attributes {vector_width = 16 : index} {
  ^bb0(%a: tensor<3x64xf32>, %b: tensor<64x17xf32>, %o: tensor<3x17xf32>):
    %m = linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "parallel", "reduction"]}
        ins(%a, %b : tensor<3x64xf32>, tensor<64x17xf32>) outs(%o : tensor<3x17xf32>) {
    ^bb1(%s: f32, %t: f32, %u: f32):
      %0 = arith.mulf %s, %t : f32
      %1 = arith.addf %u, %0 : f32
      linalg.yield %1 : f32
    } -> tensor<3x17xf32>
    %g = linalg.generic {indexing_maps = [#ij, #ij], iterator_types = ["parallel", "parallel"]}
        ins(%m : tensor<3x17xf32>) outs(%o : tensor<3x17xf32>) {
    ^bb1(%s: f32, %u: f32):
      %0 = act.gelu %s : f32
      linalg.yield %0 : f32
    } -> tensor<3x17xf32>
    act.yield %g : tensor<3x17xf32>
  }
  return
}

// A sum of integers is not this pass's tile.
// CHECK-LABEL: func @integers
// CHECK-NOT: memref.reinterpret_cast
// CHECK: arith.muli
func.func @integers(%x: memref<3x64xi32>, %w: memref<64x17xi32>, %y: memref<3x17xi32>) {
  act.kernel ins(%x, %w : memref<3x64xi32>, memref<64x17xi32>) outs(%y : memref<3x17xi32>) attributes {vector_width = 16 : index} {
  ^bb0(%a: tensor<3x64xi32>, %b: tensor<64x17xi32>, %o: tensor<3x17xi32>):
    %m = linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "parallel", "reduction"]}
        ins(%a, %b : tensor<3x64xi32>, tensor<64x17xi32>) outs(%o : tensor<3x17xi32>) {
    ^bb1(%s: i32, %t: i32, %u: i32):
      %0 = arith.muli %s, %t : i32
      %1 = arith.addi %u, %0 : i32
      linalg.yield %1 : i32
    } -> tensor<3x17xi32>
    act.yield %m : tensor<3x17xi32>
  }
  return
}

// Eight tiles of a panel fetch the next one, each an eighth of it.
// CHECK-LABEL: func @many
// CHECK: scf.for {{.*}} iter_args
// CHECK: %[[SHARE:.+]] = arith.shrui %{{.+}}, %c5
// CHECK: %[[AT:.+]] = arith.addi %{{.+}}, %[[SHARE]]
// CHECK: memref.prefetch %{{.+}}[%[[AT]]]
// CHECK-NOT: memref.prefetch
// CHECK: scf.yield
func.func @many(%x: memref<112x64xf32>, %w: memref<2x64x32xf32>, %y: memref<112x64xf32>) {
  act.kernel ins(%x, %w : memref<112x64xf32>, memref<2x64x32xf32>) outs(%y : memref<112x64xf32>) attributes {vector_width = 16 : index} {
  ^bb0(%a: tensor<112x64xf32>, %b: tensor<2x64x32xf32>, %o: tensor<112x64xf32>):
    %z = arith.constant 0.0 : f32
    %e = tensor.empty() : tensor<112x64xf32>
    %i = linalg.fill ins(%z : f32) outs(%e : tensor<112x64xf32>) -> tensor<112x64xf32>
    %m = linalg.generic {indexing_maps = [#x, #p, #y], iterator_types = ["parallel", "parallel", "reduction"]}
        ins(%a, %b : tensor<112x64xf32>, tensor<2x64x32xf32>) outs(%i : tensor<112x64xf32>) {
    ^bb1(%s: f32, %t: f32, %u: f32):
      %0 = arith.mulf %s, %t : f32
      %1 = arith.addf %u, %0 : f32
      linalg.yield %1 : f32
    } -> tensor<112x64xf32>
    act.yield %m : tensor<112x64xf32>
  }
  return
}

// Fourteen rows of a tile, but eight where they are whole pages apart.
// CHECK-LABEL: func @rows
// CHECK: scf.for {{.*}} step %c14
// CHECK: %{{.+}}:28 = scf.for
// CHECK-LABEL: func @pages
// CHECK: scf.for {{.*}} step %c8
// CHECK: %{{.+}}:16 = scf.for
func.func @rows(%x: memref<112x1025xf32>, %w: memref<1x1025x32xf32>, %y: memref<112x32xf32>) {
  act.kernel ins(%x, %w : memref<112x1025xf32>, memref<1x1025x32xf32>) outs(%y : memref<112x32xf32>) attributes {vector_width = 16 : index} {
  ^bb0(%a: tensor<112x1025xf32>, %b: tensor<1x1025x32xf32>, %o: tensor<112x32xf32>):
    %m = linalg.generic {indexing_maps = [#x, #p, #y], iterator_types = ["parallel", "parallel", "reduction"]}
        ins(%a, %b : tensor<112x1025xf32>, tensor<1x1025x32xf32>) outs(%o : tensor<112x32xf32>) {
    ^bb1(%s: f32, %t: f32, %u: f32):
      %0 = arith.mulf %s, %t : f32
      %1 = arith.addf %u, %0 : f32
      linalg.yield %1 : f32
    } -> tensor<112x32xf32>
    act.yield %m : tensor<112x32xf32>
  }
  return
}
func.func @pages(%x: memref<112x1024xf32>, %w: memref<1x1024x32xf32>, %y: memref<112x32xf32>) {
  act.kernel ins(%x, %w : memref<112x1024xf32>, memref<1x1024x32xf32>) outs(%y : memref<112x32xf32>) attributes {vector_width = 16 : index} {
  ^bb0(%a: tensor<112x1024xf32>, %b: tensor<1x1024x32xf32>, %o: tensor<112x32xf32>):
    %m = linalg.generic {indexing_maps = [#x, #p, #y], iterator_types = ["parallel", "parallel", "reduction"]}
        ins(%a, %b : tensor<112x1024xf32>, tensor<1x1024x32xf32>) outs(%o : tensor<112x32xf32>) {
    ^bb1(%s: f32, %t: f32, %u: f32):
      %0 = arith.mulf %s, %t : f32
      %1 = arith.addf %u, %0 : f32
      linalg.yield %1 : f32
    } -> tensor<112x32xf32>
    act.yield %m : tensor<112x32xf32>
  }
  return
}
