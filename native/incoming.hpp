// The next tile, copied into its buffer while the one before it is computed: memory is then read all the time, and
// what waits for it is not the arithmetic.
#pragma once

#include "array.hpp"

namespace otimes::OTIMES_ISA {

template <class Real, int parts>
class Incoming {
 public:
  Incoming() = default;
  // `share`: vectors computed for each that is copied.
  Incoming(const Array<Real, parts>& a, const char* from, Box box, bool turn, Real* to, index share)
      : a(&a), from(from), box(box), turn(turn), to(to), bytes(box.behind * box.columns * a.entry), share(share) {
    whole = !turn && a.column == a.entry && (box.behind == 1 || a.inner == box.columns * a.entry) && bytes >= line_bytes;
  }

  // Called when `vectors` have been computed.
  void operator()(index vectors) {
    credit += vectors * OTIMES_VECTOR_BYTES;
    while (credit >= 0 && whole && row < box.rows) {
      credit -= bytes * share;
      one();
    }
  }

  void finish() {
    if (whole)
      while (row < box.rows) one();
    else if (a)
      copy<Real, parts, true>(box, turn, *a, const_cast<char*>(from), to);
  }

 private:
  static constexpr index ahead = 6;  // rows: at a power of two from each other they share 8 places of L1
  const Array<Real, parts>* a = nullptr;
  const char* from;
  Box box{};
  bool turn, whole = false;
  Real* to;
  index bytes, share, row = 0, credit = 0;

  void one() {
    const char* here = from + row * a->row;
    if (row + ahead < box.rows)
      for (index k = 0; k < bytes; k += line_bytes) __builtin_prefetch(here + ahead * a->row + k);
    std::memcpy(reinterpret_cast<char*>(to) + row * bytes, here, bytes);
    ++row;
  }
};

}  // namespace otimes::OTIMES_ISA
