"""Cross-validation: how well the terms of one part of a matrix predict the entries of the rest.

A part R(I, J) of the rearrangement is held out, a quarter of its rows and of its columns. The triplets U Σ Vᴴ of
R(−I, −J) predict it from the rows and columns that it shares with what is known, as R(I, −J) V Σ⁻¹ Uᴴ R(−I, J):
bi-cross-validation of A. B. Owen and P. O. Perry, Ann. Appl. Stat. 3 (2009) 564-594. Terms that are noise predict
worse than none.
"""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from otimes.core.threads import PAYING_COLUMNS, one_thread
from otimes.factorization.operand import Operand
from otimes.factorization.rearrangement import Rearrangement
from otimes.factorization.result import Candidate
from otimes.factorization.shapes import Shapes
from otimes.factorization.sources.rearranged import Rearranged
from otimes.factorization.spectrum import four_digits
from otimes.factorization.triplets import columns_of, singular_triplets

FOLDS = 4  # of the rows, and of the columns
Split = tuple[np.ndarray, np.ndarray]  # indices held out, indices known


def predicted(operand: Operand, rows: Iterable[Candidate], *, seed: int) -> list[Candidate]:
    """Return the rows with their errors of prediction, without those of more terms than R has without a fold."""
    rows = list(rows)
    most: dict[Shapes, int] = {}
    for row in rows:
        most[row.shapes] = max(row.terms, most.get(row.shapes, 0))
    errors = {shapes: prediction_errors(operand, shapes, terms, seed=seed) for shapes, terms in most.items()}
    return [
        replace(row, score=float(errors[row.shapes][row.terms - 1]))
        for row in rows
        if row.terms <= len(errors[row.shapes])
    ]


def prediction_errors(operand: Operand, shapes: Shapes, terms: int, *, seed: int) -> np.ndarray:
    """Return the relative error of prediction of 1, 2, … terms, each of 4 × 4 parts of R held out in turn.

    It is the root of a difference: what is below 10 √eps is roundoff, and comes back as 10 √eps.
    """
    R = Rearrangement.of(operand, shapes)
    rng = np.random.default_rng(seed)
    row_splits, column_splits = (_splits(size, rng) for size in R.shape)
    terms = min(terms, *(len(known) for _, known in row_splits + column_splits))
    size = R.norm() ** 2
    total = np.full(terms, size)
    with one_thread(columns_of(R, terms) < PAYING_COLUMNS):
        for rows, columns in itertools.product(row_splits, column_splits):
            total += _change(R, rows, columns, terms, seed=seed)
    floor = 10 * float(np.sqrt(np.finfo(R.dtype).eps))
    return np.sqrt(np.maximum(total / (size or 1.0), floor**2))


def _splits(size: int, rng: np.random.Generator) -> list[Split]:
    """Return each of the folds of an axis, with what is left."""
    folds = np.array_split(rng.permutation(size), min(FOLDS, size))
    return [(np.sort(fold), np.setdiff1d(np.arange(size), fold)) for fold in folds]


def _change(R: Rearrangement, rows: Split, columns: Split, terms: int, *, seed: int) -> np.ndarray:
    """Return ‖H − L Wᵀ‖² − ‖H‖² for the part H held out and its prediction L Wᵀ of 1, 2, … terms."""
    known: Any = Part(R, rows[1], columns[1])
    found = singular_triplets(known, terms, tolerance=four_digits(known.norm()), seed=seed)
    values = found.values[:terms]
    there = values > len(known.rows) * np.finfo(R.dtype).eps * values[0]
    L = Part(R, rows[0], columns[1]).product(found.right) / np.where(there, values, np.inf)
    W = Part(R, rows[1], columns[0]).adjoint_product(found.left).conj()
    overlap = np.sum(L.conj() * Part(R, rows[0], columns[0]).product(W.conj()), axis=0).real
    squares = ((L.conj().T @ L) * (W.conj().T @ W)).real
    return np.array([squares[:k, :k].sum() - 2 * overlap[:k].sum() for k in range(1, terms + 1)])


@dataclass(frozen=True)
class Part(Rearranged):
    """Some rows and columns of a rearrangement, read where they are."""

    whole: Rearrangement
    rows: np.ndarray
    columns: np.ndarray

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the part."""
        return len(self.rows), len(self.columns)

    @property
    def dtype(self) -> np.dtype:  # type: ignore[override]  # computed here
        """That of the whole."""
        return self.whole.dtype

    @property
    def T(self) -> "Part":
        """The part of the transpose."""
        return Part(self.whole.T, self.columns, self.rows)

    def product(self, V: np.ndarray) -> np.ndarray:
        """Return the part times V."""
        spread = np.zeros((self.whole.shape[1], V.shape[1]), self.dtype)
        spread[self.columns] = V
        return self.whole.product(spread)[self.rows]

    def panels(self, *, height: int = 256, width: int = 256) -> Iterator[tuple[slice, slice, np.ndarray]]:
        """Yield (rows, columns, panel) that tile the part, as those of the whole do."""
        height = max(height, height * self.whole.shape[0] // len(self.rows))
        for rows, columns, panel in self.whole.panels(height=height, width=width):
            own_rows, own_columns = _within(self.rows, rows), _within(self.columns, columns)
            kept = panel[np.ix_(self.rows[own_rows] - rows.start, self.columns[own_columns] - columns.start)]
            yield own_rows, own_columns, kept


def _within(indices: np.ndarray, span: slice) -> slice:
    """Return the slice of the sorted indices that lie in the span."""
    first, last = np.searchsorted(indices, (span.start, span.stop))
    return slice(int(first), int(last))
