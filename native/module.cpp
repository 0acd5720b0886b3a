// The Python module: reads arrays, lets go of the interpreter lock, runs the task.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/complex.h>
#include <nanobind/stl/vector.h>

#include <stdexcept>

#include "dispatch.hpp"
#include "kron_module.hpp"
#include "scalar.hpp"
#include "thread_limit.hpp"

namespace nb = nanobind;

namespace otimes {

using Array = nb::ndarray<nb::device::cpu>;

static View view_of(const Array& a) {
  return {static_cast<char*>(a.data()), a.stride(0), a.stride(1), a.stride(2)};
}

// target[b] = (F₁ ⊗ … ⊗ F_N) source[b]; arrays are (batches, rows, columns), factors C-ordered and of one dtype.
static void product(const std::vector<Array>& factors, const std::vector<int>& groups, const Array& source,
                    const Array& target, int threads) {
  Task task{scalar_of(source.dtype()), {}, groups, index(source.shape(0)), index(source.shape(2)), view_of(source), view_of(target), threads};
  for (auto& F : factors) {
    if (scalar_of(F.dtype()) != task.scalar) throw std::invalid_argument("factors and arrays of one dtype are due");
    task.factors.push_back({int(F.shape(0)), int(F.shape(1)), F.data()});
  }
  nb::gil_scoped_release released;
  kernel().run(task);
}

}  // namespace otimes

NB_MODULE(_native, m) {
  m.def("product", &otimes::product, nb::arg("factors"), nb::arg("groups"), nb::arg("source"), nb::arg("target"),
        nb::arg("threads"));
  otimes::bind_kron(m);
  m.def("instruction_set", [] { return otimes::kernel().name; });
  m.def("instruction_sets", [] {
    std::vector<const char*> names;
    for (auto& k : otimes::supported()) names.push_back(k.name);
    return names;
  });
  m.def("get_num_threads", &otimes_get_num_threads);
  m.def("set_num_threads", &otimes_set_num_threads, nb::arg("threads"));
}
