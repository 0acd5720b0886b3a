// The next tile, copied into its buffer while the one before it is computed: memory is then read all the time, and
// what waits for it is not the arithmetic.
#pragma once

#include "array.hpp"

namespace otimes::OTIMES_ISA {

template <class Real, int parts>
class Incoming {
 public:
  Incoming() = default;

  // `share`: vectors computed for each that comes in.
  Incoming(const Array<Real, parts>& a, const char* from, Box box, bool turn, Real* to, index share)
      : a(a), from(from), box(box), turn(turn), to(to), row_bytes(a.row), bytes(box.behind * box.columns * a.entry),
        share(share) {
    bool pieces = !turn && a.column == a.entry && (box.behind == 1 || a.inner == box.columns * a.entry);
    whole = pieces && bytes >= line_bytes;
    rows = whole ? box.rows : 0;
  }

  // A tile that is read where it is: only its lines are called for.
  Incoming(const char* from, index size, index share)
      : from(from), row_bytes(piece), bytes(piece), share(share), rows(size / piece) {}

  // Called when `vectors` have been computed.
  void operator()(index vectors) {
    credit += vectors * OTIMES_VECTOR_BYTES;
    while (credit >= 0 && row < rows) {
      credit -= bytes * share;
      one();
    }
  }

  void finish() {
    if (!to) return;
    if (!whole) return copy<Real, parts, true>(box, turn, a, const_cast<char*>(from), to);
    while (row < rows) one();
  }

 private:
  static constexpr index ahead = 6;  // rows: at a power of two from each other they share 8 places of L1
  static constexpr index piece = 256;
  Array<Real, parts> a;
  const char* from = nullptr;
  Box box{};
  bool turn = false, whole = false;
  Real* to = nullptr;  // null where nothing is copied
  index row_bytes = 0, bytes = 0, share = 1, rows = 0, row = 0, credit = 0;

  void one() {
    const char* here = from + row * row_bytes;
    if (to) {
      if (row + ahead < rows)
        for (index k = 0; k < bytes; k += line_bytes) __builtin_prefetch(here + ahead * row_bytes + k);
      std::memcpy(reinterpret_cast<char*>(to) + row * bytes, here, bytes);
    } else {
      for (index k = 0; k < bytes; k += line_bytes) __builtin_prefetch(here + k, 0, 2);
    }
    ++row;
  }
};

}  // namespace otimes::OTIMES_ISA
