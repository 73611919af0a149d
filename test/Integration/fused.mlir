// Fused or each operation apart: the same bits.
// RUN: act-opt %s -act-fuse=max-ops=1 -o %t.mlir
// RUN: act-run %s -e rows --input='7x77xf32=random(3)' --input='7x77xf32=random(4)' --output=@%t.rows.npy
// RUN: act-run %t.mlir -e rows --input='7x77xf32=random(3)' --input='7x77xf32=random(4)' --output=@%t.rows1.npy
// RUN: cmp %t.rows.npy %t.rows1.npy
// RUN: act-run %s -e rows --target=gpu-sim --input='7x77xf32=random(3)' --input='7x77xf32=random(4)' --output=@%t.gpu.npy
// RUN: cmp %t.rows.npy %t.gpu.npy
// RUN: act-run %s -e norm --input='5x70xf32=random(3)' --output=@%t.norm.npy
// RUN: act-run %t.mlir -e norm --input='5x70xf32=random(3)' --output=@%t.norm1.npy
// RUN: cmp %t.norm.npy %t.norm1.npy
// RUN: act-run %s -e norm --target=gpu-sim --input='5x70xf32=random(3)' --output=@%t.normg.npy
// RUN: cmp %t.norm.npy %t.normg.npy
// RUN: act-run %s -e norm --input='5x70xf32=random(3)' --expect-ulp=8 | FileCheck %s
// RUN: act-run %s -e columns --input='9x21xf32=random(3)' --output=@%t.col.npy
// RUN: act-run %t.mlir -e columns --input='9x21xf32=random(3)' --output=@%t.col1.npy
// RUN: cmp %t.col.npy %t.col1.npy
// RUN: act-run %s -e product --input='9x33xf32=random(3)' --input='33x37xf32=random(4)' --input='37xf32=random(5)' --input='9x37xf32=random(6)' --output=@%t.mm.npy
// RUN: act-run %t.mlir -e product --input='9x33xf32=random(3)' --input='33x37xf32=random(4)' --input='37xf32=random(5)' --input='9x37xf32=random(6)' --output=@%t.mm1.npy
// RUN: cmp %t.mm.npy %t.mm1.npy

// CHECK: result 0: at most {{.*}} ULP from the reference

#id = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>
#col = affine_map<(d0, d1) -> (d1)>

func.func @rows(%x: tensor<?x77xf32>, %m: tensor<?x77xf32>)
    -> (tensor<?x77xf16>, tensor<?x77xf32>) {
  %0 = arith.addf %x, %m : tensor<?x77xf32>
  %1 = act.softmax %0 dimension(1) : tensor<?x77xf32>
  %2 = arith.mulf %1, %m : tensor<?x77xf32>
  %3 = arith.truncf %2 : tensor<?x77xf32> to tensor<?x77xf16>
  return %3, %0 : tensor<?x77xf16>, tensor<?x77xf32>
}

// Centers, then divides by the root of the mean of squares.
func.func @norm(%x: tensor<?x70xf32>) -> tensor<?x70xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %size = arith.constant 70.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?x70xf32>
  %e = tensor.empty(%n) : tensor<?xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  %sum = linalg.reduce ins(%x : tensor<?x70xf32>) outs(%f : tensor<?xf32>)
      dimensions = [1] (%a: f32, %o: f32) {
    %0 = arith.addf %a, %o : f32
    linalg.yield %0 : f32
  }
  %k = linalg.fill ins(%size : f32) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  %mean = arith.divf %sum, %k : tensor<?xf32>
  %whole = tensor.empty(%n) : tensor<?x70xf32>
  %centered = linalg.generic {indexing_maps = [#id, #row, #id],
                              iterator_types = ["parallel", "parallel"]}
      ins(%x, %mean : tensor<?x70xf32>, tensor<?xf32>)
      outs(%whole : tensor<?x70xf32>) {
  ^bb0(%a: f32, %m: f32, %o: f32):
    %0 = arith.subf %a, %m : f32
    linalg.yield %0 : f32
  } -> tensor<?x70xf32>
  %square = arith.mulf %centered, %centered : tensor<?x70xf32>
  %squares = linalg.reduce ins(%square : tensor<?x70xf32>)
      outs(%f : tensor<?xf32>) dimensions = [1] (%a: f32, %o: f32) {
    %0 = arith.addf %a, %o : f32
    linalg.yield %0 : f32
  }
  %variance = arith.divf %squares, %k : tensor<?xf32>
  %deviation = math.sqrt %variance : tensor<?xf32>
  %y = linalg.generic {indexing_maps = [#id, #row, #id],
                       iterator_types = ["parallel", "parallel"]}
      ins(%centered, %deviation : tensor<?x70xf32>, tensor<?xf32>)
      outs(%whole : tensor<?x70xf32>) {
  ^bb0(%a: f32, %d: f32, %o: f32):
    %0 = arith.divf %a, %d : f32
    linalg.yield %0 : f32
  } -> tensor<?x70xf32>
  return %y : tensor<?x70xf32>
}

func.func @columns(%x: tensor<?x21xf32>) -> tensor<?x21xf32> {
  %0 = arith.negf %x : tensor<?x21xf32>
  %1 = act.softmax %0 dimension(0) : tensor<?x21xf32>
  %2 = act.relu %1 : tensor<?x21xf32>
  return %2 : tensor<?x21xf32>
}

func.func @product(%x: tensor<?x33xf32>, %w: tensor<33x37xf32>,
                   %b: tensor<37xf32>, %r: tensor<?x37xf32>)
    -> tensor<?x37xf32> {
  %c0 = arith.constant 0 : index
  %z = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?x33xf32>
  %e = tensor.empty(%n) : tensor<?x37xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<?x37xf32>)
      -> tensor<?x37xf32>
  %m = linalg.matmul ins(%x, %w : tensor<?x33xf32>, tensor<33x37xf32>)
      outs(%f : tensor<?x37xf32>) -> tensor<?x37xf32>
  %u = act.tanh %r : tensor<?x37xf32>
  %a = linalg.generic {indexing_maps = [#id, #col, #id],
                       iterator_types = ["parallel", "parallel"]}
      ins(%m, %b : tensor<?x37xf32>, tensor<37xf32>)
      outs(%e : tensor<?x37xf32>) {
  ^bb0(%i: f32, %j: f32, %o: f32):
    %0 = arith.addf %i, %j : f32
    linalg.yield %0 : f32
  } -> tensor<?x37xf32>
  %g = act.silu %a : tensor<?x37xf32>
  %y = arith.mulf %g, %u : tensor<?x37xf32>
  return %y : tensor<?x37xf32>
}
