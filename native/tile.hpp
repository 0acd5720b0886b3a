// A tile: as much of the array as stays in cache while every factor of a group is applied to it, read from the
// source by the first, written to the target by the last, in two buffers between.
#pragma once

#include <memory>
#include <new>

#include "packed.hpp"

namespace otimes::OTIMES_ISA {

// Where a tile lies: entries of the group's index are `step` reals apart, and behind each are `runs` runs of `run`
// reals in one piece, `gap` reals from one run to the next.
template <class Real>
struct Place {
  Real* data;
  index step, gap;
};

struct Extent {
  index before, runs, run;  // sizes: in front of the group, and behind it
};

template <class Real, bool Complex>
class Tile {
 public:
  using Group = std::vector<const Packed<Real, Complex>*>;

  explicit Tile(index reals) : size((reals + 63) / 64 * 64), memory(allocate(2 * size)) {}

  Real* buffer(int which) const { return memory.get() + which * size; }

  // Applies the group, its last factor first. `source` may be buffer(0); buffer(1) is free then.
  void apply(const Group& group, Extent e, Place<Real> source, Place<Real> target) const {
    std::vector<index> sizes;
    for (auto F : group) sizes.push_back(F->n);
    Place<Real> x = source;
    for (int axis = int(group.size()) - 1; axis >= 0; --axis) {
      index before = e.before, behind = 1;
      for (int a = 0; a < axis; ++a) before *= sizes[a];
      for (int a = axis + 1; a < int(group.size()); ++a) behind *= sizes[a];
      Real* free = buffer(x.data == buffer(0) ? 1 : 0);
      Place<Real> y = axis == 0 ? target : Place<Real>{free, e.runs * e.run, e.run};
      one(*group[axis], before, behind, e, x, y);
      sizes[axis] = group[axis]->m;
      x = y;
    }
  }

 private:
  struct Free {
    void operator()(Real* p) const { ::operator delete(p, std::align_val_t(64)); }
  };
  index size;
  std::unique_ptr<Real, Free> memory;

  static Real* allocate(index reals) {
    return static_cast<Real*>(::operator new(reals * sizeof(Real), std::align_val_t(64)));
  }

  static void one(const Packed<Real, Complex>& F, index before, index behind, Extent e, Place<Real> x, Place<Real> y) {
    constexpr index parts = Packed<Real, Complex>::parts;
    bool whole = x.step == e.runs * x.gap && y.step == e.runs * y.gap && x.gap == e.run && y.gap == e.run;
    if (whole && behind * e.runs * e.run == parts) return across<Real>(F.columns(), x.data, y.data, before);
    index runs = whole ? 1 : behind * e.runs, run = whole ? behind * e.runs * e.run : e.run;
    for (index b = 0; b < before; ++b)
      for (index r = 0; r < runs; ++r) {
        index q = r / e.runs, o = r % e.runs;
        along<Real, Complex>(F.rows(), x.data + (b * F.n * behind + q) * x.step + o * x.gap, behind * x.step,
                             y.data + (b * F.m * behind + q) * y.step + o * y.gap, behind * y.step, run);
      }
  }
};

}  // namespace otimes::OTIMES_ISA
