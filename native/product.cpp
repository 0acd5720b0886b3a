// (F₁ ⊗ … ⊗ F_N) X, compiled once for each instruction set.
#include <array>

#include "traversal.hpp"

namespace otimes::OTIMES_ISA {

// What goes through several passes is taken in blocks of batches or columns that stay in L3 between one and the next.
constexpr index block_bytes = 8 << 20;
// Arrays above this would leave no room in the cache for what is still to be read.
constexpr index streamed_bytes = 16 << 20;

template <class Real, bool Complex>
class Product {
  static constexpr int c = parts<Complex>;
  static constexpr index entry = sizeof(Real) * c, line = line_bytes / entry;
  using Arrays = Array<Real, c>;

  using Between = std::array<std::unique_ptr<Memory<Real>>, 2>;

  struct Block {
    index batch, batches, column, columns;
  };

 public:
  explicit Product(const Task& task)
      : task(task), batches(task.factors[0].kind == Factor::identity ? task.factors[0].rows : 1),
        source(task.source, product(task, &Factor::columns) / batches),
        target(task.target, product(task, &Factor::rows) / batches) {
    std::vector<index> sizes;
    sizes.reserve(task.factors.size());
    for (auto& F : task.factors) sizes.push_back(F.columns);
    sizes[0] /= batches;
    packed.reserve(task.factors.size()), sweeps.reserve(task.passes.size());
    for (auto& pass : task.passes) sweeps.emplace_back(pass, task.factors, packed, sizes, task.columns);
    for (auto& s : sweeps) largest = std::max({largest, s.before * s.n * s.behind, s.rows_out()});
  }

  void run() const {
    index columns = task.columns, batches = this->batches;
    if (sweeps.size() > 1) {
      index fitting = block_bytes / entry / largest / line * line;
      if (fitting * entry >= piece_bytes) columns = std::min(columns, fitting);
      batches = std::min(batches, std::max<index>(1, fitting / columns));
    }
    index across = (task.columns + columns - 1) / columns, down = (this->batches + batches - 1) / batches;
    bool each = across * down >= task.threads;  // each thread has blocks of its own
    index room = most_between() * batches * columns * c;  // of any block: a thread may begin with a smaller one
    parallel(across * down, each ? task.threads : 1, [&] {
      return [=, between = Between()](index i, index) mutable {
        index j = i % across * columns, b = i / across * batches;
        Block here{b, std::min(batches, this->batches - b), j, std::min(columns, task.columns - j)};
        block(here, room, across * down > 1, between, each ? 1 : task.threads);
      };
    });
  }

 private:
  const Task& task;
  index batches;  // the size of an identity in front
  std::vector<Packed<Real, Complex>> packed;
  std::vector<Sweep<Real, Complex>> sweeps;
  Arrays source, target;
  index largest = 1;

  static index product(const Task& task, index Factor::*size) {
    index all = 1;
    for (auto& F : task.factors) all *= F.*size;
    return all;
  }

  // Rows of the largest array between two passes.
  index most_between() const {
    index most = 0;
    for (std::size_t k = 0; k + 1 < sweeps.size(); ++k) most = std::max(most, sweeps[k].rows_out());
    return most;
  }

  // All passes on some batches and columns. What is between two of them lies in the target if it has its size, else,
  // or in one of many blocks, in memory of its own, of `room` reals, which is reused from block to block.
  void block(Block here, index room, bool many, Between& between, int threads) const {
    Arrays x = source, y = target;
    for (Arrays* a : {&x, &y}) a->data += here.batch * a->batch + here.column * a->column;
    bool own = many || !target.flat(task.columns);
    for (auto& s : sweeps) own |= s.rows_out() != sweeps.back().rows_out();
    index bytes = here.columns * here.batches * entry, all = task.columns * batches * entry;
    for (std::size_t k = 0; k < sweeps.size(); ++k) {
      bool last = k + 1 == sweeps.size();
      Arrays to = y;
      if (!last && own) {
        auto& memory = between[k % 2];
        if (!memory) memory = std::make_unique<Memory<Real>>(room);
        to = Arrays(View{reinterpret_cast<char*>(memory->get()), here.columns * entry, entry}, sweeps[k].rows_out());
      }
      bool past_caches = sweeps[k].rows_out() * (last ? all : bytes) >= streamed_bytes;
      Traversal<Real, Complex>(sweeps[k], here.batches, here.columns, x, to, past_caches).run(threads);
      x = to;
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
