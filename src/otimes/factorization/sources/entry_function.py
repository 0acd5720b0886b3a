"""`EntryFunction`: a matrix known by a function for its entries, of which few are asked for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from otimes.core.checks import require_size, shape_text
from otimes.errors import DTypeError, NonFiniteError, ShapeError
from otimes.factorization.sources.operand import working_dtype

_CHUNK = 2**18  # entries asked for in one call, so that what the function holds meanwhile stays small


@dataclass(frozen=True, eq=False)
class EntryFunction:
    """A matrix that is never formed: M[i, j] = f(i, j).

    `nearest_kronecker` asks for some rows and columns of the rearrangement (adaptive cross approximation) and for
    entries at random: a first sample leads the choice of rows and columns, fresh ones, asked for when all is done, say
    how large the error is. That is an estimate with a standard error, and blind to what is large in so few places that
    no sample meets them, such as a wrong entry or a thin diagonal. `certificate` says how many entries were read. Of
    small matrices all entries are read, and the error is exact.

    Parameters
    ----------
    f : callable
        ``f(rows, cols)`` with two arrays of integers, both of shape (k,), returns the k entries M[rows, cols].
    shape : (m, n)
    dtype : dtype
        Of the entries.
    max_entries : int, optional
        Most entries to be read, not counting 20,000 at random that are read in any case. Where they do not suffice for
        a tolerance, what was reached is returned, and `reason` says so. By default no limit but that of the memory.

    Examples
    --------
    A kernel on a grid of 300 × 300 points, a matrix of 90,000 rows:

    >>> import numpy as np, otimes as ox
    >>> n = 300
    >>> def kernel(rows, cols):
    ...     x, y = (rows // n - cols // n) / n, (rows % n - cols % n) / n
    ...     return 1 / (1 + x**2 + y**2)
    >>> M = ox.EntryFunction(kernel, (n * n, n * n))
    >>> F = ox.nearest_kronecker(M, shapes=((n, n), (n, n)), tol=1e-6)
    >>> F.terms < 10, F.error < 1e-6, F.certificate.kind, F.certificate.entries_read < 1e-3 * n**4
    (True, True, 'estimate', True)
    """

    f: Callable[[np.ndarray, np.ndarray], Any]
    shape: tuple[int, int]
    dtype: Any = float
    max_entries: int | None = None

    def __post_init__(self) -> None:
        try:
            m, n = (require_size(size, "each size in shape") for size in self.shape)
        except (TypeError, ValueError) as error:
            raise ShapeError(f"EntryFunction: shape={self.shape!r} must be two integers (m, n)") from error
        if 0 in (m, n):
            raise ShapeError(f"EntryFunction: a {m}×{n} matrix has no entries")
        if not callable(self.f):
            raise DTypeError(f"EntryFunction: f must be a function f(rows, cols), not {type(self.f).__name__}")
        if self.max_entries is not None:
            require_size(self.max_entries, "max_entries")
        working_dtype(np.dtype(self.dtype))

    def entries(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Return M[rows, columns] for index arrays of one shape (k,), checked.

        Raises
        ------
        ShapeError
            f returned another number of entries.
        DTypeError
            f returned what are no numbers, or complex ones for a real dtype.
        NonFiniteError
            An entry is NaN or infinite; names its place.
        """
        dtype = working_dtype(np.dtype(self.dtype))
        found = np.empty(len(rows), dtype)
        for start in range(0, len(rows), _CHUNK):
            part = slice(start, start + _CHUNK)
            found[part] = self._asked(rows[part], columns[part], dtype)
        return found

    def _asked(self, rows: np.ndarray, columns: np.ndarray, dtype: np.dtype) -> np.ndarray:
        try:
            values = np.asarray(self.f(rows, columns))
        except Exception as error:
            error.add_note(f"raised by the function of an EntryFunction, asked for {_asked_text(rows, columns)}")
            raise
        if values.shape != rows.shape:
            raise ShapeError(
                f"f(rows, cols) was asked for {_asked_text(rows, columns)} and returned an array of shape "
                f"{shape_text(values.shape) or '()'}; it must return one entry for each pair, shape ({len(rows)},)"
            )
        if values.dtype.kind not in "biufc" or (values.dtype.kind == "c" and dtype.kind != "c"):
            raise DTypeError(f"f(rows, cols) returned {values.dtype}, and the dtype of the matrix is {dtype}")
        with np.errstate(over="ignore"):
            converted = values.astype(dtype, copy=False)
        bad = ~np.isfinite(converted)
        if bad.any():
            where = int(bad.argmax())
            place = int(rows[where]), int(columns[where])
            beyond = f", beyond the range of {dtype}," if np.isfinite(values[where]) else ""
            raise NonFiniteError(f"f(rows, cols) returned {values[where]}{beyond} at (row, column) = {place}")
        return converted


def _asked_text(rows: np.ndarray, columns: np.ndarray) -> str:
    return f"{len(rows)} entries, the first at (row, column) = {(int(rows[0]), int(columns[0]))}"
