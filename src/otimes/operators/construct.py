"""`diag`: the diagonal operator of a vector, structured if the vector is."""

from typing import Any

from otimes.core.checks import as_array, shape_text
from otimes.core.operator import LinearOperator
from otimes.core.vector import KroneckerSumVector, KroneckerVector, LazyVector
from otimes.errors import ShapeError
from otimes.operators.diagonal import Diagonal
from otimes.operators.kronecker.kronecker import kron
from otimes.operators.kronecker.kronsum import kronsum


def diag(v: Any) -> LinearOperator:
    """Return the diagonal operator with the entries of a vector.

    diag(u ⊗ v) = diag(u) ⊗ diag(v) for lazy vectors, such as the eigenvalues `eigh` returns.

    Parameters
    ----------
    v : array_like or LazyVector, (n,)

    Returns
    -------
    LinearOperator, (n, n)

    Raises
    ------
    ShapeError
        v is not 1-D; the diagonal of a matrix is `diagonal(A)`.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> ox.diag([1.0, 2.0]) @ np.array([10.0, 10.0])
    array([10., 20.])
    """
    if isinstance(v, KroneckerVector):
        return kron(*map(diag, v.parts))
    if isinstance(v, KroneckerSumVector):
        return kronsum(*map(diag, v.parts))
    array = as_array(v.form() if isinstance(v, LazyVector) else v, "the diagonal")
    if array.ndim != 1:
        raise ShapeError(
            f"diag makes an operator of a 1-D vector, and this has shape {shape_text(array.shape)}; "
            "the diagonal of a matrix is otimes.diagonal(A)"
        )
    return Diagonal(array)
