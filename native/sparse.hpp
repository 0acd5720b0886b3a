// Products with a sparse factor, of compressed rows: only what is stored is multiplied with.
//
//   combine: y[i, k] = Σ_p a[p] x[place[p], k]     vectors run along k, the entries behind the axis
//   gather:  y[r, i] = Σ_p a[p] x[r, place[p]]     for an axis behind which nothing is
//
// p runs over what row i stores, in its order.
#pragma once

#include "vector.hpp"

namespace otimes::OTIMES_ISA {

template <class Real>
struct Stored {
  const index *starts, *places;
  const Real* entries;  // complex ones are pairs
  index m, n;
};

template <class Real, int V, bool Complex, class Access>
inline void combine_column(const Stored<Real>& S, const Real* x, index xj, Real* y, index yi, Access access) {
  for (index i = 0; i < S.m; ++i, y += yi) {
    Vector<Real> sum[V] = {};
    for (index p = S.starts[i]; p < S.starts[i + 1]; ++p) {
      const Real* from = x + S.places[p] * xj;
#pragma GCC unroll 16
      for (int v = 0; v < V; ++v) {
        Vector<Real> here = access.get(from + v * lanes<Real>);
        if constexpr (Complex)
          sum[v] += S.entries[2 * p] * here, sum[v] += S.entries[2 * p + 1] * times_i<Real>(here);
        else
          sum[v] += S.entries[p] * here;
      }
    }
#pragma GCC unroll 16
    for (int v = 0; v < V; ++v) access.put(y + v * lanes<Real>, sum[v]);
  }
}

// For k < count reals; rows of x are xj apart, those of y yi. x and y do not overlap.
template <class Real, bool Complex, class Access, class Meanwhile>
inline void combine(const Stored<Real>& S, const Real* x, index xj, Real* y, index yi, index count, Access access,
                    Meanwhile& meanwhile) {
  constexpr index one = lanes<Real>, most = 4;  // four sums hide the latency of adding to one
  index k = 0;
  for (; k + most * one <= count; k += most * one) {
    combine_column<Real, most, Complex>(S, x + k, xj, y + k, yi, access);
    meanwhile(most * S.m);
  }
  for (; k + one <= count; k += one) {
    combine_column<Real, 1, Complex>(S, x + k, xj, y + k, yi, access);
    meanwhile(S.m);
  }
  if (k == count) return;
  if (count >= one)  // the last vector once more, up to the end: what it writes twice is the same
    combine_column<Real, 1, Complex>(S, x + count - one, xj, y + count - one, yi, Whole<Real>());
  else
    combine_column<Real, 1, Complex>(S, x, xj, y, yi, First<Real>{count});
}

// For r < count, both contiguous.
template <class Real, bool Complex, class Meanwhile>
inline void gather(const Stored<Real>& S, const Real* x, Real* y, index count, Meanwhile& meanwhile) {
  constexpr index c = Complex ? 2 : 1;
  for (index r = 0; r < count; ++r, x += c * S.n, y += c * S.m) {
    for (index i = 0; i < S.m; ++i) {
      Real re = 0, im = 0;
      for (index p = S.starts[i]; p < S.starts[i + 1]; ++p) {
        const Real *a = S.entries + c * p, *here = x + c * S.places[p];
        re += a[0] * here[0];
        if constexpr (Complex) re -= a[1] * here[1], im += a[0] * here[1] + a[1] * here[0];
      }
      y[c * i] = re;
      if constexpr (Complex) y[c * i + 1] = im;
    }
    meanwhile((S.m * c + lanes<Real> - 1) / lanes<Real>);
  }
}

}  // namespace otimes::OTIMES_ISA
