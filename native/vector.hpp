// Vectors of the instruction set that a file is compiled for, by the compiler's own vector types: + and * work on
// them as on numbers, and every target (SSE2, AVX2, AVX-512, NEON) is the same source.
#pragma once

#include <cstdint>
#include <cstring>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace otimes::OTIMES_ISA {

using index = std::int64_t;

#if defined(__x86_64__) && !defined(__AVX512F__)
constexpr int registers = 16;
#else
constexpr int registers = 32;
#endif

constexpr index line_bytes = 64;  // of the cache

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

// The first `count` entries, fewer than a vector; the others are zero.
template <class Real>
inline Vector<Real> load_first(const Real* p, index count) {
#if defined(__AVX512F__)
  if constexpr (sizeof(Real) == 4) return _mm512_maskz_loadu_ps(__mmask16((1u << count) - 1), p);
  if constexpr (sizeof(Real) == 8) return _mm512_maskz_loadu_pd(__mmask8((1u << count) - 1), p);
#endif
  Vector<Real> v = {};
  std::memcpy(&v, p, count * sizeof(Real));
  return v;
}

template <class Real>
inline void store_first(Real* p, Vector<Real> v, index count) {
#if defined(__AVX512F__)
  if constexpr (sizeof(Real) == 4) return _mm512_mask_storeu_ps(p, __mmask16((1u << count) - 1), v);
  if constexpr (sizeof(Real) == 8) return _mm512_mask_storeu_pd(p, __mmask8((1u << count) - 1), v);
#endif
  std::memcpy(p, &v, count * sizeof(Real));
}

// Past the caches: a result larger than they are would only drive out what is still needed. p is aligned to a vector.
template <class Real>
inline void stream(Real* p, Vector<Real> v) {
#if defined(__AVX512F__)
  _mm512_stream_si512(reinterpret_cast<__m512i*>(p), reinterpret_cast<__m512i>(v));
#elif defined(__AVX2__)
  _mm256_stream_si256(reinterpret_cast<__m256i*>(p), reinterpret_cast<__m256i>(v));
#elif defined(__x86_64__)
  _mm_stream_si128(reinterpret_cast<__m128i*>(p), reinterpret_cast<__m128i>(v));
#else
  store(p, v);
#endif
}

// Before other threads may read what was streamed.
inline void streamed() {
#if defined(__x86_64__)
  _mm_sfence();
#endif
}

// How the inner products read and write: whole vectors, whole vectors written past the caches, or parts of vectors.
template <class Real>
struct Whole {
  Vector<Real> get(const Real* p) const { return load(p); }
  void put(Real* p, Vector<Real> v) const { store(p, v); }
};

template <class Real>
struct Streaming {
  Vector<Real> get(const Real* p) const { return load(p); }
  void put(Real* p, Vector<Real> v) const { stream(p, v); }
};

template <class Real>
struct First {
  index count;
  Vector<Real> get(const Real* p) const { return load_first(p, count); }
  void put(Real* p, Vector<Real> v) const { store_first(p, v, count); }
};

// Complex numbers lie as pairs (re, im). i · x has the pairs (−im, re).
template <class Real>
inline Vector<Real> times_i(Vector<Real> x) {
  Vector<Real> swapped, signs;
#pragma GCC unroll 16
  for (int k = 0; k < lanes<Real>; ++k) {  // one shuffle and one multiplication
    swapped[k] = x[k ^ 1];
    signs[k] = k % 2 ? Real(1) : Real(-1);
  }
  return swapped * signs;
}

}  // namespace otimes::OTIMES_ISA
