func.func @dense(%x: tensor<?x3xf32> {act.name = "x"}) -> (tensor<?x2xf32> {act.name = "y"}) {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %w = arith.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>
  %n = tensor.dim %x, %c0 : tensor<?x3xf32>
  %e = tensor.empty(%n) : tensor<?x2xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<?x2xf32>) -> tensor<?x2xf32>
  %m = linalg.matmul ins(%x, %w : tensor<?x3xf32>, tensor<3x2xf32>)
                     outs(%i : tensor<?x2xf32>) -> tensor<?x2xf32>
  %y = act.relu %m : tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}
