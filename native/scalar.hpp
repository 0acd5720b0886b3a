// The dtypes that the kernels are compiled for.
#pragma once

#include <nanobind/ndarray.h>

#include <complex>
#include <stdexcept>

#include "task.hpp"

namespace otimes {

inline Scalar scalar_of(nanobind::dlpack::dtype t) {
  namespace nb = nanobind;
  if (t == nb::dtype<float>()) return Scalar::float32;
  if (t == nb::dtype<double>()) return Scalar::float64;
  if (t == nb::dtype<std::complex<float>>()) return Scalar::complex64;
  if (t == nb::dtype<std::complex<double>>()) return Scalar::complex128;
  throw std::invalid_argument("float32, float64, complex64 or complex128 is due");
}

}  // namespace otimes
