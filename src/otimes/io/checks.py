"""What a matrix or vector read from a file must be: numbers, finite, of the right number of dimensions."""

import math
from typing import Any

import numpy as np
from scipy import sparse

from otimes.errors import DTypeError, NonFiniteError, ShapeError

__all__ = ["Matrix", "check_finite", "check_numeric", "check_shape"]

Matrix = np.ndarray | sparse.csr_array

ROWS_AT_A_TIME = 2**22


def check_numeric(dtype: np.dtype, name: str) -> None:
    """Raise ``DTypeError`` unless ``dtype`` is boolean, integer, real or complex."""
    if dtype.kind in "biufc":
        return
    if dtype.hasobject:
        raise DTypeError(f"{name}: holds pickled Python objects, which are never unpickled; save numbers instead")
    kind = {"U": "text", "S": "text", "M": "dates", "m": "time spans", "V": "records"}.get(dtype.kind, str(dtype))
    raise DTypeError(f"{name}: holds {kind} (dtype {dtype}), numbers are due")


def check_shape(shape: tuple[int, ...], name: str, *, dimensions: tuple[int, ...]) -> None:
    """Raise ``ShapeError`` unless ``shape`` has one of the numbers of ``dimensions`` and no axis of length 0."""
    wanted = "a matrix (2-D)" if dimensions == (2,) else "a vector or a matrix (1-D or 2-D)"
    if len(shape) not in dimensions:
        raise ShapeError(f"{name}: a {len(shape)}-D array of shape {shape}, {wanted} is due")
    if math.prod(shape) == 0:
        raise ShapeError(f"{name}: empty, of shape {shape}")


def check_finite(matrix: Any, name: str, *, missing: bool = False) -> None:
    """Raise ``NonFiniteError`` with the count and the first place of NaN (unless it says ``missing``) and infinity.

    Reads a memory-mapped array a few rows at a time, so that memory stays at some megabytes.
    """
    values = matrix.data if sparse.issparse(matrix) else matrix
    if values.dtype.kind not in "fc":
        return
    count, first = 0, None
    step = max(1, ROWS_AT_A_TIME // max(1, math.prod(values.shape[1:])))
    for start in range(0, len(values), step):
        rows = values[start : start + step]
        bad = np.isinf(rows) if missing else ~np.isfinite(rows)
        if bad.any():
            count += int(bad.sum())
            first = first or _first_place(bad, start)
    if first is None:
        return
    if sparse.issparse(matrix):
        coordinates = matrix.tocoo()
        first = (int(coordinates.row[first[0]]), int(coordinates.col[first[0]]))
    place = ", ".join(map(str, first))
    kind, entries = "infinite" if missing else "NaN or infinite", "entry" if count == 1 else "entries"
    raise NonFiniteError(f"{name}: {count} {kind} {entries}, first at [{place}]")


def _first_place(bad: np.ndarray, start: int) -> tuple[int, ...]:
    """Return the index of the first True, its first axis counted from ``start``."""
    row, *rest = np.unravel_index(int(bad.argmax()), bad.shape)
    return (int(row) + start, *map(int, rest))
