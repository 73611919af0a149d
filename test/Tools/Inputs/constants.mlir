func.func @main(%x: tensor<16x64xf32> {act.name = "x"},
                %w: tensor<64x2xf32> {act.name = "w", act.constant},
                %b: tensor<2xf32> {act.name = "b", act.constant}) -> (tensor<16x2xf32> {act.name = "y"}) {
  %zero = arith.constant 0.0 : f32
  %0 = tensor.empty() : tensor<16x2xf32>
  %1 = linalg.fill ins(%zero : f32) outs(%0 : tensor<16x2xf32>) -> tensor<16x2xf32>
  %2 = linalg.matmul ins(%x, %w : tensor<16x64xf32>, tensor<64x2xf32>) outs(%1 : tensor<16x2xf32>) -> tensor<16x2xf32>
  %3 = linalg.broadcast ins(%b : tensor<2xf32>) outs(%0 : tensor<16x2xf32>) dimensions = [0]
  %4 = arith.addf %2, %3 : tensor<16x2xf32>
  return %4 : tensor<16x2xf32>
}
