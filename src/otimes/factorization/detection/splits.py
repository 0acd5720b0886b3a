"""What a few entries and the norms of rows and columns say about Kronecker products of given shapes."""

import numpy as np

from otimes.factorization.detection.detector import Probe
from otimes.factorization.detection.entries import Entries, Split
from otimes.factorization.operand import read_operand
from otimes.factorization.pairs import approximate
from otimes.factorization.result import KroneckerApproximation
from otimes.factorization.shapes import Shapes
from otimes.factorization.spectrum import four_digits

_SIDE = 32  # rows and columns of the rearrangement that are sampled


def pairs_of(entries: Entries) -> list[Shapes]:
    """Return the shapes of two factors that the splits admit, those with a small first factor first.

    Of a square matrix square factors lead: they are what it mostly came from.
    """
    pairs = [((m1, n1), (m2, n2)) for m1, m2 in entries.row_splits for n1, n2 in entries.column_splits]
    square = entries.shape[0] == entries.shape[1]
    return sorted((p for p in pairs if (1, 1) not in p), key=lambda p: (square and p[0][0] != p[0][1], *_sizes(p)))


def _sizes(pair: Shapes) -> tuple[int, int]:
    (m1, n1), _ = pair
    return m1 * n1, m1


def probe_terms(entries: Entries, pairs: list[Shapes], terms: list[int]) -> Probe:
    """Return what the sample says about sums of so many products, for each pair of shapes with its terms.

    The norm of the singular values after those of the terms, of a part of the rearrangement, is at most that of the
    whole, which is the distance.
    """
    places: dict[Shapes, int] = {pair: k for k, pair in enumerate(dict.fromkeys(pairs))}
    each = np.linalg.svd(_sampled_rearrangements(entries, np.array(list(places))), compute_uv=False)
    values = each[[places[pair] for pair in pairs]]
    left_out = np.arange(values.shape[1]) >= np.array(terms)[:, None]
    whole, tails = np.linalg.norm(values, axis=1), np.linalg.norm(values * left_out, axis=1)
    rounding = 16 * np.finfo(entries.matrix.dtype).eps * whole
    bounds = np.maximum(tails - rounding, 0) / (entries.norm or 1)
    return Probe(bounds, tails / np.where(whole, whole, 1))


def nearest_sum(entries: Entries, pair: Shapes, terms: int, rtol: float) -> KroneckerApproximation:
    """Return the nearest sum of so many products: to roundoff near the tolerance, else its error to four digits."""
    operand = read_operand(entries.matrix)
    F = approximate(operand, pair, terms, reason="", seed=0, tolerance=four_digits(entries.norm))
    return F if F.error > 1.01 * rtol else approximate(operand, pair, terms, reason="", seed=0)


def probe_norms(entries: Entries, pairs: list[Shapes]) -> np.ndarray:
    """Return lower bounds of the relative distance to one product: the norms of its rows are a ⊗ b, of its columns too.

    Of a sparse pattern, with entries 0 and 1, they are the roots of the numbers of entries, and so the divisors of
    these numbers decide. Taking norms of rows is no farther than the matrices are, and all entries of the residual of
    a cross at the largest entry are at most twice the second singular value.
    """
    by_rows = {split: _off_rank_one(entries.row_norms, split) for split in entries.row_splits}
    by_columns = {split: _off_rank_one(entries.column_norms, split) for split in entries.column_splits}
    off = [max(by_rows[m1, m2], by_columns[n1, n2]) for (m1, n1), (m2, n2) in pairs]
    rounding = 16 * np.finfo(entries.matrix.dtype).eps
    return np.maximum(np.array(off) / (entries.norm or 1) - rounding, 0)


def _off_rank_one(norms: np.ndarray, split: Split) -> float:
    grid = norms.reshape(split)
    i, j = np.unravel_index(int(grid.argmax()), split)
    if not grid[i, j] or 1 in split:
        return 0.0
    return float(np.abs(grid - np.outer(grid[:, j] / grid[i, j], grid[i])).max()) / 2


def _sampled_rearrangements(entries: Entries, pairs: np.ndarray) -> np.ndarray:
    """Return for each pair of shapes the rows and columns of R(M) that cross at the sampled entries.

    A row that was met k times is divided by √k, which leaves the singular values those of different rows.
    """
    inner_rows, inner_columns = pairs[:, 1, :1], pairs[:, 1, 1:]
    i1, i2 = np.divmod(entries.sample[0][None, :_SIDE], inner_rows)
    j1, j2 = np.divmod(entries.sample[1][None, :_SIDE], inner_columns)
    rows = i1[:, :, None] * inner_rows[:, :, None] + i2[:, None, :]
    columns = j1[:, :, None] * inner_columns[:, :, None] + j2[:, None, :]
    return entries.at(rows, columns) / np.sqrt(_repeats(i1, j1)[:, :, None] * _repeats(i2, j2)[:, None, :])


def _repeats(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return for each row how often each of its pairs (first, second) is among them."""
    same = (first[:, :, None] == first[:, None, :]) & (second[:, :, None] == second[:, None, :])
    return same.sum(axis=2).astype(float)
