"""Least squares."""

from typing import Any, NamedTuple

import numpy as np

from otimes.core.array import astype, inexact, namespace, spec_of
from otimes.core.checks import as_operand, require_matrix_or_vector
from otimes.core.lapack import default_rtol, lapack
from otimes.core.rules import function
from otimes.core.values import count_above
from otimes.errors import DTypeError
from otimes.functions.solve import require_method


class LstsqResult(NamedTuple):
    """The solution and what NumPy returns with it."""

    x: Any
    residuals: Any
    rank: int | None
    singular_values: Any


@function()
def lstsq(A: Any, b: Any, *, rtol: float | None = None, method: Any = None) -> LstsqResult:
    """Return the x of least norm among those that minimize ‖A x − b‖₂.

    x = V Σ⁺ Uᴴ b from the factors' singular value decompositions: any shape, any rank.

    Parameters
    ----------
    A : operator or array_like, (m, n)
    b : array_like, (m,) or (m, k)
    rtol : float, optional
        Singular values up to rtol times the largest count as zero; default max(m, n) eps,
        for a Kronecker product the sum of that over its factors, whatever its size.
    method : iterative solver, optional
        `LSMR(...)`; the rank and singular values are then None.

    Returns
    -------
    LstsqResult
        (x, residuals, rank, singular_values): x (n,) or (n, k); residuals ‖A x − b‖² per column
        (whatever the rank, unlike NumPy's); singular values as `svd` gives them.

    Raises
    ------
    ShapeError
        b has not m rows.
    DTypeError
        `method` solves no least squares.
    NotConverged
        The iteration of `method` stopped before its tolerance; the error's `solution` is what it reached.

    References
    ----------
    Fausett & Fulton (1994), Large least squares problems involving Kronecker products.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> K = ox.kron(np.arange(6.0).reshape(3, 2), np.ones((2, 1)))
    >>> x, residuals, rank, _ = ox.lstsq(K, K @ np.array([1.0, 2.0]))
    >>> x.round(10), rank
    (array([1., 2.]), 2)
    """
    b = require_matrix_or_vector(as_operand(A, b, "lstsq(A, b)", A.shape[0], name="b"), "lstsq(A, b)")
    b = astype(b, inexact(b.dtype, namespace(b)))
    if method is not None:
        x = _iterated(A, b, method)
        return LstsqResult(x, (namespace(b).abs(A @ x - b) ** 2).sum(0), None, None)
    rtol = default_rtol(A) if rtol is None else rtol
    B = b[:, None] if b.ndim == 1 else b
    if A.spec.weak:
        A = A.with_spec(spec_of(B))
    X, values = lstsq.dispatch(A, B=B, rtol=rtol)
    residuals = namespace(B).sum(abs(A @ X - B) ** 2, axis=0)
    rank = count_above(values, rtol)
    return LstsqResult(X[:, 0] if b.ndim == 1 else X, residuals[0] if b.ndim == 1 else residuals, rank, values)


def _iterated(A: Any, b: Any, method: Any) -> Any:
    if not require_method(method, "lstsq").solves_least_squares:
        raise DTypeError(f"lstsq: {type(method).__name__} solves A x = b only; give method=otimes.LSMR()")
    return method.solve(A, b).checked().value


@lstsq.dense
def _(a: Any, B: Any, rtol: float) -> Any:
    if namespace(a) is np:
        X, _, _, values = lapack("lstsq", a, B, rcond=rtol)
        return X, values
    return lapack("pinv", a, rtol=rtol) @ B, lapack("svdvals", a)
