"""Structure after the commutation matrix: Kᵀ X, X K or Kᵀ X K of an X that has it."""

import itertools
from collections.abc import Iterator

from otimes.core.operator import LinearOperator
from otimes.factorization.detection.detector import simplest
from otimes.factorization.detection.entries import Entries, Split
from otimes.factorization.detection.finding import Finding
from otimes.operators.index_maps.permutation import commutation

Exchange = tuple[Split | None, Split | None]  # of rows and of columns


def commuted(entries: Entries, rtol: float) -> Finding | None:
    """Return the simplest structure that M has when the parts (i₁, i₂) of its indices are exchanged.

    With blocks diagonal each it is block diagonal, say; and vec(X) ↦ vec(A Xᵀ B) is a product times K.
    """
    found = []
    for rows, columns in _exchanges(entries):
        inner = simplest(entries.commuted(rows, columns), rtol)
        if inner is not None:
            found.append(_undone(inner, rows, columns))
    return min(found, key=lambda finding: finding.numbers, default=None)


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
