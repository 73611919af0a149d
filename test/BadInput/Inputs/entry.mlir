func.func @f(%x: tensor<4xTYPE>) -> tensor<4xTYPE> {
  return %x : tensor<4xTYPE>
}
