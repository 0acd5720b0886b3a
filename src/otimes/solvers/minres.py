"""Minimal residuals for Hermitian operators, in array operations of any library, all columns at once."""

from dataclasses import dataclass
from typing import Any

from otimes.core.array import Array, namespace
from otimes.errors import StructureError
from otimes.solvers.iterative import (
    Iterative,
    everywhere,
    inner,
    norms,
    ratio,
    require_hermitian_fact,
    shows_indefinite,
)


@dataclass(frozen=True, kw_only=True)
class MINRES(Iterative):
    """The method of minimal residuals, for Hermitian operators, indefinite or singular ones (if b is in the range).

    In exact arithmetic the k-th iterate minimizes the residual over x₀ + span{r, Ar, …, Aᵏ⁻¹r}. The preconditioner
    must be positive definite. Runs on arrays of every library (SciPy's is for one real right-hand side). The settings
    are those of `Iterative`.

    References
    ----------
    Paige & Saunders (1975), Solution of sparse indefinite systems of linear equations; the recurrence is that of
    Elman, Silvester & Wathen (2014), Finite Elements and Fast Iterative Solvers, algorithm 4.1.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> A = ox.kron([[0.0, 1.0], [1.0, 0.0]], [[3.0, 1.0], [1.0, 2.0]])
    >>> ox.MINRES().solve(A, A @ np.arange(4.0)).value.round(6)
    array([0., 1., 2., 3.])
    """

    def _require(self, A: Any) -> None:
        super()._require(A)
        require_hermitian_fact(A, "MINRES")

    def _run(self, A: Any, B: Array, X: Array, due: Array, limit: int) -> tuple[Array, int]:
        xp, apply = namespace(B), self._preconditioning(A, B)
        V = B - A @ X
        Z = apply(V)
        γ = η = _length(V, Z)
        bend = ratio(norms(V), γ)  # from the norm that is minimized, of the preconditioner's inverse, to the 2-norm
        V, Z, V_last, W, W_last = V * ratio(1, γ), Z * ratio(1, γ), 0 * V, 0 * X, 0 * X
        c, c_last, s, s_last = γ * 0 + 1, γ * 0 + 1, γ * 0, γ * 0
        for steps in range(1, limit + 1):
            Q = A @ Z  # Lanczos: the next column of the tridiagonal matrix
            δ = inner(Z, Q)
            V_next = Q - δ * V - γ * V_last
            Z_next = apply(V_next)
            γ_next = _length(V_next, Z_next)
            reduced = c * δ - c_last * s * γ  # the rotations of the two columns before, then the one of this column
            diagonal = xp.sqrt(reduced**2 + γ_next**2)
            W, W_last = (Z - s_last * γ * W_last - (s * δ + c_last * c * γ) * W) * ratio(1, diagonal), W
            c, c_last, s, s_last = ratio(reduced, diagonal), c, ratio(γ_next, diagonal), s
            step = xp.where(xp.abs(η) * bend > due, c * η, 0 * η)  # converged columns stay
            X, η = X + step * W, -s * η
            self._report(X)
            if everywhere(xp.abs(η) * bend <= due):
                return X, steps
            V, V_last, Z, γ = V_next * ratio(1, γ_next), V, Z_next * ratio(1, γ_next), γ_next
        return X, limit


def _length(V: Array, Z: Array) -> Array:
    """Return the norm √(vᴴ P⁻¹ v) of each column, with z = P⁻¹ v."""
    if shows_indefinite(V, Z):
        raise StructureError("MINRES: the preconditioner P is not positive definite, since vᴴ P⁻¹ v < 0 for some v")
    square = inner(V, Z)
    return namespace(V).sqrt(namespace(V).where(square > 0, square, 0 * square))
