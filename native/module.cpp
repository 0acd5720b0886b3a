// The Python module: reads arrays, lets go of the interpreter lock, runs the task.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <stdexcept>

#include "dispatch.hpp"
#include "kron_module.hpp"
#include "numpy_array.hpp"
#include "result_memory.hpp"
#include "thread_limit.hpp"

namespace nb = nanobind;

namespace otimes {

// What a plan does to arrays of one size, read from Python once.
class Program {
 public:
  using Kinds = std::vector<std::tuple<index, index, std::string>>;
  using Passes = std::vector<std::vector<std::pair<int, int>>>;

  // The factors as (rows, columns, kind); matrices are given as they are, or `transposed`.
  Program(const Kinds& kinds, bool transposed, index columns, const Passes& given)
      : transposed(transposed), columns(columns) {
    for (auto& [m, n, kind] : kinds) {
      factors.push_back({kind_of(kind), m, n, nullptr, 0, 0, nullptr, nullptr});
      rows_in *= n, rows_out *= m;
    }
    for (auto& pass : given) {
      passes.emplace_back();
      for (auto [first, stop] : pass) passes.back().push_back({first, stop});
    }
  }

  // `operands` are the matrices, the entries of diagonals, and (starts, places, entries) of sparse factors, which are
  // transposed already; what is in the place of an identity is not looked at.
  void run(nb::handle result, nb::handle X, const nb::list& operands, int threads) const {
    NumpyArray y = target(result.ptr()), x = read(X.ptr());
    Task task{x.scalar, factors, passes, columns, view_of(x, rows_in), view_of(y, rows_out), threads};
    if (operands.size() != factors.size() || y.scalar != x.scalar || !y.contiguous)
      throw std::invalid_argument("as many operands as factors, arrays of one dtype and a C-ordered result are due");
    for (std::size_t i = 0; i < factors.size(); ++i)
      if (factors[i].kind == Factor::sparse)
        take_sparse(task.factors[i], nb::cast<nb::tuple>(operands[i]), x.scalar);
      else if (factors[i].kind != Factor::identity)
        take(task.factors[i], read(operands[i].ptr()), x.scalar);
    nb::gil_scoped_release released;
    kernel().run(task);
  }

 private:
  std::vector<Factor> factors;  // without entries
  std::vector<Pass> passes;
  bool transposed;
  index columns, rows_in = 1, rows_out = 1;

  static Factor::Kind kind_of(const std::string& name) {
    if (name == "identity") return Factor::identity;
    if (name == "sparse") return Factor::sparse;
    return name == "diagonal" ? Factor::diagonal : Factor::dense;
  }

  // C-ordered arrays are (rows, columns) whatever their axes; one column lies anywhere.
  View view_of(const NumpyArray& a, index rows) const {
    if (a.contiguous && a.size == rows * columns) return {a.data, columns * a.entry, a.entry};
    if (a.axes > 2 || a.shape[0] != rows || a.shape[1] != columns)
      throw std::invalid_argument("arrays of the program's size are due");
    return {a.data, a.strides[0], columns == 1 ? a.entry : a.strides[1]};
  }

  void take(Factor& F, const NumpyArray& a, Scalar scalar) const {
    bool matrix = F.kind == Factor::dense, turned = matrix && transposed;
    if (a.scalar != scalar || a.axes != (matrix ? 2 : 1) || a.shape[turned] != F.rows ||
        (matrix && a.shape[!turned] != F.columns))
      throw std::invalid_argument("factors of the program's sizes, and of the arrays' dtype are due");
    F.entries = a.data, F.row_stride = a.strides[turned], F.column_stride = a.strides[!turned];
  }

  // Every index is looked at: a wrong one would read other memory.
  static void take_sparse(Factor& F, const nb::tuple& parts, Scalar scalar) {
    using Indices = nb::ndarray<const index, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
    auto starts = nb::cast<Indices>(parts[0], false), places = nb::cast<Indices>(parts[1], false);
    NumpyArray a = read(nb::handle(parts[2]).ptr());
    bool fits = a.scalar == scalar && a.axes == 1 && index(starts.size()) == F.rows + 1 && starts(0) == 0 &&
                starts(F.rows) == a.size && index(places.size()) == a.size;
    for (index i = 0; fits && i < F.rows; ++i) fits = starts(i) <= starts(i + 1);
    for (index p = 0; fits && p < a.size; ++p) fits = 0 <= places(p) && places(p) < F.columns;
    if (!fits) throw std::invalid_argument("compressed rows of the program's sizes, and of the arrays' dtype are due");
    F.entries = a.data, F.row_stride = a.strides[0], F.starts = starts.data(), F.places = places.data();
  }
};

// An array of so many bytes, with any content, whose memory outlives it (result_memory.hpp); None if there is none.
static nb::object room(std::size_t bytes) {
  Pages pages = take_pages(bytes);
  if (!pages.data) return nb::none();
  nb::capsule owner(new Pages(pages), [](void* p) noexcept {
    give_pages(*static_cast<Pages*>(p));
    delete static_cast<Pages*>(p);
  });
  return nb::cast(nb::ndarray<nb::numpy, std::uint8_t, nb::ndim<1>>(pages.data, {bytes}, owner));
}

}  // namespace otimes

NB_MODULE(_native, m) {
  using otimes::Program;
  otimes::import_numpy();
  nb::class_<Program>(m, "Program")
      .def(nb::init<const Program::Kinds&, bool, otimes::index, const Program::Passes&>(), nb::arg("kinds"),
           nb::arg("transposed"), nb::arg("columns"), nb::arg("passes"))
      .def("run", &Program::run, nb::arg("result"), nb::arg("X"), nb::arg("operands"), nb::arg("threads"));
  m.def("room", &otimes::room, nb::arg("bytes"));
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
