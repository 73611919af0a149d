func.func @three(%x: tensor<8xf16>, %y: tensor<8xf16>, %z: tensor<8xf16>) -> tensor<8xf16> {
  %0 = math.fma %x, %y, %z : tensor<8xf16>
  return %0 : tensor<8xf16>
}
