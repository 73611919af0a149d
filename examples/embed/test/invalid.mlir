// The types that an operation takes may be more than those with kernels.
// RUN: not toy-opt %s --toy-gradient 2>&1 | FileCheck %s --check-prefix=GRADIENT
// RUN: not toy-opt %s --toy-to-llvm 2>&1 | FileCheck %s --check-prefix=KERNEL
// GRADIENT: invalid.mlir:[[#@LINE + 3]]:8: error: 'toy.flick' op has no gradient
// KERNEL: invalid.mlir:[[#@LINE + 2]]:8: error: 'toy.flick' op has no kernel on 'f80'
func.func @f(%x: tensor<?xf80>) -> tensor<?xf80> {
  %y = toy.flick %x : tensor<?xf80>
  return %y : tensor<?xf80>
}
