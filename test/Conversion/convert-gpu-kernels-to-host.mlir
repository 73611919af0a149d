// RUN: act-opt %s -split-input-file -convert-gpu-kernels-to-host -verify-diagnostics | FileCheck %s

module attributes {gpu.container_module} {
  // The arguments of a launch go in a struct to the code of one thread.
  // CHECK-LABEL: func.func @main(
  // CHECK: %[[SLOTS:.+]] = llvm.alloca %{{.+}} x !llvm.struct<(struct<(ptr, ptr, i64)>, f32)>
  // CHECK: llvm.store
  // CHECK: llvm.store
  // CHECK: %[[CODE:.+]] = llvm.mlir.addressof @k_thread
  // CHECK: %[[SHARED:.+]] = llvm.mlir.constant(512 : i64)
  // CHECK: %[[YES:.+]] = llvm.mlir.constant(1 : i32)
  // CHECK: llvm.call @act_gpu_launch(%[[CODE]], %[[SLOTS]], %{{.+}}, %{{.+}}, %[[SHARED]], %[[YES]])
  func.func @main(%x: memref<f32>, %s: f32) {
    %c1 = arith.constant 1 : index
    %c64 = arith.constant 64 : index
    gpu.launch_func @kernels::@k blocks in (%c1, %c1, %c1)
        threads in (%c64, %c1, %c1) args(%x : memref<f32>, %s : f32)
    return
  }
  // CHECK-LABEL: func.func private @k(
  // CHECK-SAME: %[[THREAD:[a-z0-9]+]]: index, %{{.+}}: index, %[[MEMORY:.+]]: memref<512xi8>)
  // CHECK: %[[A:.+]] = memref.view %[[MEMORY]][%c0{{.*}}] : memref<512xi8> to memref<64xf32>
  // CHECK: %[[B:.+]] = memref.view %[[MEMORY]][%c256{{.*}}] : memref<512xi8> to memref<64xi32>
  // CHECK: %[[BEYOND:.+]] = arith.cmpi uge, %[[THREAD]], %c64
  // CHECK: scf.if %[[BEYOND]]
  // CHECK: llvm.call @act_gpu_outside
  // CHECK: memref.extract_aligned_pointer_as_index %[[A]]
  // CHECK: llvm.call @act_gpu_touch
  // CHECK: memref.store %{{.+}}, %[[A]][%[[THREAD]]]
  // CHECK: llvm.call @act_gpu_barrier()
  // CHECK: %[[XOR:.+]] = llvm.mlir.constant(0 : i32)
  // CHECK: %[[V:.+]] = llvm.call @act_gpu_shuffle(%{{.+}}, %{{.+}}, %[[XOR]])
  // CHECK: memref.store %[[V]], %[[B]][%[[THREAD]]]
  // CHECK-LABEL: llvm.func @k_thread(
  // CHECK: call @k(
  gpu.module @kernels {
    gpu.func @k(%x: memref<f32>, %s: f32)
        workgroup(%a: memref<64xf32, #gpu.address_space<workgroup>>,
                  %b: memref<64xi32, #gpu.address_space<workgroup>>) kernel {
      %c1 = arith.constant 1 : i32
      %c32 = arith.constant 32 : i32
      %t = gpu.thread_id x
      memref.store %s, %a[%t] : memref<64xf32, #gpu.address_space<workgroup>>
      gpu.barrier
      %v, %valid = gpu.shuffle xor %c1, %c1, %c32 : i32
      memref.store %v, %b[%t] : memref<64xi32, #gpu.address_space<workgroup>>
      gpu.return
    }
  }
}

// -----

gpu.module @kernels {
  gpu.func @k() kernel {
    // expected-error @below {{the executor does not know gpu.lane_id}}
    %l = gpu.lane_id
    gpu.return
  }
}
