// The part of the Python module that writes out Kronecker products.
#include "kron_module.hpp"

#include <stdexcept>

#include "dispatch.hpp"
#include "kron.hpp"
#include "numpy_array.hpp"

namespace nb = nanobind;

namespace otimes {

// result = F₁ ⊗ … ⊗ F_N, all of one dtype; the result is C-ordered.
static void kron(const nb::list& factors, nb::handle result, int threads) {
  NumpyArray y = target(result.ptr());
  KronTask task{y.scalar, {}, y.data, threads};
  index rows = 1, columns = 1;
  for (nb::handle F : factors) {
    NumpyArray a = read(F.ptr());
    if (a.scalar != y.scalar || a.axes != 2) throw std::invalid_argument("matrices of the result's dtype are due");
    task.factors.push_back({a.data, a.shape[0], a.shape[1], a.strides[0] / a.entry, a.strides[1] / a.entry});
    rows *= a.shape[0], columns *= a.shape[1];
  }
  if (!y.contiguous || rows != y.shape[0] || columns != y.shape[1] || task.factors.empty())
    throw std::invalid_argument("a C-ordered result of the product's shape is due");
  if (!rows || !columns) return;
  nb::gil_scoped_release released;
  kernel().kron(task);
}

void bind_kron(nb::module_& m) {
  m.def("kron", &kron, nb::arg("factors"), nb::arg("result"), nb::arg("threads"));
}

}  // namespace otimes
