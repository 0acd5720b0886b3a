"""Least squares by Golub-Kahan bidiagonalization, by SciPy."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import scipy.sparse.linalg

from otimes.core.array import Array
from otimes.core.checks import shape_text
from otimes.core.columns import by_columns
from otimes.core.convert import aslinearoperator
from otimes.errors import DTypeError, ShapeError
from otimes.solvers.iterative import Iterative, inverse_of, require_numpy


@dataclass(frozen=True, kw_only=True)
class LSMR(Iterative):
    """Least squares for operators of any shape and rank, by `scipy.sparse.linalg.lsmr`.

    Equal to MINRES on AᴴA x = Aᴴ b, without forming AᴴA. With r = b − A x, it has converged when
    ‖r‖ ≤ max(rtol ‖b‖, atol) + rtol ‖A‖ ‖x‖ or ‖Aᴴ r‖ ≤ rtol ‖A‖ ‖r‖, the norm of A estimated on the way. Of several
    minimizers it finds the one of least norm (from x₀ = 0, without a preconditioner). The preconditioner P, (n, n), is
    an operator and applied from the right: A P⁻¹ should be well conditioned, as with P = R of a QR decomposition of a
    matrix near A. NumPy arrays only, column by column; there is no callback. The other settings are those of
    `Iterative`.

    References
    ----------
    Fong & Saunders (2011), LSMR: an iterative algorithm for sparse least-squares problems.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> A = ox.kron([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], [[1.0], [1.0]])
    >>> ox.LSMR(rtol=1e-12).solve(A, A @ np.array([1.0, 2.0])).value.round(6)
    array([1., 2.])
    """

    solves_least_squares: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.callback is not None:
            raise DTypeError("LSMR calls no callback: SciPy's has none")

    def _require(self, A: Any) -> None:
        """Any shape will do; the preconditioner is for x."""
        if self.preconditioner is None:
            return
        if callable(self.preconditioner) and not hasattr(self.preconditioner, "shape"):
            raise DTypeError("LSMR: the preconditioner must be an operator, since its adjoint is solved with too")
        P = aslinearoperator(self.preconditioner)
        if P.shape != (A.shape[1],) * 2:
            raise ShapeError(
                f"LSMR: the preconditioner is {shape_text(P.shape)}; for A {shape_text(A.shape)} it has "
                f"{A.shape[1]} rows and columns"
            )

    def _iterate(self, A: Any, B: Array, X: Array) -> tuple[Array, int, bool]:
        require_numpy(B, "LSMR")
        operator, restored = self._preconditioned(A, X.dtype)
        limit = 10 * max(A.shape) if self.maxiter is None else self.maxiter
        columns: list[Array] = []
        most, converged = 0, True
        for b, x in zip(B.T, X.T, strict=True):
            r = b - A @ x
            bound, size = max(self.rtol * float(np.linalg.norm(b)), self.atol), float(np.linalg.norm(r))
            with np.errstate(over="ignore"):  # SciPy starts a minimum from 1e100, beyond single precision
                y, _, steps, _, _, scale, *_ = scipy.sparse.linalg.lsmr(
                    operator, r, atol=self.rtol, btol=bound / size if size else 0.0, conlim=0, maxiter=limit
                )
            x = x + restored(y).astype(x.dtype)
            r = b - A @ x
            slope, size = np.linalg.norm(operator.rmatvec(r)), float(np.linalg.norm(r))
            reached = size <= bound + self.rtol * scale * np.linalg.norm(y) or slope <= self.rtol * scale * size
            columns, most, converged = [*columns, x], max(most, steps), converged and bool(reached)
        return np.stack(columns, axis=1) if columns else X, most, converged

    def _preconditioned(self, A: Any, dtype: Any) -> tuple[Any, Callable[[Array], Array]]:
        """Return A P⁻¹ as an operator of SciPy, and the function that takes its solution y to x = P⁻¹ y."""
        adjoint, inverse, inverse_adjoint = A.H, _unchanged, _unchanged
        if self.preconditioner is not None:
            P = aslinearoperator(self.preconditioner)
            inverse, inverse_adjoint = (functools.partial(by_columns, inverse_of(Q, dtype)) for Q in (P, P.H))
        operator = scipy.sparse.linalg.LinearOperator(
            A.shape,
            matvec=lambda y: A @ inverse(y),
            rmatvec=lambda z: inverse_adjoint(adjoint @ z),
            dtype=dtype,
        )
        return operator, inverse


def _unchanged(y: Array) -> Array:
    return y
