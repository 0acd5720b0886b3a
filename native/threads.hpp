// Threads for one call: started for it and joined in it. Nothing is left behind that a fork could break or two
// callers could fight over; starting one costs some 20 µs, so small products do not ask for any.
#pragma once

#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "task.hpp"

namespace otimes {

// Calls work(i, after) for 0 ≤ i < count, each once, on up to `threads` threads; `after` is the thread's next i.
// `make` gives each thread its own work.
template <class Make>
void parallel(index count, int threads, Make make) {
  std::atomic<index> next{0};
  std::exception_ptr failure;
  std::mutex guard;
  auto run = [&] {
    try {
      auto work = make();
      auto one = [&] { return next.fetch_add(1, std::memory_order_relaxed); };
      for (index i = one(), after; i < count; i = after) work(i, after = one());
    } catch (...) {
      std::lock_guard<std::mutex> lock(guard);
      failure = std::current_exception();
      next = count;
    }
  };
  std::vector<std::thread> others;
  try {
    for (index t = 1; t < threads && t < count; ++t) others.emplace_back(run);
  } catch (const std::exception&) {
    // the system has no more threads, or no memory for them: those there are do the work
  }
  run();
  for (auto& other : others) other.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace otimes
