"""Structure after the commutation matrix: Kᵀ X, X K or Kᵀ X K of an X that has it."""

import itertools
from collections.abc import Iterator
from typing import Any

from otimes.core.operator import LinearOperator
from otimes.factorization.detection.detector import DETECTORS, MOST_MISSES, Detector, best_of, of_zeros, simplest
from otimes.factorization.detection.entries import Entries, Split
from otimes.factorization.detection.finding import Finding
from otimes.operators.index_maps.permutation import commutation

Exchange = tuple[Split | None, Split | None]  # of rows and of columns


def commuted(entries: Entries, rtol: float, most: int) -> Finding | None:
    """Return the simplest structure that M has when the parts (i₁, i₂) of its indices are exchanged.

    With blocks diagonal each it is block diagonal, say; and vec(X) ↦ vec(A Xᵀ B) is a product times K.
    """
    best: Finding | None = None
    for rows, columns in _exchanges(entries):
        fewest = most if best is None else best.numbers - 1
        inner = simplest(entries.commuted(rows, columns), rtol, fewest)
        if inner is not None:
            best = _undone(inner, rows, columns)
    return best


def nearest_commuted(entries: Entries) -> Finding | None:
    """Return the best of the few that the sample promises most of, among all exchanges, structures and sizes."""
    prospects: list[tuple[float, Exchange, Detector[Any], Any]] = []
    for exchange in _exchanges(entries):
        seen = entries.commuted(*exchange)
        for detector in DETECTORS.values():
            promising = (p for p in detector.prospects(seen)[:MOST_MISSES] if p[0] < of_zeros(entries))
            prospects += [(rank, exchange, detector, size) for rank, size in promising]
        prospects = sorted(prospects, key=lambda prospect: prospect[0])[:MOST_MISSES]
    return best_of(entries, (_miss(entries, *prospect[1:]) for prospect in prospects))


def _miss(entries: Entries, exchange: Exchange, detector: Detector[Any], size: Any) -> Finding | None:
    inner = detector.miss(entries.commuted(*exchange).arranged(), size)
    return None if inner is None else _undone(inner, *exchange)


def _exchanges(entries: Entries) -> Iterator[Exchange]:
    """Yield what to exchange: on one axis, or on both; of square matrices the same on both."""
    rows, columns = (
        [split for split in splits if 1 not in split] for splits in (entries.row_splits, entries.column_splits)
    )
    square = entries.shape[0] == entries.shape[1]
    yield from zip(rows, rows, strict=True) if square else itertools.product(rows, columns)
    yield from ((split, None) for split in rows)
    yield from ((None, split) for split in columns)


def _undone(inner: Finding, rows: Split | None, columns: Split | None) -> Finding:
    operator: LinearOperator = inner.operator
    text = "X"
    if rows is not None:
        operator = commutation(*rows, dtype=operator.dtype) @ operator
        text = f"K({rows[0]}, {rows[1]}) {text}"
    if columns is not None:
        operator = operator @ commutation(*columns[::-1], dtype=operator.dtype)
        text = f"{text} K({columns[1]}, {columns[0]})"
    detail = f"{text} with X = {inner.detail}"
    return Finding(f"commuted {inner.structure}", detail, operator, inner.distance, inner.numbers)
