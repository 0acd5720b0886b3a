// The two inner products everything is made of, each kept in registers.
//
//   along:  y[i, k] = Σ_j F[i, j] x[j, k]   vectors run along k, the entries behind the axis
//   across: y[r, i] = Σ_j x[r, j] F[i, j]   vectors run along i, for the last axis, behind which nothing is
//
// A block of `along` holds 8 rows × 3 vectors of sums: 24 of the 32 vector registers of AVX-512 (4 × 3 of the 16 of
// AVX2), so that two fused multiply-adds a cycle find enough independent sums to hide their latency of 4 to 5 cycles.
#pragma once

#include "vector.hpp"

namespace otimes::OTIMES_ISA {

constexpr int block_rows = OTIMES_VECTOR_BYTES >= 64 ? 8 : 4;
constexpr int block_vectors = 3;
constexpr int across_vectors = 4;  // vectors of outputs that `across` holds at a time

// A factor packed for `along`: blocks of block_rows rows, in each column after column, so that the entries a block
// needs next lie together. Complex entries are two packed factors, real parts and imaginary parts.
template <class Real>
struct Rows {
  const Real* re;
  const Real* im;  // null for real factors
  int m, n;
};

template <class Real, int R, int V, bool Complex>
inline void along_block(const Real* re, const Real* im, int n, const Real* x, index xj, Real* y, index yi) {
  Vector<Real> sum[R][V] = {};
  for (int j = 0; j < n; ++j) {
    Vector<Real> here[V], turned[V];
    for (int v = 0; v < V; ++v) {
      here[v] = load(x + j * xj + v * lanes<Real>);
      if constexpr (Complex) turned[v] = times_i<Real>(here[v]);
    }
    for (int r = 0; r < R; ++r)
      for (int v = 0; v < V; ++v) {
        sum[r][v] += re[j * block_rows + r] * here[v];
        if constexpr (Complex) sum[r][v] += im[j * block_rows + r] * turned[v];
      }
  }
  for (int r = 0; r < R; ++r)
    for (int v = 0; v < V; ++v) store(y + r * yi + v * lanes<Real>, sum[r][v]);
}

template <class Real, int V, bool Complex, int R = block_rows>
inline void along_rest(const Rows<Real>& F, index at, int rows, const Real* x, index xj, Real* y, index yi) {
  if constexpr (R > 0) {
    if (rows == R)
      along_block<Real, R, V, Complex>(F.re + at, F.im ? F.im + at : nullptr, F.n, x, xj, y, yi);
    else
      along_rest<Real, V, Complex, R - 1>(F, at, rows, x, xj, y, yi);
  }
}

template <class Real, int V, bool Complex>
inline void along_column(const Rows<Real>& F, const Real* x, index xj, Real* y, index yi) {
  for (int i = 0; i < F.m; i += block_rows)
    along_rest<Real, V, Complex>(F, index(i) * F.n, F.m - i < block_rows ? F.m - i : block_rows, x, xj, y + i * yi, yi);
}

// Fewer entries than a vector has.
template <class Real, bool Complex>
inline void along_scalars(const Rows<Real>& F, const Real* x, index xj, Real* y, index yi, index count) {
  for (int i = 0; i < F.m; ++i)
    for (index k = 0; k < count; ++k) {
      Real sum = 0;
      for (int j = 0; j < F.n; ++j) {
        index at = index(i / block_rows * block_rows) * F.n + j * block_rows + i % block_rows;
        sum += F.re[at] * x[j * xj + k];
        if constexpr (Complex) sum += F.im[at] * (k % 2 ? x[j * xj + k - 1] : -x[j * xj + k + 1]);
      }
      y[i * yi + k] = sum;
    }
}

// y[i, k] = Σ_j F[i, j] x[j, k] for k < count reals; rows of x are xj apart, those of y yi. x and y do not overlap.
template <class Real, bool Complex>
inline void along(const Rows<Real>& F, const Real* x, index xj, Real* y, index yi, index count) {
  constexpr index wide = block_vectors * lanes<Real>, narrow = lanes<Real>;
  index k = 0;
  for (; k + wide <= count; k += wide) along_column<Real, block_vectors, Complex>(F, x + k, xj, y + k, yi);
  if (k + 2 * narrow <= count) {
    along_column<Real, 2, Complex>(F, x + k, xj, y + k, yi);
    k += 2 * narrow;
  }
  if (k + narrow <= count) {
    along_column<Real, 1, Complex>(F, x + k, xj, y + k, yi);
    k += narrow;
  }
  if (k == count) return;
  if (count >= narrow)  // the last vector once more, up to the end: what it writes twice is the same
    along_column<Real, 1, Complex>(F, x + count - narrow, xj, y + count - narrow, yi);
  else
    along_scalars<Real, Complex>(F, x, xj, y, yi, count);
}

// A factor packed for `across`: its transpose, rows padded with zeros to whole vectors. Complex factors are real ones
// of twice the size: row 2j holds (re, im) of column j, row 2j + 1 that times i.
template <class Real>
struct Columns {
  const Real* entries;
  int m, n, padded;
};

template <class Real, int R, int V>
inline void across_block(const Columns<Real>& F, int first, const Real* x, Real* y) {
  Vector<Real> sum[R][V] = {};
  for (int j = 0; j < F.n; ++j) {
    Vector<Real> f[V];
    for (int v = 0; v < V; ++v) f[v] = load(F.entries + index(j) * F.padded + first + v * lanes<Real>);
    for (int r = 0; r < R; ++r)
      for (int v = 0; v < V; ++v) sum[r][v] += x[index(r) * F.n + j] * f[v];
  }
  for (int r = 0; r < R; ++r)
    for (int v = 0; v < V; ++v) {
      index at = first + v * lanes<Real>, left = F.m - at;
      if (left >= lanes<Real>)
        store(y + index(r) * F.m + at, sum[r][v]);
      else
        store_first(y + index(r) * F.m + at, sum[r][v], left);
    }
}

template <class Real, int V>
inline void across_rows(const Columns<Real>& F, int first, const Real* x, Real* y, index count) {
  constexpr int R = 24 / V < 8 ? 24 / V : 8;
  index r = 0;
  for (; r + R <= count; r += R) across_block<Real, R, V>(F, first, x + r * F.n, y + r * F.m);
  for (; r < count; ++r) across_block<Real, 1, V>(F, first, x + r * F.n, y + r * F.m);
}

// y[r, i] = Σ_j x[r, j] F[i, j] for r < count, both contiguous.
template <class Real>
inline void across(const Columns<Real>& F, const Real* x, Real* y, index count) {
  constexpr int L = lanes<Real>;
  int first = 0;
  for (; first + across_vectors * L <= F.padded; first += across_vectors * L)
    across_rows<Real, across_vectors>(F, first, x, y, count);
  switch ((F.padded - first) / L) {
    case 1: across_rows<Real, 1>(F, first, x, y, count); break;
    case 2: across_rows<Real, 2>(F, first, x, y, count); break;
    case 3: across_rows<Real, 3>(F, first, x, y, count); break;
    default: break;
  }
}

}  // namespace otimes::OTIMES_ISA
