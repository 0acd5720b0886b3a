// A tile: as much of the array as stays in cache while every step of a pass is applied to it, read from the source by
// the first, written to the target by the last, in two buffers between.
#pragma once

#include <array>
#include <memory>
#include <new>

#include "incoming.hpp"
#include "packed.hpp"

namespace otimes::OTIMES_ISA {

// Rows of `run` reals in one piece, each `step` reals after the one before.
template <class Real>
struct Place {
  Real* data;
  index step;
};

// A step within a pass: how many rows of the pass are in front of its axis and behind it. `next` is the small factor
// of the axis in front that is applied along with it.
template <class Real, bool Complex>
struct Stage {
  const Packed<Real, Complex>*factor, *next;
  index left, right;

  index rows() const { return factor->m * (next ? next->m : 1); }
  index columns() const { return factor->n * (next ? next->n : 1); }
};

// Room for some reals. What is small lies in the object: a product of it takes no longer than an allocation.
template <class Real>
class Memory {
 public:
  explicit Memory(index reals) {
    std::size_t bytes = reals * sizeof(Real);
    if (bytes > sizeof near) far.reset(::operator new(bytes, alignment));
  }
  Real* get() { return static_cast<Real*>(far ? far.get() : near); }

 private:
  static constexpr std::align_val_t alignment{line_bytes};
  struct Free {
    void operator()(void* p) const { ::operator delete(p, alignment); }
  };
  alignas(line_bytes) unsigned char near[32 << 10];
  std::unique_ptr<void, Free> far;
};

template <class Real, bool Complex>
class Tile {
 public:
  using Stages = std::vector<Stage<Real, Complex>>;

  explicit Tile(index reals) : size((reals + 63) / 64 * 64), memory(3 * size) {}

  Real* buffer(int which) { return memory.get() + which * size; }

  // Applies the stages to `before` blocks of rows. `source` may be the first of the spare buffers.
  void apply(const Stages& stages, const std::array<Real*, 2>& spare, index before, index run, Place<Real> source,
             Place<Real> target, bool past_caches, Incoming<Real, parts<Complex>>& meanwhile) const {
    Place<Real> x = source;
    for (auto& stage : stages) {
      bool last = &stage == &stages.back();
      Place<Real> y = last ? target : Place<Real>{x.data == spare[0] ? spare[1] : spare[0], run};
      if (last && past_caches)
        one(stage, before * stage.left, run, x, y, Streaming<Real>(), meanwhile);
      else
        one(stage, before * stage.left, run, x, y, Whole<Real>(), meanwhile);
      x = y;
    }
  }

 private:
  index size;
  Memory<Real> memory;

  template <class Access>
  static void one(const Stage<Real, Complex>& stage, index left, index run, Place<Real> x, Place<Real> y,
                  Access access, Incoming<Real, parts<Complex>>& meanwhile) {
    const auto& F = *stage.factor;
    bool whole = x.step == run && y.step == run, last = stage.right * run == parts<Complex>;
    if (whole && last && F.sparse) return gather<Real, Complex>(F.stored(), x.data, y.data, left, meanwhile);
    if (whole && last && F.goes_across()) return across<Real>(F.columns(), x.data, y.data, left, meanwhile);
    index pieces = whole ? 1 : stage.right, length = whole ? stage.right * run : run;
    index n = stage.columns(), m = stage.rows(), xj = stage.right * x.step, yi = stage.right * y.step;
    Rows<Real> rows = F.rows(), next = stage.next ? stage.next->rows() : rows;
    for (index l = 0; l < left; ++l)
      for (index r = 0; r < pieces; ++r) {
        const Real* from = x.data + l * n * xj + r * x.step;
        Real* to = y.data + l * m * yi + r * y.step;
        if (F.diagonal)
          scale(F, from, xj, to, yi, length);
        else if (F.sparse)
          combine<Real, Complex>(F.stored(), from, xj, to, yi, length, access, meanwhile);
        else if (stage.next)
          pair<Real>(next, rows, from, xj, to, yi, length, access, meanwhile);
        else
          along<Real, Complex>(rows, from, xj, to, yi, length, access, meanwhile);
      }
  }

  static void scale(const Packed<Real, Complex>& D, const Real* x, index xj, Real* y, index yi, index length) {
    constexpr index c = parts<Complex>;
    for (index i = 0; i < D.m; ++i) {
      const Real* d = D.entries() + i * c;
      for (index k = 0; k < length; k += c)
        if constexpr (Complex) {
          Real re = x[i * xj + k], im = x[i * xj + k + 1];
          y[i * yi + k] = d[0] * re - d[1] * im;
          y[i * yi + k + 1] = d[0] * im + d[1] * re;
        } else {
          y[i * yi + k] = d[0] * x[i * xj + k];
        }
    }
  }
};

}  // namespace otimes::OTIMES_ISA
