"""A small image of a big matrix: the mean of each block, without forming what is lazy."""

from typing import Any

import numpy as np
from scipy import sparse

__all__ = ["thumbnail"]

COLUMNS_AT_A_TIME = 32


def thumbnail(matrix: Any, *, pixels: int = 300) -> np.ndarray:
    """Average a matrix over blocks, so that it has at most ``pixels`` rows and columns: P M Qᵀ, rows of P, Q averaging.

    Shapes: m × n gives min(m, pixels) × min(n, pixels).

    Cost: one pass over an array; ``pixels`` products with a lazy operator, 32 columns at a time.

    Parameters
    ----------
    matrix : array, SciPy sparse array or LinearOperator
    pixels : int
        Longest side of the image.

    Returns
    -------
    numpy.ndarray

    Examples
    --------
    >>> import numpy as np
    >>> from otimes.plots import thumbnail
    >>> thumbnail(np.arange(16.0).reshape(4, 4), pixels=2)
    array([[ 2.5,  4.5],
           [10.5, 12.5]])
    """
    rows, columns = (_averaging(size, min(size, pixels)) for size in matrix.shape)
    if sparse.issparse(matrix):
        return (rows @ matrix @ columns.T).toarray()
    if isinstance(matrix, np.ndarray):
        return np.stack([matrix[band.indices[0] : band.indices[-1] + 1].mean(axis=0) for band in rows]) @ columns.T
    parts = range(0, columns.shape[0], COLUMNS_AT_A_TIME)
    blocks = (columns[start : start + COLUMNS_AT_A_TIME].T.toarray() for start in parts)
    return np.hstack([rows @ np.asarray(matrix @ block) for block in blocks])


def _averaging(size: int, parts: int) -> sparse.csr_array:
    """Return the ``parts`` × ``size`` matrix whose rows average consecutive runs of nearly equal length."""
    edges = np.linspace(0, size, parts + 1).round().astype(int)
    lengths = np.diff(edges)
    return sparse.csr_array((np.repeat(1 / lengths, lengths), np.arange(size), edges), shape=(parts, size))
