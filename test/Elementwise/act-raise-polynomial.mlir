// RUN: act-opt %s -act-raise | FileCheck %s

// The error function as a rational function of x / sqrt(2), which is how
// exporters write it, and gelu around it: first the one is found, then the
// other.
// CHECK-LABEL: @gelu(
// CHECK-NEXT: act.gelu %{{.+}} : tensor<8xf32>
// CHECK-NEXT: return
func.func @gelu(%x: tensor<8xf32>) -> tensor<8xf32> {
  %k0 = arith.constant dense<0.00022905065861350646> : tensor<8xf32>
  %k1 = arith.constant dense<0.0034082910107109507> : tensor<8xf32>
  %k2 = arith.constant dense<0.05095569506238086> : tensor<8xf32>
  %k3 = arith.constant dense<0.18520832239976145> : tensor<8xf32>
  %k4 = arith.constant dense<1.128379143519084> : tensor<8xf32>
  %k5 = arith.constant dense<-1.1791602954361697e-07> : tensor<8xf32>
  %k6 = arith.constant dense<2.3547966471313183e-05> : tensor<8xf32>
  %k7 = arith.constant dense<0.0010179625278914884> : tensor<8xf32>
  %k8 = arith.constant dense<0.014070470171167667> : tensor<8xf32>
  %k9 = arith.constant dense<0.11098505178285362> : tensor<8xf32>
  %k10 = arith.constant dense<0.49746925110067536> : tensor<8xf32>
  %k11 = arith.constant dense<1.0> : tensor<8xf32>
  %k12 = arith.constant dense<0.7071067811865476> : tensor<8xf32>
  %k13 = arith.constant dense<3.832506856900711> : tensor<8xf32>
  %k14 = arith.constant dense<-3.832506856900711> : tensor<8xf32>
  %k15 = arith.constant dense<0.5> : tensor<8xf32>
  %1 = arith.mulf %x, %k12 : tensor<8xf32>
  %2 = arith.minimumf %1, %k13 : tensor<8xf32>
  %3 = arith.maximumf %2, %k14 : tensor<8xf32>
  %4 = arith.mulf %3, %3 : tensor<8xf32>
  %5 = arith.mulf %k0, %4 : tensor<8xf32>
  %6 = arith.addf %5, %k1 : tensor<8xf32>
  %7 = arith.mulf %6, %4 : tensor<8xf32>
  %8 = arith.addf %7, %k2 : tensor<8xf32>
  %9 = arith.mulf %8, %4 : tensor<8xf32>
  %10 = arith.addf %9, %k3 : tensor<8xf32>
  %11 = arith.mulf %10, %4 : tensor<8xf32>
  %12 = arith.addf %11, %k4 : tensor<8xf32>
  %13 = arith.mulf %3, %12 : tensor<8xf32>
  %14 = arith.mulf %k5, %4 : tensor<8xf32>
  %15 = arith.addf %14, %k6 : tensor<8xf32>
  %16 = arith.mulf %15, %4 : tensor<8xf32>
  %17 = arith.addf %16, %k7 : tensor<8xf32>
  %18 = arith.mulf %17, %4 : tensor<8xf32>
  %19 = arith.addf %18, %k8 : tensor<8xf32>
  %20 = arith.mulf %19, %4 : tensor<8xf32>
  %21 = arith.addf %20, %k9 : tensor<8xf32>
  %22 = arith.mulf %21, %4 : tensor<8xf32>
  %23 = arith.addf %22, %k10 : tensor<8xf32>
  %24 = arith.mulf %23, %4 : tensor<8xf32>
  %25 = arith.addf %24, %k11 : tensor<8xf32>
  %26 = arith.divf %13, %25 : tensor<8xf32>
  %27 = arith.addf %26, %k11 : tensor<8xf32>
  %28 = arith.mulf %x, %k15 : tensor<8xf32>
  %29 = arith.mulf %28, %27 : tensor<8xf32>
  return %29 : tensor<8xf32>
}
