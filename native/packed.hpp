// A factor, packed once per call in the two orders that the inner products read it.
#pragma once

#include <vector>

#include "micro.hpp"

namespace otimes::OTIMES_ISA {

template <class Real, bool Complex>
class Packed {
 public:
  static constexpr int parts = Complex ? 2 : 1;  // reals an entry has
  int m, n;

  Packed(int m, int n, const Real* entries) : m(m), n(n) {
    pack_rows(entries);
    pack_columns(entries);
  }

  Rows<Real> rows() const { return {re.data(), Complex ? im.data() : nullptr, m, n}; }
  Columns<Real> columns() const { return {across.data(), parts * m, parts * n, padded}; }

 private:
  std::vector<Real> re, im, across;
  int padded = 0;

  void pack_rows(const Real* F) {
    index blocks = (m + block_rows - 1) / block_rows, size = blocks * block_rows * n;
    re.assign(size, 0);
    if (Complex) im.assign(size, 0);
    for (index i = 0; i < m; ++i)
      for (index j = 0; j < n; ++j) {
        index at = i / block_rows * block_rows * n + j * block_rows + i % block_rows;
        re[at] = F[(i * n + j) * parts];
        if constexpr (Complex) im[at] = F[(i * n + j) * parts + 1];
      }
  }

  void pack_columns(const Real* F) {
    padded = (parts * m + lanes<Real> - 1) / lanes<Real> * lanes<Real>;
    across.assign(index(padded) * parts * n, 0);
    for (index i = 0; i < m; ++i)
      for (index j = 0; j < n; ++j) {
        const Real* f = F + (i * n + j) * parts;
        Real* to = across.data() + j * parts * padded + i * parts;
        to[0] = f[0];
        if constexpr (Complex) to[1] = f[1], to[padded] = -f[1], to[padded + 1] = f[0];
      }
  }
};

}  // namespace otimes::OTIMES_ISA
