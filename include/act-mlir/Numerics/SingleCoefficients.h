// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Written by scripts/single_coefficients.py; change that, not this.

#ifndef ACT_MLIR_NUMERICS_SINGLECOEFFICIENTS_H
#define ACT_MLIR_NUMERICS_SINGLECOEFFICIENTS_H

namespace mlir::act::numerics {

// clang-format off

/// 1.5 * 2^23: an integer added to it is in the sum's low bits.
inline constexpr double kSingleBase = 12582912.0;
/// 1 / ln 2.
inline constexpr double kSingleLog2E = 1.4426950408889634;
/// ln 2.
inline constexpr double kSingleLn2Nearest = 0.6931471805599453;
/// ln 2 less what f32 has of it.
inline constexpr double kSingleLn2Lost = -1.904654299957768e-09;
/// ln 2; products of the first part with integers of 8 bits are exact.
inline constexpr double kSingleLn2[2] = {
    0.693145751953125, 1.4286068203094173e-06};
/// 1 / d is about y ((sum - d y)^2 + rest) for the seed y.
inline constexpr double kReciprocalSum = 1.5009679450438134;
/// See there.
inline constexpr double kReciprocalRest = 0.7490321651545697;
/// 2 sqrt(2 / pi) / ln 2, the first part of 16 bits.
inline constexpr double kSingleGeluTanhSlope[2] = {
    2.30218505859375, 2.3139550574889133e-05};
/// 0.044715 times that.
inline constexpr double kSingleGeluTanhCubic[2] = {
    0.10294324159622192, -2.016198436410503e-09};

/// e^r,
/// on [-0.34675, 0.34675], error 2^-23.38.
inline constexpr double kSingleExp[] = {
    1.0,
    0.9999997019767761,
    0.4999914765357971,
    0.16667652130126953,
    0.041898176074028015,
    0.008289358578622341,
};

/// e^r,
/// on [-0.34675, 0.34675], error 2^-28.25.
inline constexpr double kSingleExpLong[] = {
    1.0,
    1.0,
    0.4999999403953552,
    0.1666652113199234,
    0.04166826605796814,
    0.008368677459657192,
    0.0013820708263665438,
};

/// e^r,
/// on [-0.69349, 0.69349], error 2^-26.03.
inline constexpr double kSingleExpHalf[] = {
    1.0,
    1.0,
    0.5000003576278687,
    0.1666661649942398,
    0.04166119918227196,
    0.008335966616868973,
    0.001410544733516872,
    0.00019630206224974245,
};

/// (e^r - 1 - r) / r^2, beside e^r - 1,
/// on [-0.34675, 0.34675], error 2^-26.13.
inline constexpr double kSingleExpRest[] = {
    0.4999999701976776,
    0.1666654646396637,
    0.04166743531823158,
    0.008366260677576065,
    0.001387065858580172,
};

/// (e^r - 1 - r) / r^2, beside e^r - 1,
/// on [-0.34675, 0.34675], error 2^-31.1.
inline constexpr double kSingleExpRestPaired[] = {
    0.5,
    0.1666666567325592,
    0.04166649281978607,
    0.008333546109497547,
    0.001393232843838632,
    0.0001976166822714731,
};

/// (e^r - 1 - r) / r^2, beside e^r - 1,
/// on [-0.69349, 0.69349], error 2^-29.35.
inline constexpr double kSingleExpDouble[] = {
    0.5,
    0.16666671633720398,
    0.04166664555668831,
    0.008332661353051662,
    0.0013889753026887774,
    0.0002009122836170718,
    2.483963362465147e-05,
};

/// 2^r,
/// on [-0.5005, 0.5005], error 2^-23.35.
inline constexpr double kSingleExp2[] = {
    1.0,
    0.6931470036506653,
    0.24022245407104492,
    0.0555071085691452,
    0.00967139471322298,
    0.0013269754126667976,
};

/// (2^r - 1 - r ln 2) / r^2, beside 2^r - 1,
/// on [-0.5005, 0.5005], error 2^-26.12.
inline constexpr double kSingleExp2Rest[] = {
    0.24022649228572845,
    0.05550370737910271,
    0.009618312120437622,
    0.001338630449026823,
    0.00015381607227027416,
};

/// log1p(e) / e,
/// on [0.0, 1.0], error 2^-24.01.
inline constexpr double kSingleLog1p[] = {
    0.9999999403953552,
    -0.49999165534973145,
    0.33313173055648804,
    -0.24800239503383636,
    0.18950296938419342,
    -0.13349801301956177,
    0.07468929886817932,
    -0.027409950271248817,
    0.00472526578232646,
};

/// (log1p(f) - f) / f^2, beside log1p(f),
/// on [-0.29289, 0.41421], error 2^-24.98.
inline constexpr double kSingleLogRest[] = {
    -0.49999991059303284,
    0.33333948254585266,
    -0.25001785159111023,
    0.1996215432882309,
    -0.1657005250453949,
    0.14916850626468658,
    -0.1430961638689041,
    0.0873982310295105,
};

/// (log1p(f) - f) / f^2, beside log1p(f),
/// on [-0.29289, 0.41421], error 2^-27.83.
inline constexpr double kSingleLogRestPaired[] = {
    -0.49999988079071045,
    0.33333325386047363,
    -0.2500159740447998,
    0.20001953840255737,
    -0.16608798503875732,
    0.14182505011558533,
    -0.13245904445648193,
    0.12899672985076904,
    -0.0760812908411026,
};

/// (log1p(f) - f + f^2 / 2) / f^3, beside log1p(f),
/// on [-0.2501, 0.5001], error 2^-27.59.
inline constexpr double kSingleLog1pCubic[] = {
    0.3333345055580139,
    -0.2500010132789612,
    0.1999080926179886,
    -0.1664709895849228,
    0.1447872370481491,
    -0.13163352012634277,
    0.10465306788682938,
    -0.04507620260119438,
};

/// x^3 / (x - tanh(x)) in x^2, beside tanh(x),
/// on [0.0, 1.0], error 2^-28.67.
inline constexpr double kSingleTanhBottom[] = {
    3.0000007152557373,
    1.1999927759170532,
    -0.00569185009226203,
    0.00022641323448624462,
};

/// ((e^2r - 1) / 2 - r) / r^2, beside (e^2r - 1) / 2,
/// on [-0.17337, 0.17337], error 2^-26.13.
inline constexpr double kSingleExpm1Twice[] = {
    0.9999999403953552,
    0.6666618585586548,
    0.33333948254585266,
    0.13386017084121704,
    0.044386107474565506,
};

/// erf(x) / x - 1 in x^2, beside 1,
/// on [0.0, 0.87891], error 2^-29.95.
inline constexpr double kSingleErfRest[] = {
    0.12837916612625122,
    -0.3761262893676758,
    0.11283621937036514,
    -0.026854999363422394,
    0.005188298411667347,
    -0.0007952425512485206,
    6.960828613955528e-05,
    4.081102360942168e-06,
};

/// log(erfc(x)), beside 1 / erfc(x),
/// on [0.9375, 4.0], error 2^-29.44.
inline constexpr double kSingleErfcLog[] = {
    -0.00023506511934101582,
    -1.1275126934051514,
    -0.6374569535255432,
    -0.10369019210338593,
    0.02211040072143078,
    -0.003013948444277048,
    0.00019294953381177038,
};
/// The root of silu', as a sum.
inline constexpr double kSingleSiluGradRoot[2] = {
    -1.2784645557403564, 1.297928265020314e-08};

/// silu'(root + d) / d,
/// on [-0.501, 0.501], error 2^-26.68.
inline constexpr double kSingleSiluGrad[] = {
    0.2178117036819458,
    0.14664879441261292,
    0.018875181674957275,
    -0.01522238552570343,
    -0.006617253180593252,
    0.00012119353050366044,
    0.0009076311253011227,
    0.00022148850257508457,
    -0.0004993412876501679,
    -0.00010274738451698795,
    0.0006752526387572289,
};
/// z - 1 = e^-z for the root -z.
inline constexpr double kSingleSiluGradTop = 0.2784645427610738;

/// (e^r - 1 - r) / r^2, beside e^r - 1,
/// on [-0.69349, 0.69349], error 2^-20.19.
inline constexpr double kSingleShortExpDouble[] = {
    0.4999988377094269,
    0.16664710640907288,
    0.041675109416246414,
    0.008466161787509918,
    0.0013864689972251654,
};
/// What the following quotient is taken from.
inline constexpr double kSingleTailSlope = 2.15625;

/// The slope less (e^(-u^2/2) / Phi(-u) - 2) / u, times the next polynomial,
/// relative to e^(-u^2/2) / Phi(-u),
/// on [0, 14.2], error 2^-27.08.
inline constexpr double kSingleTailTop[] = {
    0.5604803562164307,
    0.21411463618278503,
    0.012792627327144146,
    -0.011930293403565884,
    -0.002792049665004015,
};

/// See there,
/// on [0, 14.2], error 2^-27.08.
inline constexpr double kSingleTailBottom[] = {
    1.0,
    0.8695164322853088,
    0.3612252175807953,
    0.07949702441692352,
    0.007969527505338192,
};

/// e^(u^2/2) Phi(-u), times the next polynomial,
/// relative to the same without,
/// on [0, 14.2], error 2^-21.24.
inline constexpr double kSingleShortTailTop[] = {
    0.4999998211860657,
    0.36233916878700256,
    0.11974309384822845,
    0.017097868025302887,
};

/// See there,
/// on [0, 14.2], error 2^-21.24.
inline constexpr double kSingleShortTailBottom[] = {
    1.0,
    1.522544026374817,
    0.9544516205787659,
    0.2999521493911743,
    0.04286287724971771,
};

/// (e^(r/2) - 1) / r, beside e^(r/2),
/// on [-0.69349, 0.69349], error 2^-23.38.
inline constexpr double kSingleShortExpm1Half[] = {
    0.49999985098838806,
    0.12499786913394928,
    0.02083456516265869,
    0.002618636004626751,
    0.00025904245558194816,
};
/// ln 9/8: how far r is right of [-ln 2, ln 2].
inline constexpr double kSingleTailShift = 0.11778303565638346;

/// 2 (e^(r/2) - 1 - r/2) / r^2, beside 2 e^(r/2),
/// on [-0.57571, 0.81128], error 2^-33.49.
inline constexpr double kSingleTailExp[] = {
    0.25,
    0.041666675359010696,
    0.005208319053053856,
    0.0005207528010942042,
    4.350578092271462e-05,
    3.2657831070537213e-06,
};

/// (e^(r/2) - 1) / r, beside e^(r/2),
/// on [-0.69349, 0.69349], error 2^-28.25.
inline constexpr double kSingleExpm1Half[] = {
    0.5,
    0.1249999850988388,
    0.020833151414990425,
    0.0026042666286230087,
    0.00026152117061428726,
    2.1594856661977246e-05,
};
/// The root of gelu'(-u), as a sum.
inline constexpr double kSingleGeluGradRoot[2] = {
    0.7517915368080139, -1.211444945855772e-08};
/// What the second of the following quotients is added to.
inline constexpr double kSingleGeluGradMiddle = 0.4609375;

/// gelu'(-u) e^(u^2/2) / (root - u) less 1/2, times the next polynomial,
/// relative to the same with it,
/// on [0, 20], error 2^-25.88.
inline constexpr double kSingleGeluGradTop[] = {
    0.16507798433303833,
    0.056477442383766174,
    -0.01824246533215046,
    -0.014754069037735462,
    -0.00278734159655869,
};

/// See there,
/// on [0, 20], error 2^-25.88.
inline constexpr double kSingleGeluGradBottom[] = {
    1.0,
    1.4122437238693237,
    0.8097842931747437,
    0.227836012840271,
    0.027582017704844475,
};

/// gelu'(-u) e^(u^2/2) / (root - u) less the middle, times the next polynomial,
/// relative to the same with it,
/// on [0, 20], error 2^-28.94.
inline constexpr double kSingleGeluGradTopPaired[] = {
    0.20414049525226566,
    0.1455708146095276,
    0.03508925810456276,
    -0.0022632896434515715,
    -0.0026696340646594763,
    -0.0004142383695580065,
};

/// See there,
/// on [0, 20], error 2^-28.94.
inline constexpr double kSingleGeluGradBottomPaired[] = {
    1.0,
    1.5784436464309692,
    1.0598793029785156,
    0.3825014531612396,
    0.0753878504037857,
    0.006681768223643303,
};

/// (e^(r/2) - 1 - r/2) / r^2, beside e^(r/2),
/// on [-1.387, 1.387], error 2^-26.03.
inline constexpr double kSingleExpDoubleRest[] = {
    0.12500008940696716,
    0.020833270624279976,
    0.0026038249488919973,
    0.0002604989567771554,
    2.2039761461201124e-05,
    1.5336098613261129e-06,
};

// clang-format on

} // namespace mlir::act::numerics

#endif // ACT_MLIR_NUMERICS_SINGLECOEFFICIENTS_H
