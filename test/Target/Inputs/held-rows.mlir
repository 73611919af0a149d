// Programs whose rows are held in registers, for ptxas.mlir.
//--- softmax.mlir
func.func @main(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = act.softmax %x dimension(1) : tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}
//--- producer.mlir
func.func @main(%x: tensor<?x?xbf16>, %s: tensor<?x?xbf16>) -> tensor<?x?xbf16> {
  %0 = arith.mulf %x, %s : tensor<?x?xbf16>
  %1 = act.softmax %0 dimension(1) : tensor<?x?xbf16>
  return %1 : tensor<?x?xbf16>
}
//--- grad.mlir
func.func @main(%d: tensor<?x?xf64>, %y: tensor<?x?xf64>) -> tensor<?x?xf64> {
  %0 = act.softmax_grad %d, %y dimension(1) : tensor<?x?xf64>
  return %0 : tensor<?x?xf64>
}
