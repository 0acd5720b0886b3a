"""Systems (Σ A_r ⊗ B_r + s I) x = b: factor by factor for one term, preconditioned by the first term for more."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import linalg

import otimes as ox
from otimes.errors import NotConverged, ShapeError, SingularError

__all__ = ["Solution", "solve_system"]

ITERATIONS = 2000
RESTART = 200
SYMMETRY_RTOL = 1e-12

Report = Callable[[int, int, str], None]


@dataclass(frozen=True, eq=False)
class Solution:
    """The solution, how it was found, and its relative residual ‖(K + s I) x − b‖ / ‖b‖."""

    x: np.ndarray
    method: str
    iterations: int
    residual: float


@dataclass(frozen=True, eq=False)
class Preconditioner:
    """The inverse of the first term with the shift, as an operator, and whether it is positive definite."""

    inverse: Any
    definite: bool


def solve_system(
    saved: Any, b: np.ndarray, *, shift: float = 0.0, tol: float = 1e-10, report: Report | None = None
) -> Solution:
    """Solve (Σ A_r ⊗ B_r + shift · I) x = b.

    One term goes to ``ox.solve``. More terms are iterated to relative residual ``tol``, a column of b at a time: by
    conjugate gradients where the factors are Hermitian and the first term with the shift is positive definite, and
    by GMRES where they are not or where conjugate gradients fail. The residual reported is recomputed from x.

    Shapes: b is n or n × k.

    Raises
    ------
    ShapeError
        The system is not square, or b has not n rows.
    SingularError
        The one-term system is singular.
    NotConverged
        No method reached ``tol``; says what was reached.
    """
    n = saved.shape[0]
    if saved.shape[1] != n:
        raise ShapeError(f"solve: K of {n} × {saved.shape[1]} is not square; least squares is ox.lstsq(K, b) in Python")
    if len(b) != n:
        raise ShapeError(f"solve: K is {n} × {n}, b has {len(b)} rows; {n} are due")
    operator = saved.operator + shift * ox.eye(n) if shift else saved.operator
    if saved.terms == 1:
        return _directly(_asserted_hermitian(saved.operator, saved.factors[0]), b, shift)
    preconditioner = _first_term(saved, shift)
    solved = [_iterate(operator, column, preconditioner, tol, report) for column in b.reshape(n, -1).T]
    x = np.stack([solution.x for solution in solved], axis=1).reshape(b.shape)
    methods = " and ".join(dict.fromkeys(solution.method for solution in solved))
    return Solution(x, methods, sum(solution.iterations for solution in solved), _residual(operator, x, b))


def _directly(term: Any, b: np.ndarray, shift: float) -> Solution:
    """Solve a one-term system without iterating."""
    operator = term + shift * ox.eye(term.shape[0]) if shift else term
    x = ox.solve(operator, b)
    if not np.isfinite(x).all():
        raise SingularError("solve: the system is numerically singular; give a shift (--shift)")
    return Solution(x, "factor by factor", 0, _residual(operator, x, b))


def _first_term(saved: Any, shift: float) -> Preconditioner:
    """Invert the first term with the shift through the eigenvectors or the inverses of its factors."""
    factors = saved.factors[0]
    term = _asserted_hermitian(ox.kron(*factors), factors)
    if term.facts.hermitian:
        eigenvalues, vectors = ox.eigh(term)
        spectrum = np.asarray(eigenvalues) + shift
        if np.abs(spectrum).min() > np.finfo(spectrum.dtype).eps * np.abs(spectrum).max():
            return Preconditioner(vectors @ ox.diag(1 / spectrum) @ vectors.H, bool(spectrum.min() > 0))
    elif not shift:
        try:
            return Preconditioner(ox.inv(term), definite=False)
        except SingularError:
            pass
    return Preconditioner(None, definite=False)


def _asserted_hermitian(term: Any, factors: tuple[np.ndarray, ...]) -> Any:
    """Return the term with the fact that it is Hermitian, where its factors are so up to rounding."""
    gaps = (np.abs(factor - factor.conj().T).max() / np.abs(factor).max() for factor in factors if factor.any())
    square = all(factor.shape[0] == factor.shape[1] for factor in factors)
    return ox.assume(term, "hermitian") if square and all(gap <= SYMMETRY_RTOL for gap in gaps) else term


def _iterate(operator: Any, b: np.ndarray, preconditioner: Preconditioner, tol: float, report: Any) -> Solution:
    """Try the methods in turn until the true residual is small enough."""
    methods = {"conjugate gradients": _conjugate_gradients, "GMRES": _gmres}
    if not preconditioner.definite:
        del methods["conjugate gradients"]
    best = np.inf
    for name, method in methods.items():
        count = _Counter(name, report)
        x = method(operator, b, rtol=tol / 4, M=preconditioner.inverse, callback=count)
        residual = _residual(operator, x, b)
        if residual <= tol:
            return Solution(x, name, count.done, residual)
        best = np.fmin(best, residual)
    raise NotConverged(
        f"solve: relative residual {best:.2g} reached, {tol:.2g} asked for; the system is singular or badly "
        "conditioned: give a shift (--shift) or a larger tolerance (--tol)"
    )


def _conjugate_gradients(operator: Any, b: np.ndarray, **options: Any) -> np.ndarray:
    return linalg.cg(operator, b, maxiter=ITERATIONS, **options)[0]


def _gmres(operator: Any, b: np.ndarray, **options: Any) -> np.ndarray:
    restart = min(RESTART, len(b))
    cycles = max(1, ITERATIONS // restart)
    return linalg.gmres(operator, b, restart=restart, maxiter=cycles, callback_type="pr_norm", **options)[0]


class _Counter:
    """Counts the iterations of a method and reports them."""

    def __init__(self, name: str, report: Report | None) -> None:
        self.done, self.name, self.report = 0, name, report

    def __call__(self, _: Any) -> None:
        self.done += 1
        if self.report:
            self.report(self.done, ITERATIONS, f"{self.name}, iteration {self.done}")


def _residual(operator: Any, x: np.ndarray, b: np.ndarray) -> float:
    """Return ‖A x − b‖ / ‖b‖."""
    largest = float(np.abs(b).max())  # entries relative to it have squares within range
    if not largest:
        return float(np.linalg.norm(x))
    return float(np.linalg.norm((operator @ x - b) / largest) / np.linalg.norm(b / largest))
