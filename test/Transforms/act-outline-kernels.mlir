// RUN: act-opt %s -act-outline-kernels -duplicate-function-elimination \
// RUN:   -split-input-file | FileCheck %s

// Two equal kernels become one function; the third has another constant.
// CHECK-LABEL: func.func @main(
// CHECK-SAME: %[[X:.+]]: memref<?xf32>, %[[Y:.+]]: memref<?xf32>, %[[Z:.+]]: memref<?xf32>)
// CHECK: call @[[ONE:[a-z0-9_]+]](%[[X]], %[[Y]])
// CHECK: call @[[ONE]](%[[Y]], %[[Z]])
// CHECK: call @[[OTHER:[a-z0-9_]+]](%[[Z]], %[[X]])
// CHECK: func.func private @[[ONE]](%[[IN:.+]]: memref<?xf32>, %[[OUT:.+]]: memref<?xf32>) attributes {llvm.linkage = #llvm.linkage<internal>, passthrough = ["noinline"]}
// CHECK: %[[C:.+]] = arith.constant 1.000000e+00
// CHECK: act.kernel ins(%[[IN]], %[[C]] : memref<?xf32>, f32) outs(%[[OUT]] : memref<?xf32>) {
// CHECK: func.func private @[[OTHER]](
// CHECK: arith.constant 2.000000e+00
// CHECK-NOT: func.func
func.func @main(%x: memref<?xf32>, %y: memref<?xf32>, %z: memref<?xf32>) {
  %one = arith.constant 1.0 : f32
  %two = arith.constant 2.0 : f32
  act.kernel ins(%x, %one : memref<?xf32>, f32) outs(%y : memref<?xf32>) attributes {fusion = {kind = "map"}} {
  ^bb0(%a: tensor<?xf32>, %b: f32, %o: tensor<?xf32>):
    %r = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]}
      ins(%a : tensor<?xf32>) outs(%o : tensor<?xf32>) {
    ^bb1(%i: f32, %j: f32):
      %s = arith.addf %i, %b : f32
      linalg.yield %s : f32
    } -> tensor<?xf32>
    act.yield %r : tensor<?xf32>
  }
  act.kernel ins(%y, %one : memref<?xf32>, f32) outs(%z : memref<?xf32>) {
  ^bb0(%a: tensor<?xf32>, %b: f32, %o: tensor<?xf32>):
    %r = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]}
      ins(%a : tensor<?xf32>) outs(%o : tensor<?xf32>) {
    ^bb1(%i: f32, %j: f32):
      %s = arith.addf %i, %b : f32
      linalg.yield %s : f32
    } -> tensor<?xf32>
    act.yield %r : tensor<?xf32>
  }
  act.kernel ins(%z, %two : memref<?xf32>, f32) outs(%x : memref<?xf32>) {
  ^bb0(%a: tensor<?xf32>, %b: f32, %o: tensor<?xf32>):
    %r = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]}
      ins(%a : tensor<?xf32>) outs(%o : tensor<?xf32>) {
    ^bb1(%i: f32, %j: f32):
      %s = arith.addf %i, %b : f32
      linalg.yield %s : f32
    } -> tensor<?xf32>
    act.yield %r : tensor<?xf32>
  }
  return
}

// -----

// In place and apart are two kernels: one names one buffer twice.
// CHECK-LABEL: func.func @in_place(
// CHECK-SAME: %[[X:.+]]: memref<?xf32>, %[[Y:.+]]: memref<?xf32>)
// CHECK: call @[[APART:[a-z0-9_]+]](%[[X]], %[[Y]])
// CHECK: call @[[PLACE:[a-z0-9_]+]](%[[Y]]) :
// CHECK: func.func private @[[APART]](
// CHECK: func.func private @[[PLACE]](%[[BUFFER:.+]]: memref<?xf32>)
// CHECK: act.kernel ins(%[[BUFFER]] : memref<?xf32>) outs(%[[BUFFER]] : memref<?xf32>)
func.func @in_place(%x: memref<?xf32>, %y: memref<?xf32>) {
  act.kernel ins(%x : memref<?xf32>) outs(%y : memref<?xf32>) {
  ^bb0(%a: tensor<?xf32>, %o: tensor<?xf32>):
    %r = act.relu %a : tensor<?xf32>
    act.yield %r : tensor<?xf32>
  }
  act.kernel ins(%y : memref<?xf32>) outs(%y : memref<?xf32>) {
  ^bb0(%a: tensor<?xf32>, %o: tensor<?xf32>):
    %r = act.relu %a : tensor<?xf32>
    act.yield %r : tensor<?xf32>
  }
  return
}

// -----

// A single kernel stays where it is.
// CHECK-LABEL: func.func @single(
// CHECK-NEXT: act.kernel
// CHECK-NOT: func.func
func.func @single(%x: memref<?xf32>, %y: memref<?xf32>) {
  act.kernel ins(%x : memref<?xf32>) outs(%y : memref<?xf32>) {
  ^bb0(%a: tensor<?xf32>, %o: tensor<?xf32>):
    %r = act.relu %a : tensor<?xf32>
    act.yield %r : tensor<?xf32>
  }
  return
}

// -----

// Equal functions that hosts call stay two.
// CHECK-LABEL: func.func @entry(
// CHECK: func.func @entry_workspace(
// CHECK: func.func @entry_prepare_workspace(
func.func @entry(%x: memref<?xf32>, %y: memref<?xf32>) {
  act.kernel ins(%x : memref<?xf32>) outs(%y : memref<?xf32>) {
  ^bb0(%a: tensor<?xf32>, %o: tensor<?xf32>):
    %r = act.relu %a : tensor<?xf32>
    act.yield %r : tensor<?xf32>
  }
  return
}
func.func @entry_workspace(%x: memref<?xf32>) -> index attributes {act.helper = "entry_workspace"} {
  %c0 = arith.constant 0 : index
  return %c0 : index
}
func.func @entry_prepare_workspace(%x: memref<?xf32>) -> index attributes {act.helper = "entry_prepare_workspace"} {
  %c0 = arith.constant 0 : index
  return %c0 : index
}
