// A pass of the plan with all sizes known: the array is seen as (before, n, behind, columns), of which the pass makes
// (before, m, behind, columns).
#pragma once

#include <algorithm>

#include "tile.hpp"

namespace otimes::OTIMES_ISA {

template <class Real, bool Complex>
struct Sweep {
  std::vector<Stage<Real, Complex>> stages;
  index before, n, m, behind, most;  // most: the largest that n grows to

  index rows_out() const { return before * m * behind; }

  // The steps are `packed`, which does not move. `sizes` are the rows of each axis so far.
  Sweep(const Pass& pass, const std::vector<Factor>& factors, std::vector<Packed<Real, Complex>>& packed,
        std::vector<index>& sizes, index columns) {
    int first = int(sizes.size()), stop = 0;
    for (auto& step : pass) first = std::min(first, step.first), stop = std::max(stop, step.stop);
    auto size = [&sizes](int from, int to) {
      index product = 1;
      for (int i = from; i < to; ++i) product *= sizes[i];
      return product;
    };
    before = size(0, first), n = m = most = size(first, stop), behind = size(stop, int(sizes.size()));
    stages.reserve(pass.size());
    int front = -1;  // of the stage before, if it may take a factor with it
    for (auto& step : pass) {
      index left = size(first, step.first), right = size(step.stop, stop);
      auto& factor = packed.emplace_back(factors, step, right * behind * columns);
      if (factor.small() && front == step.stop) {
        stages.back().next = &factor, stages.back().left = left, front = -1;
      } else {
        stages.push_back({&factor, nullptr, left, right});
        front = factor.small() && right * behind * columns >= lanes<Real> ? step.first : -1;
      }
      for (int i = step.first; i < step.stop; ++i) sizes[i] = factors[i].rows;
      m = size(first, stop), most = std::max(most, m);
    }
  }
};

}  // namespace otimes::OTIMES_ISA
