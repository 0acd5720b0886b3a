// Memory of large results. The system clears the pages of new memory, which takes as long as writing a product: so the
// memory of the last results that went is kept for the next ones, and marked as free, for the system to take back
// whenever it is short.
#pragma once

#include <cstddef>

namespace otimes {

struct Pages {
  void* data;
  std::size_t size;  // bytes
};

// Pages of at least so many bytes, with any content; none, {nullptr, 0}, where the system has no more.
Pages take_pages(std::size_t bytes);

void give_pages(Pages pages);

}  // namespace otimes
