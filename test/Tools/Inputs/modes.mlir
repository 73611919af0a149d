func.func @modes(%x: tensor<?x64xf32>) -> (tensor<?x64xf32>, tensor<?x64xf32>, tensor<?x64xf32>) {
  %t = act.tanh %x {accuracy = #act.accuracy<fast>} : tensor<?x64xf32>
  %m = act.mish %x : tensor<?x64xf32>
  %s = act.softmax %x dimension(1) : tensor<?x64xf32>
  return %t, %m, %s : tensor<?x64xf32>, tensor<?x64xf32>, tensor<?x64xf32>
}
