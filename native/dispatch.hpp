// The kernels of the instruction sets that were compiled in, and the one that is used.
#pragma once

#include <vector>

#include "task.hpp"

namespace otimes {

// What this machine can run, the best first.
std::vector<Kernel> supported();

// The best of them, or what OTIMES_INSTRUCTION_SET names.
const Kernel& kernel();

}  // namespace otimes
