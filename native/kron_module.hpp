#pragma once
#include <nanobind/nanobind.h>

namespace otimes {
void bind_kron(nanobind::module_& m);
}
