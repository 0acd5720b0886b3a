// One pass over the array, tile by tile.
#pragma once

#include <array>

#include "array.hpp"
#include "sweep.hpp"
#include "threads.hpp"

namespace otimes::OTIMES_ISA {

// A tile has three buffers, and all should stay in L2 beside the packed factors: 3 × 128 KiB of at least 512 KiB.
constexpr index tile_bytes = 128 << 10;
// Rows of a tile that are pieces of rows of the array: shorter ones read memory at half its speed.
constexpr index piece_bytes = 256;

template <class Real, bool Complex>
class Traversal {
  static constexpr int c = parts<Complex>;
  static constexpr index entry = sizeof(Real) * c, line = line_bytes / entry, tile_entries = tile_bytes / entry;
  using Arrays = Array<Real, c>;

 public:
  Traversal(const Sweep<Real, Complex>& sweep, index batches, index columns, Arrays source, Arrays target,
            bool past_caches)
      : s(sweep), all_before(batches * sweep.before), behind(sweep.behind), columns(columns), x(source), y(target) {
    bool flat = x.flat(columns) && y.flat(columns);
    x.row = x.inner * behind, y.row = y.inner * behind;
    in_place = x.data == y.data;
    if (flat) this->columns *= behind, behind = 1;  // what is behind the pass is one index with the columns
    turn = behind == 1 && this->columns > 1 && this->columns * c < lanes<Real>;
    tile();
    streams = past_caches && y.aligned(line_bytes);
  }

  void run(int threads) const {
    index all = count(all_before, before) * count(behind, box.behind) * count(columns, box.columns);
    parallel(all, threads, [&] { return Worker(*this, all); });
  }

 private:
  const Sweep<Real, Complex>& s;
  index all_before, behind, columns;
  Arrays x, y;
  bool in_place, turn, streams;
  index before;  // of a tile
  Box box{};     // rows are s.n · before

  static index count(index all, index each) { return (all + each - 1) / each; }

  // How much of each index a tile takes: columns, then what is behind the pass, then what is before it.
  void tile() {
    index room = std::max(line, tile_entries / s.most);
    box.columns = std::min(columns, room / line * line);
    bool whole = box.columns == columns, pieces = !y.flat(columns) && columns * entry >= piece_bytes;
    box.behind = whole && !pieces ? std::min(behind, std::max<index>(1, room / columns)) : 1;
    before = whole && box.behind == behind ? std::min(all_before, std::max<index>(1, room / (columns * behind))) : 1;
  }

  struct Part {  // what a tile has, and where
    index before, behind, columns;
    char *from, *to;
  };

  Part part(index i) const {
    index js = count(columns, box.columns), qs = count(behind, box.behind);
    index j = i % js * box.columns, q = i / js % qs * box.behind, p = i / js / qs * before;
    index blocks = std::min(before, all_before - p), across = std::min(box.columns, columns - j);
    return {blocks, std::min(box.behind, behind - q), across, x.at(p * s.n, q, j), y.at(p * s.m, q, j)};
  }

  // What a thread has: three buffers, of which one is filled while the others are computed with.
  class Worker {
   public:
    Worker(const Traversal& t, index all)
        : t(t), all(all), tile(t.s.most * t.before * t.box.behind * t.box.columns * c) {}
    ~Worker() { streamed(); }

    void operator()(index i, index after) {
      Part here = t.part(i);
      Real* buffer[3] = {tile.buffer(now), tile.buffer((now + 1) % 3), tile.buffer((now + 2) % 3)};
      if (first) t.incoming(here, buffer[0]).finish();
      first = false;
      auto next = after < all ? t.incoming(t.part(after), buffer[2]) : Incoming<Real, c>();
      t.on_tile(tile, here, {buffer[0], buffer[1]}, next);
      next.finish();
      now = (now + 2) % 3;
    }

   private:
    const Traversal& t;
    index all;
    Tile<Real, Complex> tile;
    bool first = true;
    int now = 0;
  };

  // Whether a tile is read where it is.
  bool read(const Part& part) const {
    bool rows = part.behind == 1 || x.inner == part.columns * entry;  // of a window that slides they overlap
    bool contiguous = rows && x.column == entry && x.row == part.behind * part.columns * entry;
    return contiguous && x.aligned(alignof(Real)) && !turn && !in_place;
  }

  Incoming<Real, c> incoming(const Part& part, Real* buffer) const {
    if (read(part)) return {part.from, part.before * s.n * x.row, index(s.stages.size())};
    return {x, part.from, {part.before * s.n, part.behind, part.columns}, turn, buffer, index(s.stages.size())};
  }

  void on_tile(const Tile<Real, Complex>& tile, Part part, std::array<Real*, 2> spare, Incoming<Real, c>& next) const {
    index run = part.behind * part.columns * c, rows = part.before;
    bool read = this->read(part);
    bool written = !turn && y.column == entry && (part.behind == 1 || y.inner == part.columns * entry);
    Place<Real> source{spare[0], turn ? c : run}, target{nullptr, source.step};
    if (read) source = {reinterpret_cast<Real*>(part.from), run};
    if (written)
      target = {reinterpret_cast<Real*>(part.to), y.row / index(sizeof(Real))};
    else
      target.data = spare[(read ? 0 : 1) ^ (s.stages.size() % 2 ? 0 : 1)];
    if (turn) rows *= part.columns, run = c;
    tile.apply(s.stages, spare, rows, run, source, target, streams && written, next);
    if (!written) copy<Real, c, false>({part.before * s.m, part.behind, part.columns}, turn, y, part.to, target.data);
  }
};

}  // namespace otimes::OTIMES_ISA
