// Arrays in memory, and copies between them and the buffers of a tile.
#pragma once

#include <cstring>

#include "task.hpp"
#include "vector.hpp"

namespace otimes::OTIMES_ISA {

// (batches · before · n · behind, columns) entries at any address, strides in bytes. `row` leads to the next index of
// n, `inner` to the next of what is behind it, `batch` to the next block of so many rows.
template <class Real, int parts>
struct Array {
  static constexpr index entry = sizeof(Real) * parts;
  char* data = nullptr;
  index batch = 0, row = 0, inner = 0, column = 0;

  Array() = default;

  // Of batches of so many rows each.
  Array(const View& v, index rows)
      : data(v.data), batch(rows * v.row), row(v.row), inner(v.row), column(v.column) {}

  // Whether each row follows the one before without a gap, so that rows and columns are one index.
  bool flat(index columns) const { return column == entry && inner == columns * entry; }

  bool aligned(index bytes) const {
    return (reinterpret_cast<std::uintptr_t>(data) | row | inner) % bytes == 0 && column == entry;
  }

  char* at(index k, index q, index j) const { return data + k * row + q * inner + j * column; }
};

// Part of it: rows (before, n), what is behind, columns.
struct Box {
  index rows, behind, columns;
};

// To a buffer (rows, behind, columns), row after row, or turned (columns, rows) where nothing is behind.
template <class Real, int parts, bool in>
void copy(Box box, bool turn, const Array<Real, parts>& a, char* there, Real* here) {
  constexpr index entry = a.entry;
  auto move = [](char* array, Real* buffer, index bytes) {
    in ? std::memcpy(buffer, array, bytes) : std::memcpy(array, buffer, bytes);
  };
  index step = turn ? 1 : box.behind * box.columns, along = turn ? box.rows : 1;
  bool whole = !turn && a.column == entry && (box.behind == 1 || a.inner == box.columns * entry);
  for (index k = 0; k < box.rows; ++k) {
    char* row = there + k * a.row;
    Real* to = here + k * step * parts;
    if (whole) {
      move(row, to, step * entry);
      continue;
    }
    for (index q = 0; q < box.behind; ++q)
      for (index j = 0; j < box.columns; ++j)
        move(row + q * a.inner + j * a.column, to + (q * box.columns + j * along) * parts, entry);
  }
}

}  // namespace otimes::OTIMES_ISA
