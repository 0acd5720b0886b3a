// The Python module: reads arrays, lets go of the interpreter lock, runs the task.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/vector.h>

#include <stdexcept>

#include "dispatch.hpp"
#include "kron_module.hpp"
#include "scalar.hpp"
#include "thread_limit.hpp"

namespace nb = nanobind;

namespace otimes {

using Array = nb::ndarray<nb::ndim<2>, nb::device::cpu>;
using ReadOnly = nb::ndarray<nb::ro, nb::ndim<2>, nb::device::cpu>;
using Entries = nb::ndarray<nb::ro, nb::device::cpu>;
using Passes = std::vector<std::vector<std::pair<int, int>>>;

// The passes of a plan, read from Python once.
struct Program {
  std::vector<Pass> passes;

  explicit Program(const Passes& given) {
    for (auto& pass : given) {
      passes.emplace_back();
      for (auto [first, stop] : pass) passes.back().push_back({first, stop});
    }
  }
};

// (rows, columns); one column lies anywhere.
template <class A>
static View view_of(const A& a) {
  index size = index(a.itemsize()), column = a.shape(1) == 1 ? 1 : a.stride(1);
  auto data = const_cast<char*>(static_cast<const char*>(static_cast<const void*>(a.data())));
  return {data, a.stride(0) * size, column * size};
}

// A matrix is a dense factor, a vector the entries of a diagonal one, a number the size of an identity.
static Factor factor_of(nb::handle h, Scalar scalar, std::vector<nb::object>& copies) {
  if (PyLong_Check(h.ptr())) {
    index n = nb::cast<index>(h);
    return {Factor::identity, n, n, nullptr, 0, 0};
  }
  Entries F;
  if (!nb::try_cast(h, F)) {  // a field of a structure: its entries do not lie whole entries apart
    copies.push_back(h.attr("copy")());
    F = nb::cast<Entries>(copies.back());
  }
  if (scalar_of(F.dtype()) != scalar) throw std::invalid_argument("factors and arrays of one dtype are due");
  auto entries = static_cast<const char*>(static_cast<const void*>(F.data()));
  index size = index(F.itemsize()), rows = index(F.shape(0));
  if (F.ndim() == 1) return {Factor::diagonal, rows, rows, entries, F.stride(0) * size, 0};
  return {Factor::dense, rows, index(F.shape(1)), entries, F.stride(0) * size, F.stride(1) * size};
}

static void product(const Array& target, const ReadOnly& source, nb::sequence factors, const Program& program,
                    int threads) {
  Task task{scalar_of(source.dtype()), {}, program.passes, index(source.shape(1)), view_of(source), view_of(target),
            threads};
  std::vector<nb::object> copies;
  for (nb::handle F : factors) task.factors.push_back(factor_of(F, task.scalar, copies));
  index rows = 1, columns = 1;
  for (auto& F : task.factors) rows *= F.rows, columns *= F.columns;
  if (target.dtype() != source.dtype() || columns != index(source.shape(0)) || rows != index(target.shape(0)) ||
      source.shape(1) != target.shape(1))
    throw std::invalid_argument("factors, source and target of one product are due");
  nb::gil_scoped_release released;
  kernel().run(task);
}

}  // namespace otimes

NB_MODULE(_native, m) {
  nb::class_<otimes::Program>(m, "Program").def(nb::init<const otimes::Passes&>(), nb::arg("passes"));
  m.def("product", &otimes::product, nb::arg("target"), nb::arg("source"), nb::arg("factors"), nb::arg("program"),
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
