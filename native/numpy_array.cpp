#define NPY_NO_DEPRECATED_API NPY_2_0_API_VERSION
#include "numpy_array.hpp"

#include <numpy/arrayobject.h>

#include <stdexcept>

namespace otimes {

static int import() {
  import_array1(-1);
  return 0;
}

void import_numpy() {
  if (import() < 0) throw std::runtime_error("NumPy's C interface is not there");
}

static Scalar scalar_of(const PyArray_Descr* dtype, index entry) {
  if (PyArray_ISNBO(dtype->byteorder)) {
    if (dtype->kind == 'f' && entry == 4) return Scalar::float32;
    if (dtype->kind == 'f' && entry == 8) return Scalar::float64;
    if (dtype->kind == 'c' && entry == 8) return Scalar::complex64;
    if (dtype->kind == 'c' && entry == 16) return Scalar::complex128;
  }
  throw std::invalid_argument("float32, float64, complex64 or complex128 is due");
}

NumpyArray read(PyObject* array) {
  if (!PyArray_Check(array)) throw std::invalid_argument("an array of NumPy is due");
  auto a = reinterpret_cast<PyArrayObject*>(array);
  index entry = PyArray_ITEMSIZE(a);
  NumpyArray found{PyArray_BYTES(a), scalar_of(PyArray_DESCR(a), entry), PyArray_NDIM(a), entry, PyArray_SIZE(a),
                   {1, 1}, {0, 0}, bool(PyArray_IS_C_CONTIGUOUS(a))};
  for (int axis = 0; axis < found.axes && axis < 2; ++axis)
    found.shape[axis] = PyArray_DIM(a, axis), found.strides[axis] = PyArray_STRIDE(a, axis);
  return found;
}

NumpyArray target(PyObject* array) {
  NumpyArray found = read(array);
  if (!PyArray_ISWRITEABLE(reinterpret_cast<PyArrayObject*>(array)))
    throw std::invalid_argument("an array that may be written to is due");
  return found;
}

}  // namespace otimes
