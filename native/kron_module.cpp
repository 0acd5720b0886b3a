// The part of the Python module that writes out Kronecker products.
#include "kron_module.hpp"

#include <nanobind/stl/vector.h>

#include "dispatch.hpp"
#include "kron.hpp"
#include "scalar.hpp"

namespace nb = nanobind;

namespace otimes {

using Factors = std::vector<nb::ndarray<nb::ro, nb::ndim<2>, nb::device::cpu>>;
using Target = nb::ndarray<nb::ndim<2>, nb::c_contig, nb::device::cpu>;

// target = F₁ ⊗ … ⊗ F_N, all of one dtype.
static void kron(const Factors& factors, const Target& target, int threads) {
  KronTask task{scalar_of(target.dtype()), {}, target.data(), threads};
  index rows = 1, columns = 1;
  for (auto& F : factors) {
    if (F.dtype() != target.dtype()) throw std::invalid_argument("factors and target of one dtype are due");
    task.factors.push_back({F.data(), index(F.shape(0)), index(F.shape(1)), F.stride(0), F.stride(1)});
    rows *= index(F.shape(0)), columns *= index(F.shape(1));
  }
  if (rows != index(target.shape(0)) || columns != index(target.shape(1)) || factors.empty())
    throw std::invalid_argument("a target of the product's shape is due");
  if (!rows || !columns) return;
  nb::gil_scoped_release released;
  kernel().kron(task);
}

void bind_kron(nb::module_& m) {
  m.def("kron", &kron, nb::arg("factors"), nb::arg("target"), nb::arg("threads"));
}

}  // namespace otimes
