// Threads for one call: started for it and joined in it. Nothing is left behind that a fork could break or two
// callers could fight over; starting one costs some 20 µs, so small products do not ask for any.
#pragma once

#include <algorithm>
#include <atomic>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>
#if defined(__GLIBC__)
#include <pthread.h>
#include <sched.h>
#endif

#include "task.hpp"

namespace otimes {

#if defined(__GLIBC__)
// A thread that does not begin where its parent runs: after a pause the system puts a new one there, and leaves it
// waiting until its next tick, some 4 ms, whatever else is idle. It may then go wherever its parent may.
class Thread {
 public:
  explicit Thread(std::function<void()> work) : task(new Task{std::move(work), {}, false}) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    int here = sched_getcpu();
    task->known = here >= 0 && sched_getaffinity(0, sizeof(cpu_set_t), &task->allowed) == 0;
    if (task->known) {
      cpu_set_t others = task->allowed;
      CPU_CLR(here, &others);
      if (CPU_COUNT(&others) > 0) pthread_attr_setaffinity_np(&attributes, sizeof others, &others);
    }
    int error = pthread_create(&id, &attributes, &begin, task.get());
    pthread_attr_destroy(&attributes);
    if (error) throw std::system_error(error, std::generic_category());
  }

  void join() { pthread_join(id, nullptr); }

 private:
  struct Task {
    std::function<void()> work;
    cpu_set_t allowed;
    bool known;  // whether the system said which are allowed
  };
  std::unique_ptr<Task> task;
  pthread_t id;

  static void* begin(void* p) {
    auto task = static_cast<Task*>(p);
    if (task->known) sched_setaffinity(0, sizeof(cpu_set_t), &task->allowed);
    task->work();
    return nullptr;
  }
};
#else
using Thread = std::thread;
#endif

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
  std::vector<Thread> others;
  int started = 1;
  try {
    for (; started < threads; ++started) others.emplace_back([&run, started] { run(started); });
  } catch (const std::exception&) {
    // the system has no more threads, or no memory for them: those there are do the work
  }
  run(0);
  for (; started < threads; ++started) run(started);
  for (auto& other : others) other.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace otimes
