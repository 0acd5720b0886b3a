// The next tile, copied into its buffer while the one before it is computed: memory is then read all the time, and
// what waits for it is not the arithmetic.
#pragma once

#include <algorithm>

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
    while (credit >= 0 && here.row < rows) credit -= share * one();
  }

  void finish() {
    if (!to) return;
    if (!whole) return copy<Real, parts, true>(box, turn, a, const_cast<char*>(from), to);
    while (here.row < rows) one();
  }

 private:
  static constexpr index piece = 256;  // bytes that come in at a time
  static constexpr int ahead = 6;      // pieces: at a power of two from each other they share 8 places of L1

  struct Position {
    index row, byte;
  };

  Array<Real, parts> a;
  const char* from = nullptr;
  Box box{};
  bool turn = false, whole = false;
  Real* to = nullptr;  // null where nothing is copied
  index row_bytes = 0, bytes = 0, share = 1, rows = 0, credit = 0;
  Position here{0, 0}, called{0, 0};

  index size(Position p) const { return std::min(piece, bytes - p.byte); }

  void advance(Position& p) const {
    p.byte += piece;
    if (p.byte >= bytes) ++p.row, p.byte = 0;
  }

  template <int level>
  void call(Position p) const {
    const char* line = from + p.row * row_bytes + p.byte;
    for (index k = 0; k < size(p); k += line_bytes) __builtin_prefetch(line + k, 0, level);
  }

  // Takes one piece in, and returns its size.
  index one() {
    index taken = size(here);
    if (to) {
      while (called.row < rows && !far()) call<3>(called), advance(called);
      std::memcpy(reinterpret_cast<char*>(to) + here.row * bytes + here.byte, from + here.row * row_bytes + here.byte,
                  taken);
    } else {
      call<2>(here);
    }
    advance(here);
    return taken;
  }

  bool far() const {
    index pieces = (bytes + piece - 1) / piece;
    return (called.row - here.row) * pieces + (called.byte - here.byte) / piece > ahead;
  }
};

}  // namespace otimes::OTIMES_ISA
