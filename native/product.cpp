// (F₁ ⊗ … ⊗ F_N) X, compiled once for each instruction set.
#include <algorithm>

#include "task.hpp"
#include "threads.hpp"
#include "tile.hpp"

namespace otimes::OTIMES_ISA {

// A tile has two buffers and both should stay in L2 beside the packed factors: 2 × 128 KiB of at least 512 KiB.
constexpr index tile_bytes = 128 << 10;
// What goes through several groups is taken in blocks of rows or columns that stay in L3 between one and the next.
constexpr index block_bytes = 4 << 20;

template <class Real, bool Complex>
class Product {
  static constexpr index parts = Packed<Real, Complex>::parts;
  static constexpr index tile_entries = tile_bytes / (sizeof(Real) * parts);
  using Tiles = Tile<Real, Complex>;
  using Group = typename Tiles::Group;

  struct Matrices {  // batches of (K, columns) arrays, strides in entries
    Real* data;
    index batch, row, column;
    Real* at(index b, index k, index c) const { return data + (b * batch + k * row + c * column) * parts; }
  };

 public:
  explicit Product(const Task& task) : task(task) {
    for (auto& F : task.factors) packed.emplace_back(F.m, F.n, static_cast<const Real*>(F.entries));
    source = matrices(task.source);
    target = matrices(task.target);
    for (auto& F : task.factors) rows_in *= F.n, rows_out *= F.m;
    in_place = true;
    for (int g = 0; g + 1 < int(task.groups.size()); ++g) in_place &= size(g, false) == size(g, true);
  }

  void run() const {
    int groups = int(task.groups.size()) - 1;
    index columns = task.columns, batches = task.batches;
    if (groups > 1) {
      index fitting = block_bytes / index(sizeof(Real) * parts) / std::max<index>(1, std::max(rows_in, rows_out));
      columns = std::min(columns, std::max<index>(line, fitting / line * line));
      batches = std::min(batches, std::max<index>(1, fitting / columns));
    }
    index across = (task.columns + columns - 1) / columns, down = (task.batches + batches - 1) / batches;
    bool outer = across * down >= task.threads;
    parallel(across * down, outer ? task.threads : 1, [&] {
      return [&](index i) {
        index c = i % across * columns, b = i / across * batches;
        block(b, std::min(batches, task.batches - b), c, std::min(columns, task.columns - c), outer ? 1 : task.threads);
      };
    });
  }

 private:
  static constexpr index line = 64 / (sizeof(Real) * parts);  // entries in a line of the cache
  const Task& task;
  std::vector<Packed<Real, Complex>> packed;
  Matrices source, target;
  index rows_in = 1, rows_out = 1;
  bool in_place;

  static Matrices matrices(const View& v) { return {reinterpret_cast<Real*>(v.data), v.batch, v.row, v.column}; }

  // The rows of a group: what it is applied to, or what it makes.
  index size(int group, bool made) const {
    index product = 1;
    for (int i = task.groups[group]; i < task.groups[group + 1]; ++i) product *= made ? packed[i].m : packed[i].n;
    return product;
  }

  // All groups on some batches and columns.
  void block(index b, index batches, index c, index columns, int threads) const {
    Matrices x = source, y = target;
    x.data = source.at(b, 0, c), y.data = target.at(b, 0, c);
    std::vector<Real> kept[2];
    index rows = rows_in;
    for (int g = int(task.groups.size()) - 2; g >= 0; --g) {
      rows = rows / size(g, false) * size(g, true);
      Matrices to = y;
      if (g > 0 && !in_place) {
        auto& room = kept[g % 2];
        room.resize(batches * rows * columns * parts);
        to = {room.data(), rows * columns, columns, 1};
      }
      pass(g, batches, columns, x, to, threads);
      x = to;
    }
  }

  void pass(int g, index batches, index columns, Matrices x, Matrices y, int threads) const {
    Group group;
    index before = 1, behind = 1, n = size(g, false), m = size(g, true), most = 1, now = n;
    for (int i = 0; i < task.groups[g]; ++i) before *= packed[i].n;
    for (int i = task.groups[g + 1]; i < int(packed.size()); ++i) behind *= packed[i].m;
    for (int i = task.groups[g]; i < task.groups[g + 1]; ++i) group.push_back(&packed[i]);
    for (int i = int(group.size()) - 1; i >= 0; --i) most = std::max({most, now, now = now / group[i]->n * group[i]->m});
    if (!before || !behind || !m || !columns || !batches) return;
    // how much of each size a tile takes: columns, then what is behind the group, then what is before it
    index c = std::min(columns, std::max(line, tile_entries / most / line * line));
    index q = c < columns ? 1 : std::min(behind, std::max<index>(1, tile_entries / (most * c)));
    index p = q < behind ? 1 : std::min(before, std::max<index>(1, tile_entries / (most * c * q)));
    index cs = (columns + c - 1) / c, qs = (behind + q - 1) / q, ps = (before + p - 1) / p;
    bool turn = behind == 1 && columns > 1 && columns * parts < lanes<Real>;
    parallel(batches * ps * qs * cs, threads, [&] {
      auto tile = std::make_shared<Tiles>(most * c * q * p * parts);
      return [=, &group](index i) {
        index ci = i % cs * c, qi = i / cs % qs * q, pi = i / cs / qs % ps * p, b = i / cs / qs / ps;
        Box box{std::min(p, before - pi), std::min(q, behind - qi), std::min(c, columns - ci)};
        on_tile(*tile, group, box, n, m, behind, turn, x.at(b, pi * n * behind + qi, ci), x,
                y.at(b, pi * m * behind + qi, ci), y);
      };
    });
  }

  struct Box {
    index before, behind, columns;
  };

  void on_tile(const Tiles& tile, const Group& group, Box box, index n, index m, index behind, bool turn, Real* from,
               const Matrices& x, Real* to, const Matrices& y) const {
    bool copied = turn || x.column != 1 || (from == to && group.size() == 1);
    bool written = turn || y.column != 1;
    Extent e = turn ? Extent{box.before * box.columns, 1, parts} : Extent{box.before, box.behind, box.columns * parts};
    Place<Real> source{from, behind * x.row * parts, x.row * parts};
    Place<Real> target{to, behind * y.row * parts, y.row * parts};
    Place<Real> inner{nullptr, e.runs * e.run, e.run};
    if (copied) {
      source = inner, source.data = tile.buffer(0);
      copy<true>(box, n, behind, turn, from, x, source.data);
    }
    if (written) {
      target = inner;
      target.data = tile.buffer((copied ? 1 : 0) ^ (group.size() % 2 ? 0 : 1));
    }
    if (source.gap == e.run && target.gap == e.run) {  // runs without gaps are one
      e.run *= e.runs, e.runs = 1;
      source.gap = target.gap = e.run;
    }
    tile.apply(group, e, source, target);
    if (written) copy<false>(box, m, behind, turn, to, y, target.data);
  }

  // Between the array and a buffer: (before, group, behind, columns), or turned (columns, before, group).
  template <bool in>
  void copy(Box box, index size, index behind, bool turn, Real* array, const Matrices& a, Real* buffer) const {
    index group = size * box.before;
    for (index g = 0; g < group; ++g)
      for (index q = 0; q < box.behind; ++q)
        for (index c = 0; c < box.columns; ++c) {
          Real* there = array + ((g * behind + q) * a.row + c * a.column) * parts;
          Real* here = buffer + (turn ? c * group + g : (g * box.behind + q) * box.columns + c) * parts;
          for (index k = 0; k < parts; ++k) in ? here[k] = there[k] : there[k] = here[k];
        }
  }
};

void run(const Task& task) {
  switch (task.scalar) {
    case Scalar::float32: return Product<float, false>(task).run();
    case Scalar::float64: return Product<double, false>(task).run();
    case Scalar::complex64: return Product<float, true>(task).run();
    case Scalar::complex128: return Product<double, true>(task).run();
  }
}

}  // namespace otimes::OTIMES_ISA
