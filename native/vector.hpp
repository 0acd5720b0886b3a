// Vectors of the instruction set that a file is compiled for, by the compiler's own vector types: + and * work on
// them as on numbers, and every target (SSE2, AVX2, AVX-512, NEON) is the same source.
#pragma once

#include <cstdint>
#include <cstring>

namespace otimes::OTIMES_ISA {

using index = std::int64_t;

template <class Real>
struct VectorOf {
  typedef Real type __attribute__((vector_size(OTIMES_VECTOR_BYTES)));
  typedef Real unaligned __attribute__((vector_size(OTIMES_VECTOR_BYTES), aligned(alignof(Real)), may_alias));
};

template <class Real>
using Vector = typename VectorOf<Real>::type;

template <class Real>
constexpr int lanes = OTIMES_VECTOR_BYTES / sizeof(Real);

template <class Real>
inline Vector<Real> load(const Real* p) {
  return *reinterpret_cast<const typename VectorOf<Real>::unaligned*>(p);
}

template <class Real>
inline void store(Real* p, Vector<Real> v) {
  *reinterpret_cast<typename VectorOf<Real>::unaligned*>(p) = v;
}

template <class Real>
inline void store_first(Real* p, Vector<Real> v, index count) {
  std::memcpy(p, &v, count * sizeof(Real));
}

// Complex numbers lie as pairs (re, im). i · x has the pairs (−im, re).
template <class Real>
inline Vector<Real> times_i(Vector<Real> x) {
  Vector<Real> swapped, signs;
  for (int k = 0; k < lanes<Real>; ++k) {  // unrolled to one shuffle and one multiplication
    swapped[k] = x[k ^ 1];
    signs[k] = k % 2 ? Real(1) : Real(-1);
  }
  return swapped * signs;
}

}  // namespace otimes::OTIMES_ISA
