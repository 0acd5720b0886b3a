// A step of the plan, packed once per call in the order that the inner products read it.
#pragma once

#include <cstring>
#include <vector>

#include "micro.hpp"
#include "task.hpp"

namespace otimes::OTIMES_ISA {

template <bool Complex>
constexpr index parts = Complex ? 2 : 1;  // reals that an entry has

// F₁ ⊗ F₂ ⊗ … of neighbours, as one C-ordered matrix; a diagonal as its entries.
template <class Real, bool Complex>
struct Matrix {
  index m, n;
  std::vector<Real> entries;

  explicit Matrix(const Factor& F) : m(F.rows), n(F.columns) {
    index columns = F.kind == Factor::diagonal ? 1 : n;
    entries.resize(m * columns * c);
    for (index i = 0; i < m; ++i)
      for (index j = 0; j < columns; ++j)  // by copying bytes, since they may lie at any address
        std::memcpy(&entries[(i * columns + j) * c], F.entries + i * F.row_stride + j * F.column_stride,
                    sizeof(Real) * c);
  }

  void append(const Matrix& G) {
    std::vector<Real> product(m * G.m * n * G.n * c);
    Real* to = product.data();
    for (index i = 0; i < m; ++i)
      for (index k = 0; k < G.m; ++k)
        for (index j = 0; j < n; ++j)
          for (index l = 0; l < G.n; ++l, to += c)
            multiply(&entries[(i * n + j) * c], &G.entries[(k * G.n + l) * c], to);
    m *= G.m, n *= G.n, entries.swap(product);
  }

 private:
  static constexpr index c = parts<Complex>;

  static void multiply(const Real* a, const Real* b, Real* to) {
    to[0] = a[0] * b[0];
    if constexpr (Complex) to[0] -= a[1] * b[1], to[1] = a[0] * b[1] + a[1] * b[0];
  }
};

template <class Real, bool Complex>
class Packed {
 public:
  index m, n;
  bool diagonal;

  Packed(const std::vector<Factor>& factors, Step step) : diagonal(factors[step.first].kind == Factor::diagonal) {
    Matrix<Real, Complex> F(factors[step.first]);
    for (int i = step.first + 1; i < step.stop; ++i) F.append(Matrix<Real, Complex>(factors[i]));
    m = F.m, n = F.n;
    if (diagonal) {
      re.swap(F.entries);
    } else {
      pack_rows(F.entries.data());
      pack_columns(F.entries.data());
    }
  }

  bool small() const { return !Complex && !diagonal && m == n && 1 < n && n <= pair_most; }
  const Real* entries() const { return re.data(); }  // of a diagonal
  Rows<Real> rows() const { return {re.data(), Complex ? im.data() : nullptr, m, n}; }
  Columns<Real> columns() const { return {across.data(), c * m, c * n, Columns<Real>::count(c * m)}; }

 private:
  static constexpr index c = parts<Complex>;
  std::vector<Real> re, im, across;

  void pack_rows(const Real* F) {
    index size = (m + block_rows - 1) / block_rows * block_rows * n;
    re.resize(size);
    if (Complex) im.resize(size);
    for (index i = 0; i < m; ++i)
      for (index j = 0; j < n; ++j) {
        index at = i / block_rows * block_rows * n + j * block_rows + i % block_rows;
        re[at] = F[(i * n + j) * c];
        if constexpr (Complex) im[at] = F[(i * n + j) * c + 1];
      }
  }

  void pack_columns(const Real* F) {
    constexpr index L = lanes<Real>;
    index vectors = Columns<Real>::count(c * m);
    across.resize(vectors * L * c * n);
    for (index j = 0; j < c * n; ++j)
      for (index v = 0; v < vectors; ++v)
        for (index k = 0, i = Columns<Real>::start(c * m, v); k < L && i < c * m; ++k, ++i)
          across[(j * vectors + v) * L + k] = as_real(F, i, j);
  }

  // Entry (i, j) of the real matrix that multiplies pairs (re, im) as F does complex numbers.
  Real as_real(const Real* F, index i, index j) const {
    if constexpr (!Complex) return F[i * n + j];
    const Real* f = F + (i / 2 * n + j / 2) * 2;
    if (i % 2 == j % 2) return f[0];
    return i % 2 ? f[1] : -f[1];
  }
};

}  // namespace otimes::OTIMES_ISA
