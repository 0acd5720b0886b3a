"""What an approximation K leaves to do as a preconditioner of M: the condition number of K⁻¹ M.

A Krylov process finds the ends of a spectrum first. For Hermitian positive definite M and K it is that of Lanczos in
the inner product of K, which conjugate gradients preconditioned by K carry out implicitly: λ_max / λ_min bounds their
number. Otherwise it is that of Golub and Kahan, for σ_max / σ_min. There the small end is approached slowly, and more
slowly still if copies of the large one come in between, so the right vectors are kept orthogonal; the left ones then
are, too (H. D. Simon, H. Zha, SIAM J. Sci. Comput. 21 (2000) 2257-2274). Of small matrices K⁻¹ M is formed instead.
"""

import itertools
import math
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import numpy as np
from scipy.linalg import eigvalsh_tridiagonal

from otimes.core.algebra import adjoint, to_dense
from otimes.core.array import to_numpy
from otimes.core.checks import require_square, shape_text
from otimes.core.convert import aslinearoperator
from otimes.core.operator import LinearOperator
from otimes.errors import ShapeError, SingularError, StructureError
from otimes.solvers.iterative import inverse_of

_LOOK_BACK = 5  # steps that must leave an estimate as it is; and a quarter of all, since there are plateaus
_FORMED = 1024  # rows of a quotient that is formed, in less time than hundreds of steps take
_KEPT = 2**25  # numbers of vectors that are kept to be orthogonal to


def condition_left(M: Any, K: LinearOperator, *, rtol: float, steps: int, seed: int) -> float:
    """Return an estimate from below of the condition number of K⁻¹ M, once steps change it by `rtol` only."""
    M = aslinearoperator(M)
    require_square(M, "condition")
    if M.shape != K.shape:
        raise ShapeError(f"condition: M is {shape_text(M.shape)}, and what approximates it {shape_text(K.shape)}")
    x, y = _gaussian((2, M.shape[0]), np.result_type(M.dtype, K.dtype, np.float64), seed)
    hermitian = _is_hermitian(M, x, y) and _is_hermitian(K, x, y)
    try:
        if hermitian:
            with suppress(StructureError):  # not definite: the eigenvalues of K⁻¹ M do not decide
                return _settled(_ratios_of_the_pencil(M, K, x), rtol, steps)
        if len(x) <= _FORMED:
            return _ratio_of_the_formed_quotient(M, K, x.dtype)
        return _settled(_ratios_of_the_quotient(M, K, x), rtol, steps)
    except SingularError:
        return math.inf


def _ratio_of_the_formed_quotient(M: LinearOperator, K: LinearOperator, dtype: np.dtype) -> float:
    quotient = inverse_of(K, dtype)(to_numpy(to_dense(M)).astype(dtype))
    values = np.linalg.svd(quotient, compute_uv=False)
    return float(values[0] / values[-1]) if values[-1] > 0 else math.inf


def _settled(estimates: Iterator[float], rtol: float, steps: int) -> float:
    """Return the first estimate that is close to the one some steps before it, or the last."""
    found: list[float] = []
    for estimate in itertools.islice(estimates, steps):
        found.append(estimate)
        back = _LOOK_BACK + len(found) // 4
        if len(found) > back and estimate - found[-1 - back] <= rtol * estimate:
            break
    return found[-1]


def _ratios_of_the_pencil(M: LinearOperator, K: LinearOperator, residual: np.ndarray) -> Iterator[float]:
    """Yield λ_max / λ_min of M x = λ K x on growing Krylov subspaces.

    Raises
    ------
    StructureError
        M or K turns out not to be positive definite.
    """
    solve = inverse_of(K, residual.dtype)
    diagonal: list[float] = []
    beside: list[float] = []
    image = np.zeros_like(residual)  # K times the latest vector of the basis
    while True:
        vector = solve(residual[:, None])[:, 0]
        length = _root(np.vdot(residual, vector).real)
        if diagonal and length <= np.finfo(float).eps * abs(diagonal[0]):
            return
        beside.append(length)
        vector, before, image = vector / length, image, residual / length
        product = M @ vector
        diagonal.append(float(np.vdot(vector, product).real))
        residual = product - diagonal[-1] * image - length * before
        values = eigvalsh_tridiagonal(diagonal, beside[1:])
        _root(values[0])
        yield float(values[-1] / values[0])


def _ratios_of_the_quotient(M: LinearOperator, K: LinearOperator, start: np.ndarray) -> Iterator[float]:
    """Yield σ_max / σ_min of K⁻¹ M on growing Krylov subspaces.

    On them K⁻¹ M is a bidiagonal matrix B, and ±σ are the eigenvalues of (0 B; Bᵀ 0), tridiagonal once its rows are
    taken in turns, with zeros on the diagonal and the entries of B beside it.
    """
    solve, solve_adjoint, M_adjoint = inverse_of(K, start.dtype), inverse_of(adjoint(K), start.dtype), adjoint(M)
    entries: list[float] = []
    right, left, below = start / np.linalg.norm(start), np.zeros_like(start), 0.0
    basis = [right]
    while True:
        left = solve((M @ right)[:, None])[:, 0] - below * left
        entries.append(length := float(np.linalg.norm(left)))
        values = eigvalsh_tridiagonal(np.zeros(len(entries) + 1), entries)[len(entries) // 2 + 1 :]
        yield float(values[-1] / values[0]) if values[0] > 0 else math.inf
        if length == 0:
            return
        left = left / length
        right = M_adjoint @ solve_adjoint(left[:, None])[:, 0] - length * right
        for vector in basis:
            right = right - np.vdot(vector, right) * vector
        entries.append(below := float(np.linalg.norm(right)))
        if below <= len(start) * np.finfo(float).eps * max(entries):
            return
        right = right / below
        if (len(basis) + 1) * len(start) <= _KEPT:
            basis.append(right)


def _root(square: float) -> float:
    """Return the root of a number that is positive where a matrix is positive definite."""
    if not square > 0:
        raise StructureError("not positive definite")
    return math.sqrt(square)


def _is_hermitian(A: LinearOperator, x: np.ndarray, y: np.ndarray) -> bool:
    """Whether A is known to be Hermitian, or xᴴ A y = conj(yᴴ A x) up to rounding for these random vectors."""
    if A.facts.hermitian is not None:
        return A.facts.hermitian
    image, mirrored = A @ x, A @ y
    gap = abs(np.vdot(y, image) - np.conj(np.vdot(x, mirrored)))
    rounding = np.sqrt(np.finfo(image.dtype).eps)
    return bool(gap <= rounding * np.linalg.norm(x) * np.linalg.norm(mirrored))


def _gaussian(shape: tuple[int, ...], dtype: np.dtype, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    real = rng.standard_normal(shape)
    return real + 1j * rng.standard_normal(shape) if dtype.kind == "c" else real
