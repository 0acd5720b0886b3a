"""What Toeplitz and circulant matrices share: ties along the diagonals of blocks, and of blocks in these."""

import math
from abc import abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse

from otimes.core.checks import shape_text
from otimes.core.convert import aslinearoperator
from otimes.core.operator import LinearOperator
from otimes.factorization.detection.detector import Detector, Probe, of_zeros
from otimes.factorization.detection.entries import Entries
from otimes.factorization.detection.finding import Finding, score
from otimes.factorization.detection.ties import Free, Level, Levels, Tied, probe_ties, tied
from otimes.factorization.shapes import Shape, divisors
from otimes.operators.zero import zeros

MOST_BLOCKS = 2**14  # of a miss: each is an operator of its own

Assemble = Callable[[list[LinearOperator], Any], LinearOperator]  # blocks by classes, and their level


class ShiftInvariant(Detector[Levels]):
    """A grid of blocks that only depend on the difference of their indices, the finest grid that there is.

    Blocks that are themselves such grids make further levels; where the last has single entries the whole is one
    operator on grids, else blocks in blocks.
    """

    name: str

    @abstractmethod
    def level(self, shape: Shape) -> Level:
        """Return the ties of a grid of blocks."""

    @abstractmethod
    def whole(self, found: Tied) -> LinearOperator:
        """Return the operator that is tied on every level."""

    @abstractmethod
    def of_blocks(self, blocks: list[LinearOperator], level: Any) -> LinearOperator:
        """Return the operator of blocks, one for each class of the level."""

    @abstractmethod
    def grids(self, rows: list[int], columns: list[int], shape: Shape) -> list[Shape]:
        """Return the grids of blocks to try, of a matrix of this shape with these divisors."""

    def sizes(self, entries: Entries) -> list[Levels]:
        """Return every grid of blocks, the finest first."""
        return self._trials(
            (), [m for m, _ in entries.row_splits], [n for n, _ in entries.column_splits], entries.shape
        )

    def _trials(self, outer: Levels, rows: list[int], columns: list[int], shape: Shape) -> list[Levels]:
        grids = sorted(self.grids(rows, columns, shape), key=lambda g: (-g[0] * g[1], g))
        return [(*outer, self.level(g), *_rest(shape, g)) for g in grids]

    def probe(self, entries: Entries, sizes: list[Levels]) -> Probe:
        """Return how far sampled entries are from those they should be equal to."""
        return probe_ties(entries, sizes)

    def least(self, size: Levels) -> int:
        """Return the numbers if the blocks had one on each row or column; each further level has as many at least."""
        return math.prod(level.classes if not isinstance(level, Free) else max(level.shape) for level in size)

    def numbers(self, _: Entries, size: Levels) -> int:
        """Return one for each class."""
        return _classes(size)

    def fit(self, entries: Entries, size: Levels, rtol: float) -> Finding:
        """Return the means of the ties, with as many levels as hold."""
        found = tied(entries, size)
        while isinstance(found.levels[-1], Free) and found.distance <= rtol:
            finer = self._refined(entries, found, rtol)
            if finer is None:
                break
            found = finer
        return self._finding(found)

    def miss(self, entries: Entries, size: Levels) -> Finding | None:
        """Return the means of the ties, with as many levels as their score is better for, if the blocks are few."""
        found = tied(entries, size)
        while isinstance(found.levels[-1], Free):
            trials = self._inner_trials(found)
            estimates = probe_ties(entries, trials).estimates if trials else np.zeros(0)
            ranks = [score(e, _classes(trial), entries.numbers) for e, trial in zip(estimates, trials, strict=True)]
            if min(ranks, default=math.inf) >= of_zeros(entries):
                break
            finer = tied(entries, trials[int(np.argmin(ranks))])
            if _score(entries, finer) >= _score(entries, found):
                break
            found = finer
        return self._finding(found) if _blocks(found) <= MOST_BLOCKS else None

    def _finding(self, found: Tied) -> Finding:
        blocks = isinstance(found.levels[-1], Free)
        depth = len(found.levels) - blocks
        name = " ".join(["multilevel"] * (depth > 1) + ["block"] * blocks + [self.name])
        detail = " · ".join(shape_text(level.shape) for level in found.levels)
        operator = _of_blocks(found, self.of_blocks) if blocks else self.whole(found)
        return Finding(name, detail, operator, found.distance, found.numbers if blocks else found.classes)

    def _refined(self, entries: Entries, found: Tied, rtol: float) -> Tied | None:
        trials = self._inner_trials(found)
        if not trials:
            return None
        for trial, bound in zip(trials, probe_ties(entries, trials).bounds, strict=True):
            if bound <= rtol:
                finer = tied(entries, trial)
                if finer.distance <= rtol:
                    return finer
        return None

    def _inner_trials(self, found: Tied) -> list[Levels]:
        *outer, free = found.levels
        m, n = free.shape
        return self._trials(tuple(outer), divisors(m), divisors(n), free.shape)


def _classes(levels: Levels) -> int:
    return math.prod(level.classes for level in levels)


def _score(entries: Entries, found: Tied) -> float:
    return score(found.distance, found.numbers, entries.numbers)


def _blocks(found: Tied) -> int:
    """Return how many blocks have any entries, if there are blocks."""
    *_, last = found.levels
    return len(np.unique(found.labels // last.classes)) if isinstance(last, Free) else 0


def _rest(shape: Shape, grid: Shape) -> tuple[Free, ...]:
    """Return the blocks of a grid as a level without ties, if they are more than single entries."""
    rest = (shape[0] // grid[0], shape[1] // grid[1])
    return () if rest == (1, 1) else (Free(rest),)


def _of_blocks(found: Tied, assemble: Assemble) -> LinearOperator:
    """Return blocks in blocks; those without any entries hold nothing."""
    first, *rest = found.levels
    if rest:
        m, n = (math.prod(sizes) for sizes in zip(*(level.shape for level in rest), strict=True))
        blocks: list[LinearOperator] = [zeros(m, n, dtype=found.means.dtype)] * first.classes
        for k in np.unique(found.labels // (found.classes // first.classes)):
            blocks[k] = _of_blocks(found.inner(k), assemble)
        return assemble(blocks, first)
    m, n = first.shape
    if len(found.labels) == m * n:
        return aslinearoperator(found.means.reshape(m, n))
    return aslinearoperator(scipy.sparse.csr_array((found.means, np.divmod(found.labels, n)), shape=(m, n)))
