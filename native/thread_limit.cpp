#include "thread_limit.hpp"

#include <algorithm>
#include <atomic>

// Exported although the module hides what is not asked for.
#define EXPORTED __attribute__((visibility("default")))

static std::atomic<int> limit{1};

extern "C" {

EXPORTED int otimes_get_num_threads() { return limit.load(std::memory_order_relaxed); }

EXPORTED void otimes_set_num_threads(int threads) { limit.store(std::max(1, threads), std::memory_order_relaxed); }

}
