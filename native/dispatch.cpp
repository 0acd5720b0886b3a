#include "dispatch.hpp"

#include <cstdlib>
#include <stdexcept>
#include <string>

namespace otimes {

namespace baseline { void run(const Task&); void kron(const KronTask&); }
#ifdef OTIMES_X86
namespace avx2 { void run(const Task&); void kron(const KronTask&); }
namespace avx512 { void run(const Task&); void kron(const KronTask&); }
#endif

std::vector<Kernel> supported() {
#ifdef OTIMES_X86
  __builtin_cpu_init();
  std::vector<Kernel> kernels;
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
    kernels.push_back({"AVX-512", avx512::run, avx512::kron});
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    kernels.push_back({"AVX2", avx2::run, avx2::kron});
  kernels.push_back({"SSE2", baseline::run, baseline::kron});
  return kernels;
#else
  return {{"NEON", baseline::run, baseline::kron}};
#endif
}

static Kernel choose() {
  auto kernels = supported();
  const char* asked = std::getenv("OTIMES_INSTRUCTION_SET");
  if (!asked || !*asked) return kernels.front();
  std::string names;
  for (auto& k : kernels) {
    if (asked == std::string(k.name)) return k;
    names += (names.empty() ? "" : ", ") + std::string(k.name);
  }
  throw std::invalid_argument("OTIMES_INSTRUCTION_SET=" + std::string(asked) + ": this machine runs " + names);
}

const Kernel& kernel() {
  static const Kernel chosen = choose();
  return chosen;
}

}  // namespace otimes
