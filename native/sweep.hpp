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

  // `factor` goes over the packed steps, `sizes` are the rows of each axis so far.
  template <class Iterator>
  Sweep(const Pass& pass, const std::vector<Factor>& factors, Iterator& factor, std::vector<index>& sizes,
        index columns) {
    int first = int(sizes.size()), stop = 0;
    for (auto& step : pass) first = std::min(first, step.first), stop = std::max(stop, step.stop);
    auto size = [&sizes](int from, int to) {
      index product = 1;
      for (int i = from; i < to; ++i) product *= sizes[i];
      return product;
    };
    before = size(0, first), n = m = most = size(first, stop), behind = size(stop, int(sizes.size()));
    for (auto step = pass.begin(); step != pass.end(); ++step, ++factor) {
      index right = size(step->stop, stop);
      auto last = step;
      auto inner = factor;
      bool vectors = right * behind * columns >= lanes<Real>;
      bool neighbours = step + 1 != pass.end() && (step + 1)->stop == step->first;
      if (vectors && neighbours && factor->small() && (factor + 1)->small())
        ++step, ++factor;
      stages.push_back({&*inner, inner == factor ? nullptr : &*factor, size(first, step->first), right});
      for (int i = step->first; i < last->stop; ++i) sizes[i] = factors[i].rows;
      m = size(first, stop), most = std::max(most, m);
    }
  }
};

}  // namespace otimes::OTIMES_ISA
