func.func @curves(%x: tensor<?xf32>) -> (tensor<?xf32>, tensor<?xf32>) {
  %y = act.gelu %x : tensor<?xf32>
  %z = act.softplus %x : tensor<?xf32>
  return %y, %z : tensor<?xf32>, tensor<?xf32>
}
