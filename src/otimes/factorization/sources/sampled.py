"""Matrices known by a function, approximated by crosses and judged by fresh entries."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from otimes.core.checks import MAX_BYTES, require_bytes
from otimes.core.indexing import entries
from otimes.core.operator import LinearOperator
from otimes.factorization.certificate import Certificate
from otimes.factorization.shapes import Shapes, most_terms
from otimes.factorization.sources.cross import STRAY, Crosses
from otimes.factorization.sources.dense import DenseOperand, dense_operand
from otimes.factorization.sources.entry_function import EntryFunction
from otimes.factorization.sources.function_reader import SAMPLE, FunctionReader, Sample
from otimes.factorization.sources.kronecker_products import ThinRearrangement
from otimes.factorization.sources.operand import Operand, scale_of, working_dtype
from otimes.factorization.sources.prepared import PreparedOperand
from otimes.factorization.sources.rearranged import Rearranged

_CROSSES = 0xC205  # set beside the user's seed
_PART = 30  # of a search: shapes of which fewer rows and columns would be all entries are left out
_LOOKS = 4  # at the error, each with fresh entries; those that showed too much are followed from then on


@dataclass(frozen=True, eq=False)
class FunctionOperand(Operand[EntryFunction]):
    """The entries of a function, none of which has been read."""

    @classmethod
    def of(cls, function: EntryFunction) -> "FunctionOperand":
        """Return the function as an operand."""
        return cls(function, working_dtype(np.dtype(function.dtype)), 1.0)

    @property
    def matrix(self) -> np.ndarray:
        """All entries, below 2 GiB."""
        what = "all entries of an EntryFunction, as an array,"
        require_bytes(self.shape, self.dtype.itemsize, MAX_BYTES, what, "nearest_kronecker of two factors asks for few")
        return np.concatenate(list(self._rows()))

    def _rows(self) -> Iterator[np.ndarray]:
        """Yield the entries, some rows at a time."""
        m, n = self.shape
        step = max(1, 2**20 // n)
        for start in range(0, m, step):
            rows = np.arange(start, min(start + step, m))
            yield self.source.entries(np.repeat(rows, n), np.tile(np.arange(n), len(rows))).reshape(-1, n)

    def product(self, X: np.ndarray) -> np.ndarray:
        """Return M X, which asks for all entries."""
        return np.concatenate([block @ X for block in self._rows()])

    def rearranged(self, shapes: Shapes) -> Rearranged:
        """Return what crosses make of the rearrangement."""
        return self.prepared(shapes, tol=0.0).rearranged(shapes)

    def prepared(self, shapes: Shapes, *, terms: int | None = None, tol: float | None = None, seed: int = 0) -> Operand:
        """Return the matrix as some of its entries show it: as many as the terms or the tolerance take."""
        if math.prod(self.shape) <= 4 * SAMPLE:
            whole = dense_operand(self.matrix)
            return WholeOperand(whole.source, whole.dtype, whole.scale)
        what = "a row and a column of the rearrangement"
        instead = "take factors whose shapes are closer to each other in size"
        (m1, n1), (m2, n2) = shapes
        require_bytes((m1 * n1 + m2 * n2,), self.dtype.itemsize, MAX_BYTES, what, instead)
        return _sampled(self, shapes, terms=terms, tol=tol, seed=seed)

    def admits(self, shapes: Shapes) -> bool:
        """Whether a row and a column of R are a small part of it, and less than 2 GiB."""
        numbers = sum(m * n for m, n in shapes)
        size = math.prod(self.shape)
        return size <= 4 * SAMPLE or (_PART * numbers <= size and numbers * self.dtype.itemsize <= MAX_BYTES)


@dataclass(frozen=True, eq=False)
class WholeOperand(DenseOperand):
    """A small matrix of which a function gave all entries."""

    def certificate(self, K: LinearOperator, *, error: float, gap: float | None, seed: int) -> Certificate:
        """Return what vouches for the error, which is exact."""
        return replace(super().certificate(K, error=error, gap=gap, seed=seed), entries_read=self.source.size)


@dataclass(frozen=True, eq=False)
class SampledRearrangement(ThinRearrangement):
    """X Yᵀ of crosses; how far R is from it is estimated by entries that the crosses do not know.

    The distance of R from another matrix K takes that of X Yᵀ from K, which is exact, and from the sample only what
    changes it, |R − K|² − |X Yᵀ − K|²: a control variate.
    """

    sample: Sample

    @property
    def T(self) -> "SampledRearrangement":
        """Rᵀ."""
        return SampledRearrangement(self.right, self.left, self.dtype, self.sample.T)

    @cached_property
    def rest(self) -> float:
        """‖R − X Yᵀ‖."""
        squares = np.abs(self.sample.values - self.sample.entries(self.left, self.right)) ** 2
        return math.sqrt(math.prod(self.shape) * float(squares.mean()))

    def residual_norms(self, left: np.ndarray, right: np.ndarray) -> tuple[float, float]:
        """Return ‖R − left rightᵀ‖ and ‖R‖, estimated."""
        exact, _ = super().residual_norms(left, right)
        return self._changed(exact, self.sample.entries(left, right)), self.norm()

    def norm(self) -> float:
        """Return ‖R‖, its distance from 0, estimated."""
        return self._changed(super().norm(), np.zeros_like(self.sample.values))

    def _changed(self, distance: float, known: np.ndarray) -> float:
        """Return how far R is from K, of which X Yᵀ has this distance."""
        return math.sqrt(max(distance**2 + math.prod(self.shape) * float(self.changes(known).mean()), 0.0))

    def changes(self, known: np.ndarray) -> np.ndarray:
        """Return |R − K|² − |X Yᵀ − K|² at the sample, for the entries of K there."""
        near = self.sample.entries(self.left, self.right)
        return np.abs(self.sample.values - known) ** 2 - np.abs(near - known) ** 2


@dataclass(frozen=True, eq=False)
class SampledOperand(PreparedOperand):
    """A matrix known by a function, approximated for one pair of shapes."""

    known: SampledRearrangement
    reader: FunctionReader

    def certificate(self, K: LinearOperator, *, error: float, gap: float | None, seed: int) -> Certificate:
        """Return what vouches for an error estimated by a sample: its standard error as that of a ratio."""
        sample, norm = self.known.sample, self.known.norm()
        known = entries(K, *self.reader.places(sample.rows, sample.columns)) / self.scale
        deviations = self.known.changes(known) - error**2 * self.known.changes(np.zeros_like(known))
        of_squares = math.prod(self.shape) * float(deviations.std(ddof=1)) / math.sqrt(len(deviations))
        standard_error = of_squares / (2 * error * norm**2) if error else 0.0
        return Certificate("estimate", standard_error, seed, gap=gap, entries_read=self.reader.entries_read)


def _sampled(
    source: FunctionOperand, shapes: Shapes, *, terms: int | None, tol: float | None, seed: int
) -> SampledOperand:
    """Return the operand with as many crosses as the terms, or a part of the tolerance, take."""
    reader = FunctionReader(source.source, shapes)
    rng = np.random.default_rng([seed, _CROSSES])
    sample = Sample.drawn(reader, rng)
    reader.scale = scale_of(float(np.abs(sample.values).max()), source.dtype)
    crosses = Crosses(reader, sample.rows, sample.columns, sample.values / reader.scale)
    target = tol / STRAY if tol is not None else 0.0
    most = _most_crosses(source, shapes, terms or 1 if tol is None else None)
    for _ in range(_LOOKS):
        while crosses.error > target and crosses.count < most and reader.affords(sum(reader.shape) + SAMPLE):
            if not crosses.add():
                break
        left, right = crosses.arrays()
        fresh = Sample.drawn(reader, rng)
        R = SampledRearrangement(left, right, source.dtype, fresh)
        if R.rest <= 2 * target * R.norm() or target == 0 or not reader.affords(sum(reader.shape) + 2 * SAMPLE):
            break
        crosses.watch(fresh.rows, fresh.columns, fresh.values)
    return SampledOperand(source, source.dtype, reader.scale, shapes, R, reader)


def _most_crosses(source: FunctionOperand, shapes: Shapes, terms: int | None) -> int:
    """Return how many crosses there may be: as the memory allows, and for some terms about twice as many."""
    affordable = max(1, MAX_BYTES // (source.dtype.itemsize * sum(m * n for m, n in shapes)))
    useful = most_terms(shapes) if terms is None else 2 * terms + 10
    return min(most_terms(shapes), affordable, useful)
