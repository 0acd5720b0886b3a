// A step of the plan, packed once per call in the order that the inner products read it.
#pragma once

#include <cstring>
#include <vector>

#include "micro.hpp"
#include "sparse.hpp"
#include "task.hpp"

namespace otimes::OTIMES_ISA {

template <bool Complex>
constexpr index parts = Complex ? 2 : 1;  // reals that an entry has

// An entry, copied byte by byte since it may lie at any address.
template <class Real, bool Complex>
struct Entry {
  Real part[parts<Complex>];

  Entry(const Factor& F, index i, index j) {
    std::memcpy(part, F.entries + i * F.row_stride + j * F.column_stride, sizeof part);
  }
};

// F₁ ⊗ F₂ ⊗ … of neighbours, C-ordered.
template <class Real, bool Complex>
class Merged {
 public:
  explicit Merged(const Factor& F) : m(F.rows), n(F.columns), entries(m * n * c) {
    for (index i = 0; i < m; ++i)
      for (index j = 0; j < n; ++j) {
        Entry<Real, Complex> f(F, i, j);
        for (index p = 0; p < c; ++p) entries[(i * n + j) * c + p] = f.part[p];
      }
  }

  void append(const Factor& G) {
    std::vector<Real> product(m * G.rows * n * G.columns * c);
    Real* to = product.data();
    for (index i = 0; i < m; ++i)
      for (index k = 0; k < G.rows; ++k)
        for (index j = 0; j < n; ++j)
          for (index l = 0; l < G.columns; ++l, to += c)
            multiply(&entries[(i * n + j) * c], Entry<Real, Complex>(G, k, l).part, to);
    m *= G.rows, n *= G.columns, entries.swap(product);
  }

  Factor factor() const {
    constexpr index entry = sizeof(Real) * c;
    return {Factor::dense, m, n, reinterpret_cast<const char*>(entries.data()), n * entry, entry, nullptr, nullptr};
  }

 private:
  static constexpr index c = parts<Complex>;
  index m, n;
  std::vector<Real> entries;

  static void multiply(const Real* a, const Real* b, Real* to) {
    to[0] = a[0] * b[0];
    if constexpr (Complex) to[0] -= a[1] * b[1], to[1] = a[0] * b[1] + a[1] * b[0];
  }
};

template <class Real, bool Complex>
class Packed {
 public:
  index m, n;
  bool diagonal, sparse;

  // `behind`: entries behind the axis. With none products go across it, with a vector of them along it; between, the
  // tile decides.
  Packed(const std::vector<Factor>& factors, Step step, index behind)
      : diagonal(factors[step.first].kind == Factor::diagonal), sparse(factors[step.first].kind == Factor::sparse) {
    const Factor& first = factors[step.first];
    if (diagonal) {
      copy(first, first.rows);
    } else if (sparse) {
      copy(first, first.starts[first.rows]);
      starts = first.starts, places = first.places;
    } else if (step.stop - step.first == 1) {
      pack(first, behind);
    } else {
      Merged<Real, Complex> product(first);
      for (int i = step.first + 1; i < step.stop; ++i) product.append(factors[i]);
      pack(product.factor(), behind);
    }
  }

  bool small() const { return !Complex && !diagonal && !sparse && m == n && 1 < n && n <= pair_most; }
  bool goes_across() const { return !across.empty(); }
  const Real* entries() const { return re.data(); }  // of a diagonal
  Stored<Real> stored() const { return {starts, places, re.data(), m, n}; }
  Rows<Real> rows() const { return {re.data(), Complex ? im.data() : nullptr, m, n}; }
  Columns<Real> columns() const { return {across.data(), c * m, c * n, Columns<Real>::count(c * m)}; }

 private:
  static constexpr index c = parts<Complex>;
  std::vector<Real> re, im, across;
  const index *starts, *places;

  void copy(const Factor& F, index count) {
    m = F.rows, n = F.columns;
    re.reserve(count * c);
    for (index i = 0; i < count; ++i)
      for (Real part : Entry<Real, Complex>(F, i, 0).part) re.push_back(part);
  }

  void pack(const Factor& F, index behind) {
    m = F.rows, n = F.columns;
    if (behind > 1) pack_rows(F);
    if (behind * c < lanes<Real> || behind == 1) pack_columns(F);
  }

  void pack_rows(const Factor& F) {
    index size = (m + block_rows - 1) / block_rows * block_rows * n;
    re.resize(size);
    if (Complex) im.resize(size);
    for (index i = 0; i < m; ++i)
      for (index j = 0; j < n; ++j) {
        index at = i / block_rows * block_rows * n + j * block_rows + i % block_rows;
        Entry<Real, Complex> f(F, i, j);
        re[at] = f.part[0];
        if constexpr (Complex) im[at] = f.part[1];
      }
  }

  void pack_columns(const Factor& F) {
    constexpr index L = lanes<Real>;
    index vectors = Columns<Real>::count(c * m);
    across.resize(vectors * L * c * n);
    for (index j = 0; j < c * n; ++j)
      for (index v = 0; v < vectors; ++v)
        for (index k = 0, i = Columns<Real>::start(c * m, v); k < L && i < c * m; ++k, ++i)
          across[(j * vectors + v) * L + k] = as_real(F, i, j);
  }

  // Entry (i, j) of the real matrix that multiplies pairs (re, im) as F does complex numbers.
  static Real as_real(const Factor& F, index i, index j) {
    Entry<Real, Complex> f(F, i / c, j / c);
    if (!Complex || i % 2 == j % 2) return f.part[0];
    return i % 2 ? f.part[c - 1] : -f.part[c - 1];
  }
};

}  // namespace otimes::OTIMES_ISA
