#include "dispatch.hpp"

namespace otimes {

namespace baseline { void run(const Task&); }
#ifdef OTIMES_X86
namespace avx2 { void run(const Task&); }
namespace avx512 { void run(const Task&); }
#endif

static Kernel choose() {
#ifdef OTIMES_X86
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")) return {"AVX-512", avx512::run};
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return {"AVX2", avx2::run};
  return {"SSE2", baseline::run};
#else
  return {"NEON", baseline::run};
#endif
}

const Kernel& kernel() {
  static const Kernel chosen = choose();
  return chosen;
}

}  // namespace otimes
