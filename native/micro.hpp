// The inner products everything is made of, each kept in registers.
//
//   along:  y[i, k] = Σ_j F[i, j] x[j, k]                   vectors run along k, the entries behind the axis
//   pair:   y[a, b, k] = Σ_c Σ_d F[a, c] G[b, d] x[c, d, k] two small factors with one load and one store of x
//   across: y[r, i] = Σ_j x[r, j] F[i, j]                   vectors run along i, for an axis behind which nothing is
//
// Loops over registers are unrolled by pragma: the compiler's own limits leave the sums in memory, at a third of the
// speed. Sums are added in the order of j, whatever the block.
#pragma once

#include "vector.hpp"

namespace otimes::OTIMES_ISA {

// Rows of F that a block takes: with two vectors of k 16 sums, with three 24, which hide the 4 cycles of a fused
// multiply-add and leave registers for x.
constexpr int block_rows = registers == 32 ? 8 : 4;

template <class V, int R, int C>
inline void clear(V (&sum)[R][C]) {
#pragma GCC unroll 16
  for (int r = 0; r < R; ++r)
#pragma GCC unroll 16
    for (int v = 0; v < C; ++v) sum[r][v] = V{};
}

// A factor packed for `along`: panels of block_rows rows, in each column after column, so that the entries a block
// needs next lie together. Complex factors are two packed ones, real and imaginary parts.
template <class Real>
struct Rows {
  const Real* re;
  const Real* im;  // null for real factors
  index m, n;
};

template <class Real, int R, int V, bool Complex, class Access>
inline void along_block(const Real* re, const Real* im, index n, const Real* x, index xj, Real* y, index yi,
                        Access access) {
  Vector<Real> sum[R][V], here[V], turned[V];
  clear(sum);
  for (index j = 0; j < n; ++j, x += xj, re += block_rows, im += Complex ? block_rows : 0) {
#pragma GCC unroll 16
    for (int v = 0; v < V; ++v) {
      here[v] = access.get(x + v * lanes<Real>);
      if constexpr (Complex) turned[v] = times_i<Real>(here[v]);
    }
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r)
#pragma GCC unroll 16
      for (int v = 0; v < V; ++v) {
        sum[r][v] += re[r] * here[v];
        if constexpr (Complex) sum[r][v] += im[r] * turned[v];
      }
  }
#pragma GCC unroll 16
  for (int r = 0; r < R; ++r)
#pragma GCC unroll 16
    for (int v = 0; v < V; ++v) access.put(y + r * yi + v * lanes<Real>, sum[r][v]);
}

template <class Real, int R, int V, bool Complex, class Access>
inline void along_panel(const Rows<Real>& F, index i, index rows, const Real* x, index xj, Real* y, index yi,
                        Access access) {
  if constexpr (R > 0) {
    if (rows == R)
      along_block<Real, R, V, Complex>(F.re + i * F.n, Complex ? F.im + i * F.n : nullptr, F.n, x, xj, y + i * yi, yi,
                                       access);
    else
      along_panel<Real, R - 1, V, Complex>(F, i, rows, x, xj, y, yi, access);
  }
}

template <class Real, int V, bool Complex, class Access>
inline void along_column(const Rows<Real>& F, const Real* x, index xj, Real* y, index yi, Access access) {
  for (index i = 0; i < F.m; i += block_rows) {
    index rows = F.m - i < block_rows ? F.m - i : block_rows;
    along_panel<Real, block_rows, V, Complex>(F, i, rows, x, xj, y, yi, access);
  }
}

// y[i, k] = Σ_j F[i, j] x[j, k] for k < count reals; rows of x are xj apart, those of y yi. x and y do not overlap.
// `meanwhile` is told how many vectors have been made since it was last called.
template <class Real, bool Complex, class Access, class Meanwhile>
inline void along(const Rows<Real>& F, const Real* x, index xj, Real* y, index yi, index count, Access access,
                  Meanwhile& meanwhile) {
  constexpr index one = lanes<Real>, most = Complex ? 2 : 3;
  index k = 0;
  if (F.n > 8)  // below, two vectors hide the latency and their sums are the sooner stored
    for (; k + most * one <= count; k += most * one) {
      along_column<Real, most, Complex>(F, x + k, xj, y + k, yi, access);
      meanwhile(most * F.m);
    }
  for (; k + 2 * one <= count; k += 2 * one) {
    along_column<Real, 2, Complex>(F, x + k, xj, y + k, yi, access);
    meanwhile(2 * F.m);
  }
  for (; k + one <= count; k += one) {
    along_column<Real, 1, Complex>(F, x + k, xj, y + k, yi, access);
    meanwhile(F.m);
  }
  if (k == count) return;
  if (count >= one)  // the last vector once more, up to the end: what it writes twice is the same
    along_column<Real, 1, Complex>(F, x + count - one, xj, y + count - one, yi, Whole<Real>());
  else
    along_column<Real, 1, Complex>(F, x, xj, y, yi, First<Real>{count});
}

// Two factors of at most `pair_most` rows and columns, square: all P × Q vectors of sums are kept between them.
constexpr int pair_most = registers == 32 ? 4 : 3;

template <class Real, int P, int Q, class Access>
inline void pair_block(const Rows<Real>& F, const Rows<Real>& G, const Real* x, index xj, Real* y, index yi,
                       Access access) {
  Vector<Real> inner[P][Q];
#pragma GCC unroll 16
  for (int c = 0; c < P; ++c) {
    Vector<Real> here[Q];
#pragma GCC unroll 16
    for (int d = 0; d < Q; ++d) here[d] = access.get(x + (c * Q + d) * xj);
#pragma GCC unroll 16
    for (int b = 0; b < Q; ++b) {
      inner[c][b] = G.re[b] * here[0];
#pragma GCC unroll 16
      for (int d = 1; d < Q; ++d) inner[c][b] += G.re[d * block_rows + b] * here[d];
    }
  }
#pragma GCC unroll 16
  for (int a = 0; a < P; ++a)
#pragma GCC unroll 16
    for (int b = 0; b < Q; ++b) {
      Vector<Real> sum = F.re[a] * inner[0][b];
#pragma GCC unroll 16
      for (int c = 1; c < P; ++c) sum += F.re[c * block_rows + a] * inner[c][b];
      access.put(y + (a * Q + b) * yi, sum);
    }
}

template <class Real, int P, int Q, class Access, class Meanwhile>
inline void pair_run(const Rows<Real>& F, const Rows<Real>& G, const Real* x, index xj, Real* y, index yi, index count,
                     Access access, Meanwhile& meanwhile) {
  constexpr index one = lanes<Real>;
  index k = 0;
  for (; k + one <= count; k += one) {
    pair_block<Real, P, Q>(F, G, x + k, xj, y + k, yi, access);
    meanwhile(P * Q);
  }
  if (k == count) return;
  if (count >= one)
    pair_block<Real, P, Q>(F, G, x + count - one, xj, y + count - one, yi, Whole<Real>());
  else
    pair_block<Real, P, Q>(F, G, x, xj, y, yi, First<Real>{count});
}

// y[a, b, k] = Σ_c Σ_d F[a, c] G[b, d] x[c, d, k] for k < count.
template <class Real, class Access, class Meanwhile, int P = pair_most, int Q = pair_most>
inline void pair(const Rows<Real>& F, const Rows<Real>& G, const Real* x, index xj, Real* y, index yi, index count,
                 Access access, Meanwhile& meanwhile) {
  if constexpr (P > 1 && Q > 1) {
    if (F.n == P && G.n == Q) return pair_run<Real, P, Q>(F, G, x, xj, y, yi, count, access, meanwhile);
    if (F.n < P) return pair<Real, Access, Meanwhile, P - 1, Q>(F, G, x, xj, y, yi, count, access, meanwhile);
    return pair<Real, Access, Meanwhile, P, Q - 1>(F, G, x, xj, y, yi, count, access, meanwhile);
  }
}

// A factor packed for `across`: its transpose, cut into vectors of rows, column after column in each row of vectors.
// Where m is no multiple of a vector, the last one begins earlier and writes some entries again; a factor of fewer rows
// than a vector has is padded with zeros. Complex factors are real ones of twice the size: row 2j holds (re, im) of
// column j, row 2j + 1 that times i.
template <class Real>
struct Columns {
  const Real* entries;
  index m, n, vectors;

  static index count(index m) { return (m + lanes<Real> - 1) / lanes<Real>; }
  static index start(index m, index v) {
    index last = m < lanes<Real> ? 0 : m - lanes<Real>;
    return v * lanes<Real> < last ? v * lanes<Real> : last;
  }
};

template <class Real, int R, int V>
inline void across_block(const Columns<Real>& F, index first, const Real* x, Real* y) {
  constexpr int L = lanes<Real>;
  const Real* f = F.entries + first * L;
  Vector<Real> sum[R][V];
  clear(sum);
  for (index j = 0; j < F.n; ++j, f += F.vectors * L) {
    Vector<Real> column[V];
#pragma GCC unroll 16
    for (int v = 0; v < V; ++v) column[v] = load(f + v * L);
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r)
#pragma GCC unroll 16
      for (int v = 0; v < V; ++v) sum[r][v] += x[r * F.n + j] * column[v];
  }
#pragma GCC unroll 16
  for (int r = 0; r < R; ++r)
#pragma GCC unroll 16
    for (int v = 0; v < V; ++v) store(y + r * F.m + F.start(F.m, first + v), sum[r][v]);
}

// Rows of fewer entries than a vector has: what is written past a row's end the next one writes over.
template <class Real>
inline void across_last(const Columns<Real>& F, const Real* x, Real* y) {
  Vector<Real> sum = x[0] * load(F.entries);
  for (index j = 1; j < F.n; ++j) sum += x[j] * load(F.entries + j * lanes<Real>);
  store_first(y, sum, F.m);
}

template <class Real, int V, class Meanwhile>
inline void across_rows(const Columns<Real>& F, index first, const Real* x, Real* y, index count,
                        Meanwhile& meanwhile) {
  constexpr int R = V * 8 <= registers - V - 1 ? 8 : (registers - V - 1) / V;
  index r = 0;
  for (; r + R <= count; r += R) {
    across_block<Real, R, V>(F, first, x + r * F.n, y + r * F.m);
    meanwhile(R * V);
  }
  for (; r < count; ++r) across_block<Real, 1, V>(F, first, x + r * F.n, y + r * F.m);
}

// y[r, i] = Σ_j x[r, j] F[i, j] for r < count, both contiguous. x and y do not overlap.
template <class Real, class Meanwhile>
inline void across(const Columns<Real>& F, const Real* x, Real* y, index count, Meanwhile& meanwhile) {
  if (F.m < lanes<Real>) {
    index within = count + 1 - (lanes<Real> + F.m - 1) / F.m;  // rows from which a whole vector is within y
    within = within < 0 ? 0 : within;
    across_rows<Real, 1>(F, 0, x, y, within, meanwhile);
    for (index r = within; r < count; ++r) across_last(F, x + r * F.n, y + r * F.m);
    return;
  }
  index v = 0;
  for (; v + 4 <= F.vectors; v += 4) across_rows<Real, 4>(F, v, x, y, count, meanwhile);
  switch (F.vectors - v) {
    case 1: return across_rows<Real, 1>(F, v, x, y, count, meanwhile);
    case 2: return across_rows<Real, 2>(F, v, x, y, count, meanwhile);
    case 3: return across_rows<Real, 3>(F, v, x, y, count, meanwhile);
    default: return;
  }
}

}  // namespace otimes::OTIMES_ISA
