// What a product is, free of any instruction set: sizes, strides and the plan. Pointers are to entries of `scalar`.
#pragma once

#include <cstdint>
#include <vector>

namespace otimes {

using index = std::int64_t;

enum class Scalar { float32, float64, complex64, complex128 };

struct Factor {
  int m, n;
  const void* entries;  // m × n, C-ordered
};

// An array (batch, K, columns) of any strides, counted in entries.
struct View {
  char* data;
  index batch, row, column;
};

// (F₁ ⊗ … ⊗ F_N) applied to the middle axis of the source. Factors `groups[g]` up to `groups[g + 1]` are applied while
// a tile is in cache; the groups come one after the other, the last one first.
struct Task {
  Scalar scalar;
  std::vector<Factor> factors;
  std::vector<int> groups;
  index batches, columns;
  View source, target;
  int threads;
};

struct KronTask;  // kron.hpp

struct Kernel {
  const char* name;
  void (*run)(const Task&);
  void (*kron)(const KronTask&);
};

}  // namespace otimes
