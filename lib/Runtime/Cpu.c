/* Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What this CPU and its operating system offer, and a thread's floating-point
 * modes. Bits: Intel SDM volume 2, CPUID leaves 1, 7 and 80000001h; MXCSR and
 * XCR0 in volume 1, sections 10.2.3 and 13.3. FPCR: Arm ARM, section C5.2. The
 * x86-64 levels: the x86-64 psABI, section 3.1.1.
 */
#include "Program.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <xmmintrin.h>

/* All but the flags; what it is when a process starts. */
enum { MODES = 0xffc0, DEFAULT = 0x1f80 };

uint64_t act_float_enter(void) {
  unsigned modes = _mm_getcsr();
  if ((modes & MODES) != DEFAULT)
    _mm_setcsr(DEFAULT);
  return modes;
}

void act_float_leave(uint64_t modes) {
  if ((modes & MODES) != DEFAULT)
    _mm_setcsr((unsigned)modes);
}

static uint64_t xcr0(void) {
  uint32_t low, high;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return ((uint64_t)high << 32) | low;
}

static int has(uint32_t word, uint32_t bits) { return (word & bits) == bits; }

uint64_t act_cpu_features(void) {
  uint32_t a, b, c, d, c1, b7, c7, a71, c81;
  uint64_t features = ACT_CPU_ANY, state;
  if (!__get_cpuid(1, &a, &b, &c1, &d))
    return features;
  /* OSXSAVE: the operating system keeps vector registers. */
  if (!has(c1, 1u << 27))
    return features;
  state = xcr0();
  if (!__get_cpuid_count(7, 0, &a, &b7, &c7, &d))
    return features;
  if (!__get_cpuid(0x80000001u, &a, &b, &c81, &d))
    return features;
  /* FMA, SSE4.2, MOVBE, POPCNT, AVX, F16C; BMI1, AVX2, BMI2; LZCNT. */
  if ((state & 6) == 6 &&
      has(c1,
          1u << 12 | 1u << 20 | 1u << 22 | 1u << 23 | 1u << 28 | 1u << 29) &&
      has(b7, 1u << 3 | 1u << 5 | 1u << 8) && has(c81, 1u << 5))
    features |= ACT_CPU_X86_V3;
  else
    return features;
  /* AVX512 F, DQ, CD, BW, VL. */
  if ((state & 0xe6) == 0xe6 &&
      has(b7, 1u << 16 | 1u << 17 | 1u << 28 | 1u << 30 | 1u << 31))
    features |= ACT_CPU_X86_V4;
  else
    return features;
  if (has(c7, 1u << 1))
    features |= ACT_CPU_X86_VBMI;
  if (__get_cpuid_count(7, 1, &a71, &b, &c, &d) && has(a71, 1u << 5))
    features |= ACT_CPU_X86_BF16;
  return features;
}
#elif defined(__aarch64__)
#include <sys/auxv.h>

/* FPCR is 0 when a process starts; flags are elsewhere. */
static void set_fpcr(uint64_t modes) {
  __asm__ volatile("msr fpcr, %0" : : "r"(modes));
}

uint64_t act_float_enter(void) {
  uint64_t modes;
  __asm__ volatile("mrs %0, fpcr" : "=r"(modes));
  if (modes)
    set_fpcr(0);
  return modes;
}

void act_float_leave(uint64_t modes) {
  if (modes)
    set_fpcr(modes);
}

/* Linux: Documentation/arch/arm64/elf_hwcaps.rst. */
uint64_t act_cpu_features(void) {
  return getauxval(AT_HWCAP) & (1ul << 22) ? ACT_CPU_ARM_SVE : ACT_CPU_ANY;
}
#else
uint64_t act_cpu_features(void) { return ACT_CPU_ANY; }
uint64_t act_float_enter(void) { return 0; }
void act_float_leave(uint64_t modes) { (void)modes; }
#endif
