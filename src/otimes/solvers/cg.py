"""Conjugate gradients: SciPy's for NumPy arrays, and in array operations for those of every other library."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse.linalg

from otimes.core.array import Array, namespace
from otimes.errors import StructureError
from otimes.solvers.by_scipy import column_by_column
from otimes.solvers.iterative import (
    Iterative,
    everywhere,
    inner,
    norms,
    ratio,
    require_hermitian_fact,
    shows_indefinite,
)

Product = Callable[[Array], Array]  # of an operator with columns


@dataclass(frozen=True, kw_only=True)
class CG(Iterative):
    """The method of conjugate gradients, for Hermitian positive definite operators.

    In exact arithmetic the k-th iterate minimizes the energy norm of the error over x₀ + span{r, Ar, …, Aᵏ⁻¹r}. Each
    iteration takes one product and one application of the preconditioner, which must be positive definite too. NumPy
    arrays are solved by `scipy.sparse.linalg.cg`, column by column; those of other libraries in their own operations,
    all columns at once, and not inside `jax.jit`, since it stops by what it reaches. Gradients of PyTorch arrays take
    one more solution, with Aᴴ; those of JAX are of the iterations, right for Hermitian changes of A. The settings are
    those of `Iterative`.

    References
    ----------
    Hestenes & Stiefel (1952), Methods of conjugate gradients for solving linear systems.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> A = ox.kronsum([[2.0, -1.0], [-1.0, 2.0]], [[3.0, 1.0], [1.0, 3.0]])
    >>> solution = ox.CG(rtol=1e-10).solve(A, A @ np.arange(4.0))
    >>> solution.converged, solution.value.round(8)
    (True, array([0., 1., 2., 3.]))
    """

    def _require(self, A: Any) -> None:
        super()._require(A)
        require_hermitian_fact(A, "CG")
        if A.facts.positive_definite is False and not A.facts.positive_semidefinite:
            raise StructureError("CG is for positive definite operators, and A is known not to be; MINRES takes it")

    def _run(self, A: Any, B: Array, X: Array, due: Array, limit: int) -> tuple[Array, int]:
        apply = self._preconditioning(A, B)

        def product(P: Array) -> Array:
            return _positive(P, A @ P, "A")

        def inverse(R: Array) -> Array:
            return _positive(R, apply(R), "the preconditioner")

        if namespace(B) is not np:
            return self._all_columns(product, inverse, B, X, due, limit)
        cg = scipy.sparse.linalg.cg
        return column_by_column(cg, product, inverse, B, X, due, maxiter=limit, callback=self._report)

    def _all_columns(
        self, product: Product, inverse: Product, B: Array, X: Array, due: Array, limit: int
    ) -> tuple[Array, int]:
        """Return X and the number of iterations, in array operations of any library."""
        xp = namespace(B)
        R = B - product(X)
        P = Z = inverse(R)
        rho, size = inner(R, Z), norms(R)
        for steps in range(1, limit + 1):
            Q = product(P)
            step = xp.where(size > due, ratio(rho, inner(P, Q)), xp.zeros_like(rho))  # converged columns stay
            X, R = X + step * P, R - step * Q
            size = norms(R)
            self._report(X)
            if everywhere((size <= due) | (step == 0)):
                return X, steps
            Z = inverse(R)
            last, rho = rho, inner(R, Z)
            P = Z + ratio(rho, last) * P
        return X, limit


def _positive(X: Array, Y: Array, what: str) -> Array:
    """Return Y = M X, or raise if some xᴴ M x < 0 shows M not to be positive semidefinite."""
    if shows_indefinite(X, Y):
        raise StructureError(f"CG: {what} is not positive definite: xᴴ M x < 0 for some x; MINRES takes A")
    return Y
