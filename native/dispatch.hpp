#pragma once
#include "task.hpp"
namespace otimes {
const Kernel& kernel();
}
