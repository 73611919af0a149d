// RUN: act-opt %s -act-stamp-accuracy="accuracy=highest" | FileCheck %s
// RUN: not act-opt %s -act-stamp-accuracy="accuracy=best" 2>&1 \
// RUN:   | FileCheck %s --check-prefix=UNKNOWN

// UNKNOWN: error: unknown accuracy 'best', expected highest, precise, fast or a positive number of ULP

// CHECK-LABEL: @stamp(
// CHECK-NEXT: act.gelu %{{.+}} {accuracy = #act.accuracy<highest>}
// CHECK-NEXT: act.tanh %{{.+}} {accuracy = #act.accuracy<fast>}
// CHECK-NEXT: math.exp %{{.+}} {accuracy = #act.accuracy<highest>}
// CHECK-NEXT: act.softmax %{{.+}} {accuracy = #act.accuracy<highest>}
// CHECK-NEXT: arith.negf %{{[^ ]+}} :
func.func @stamp(%x: tensor<8xf32>) -> tensor<8xf32> {
  %0 = act.gelu %x : tensor<8xf32>
  %1 = act.tanh %0 {accuracy = #act.accuracy<fast>} : tensor<8xf32>
  %2 = math.exp %1 : tensor<8xf32>
  %3 = act.softmax %2 dimension(0) : tensor<8xf32>
  %4 = arith.negf %3 : tensor<8xf32>
  return %4 : tensor<8xf32>
}
