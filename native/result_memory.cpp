#include "result_memory.hpp"

#include <sys/mman.h>

#include <cstdint>
#include <mutex>

// Of Python's interface, whose header forgets for C++ that it is one of C.
extern "C" {
int PyTraceMalloc_Track(unsigned domain, std::uintptr_t address, std::size_t size);
int PyTraceMalloc_Untrack(unsigned domain, std::uintptr_t address);
}

namespace otimes {

constexpr unsigned domain = 0x6f78;  // any number, for tracemalloc
constexpr std::size_t huge_page = 2 << 20;
constexpr int most_kept = 2;  // a product and its adjoint may differ in size

static Pages kept[most_kept];  // the last given back first
static std::mutex guard;

static void unmap(Pages pages) {
  if (pages.data) munmap(pages.data, pages.size);
}

// New pages that begin where a huge one may.
static Pages mapped(std::size_t size) {
  void* room = mmap(nullptr, size + huge_page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (room == MAP_FAILED) return {nullptr, 0};
  char* start = static_cast<char*>(room);
  std::size_t before = -reinterpret_cast<std::uintptr_t>(start) % huge_page;
  if (before) munmap(start, before);
  munmap(start + before + size, huge_page - before);
#ifdef MADV_HUGEPAGE
  madvise(start + before, size, MADV_HUGEPAGE);
#endif
  return {start + before, size};
}

static Pages kept_or_mapped(std::size_t bytes) {
  std::size_t size = (bytes + huge_page - 1) / huge_page * huge_page;
  if (size < bytes) return {nullptr, 0};
  {
    std::lock_guard<std::mutex> lock(guard);
    for (auto& pages : kept)
      if (pages.size >= size && pages.size - size <= size / 4) {
        Pages found = pages;
        pages = {nullptr, 0};
        return found;
      }
  }
  return mapped(size);
}

Pages take_pages(std::size_t bytes) {
  Pages pages = kept_or_mapped(bytes);
  if (pages.data) PyTraceMalloc_Track(domain, reinterpret_cast<std::uintptr_t>(pages.data), bytes);
  return pages;
}

void give_pages(Pages pages) {
  PyTraceMalloc_Untrack(domain, reinterpret_cast<std::uintptr_t>(pages.data));
#ifdef MADV_FREE
  if (madvise(pages.data, pages.size, MADV_FREE) != 0) return unmap(pages);
#else
  return unmap(pages);
#endif
  Pages last;
  {
    std::lock_guard<std::mutex> lock(guard);
    int i = 0;
    while (i < most_kept - 1 && kept[i].data) ++i;  // to the first free place, or the last one
    last = kept[i];
    for (; i > 0; --i) kept[i] = kept[i - 1];
    kept[0] = pages;
  }
  unmap(last);
}

}  // namespace otimes
