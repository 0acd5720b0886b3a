// What A ⊗ B ⊗ … written out is, free of any instruction set: factors of any strides, a contiguous result.
#pragma once

#include <vector>

#include "task.hpp"

namespace otimes {

struct Matrix {
  const void* entries;
  index rows, columns;
  index row, column;  // strides in entries
};

struct KronTask {
  Scalar scalar;
  std::vector<Matrix> factors;  // none of them empty
  void* target;                 // C-ordered
  int threads;
};

}  // namespace otimes
