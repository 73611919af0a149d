// RUN: not act-opt %s -act-verify-stage=stage=fuse 2>&1 | FileCheck %s --check-prefix=FUSE
// RUN: not act-opt %s -act-verify-stage=stage=bufferize 2>&1 | FileCheck %s --check-prefix=BUFFERIZE
// RUN: not act-opt %s -act-verify-stage=stage=lower 2>&1 | FileCheck %s --check-prefix=LOWER
// RUN: not act-opt %s -act-verify-stage=stage=none 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: act-opt %s -act-fuse -act-verify-stage=stage=fuse | FileCheck %s --check-prefix=GOOD
// RUN: act-opt %s -act-lower-to-llvm-pipeline -act-verify-stage=stage=lower | FileCheck %s --check-prefix=DONE

// FUSE: [[@LINE+9]]:8: error: operations that must not be there after the stage 'fuse': act.relu (2) act.gelu (1)
// FUSE: [[@LINE+8]]:8: note: first act.relu, on 'tensor<4xf32>'
// FUSE: [[@LINE+8]]:8: note: first act.gelu, on 'tensor<4xf32>'
// BUFFERIZE: error: {{.*}} after the stage 'bufferize': act.relu (2) act.gelu (1) func.return (1)
// LOWER: error: {{.*}} after the stage 'lower': {{.*}}func.func (1)
// NONE: error: no contract for stage 'none'
// GOOD: act.kernel
// DONE: llvm.func @act_f
func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
  %a = act.relu %x : tensor<4xf32>
  %b = act.gelu %a : tensor<4xf32>
  %c = act.relu %b : tensor<4xf32>
  return %c : tensor<4xf32>
}
