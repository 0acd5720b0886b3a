// Arrays of NumPy, read by its own C interface: the exchange protocols take longer than a small product.
#pragma once

#include <Python.h>

#include "task.hpp"

namespace otimes {

struct NumpyArray {
  char* data;
  Scalar scalar;
  int axes;
  index entry;                 // bytes of one
  index size;                  // entries
  index shape[2], strides[2];  // of the first two axes, the strides in bytes; without an axis 1 and 0
  bool contiguous;             // C-ordered
};

// To be called once, before any array is read.
void import_numpy();

// Throws what Python shows as ValueError for what is no array of a dtype that the kernels are compiled for.
NumpyArray read(PyObject* array);

// An array to be written to.
NumpyArray target(PyObject* array);

}  // namespace otimes
