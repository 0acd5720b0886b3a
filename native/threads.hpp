// Threads for one call: started for it and joined in it. Nothing is left behind that a fork could break or two
// callers could fight over; starting one costs some 20 µs, so small products do not ask for any.
#pragma once

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "task.hpp"

namespace otimes {

// Calls work(i, after) for 0 ≤ i < count, each once, on up to `threads` threads; `after` is the thread's next i.
// `make` gives each thread its own work. Thread t begins with i = t: one that took its first i and the next from the
// common ones could leave none to the others.
template <class Make>
void parallel(index count, int threads, Make make) {
  threads = int(std::min<index>(threads, count));
  std::atomic<index> next{threads};
  std::exception_ptr failure;
  std::mutex guard;
  auto run = [&](index first) {
    try {
      auto work = make();
      auto one = [&] { return next.fetch_add(1, std::memory_order_relaxed); };
      for (index i = first, after; i < count; i = after) work(i, after = one());
    } catch (...) {
      std::lock_guard<std::mutex> lock(guard);
      failure = std::current_exception();
      next = count;
    }
  };
  std::vector<std::thread> others;
  int started = 1;
  try {
    for (; started < threads; ++started) others.emplace_back(run, started);
  } catch (const std::exception&) {
    // the system has no more threads, or no memory for them: those there are do the work
  }
  run(0);
  for (; started < threads; ++started) run(started);
  for (auto& other : others) other.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace otimes
