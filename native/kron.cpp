// A ⊗ B ⊗ … written out, compiled once for each instruction set.
//
// A row of the product is the product of one row of each factor. It is written in pieces that stay in L1, each from
// pieces of rows of the leading factors; vectors may reach a little too far, since what follows overwrites it. Entries
// are multiplied from left to right, as in (A ⊗ B) ⊗ C, whatever the piece: results repeat bit for bit for any number
// of threads.
#include "kron.hpp"

#include <algorithm>
#include <memory>

#include "threads.hpp"
#include "vector.hpp"

namespace otimes::OTIMES_ISA {

constexpr index piece_bytes = 16 << 10;  // half of the smallest L1 in use
// What a thread takes at a time: the size of a huge page, which is cleared when it is first touched. The cleared lines
// are in cache then: stores that went past it would write them to memory twice, and took 1.2 to 1.4 times as long.
constexpr index share_bytes = 2 << 20;

template <class Real, int Bytes>
struct Wide {
  typedef Real type __attribute__((vector_size(Bytes)));
  typedef Real unaligned __attribute__((vector_size(Bytes), aligned(alignof(Real)), may_alias));
  static constexpr int lanes = Bytes / sizeof(Real);

  static type load(const Real* p) { return *reinterpret_cast<const unaligned*>(p); }
  static void store(Real* p, type v) { *reinterpret_cast<unaligned*>(p) = v; }

  // h[0] v, or for complex entries (h[0] + i h[1]) v
  template <bool Complex>
  static type times(const Real* h, type v) {
    type product = h[0] * v;
    if constexpr (Complex) {
      type swapped, signs;
#pragma GCC unroll 16
      for (int k = 0; k < lanes; ++k) swapped[k] = v[k ^ 1], signs[k] = k % 2 ? Real(1) : Real(-1);
      product += (h[1] * signs) * swapped;
    }
    return product;
  }
};

template <class Real, bool Complex>
class Kron {
  static constexpr index parts = Complex ? 2 : 1;  // reals an entry has
  static constexpr index entry_bytes = parts * sizeof(Real);
  static constexpr index slack = OTIMES_VECTOR_BYTES / sizeof(Real);  // reals that a product may write too far
  using Row = std::unique_ptr<Real[]>;

  static Row room(index entries) { return Row(new Real[entries * parts + slack]); }

  // What a thread keeps of a factor: one of its rows, and a piece of a row of the product up to it.
  struct Level {
    const Matrix& F;
    index most;  // entries of a piece
    Row row = room(std::min(most, F.columns)), piece = room(most);
    index at = -1, first = 0, last = 0;  // which piece it is

    Level(const Matrix& F, index most) : F(F), most(most) {}

    const Real* entry(index i, index j) const {
      return static_cast<const Real*>(F.entries) + (i * F.row + j * F.column) * parts;
    }

    void copy(index i, index first, index last, Real* to) const {
      const Real* from = entry(i, first);
      if (F.column == 1)
        std::memcpy(to, from, (last - first) * entry_bytes);
      else
        for (index j = 0; j < last - first; ++j)
          for (index p = 0; p < parts; ++p) to[j * parts + p] = from[j * F.column * parts + p];
    }
  };

  class Writer {
   public:
    explicit Writer(const Kron& kron) : kron(kron), most(std::min(kron.size, piece_bytes / entry_bytes)) {
      stage = room(most);
      auto& factors = kron.task.factors;
      std::vector<index> pieces(factors.size(), most);
      for (int d = int(factors.size()) - 1; d > 0; --d)
        pieces[d - 1] = std::min(pieces[d], pieces[d] / factors[d].columns + 2);
      for (int d = 0; d < int(factors.size()); ++d) levels.emplace_back(factors[d], pieces[d]);
    }

    // Writes the entries from `first` to `last`, counted along the rows.
    void write(index first, index last) {
      Real* target = static_cast<Real*>(kron.task.target);
      for (index count; first < last; first += count) {
        count = std::min(last - first, most);
        if ((last - first - count) * parts >= slack) {
          rows(first, count, target + first * parts);
        } else {  // what is behind the end is not ours to overwrite
          rows(first, count, stage.get());
          std::memcpy(target + first * parts, stage.get(), count * entry_bytes);
        }
      }
    }

   private:
    const Kron& kron;
    index most;
    Row stage;
    std::vector<Level> levels;

    // As many entries of the result from `first` on, row after row.
    void rows(index first, index count, Real* to) {
      index row = first / kron.columns, column = first % kron.columns;
      for (index here; count > 0; count -= here, to += here * parts, ++row, column = 0) {
        here = std::min(count, kron.columns - column);
        product(int(levels.size()) - 1, row, column, column + here, to);
      }
    }

    // Columns first … last of a row of F₁ ⊗ … ⊗ F_d.
    void product(int d, index row, index first, index last, Real* to) {
      Level& level = levels[d];
      const Matrix& F = level.F;
      if (d == 0) return level.copy(row, first, last, to);
      index n = F.columns, i = row % F.rows, run = first / n, runs = (last - 1) / n - run + 1;
      if (runs == 2 && last - first < n) {  // the end of a run and the beginning of the next
        index cut = (run + 1) * n;
        product(d, row, first, cut, to);
        return product(d, row, cut, last, to + (cut - first) * parts);
      }
      const Real* h = head(d - 1, row / F.rows, run, run + runs);
      if (n == 1) return scaled(level.entry(i, 0), h, last - first, to);
      first -= run * n, last -= run * n;
      const Real* t = level.entry(i, runs == 1 ? first : 0);
      if (F.column != 1 || runs > 1) {
        level.copy(i, runs == 1 ? first : 0, runs == 1 ? last : n, level.row.get());
        t = level.row.get();
      }
      if (runs == 1) return scaled(h, t, last - first, to);
      if (first) {
        scaled(h, t + first * parts, n - first, to);
        to += (n - first) * parts, h += parts, last -= n;
      }
      repeated(h, last / n, t, n, to);
      if (last % n) scaled(h + last / n * parts, t, last % n, to + last / n * n * parts);
    }

    // A piece of a row of F₁ ⊗ … ⊗ F_d, kept for the rows of F_d+1.
    const Real* head(int d, index row, index first, index last) {
      Level& level = levels[d];
      if (d == 0 && level.F.column == 1) return level.entry(row, first);
      if (level.at != row || level.first != first || level.last != last) {
        product(d, row, first, last, level.piece.get());
        level.at = row, level.first = first, level.last = last;
      }
      return level.piece.get();
    }

    // to = h t for one entry h; t is read exactly.
    static void scaled(const Real* h, const Real* t, index count, Real* to) {
      using V = Wide<Real, OTIMES_VECTOR_BYTES>;
      index k = 0;
      for (count *= parts; k + V::lanes <= count; k += V::lanes)
        V::store(to + k, V::template times<Complex>(h, V::load(t + k)));
      if (k == count) return;
      typename V::type rest = {};
      std::memcpy(&rest, t + k, (count - k) * sizeof(Real));
      V::store(to + k, V::template times<Complex>(h, rest));
    }

    // to = h ⊗ t for `count` entries of h and the n of t, both ends of t with slack.
    static void repeated(const Real* h, index count, const Real* t, index n, Real* to) {
      if constexpr (!Complex) {
        if (n == 2) return interleaved<2>(h, count, t, to);
        if (n == 3) return interleaved<3>(h, count, t, to);
        if (n == 4) return interleaved<4>(h, count, t, to);
      }
      if (n * entry_bytes <= 16) return repeated_by<16>(h, count, t, n, to);
      if (n * entry_bytes <= 32 && OTIMES_VECTOR_BYTES > 32) return repeated_by<32>(h, count, t, n, to);
      repeated_by<OTIMES_VECTOR_BYTES>(h, count, t, n, to);
    }

    // Runs so short that one store a run would be the bottleneck: n vectors of the result from each vector of h.
    template <int n>
    static void interleaved(const Real* h, index count, const Real* t, Real* to) {
      constexpr int L = lanes<Real>;
      Vector<Real> pattern[n];
      for (int p = 0; p < n; ++p)
        for (int k = 0; k < L; ++k) pattern[p][k] = t[(p * L + k) % n];
      index j = 0;
      for (; j + L <= count; j += L) {
        Vector<Real> from = load(h + j);
#pragma GCC unroll 4
        for (int p = 0; p < n; ++p) {
          Vector<Real> spread;
#pragma GCC unroll 16
          for (int k = 0; k < L; ++k) spread[k] = from[(p * L + k) / n];  // one shuffle
          store(to + j * n + p * L, spread * pattern[p]);
        }
      }
      repeated_by<16>(h + j, count - j, t, n, to + j * n);
    }

    template <int Bytes>
    static void repeated_by(const Real* h, index count, const Real* t, index n, Real* to) {
      using V = Wide<Real, Bytes>;
      for (index j = 0; j < count; ++j, h += parts, to += n * parts)
        for (index k = 0; k < n * parts; k += V::lanes)
          V::store(to + k, V::template times<Complex>(h, V::load(t + k)));
    }
  };

 public:
  explicit Kron(const KronTask& given) : task(given) {
    for (auto& F : task.factors) size *= F.rows * F.columns, columns *= F.columns;
    if (columns == 1) {  // one column of the result is written as one row
      for (auto& F : task.factors) std::swap(F.rows, F.columns), std::swap(F.row, F.column);
      columns = size;
    }
  }

  void run() const {
    // shares end where huge pages end
    index base = reinterpret_cast<std::intptr_t>(task.target) % share_bytes;
    index shares = (base + size * entry_bytes + share_bytes - 1) / share_bytes;
    parallel(shares, task.threads, [&] {
      auto writer = std::make_shared<Writer>(*this);
      return [=](index share, index) {
        index first = (share * share_bytes - base) / entry_bytes, last = first + share_bytes / entry_bytes;
        writer->write(std::max<index>(0, first), std::min(size, last));
      };
    });
  }

 private:
  KronTask task;
  index size = 1, columns = 1;
};

void kron(const KronTask& task) {
  switch (task.scalar) {
    case Scalar::float32: return Kron<float, false>(task).run();
    case Scalar::float64: return Kron<double, false>(task).run();
    case Scalar::complex64: return Kron<float, true>(task).run();
    case Scalar::complex128: return Kron<double, true>(task).run();
  }
}

}  // namespace otimes::OTIMES_ISA
