// What a product is, free of any instruction set: sizes, strides and the plan.
#pragma once

#include <cstdint>
#include <vector>

namespace otimes {

using index = std::int64_t;

enum class Scalar { float32, float64, complex64, complex128 };

struct Factor {
  enum Kind { dense, diagonal, sparse, identity } kind;
  index rows, columns;
  const char* entries;
  index row_stride, column_stride;  // in bytes
  const index *starts, *places;     // of a sparse factor, by compressed rows; its entries lie one after the other
};

// The factors first, …, stop − 1, multiplied out and applied as one.
struct Step {
  int first, stop;
};

using Pass = std::vector<Step>;  // of neighbouring factors, in the order in which they are applied

// An array (rows, columns) of any strides, in bytes.
struct View {
  char* data;
  index row, column;
};

// target = (F₁ ⊗ … ⊗ F_N) source. Each pass goes through the array once, tile by tile, and applies its steps to
// a tile while that is in cache.
struct Task {
  Scalar scalar;
  std::vector<Factor> factors;
  const std::vector<Pass>& passes;
  index columns;
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
