"""What Toeplitz operators cost to solve, to invert and to measure."""

import math
from typing import Any

import numpy as np
import scipy.linalg

from otimes.core.algebra import add, matmul, scale
from otimes.core.array import Array, astype, inexact, namespace, reshape, spec_of, zeros
from otimes.core.checks import require_finite
from otimes.core.operator import LinearOperator
from otimes.core.rules import Function, guard, may_form
from otimes.core.tracing import certainly
from otimes.core.values import root_of_squares
from otimes.errors import NoRule, NotPositiveDefinite, SingularError
from otimes.functions.inv import inv
from otimes.functions.norm import norm
from otimes.functions.slogdet import SlogdetResult, phase_power, slogdet
from otimes.functions.solve import solve
from otimes.operators.toeplitz.toeplitz import Toeplitz, square_levels, toeplitz

REFINEMENTS = 2  # steps after which a residual that is still large is that of an unstable recursion
ROUNDING = 8  # residuals of stable solutions, in n eps ‖T‖ ‖x‖
GROWTH = 100  # of the terms of Gohberg and Semencul beside the inverse they add up to


@guard("T is of one square level, of NumPy arrays")
def square_line(T: Toeplitz) -> bool:
    return T.spec.xp is np and len(T.rows) == 1 and square_levels(T)


@guard("T is of square levels and known to be triangular")
def triangular(T: Toeplitz) -> bool:
    return bool(square_levels(T) and (T.facts.lower_triangular or T.facts.upper_triangular))


@guard("T is of one level, of NumPy arrays, known to be positive definite, and not known to be triangular")
def definite_line(T: Toeplitz) -> bool:
    return square_line(T) and bool(T.facts.positive_definite) and not triangular(T)


@solve.rule(Toeplitz, when=square_line, says="T x = b by Levinson's recursion", cite="GolubVanLoan2013")
def _(T: Toeplitz, B: Array) -> Array:
    dtype = np.result_type(inexact(T.dtype), B.dtype)
    if 0 in B.shape:
        return B.astype(dtype)
    solution = _levinson(T, B)
    return _formed(solve, T, B=B) if solution is None else solution[0].astype(dtype)


@inv.rule(
    Toeplitz,
    when=square_line,
    says="T⁻¹ = (L(x) U(y) − L(y') U(x')) / x₁ for its first column x and last column y",
    cite="GohbergSemencul1972",
)
def _(T: Toeplitz) -> LinearOperator:
    n = T.shape[0]
    dtype = inexact(T.dtype)
    columns = _levinson(T, np.eye(n, dtype=dtype)[:, -1:]) if n else None
    if columns is None:
        return _formed(inv, T)
    y, x = (column.reshape(-1).astype(dtype) for column in columns)
    if min(np.abs(x).sum(), np.abs(y).sum()) > GROWTH * abs(x[0]):
        return _formed(inv, T)
    zeros, corner = np.zeros(n, dtype), np.zeros(1, dtype)
    first = matmul(toeplitz(x, zeros), toeplitz(zeros + _unit(n, y[-1]), y[::-1]))
    shifted_y, shifted_x = np.concatenate([corner, y[:-1]]), np.concatenate([corner, x[:0:-1]])
    second = matmul(toeplitz(shifted_y, zeros), toeplitz(zeros, shifted_x))
    return scale(add(first, scale(second, -1)), 1 / x[0])


def _formed(function: Function, T: Toeplitz, **options: Any) -> Any:
    """Return the function of the formed matrix, where the recursion, which exchanges no rows, loses digits."""
    if not may_form(T):
        raise NoRule(
            f"a leading minor of the {T.shape[0]}×{T.shape[0]} Toeplitz matrix is singular or nearly so, and it is too "
            "large to be formed; raise dense_limit=, or solve(T, b, method=otimes.GMRES())"
        )
    return function.fallback(T, **options)


def _unit(n: int, value: Any) -> Array:
    return value * np.eye(1, n, dtype=value.dtype)[0]


def _levinson(T: Toeplitz, B: Array) -> tuple[Array, Array] | None:
    """Return T⁻¹ B and the first column of T⁻¹, or None where a leading minor is singular or nearly so.

    Where no leading minor but T itself is singular, so that the recursion ends, a null vector has no zero first
    entry, by persymmetry; the first column of the inverse then shows it by its size.
    """
    n = T.shape[0]
    require_finite(T.coefficients, f"the {n}×{n} Toeplitz matrix")
    t = T.coefficients.astype(np.result_type(inexact(T.dtype), np.float64))
    pair, size = (t[n - 1 :], t[n - 1 :: -1]), float(np.abs(t).sum())
    T, B = Toeplitz(t, T.rows, T.columns), np.concatenate([B, np.eye(n, 1)], axis=1)
    X, R = np.zeros(B.shape, np.result_type(t, B)), B
    for _ in range(1 + REFINEMENTS):
        try:
            X = X + scipy.linalg.solve_toeplitz(pair, R)
        except np.linalg.LinAlgError:
            return None
        R = B - T._matmat(X)
        allowed = ROUNDING * n * np.finfo(float).eps * (size * np.abs(X).max(axis=0) + np.abs(B).max(axis=0))
        if (np.abs(R).max(axis=0) <= allowed).all():
            break
    else:
        return None
    if size * float(np.abs(X[:, -1]).sum()) * np.finfo(inexact(T.dtype)).eps > 1:
        raise SingularError(f"the {n}×{n} Toeplitz matrix is singular to working precision; pinv and lstsq take it")
    return X[:, :-1], X[:, -1:]


@slogdet.rule(Toeplitz, when=triangular, says="det T = t[0]ⁿ")
def _(T: Toeplitz) -> SlogdetResult:
    n, xp = T.shape[0], namespace(T.coefficients)
    if not n:
        return SlogdetResult(1.0, 0.0)
    pivot = astype(reshape(T.coefficients, (-1,)), inexact(T.dtype, xp))[math.prod(T.coefficients.shape) // 2]
    if certainly(pivot == 0):
        return SlogdetResult(0.0, -math.inf)
    return SlogdetResult(phase_power(pivot / abs(pivot), n), n * xp.log(abs(pivot)))


@slogdet.rule(
    Toeplitz,
    when=definite_line,
    says="det T = Π Eₖ, the prediction errors of Durbin's recursion",
    cite="GolubVanLoan2013",
)
def _(T: Toeplitz) -> SlogdetResult:
    n = T.shape[0]
    c = T.coefficients[n - 1 :].astype(np.result_type(inexact(T.dtype), np.float64))
    predictor, error, total = c[:0], c[0].real if n else 1.0, 0.0
    for k in range(n):
        if error <= 0:
            raise NotPositiveDefinite(f"slogdet: the Toeplitz matrix stated to be definite is not: minor {k + 1} ≤ 0")
        total += math.log(error)
        if k < n - 1:
            reflection = -(c[k + 1] + predictor @ c[k:0:-1]) / error
            predictor = np.append(predictor + reflection * predictor[::-1].conj(), reflection)
            error *= 1 - abs(reflection) ** 2
    real = np.abs(T.coefficients[:0]).astype(inexact(T.dtype)).real
    return SlogdetResult(1.0, real.dtype.type(total))


@norm.rule(Toeplitz, says="‖T‖_F by the counts of lags, ‖T‖₁ and ‖T‖_∞ by cumulative sums of |t|")
def _(T: Toeplitz, ord: Any) -> Any:
    if 0 in T.shape:
        return 0.0
    if ord in ("nuc", 2, -2):
        return norm.fallback(T, ord=ord)
    xp = namespace(T.coefficients)
    t = xp.abs(astype(T.coefficients, inexact(T.dtype, xp)))
    if ord == "fro":
        return _frobenius(t, T)
    sums = _window_sums(t, T.rows if abs(ord) == 1 else T.columns)
    return xp.max(sums) if ord > 0 else xp.min(sums)


def _frobenius(t: Array, T: Toeplitz) -> Any:
    """Return the root of the sum of t², each as often as its lag occurs."""
    xp = namespace(t)
    for axis, (m, n) in enumerate(zip(T.rows, T.columns, strict=True)):
        lags = np.arange(1 - n, m)
        counts = np.minimum(m, n + lags) - np.maximum(lags, 0)
        shape = tuple(-1 if k == axis else 1 for k in range(t.ndim))
        t = t * reshape(astype(xp.asarray(np.sqrt(counts), device=T.spec.device), t.dtype), shape)
    return root_of_squares(t)


def _window_sums(t: Array, widths: tuple[int, ...]) -> Array:
    """Return the sums of t ≥ 0 over all windows of these widths: those of the columns, or the rows, of |T|.

    The axis is cut into pieces of one width. A window is the end of one piece and the start of the next: nothing is
    subtracted, so that small sums beside large ones are exact.
    """
    xp = namespace(t)
    for axis, width in enumerate(widths):
        size, before = t.shape[axis], t.shape[:axis]
        pieces = size // width + 1
        rest = zeros((*before, pieces * width - size, *t.shape[axis + 1 :]), spec_of(t))
        split = reshape(xp.concat([t, rest], axis=axis), (*before, pieces, width, *t.shape[axis + 1 :]))
        whole = (slice(None),) * axis
        ends = xp.flip(xp.cumulative_sum(xp.flip(split, axis=axis + 1), axis=axis + 1), axis=axis + 1)
        starts = xp.cumulative_sum(split, axis=axis + 1, include_initial=True)[(*whole, slice(None), slice(-1), ...)]
        joined = (*before, pieces * width, *t.shape[axis + 1 :])
        ends, starts = (reshape(sums, joined) for sums in (ends, starts))
        t = ends[(*whole, slice(0, size - width + 1), ...)] + starts[(*whole, slice(width, size + 1), ...)]
    return t
