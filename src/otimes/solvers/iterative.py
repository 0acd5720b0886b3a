"""What the iterative solvers share: their settings, the loop around them, and what they return."""

import math
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from otimes.core.array import (
    Array,
    as_float,
    astype,
    common_spec,
    copied,
    dtype_name,
    inexact,
    is_complex,
    namespace,
    spec_of,
    zeros,
)
from otimes.core.checks import (
    as_array,
    as_operand,
    require_finite,
    require_matrix_or_vector,
    require_size,
    require_square,
    shape_text,
)
from otimes.core.convert import aslinearoperator
from otimes.errors import DTypeError, NoRule, NotConverged, ShapeError, StructureError
from otimes.functions.inv import inv
from otimes.functions.solve import solve
from otimes.operators.sparse import Sparse, factorized


@dataclass(frozen=True, slots=True)
class Solution:
    """What an iteration reached: the value x, whether it converged, iterations, and ‖b − A x‖ / ‖b‖.

    The residual is computed from x at the end, in the 2-norm; of several columns it is the largest.
    """

    value: Any
    converged: bool
    iterations: int
    residual: float
    solver: "Iterative"

    def checked(self) -> "Solution":
        """Return the solution if it converged; else raise `NotConverged`, which carries it."""
        if self.converged:
            return self
        name, dtype = type(self.solver).__name__, self.value.dtype
        eps = float(namespace(self.value).finfo(dtype).eps)
        below = f", which is below what {dtype_name(dtype)} resolves" if self.solver.rtol < eps else ""
        raise NotConverged(
            f"{name} stopped after {self.iterations} iterations with relative residual {self.residual:.3g}; asked for "
            f"was rtol={self.solver.rtol:.3g}{below}. Raise rtol= or maxiter=, or give a preconditioner=; "
            "what was reached is error.solution",
            self,
        )


@dataclass(frozen=True, kw_only=True)
class Iterative:
    """The settings of an iterative method; calling it solves A x = b.

    Attributes
    ----------
    rtol, atol : float
        Iterate until ‖b − A x‖ ≤ max(rtol ‖b‖, atol) for every column of b.
    maxiter : int or None
        The most iterations; None is ten times the size of A.
    preconditioner : operator or callable, optional
        An operator P ≈ A, of which the *inverse* is applied: `preconditioner=K` applies K⁻¹, by the rules of K. In
        its place a function that returns P⁻¹ R for an array R (n, k), such as `scipy.sparse.linalg.splu(P).solve`.
    callback : callable, optional
        Called with the iterate after each iteration: a column where columns are solved one by one, else all of them.
    """

    rtol: float = 1e-8
    atol: float = 0.0
    maxiter: int | None = None
    preconditioner: Any = None
    callback: Callable[[Array], Any] | None = None

    solves_least_squares: ClassVar[bool] = False

    def __post_init__(self) -> None:
        for name in ("rtol", "atol"):
            if not (isinstance(getattr(self, name), (int, float, np.number)) and 0 <= getattr(self, name) < math.inf):
                raise ShapeError(f"{type(self).__name__}: {name}={getattr(self, name)!r} is no tolerance; give one ≥ 0")
        if self.callback is not None and not callable(self.callback):
            raise DTypeError(f"{type(self).__name__}: callback={self.callback!r} cannot be called")
        if self.maxiter is not None:
            require_size(self.maxiter, f"{type(self).__name__}: maxiter")

    def __call__(self, A: Any, b: Any, x0: Any = None) -> Solution:
        """Solve A x = b; the same as `solve`."""
        return self.solve(A, b, x0)

    def solve(self, A: Any, b: Any, x0: Any = None) -> Solution:
        """Return the `Solution`, converged or not, for b (m,) or (m, k) and a first guess x0 of x's shape."""
        A, name = aslinearoperator(A), f"{type(self).__name__}().solve(A, b)"
        self._require(A)
        b = require_matrix_or_vector(as_operand(A, b, name, A.shape[0], name="b"), name)
        if isinstance(b, np.ndarray):
            require_finite(b, f"b in {name}")
        B = astype(b, inexact(b.dtype, namespace(b)))
        B = B[:, None] if b.ndim == 1 else B
        with _no_gradients(B):
            X, iterations, converged = self._iterate(A, B, _start(A, B, b, x0))
        R = B - A @ X
        residual = largest(ratio(norms(R), norms(B)))
        X = self._with_gradients(A, X, R)
        return Solution(X[:, 0] if b.ndim == 1 else X, converged, iterations, residual, self)

    def _require(self, A: Any) -> None:
        """Raise unless the method is for operators such as A."""
        require_square(A, type(self).__name__, "LSMR takes any shape")

    def _iterate(self, A: Any, B: Array, X: Array) -> tuple[Array, int, bool]:
        """Return X, the number of iterations, and whether X has converged.

        A method stops by a residual that it updates, or that the preconditioner bends. Where the true one is not small
        enough then, it runs again from there, while that brings anything.
        """
        limit = 10 * max(A.shape) if self.maxiter is None else self.maxiter
        xp, due = namespace(B), self.rtol * norms(B)
        due = xp.where(due < self.atol, self.atol * xp.ones_like(due), due)
        done, last, size = 0, math.inf, largest(norms(B - A @ X) - due)
        while 0 < size < last / 2 and done < limit:
            new, steps = self._run(A, B, X, due, limit - done)
            done, last, size = done + steps, size, largest(norms(B - A @ new) - due)
            X = new if size < last else X
        return X, done, min(size, last) <= 0

    def _run(self, A: Any, B: Array, X: Array, due: Array, limit: int) -> tuple[Array, int]:
        """Return what the method makes of X in at most `limit` iterations, and their number."""
        raise NotImplementedError(f"{type(self).__name__} does not say how it iterates: define _run")

    def _preconditioning(self, A: Any, B: Array) -> Callable[[Array], Array]:
        """Return the function that applies P⁻¹ to columns of the kind of B."""
        if self.preconditioner is None:
            return lambda R: R
        P = self.preconditioner
        if callable(P) and not hasattr(P, "shape"):
            return P
        P = aslinearoperator(P)
        if P.shape != A.shape:
            raise ShapeError(
                f"{type(self).__name__}: the preconditioner is {shape_text(P.shape)} and A is {shape_text(A.shape)}; "
                "it stands for A and must be of its shape"
            )
        return inverse_of(P, B.dtype)

    def _with_gradients(self, A: Any, X: Array, R: Array) -> Array:
        """Return X, with the gradients of the solution: dX = A⁻¹ (dB − dA X), and dB − dA X is that of the residual.

        The iterations themselves are not differentiated; they stop when X is known, which its derivative need not be.
        """
        if not getattr(R, "requires_grad", False):
            return X
        R.register_hook(lambda gradient: self.solve(A.H, gradient).value)
        return X + (R - R.detach())

    def _report(self, X: Array) -> None:
        if self.callback is not None:
            self.callback(X)


def inverse_of(P: Any, dtype: Any) -> Callable[[Array], Array]:
    """Return the function that applies P⁻¹ to columns of a dtype; P is decomposed once, if it can be."""
    if isinstance(P, Sparse):
        return factorized(P, dtype)
    try:
        return inv(P)._matmat
    except NoRule:
        return lambda R: solve(P, R)


def require_hermitian_fact(A: Any, name: str) -> None:
    """Raise `StructureError` if A is known not to be Hermitian."""
    if A.facts.hermitian is False:
        raise StructureError(f"{name} is for Hermitian operators, and A is known not to be; GMRES takes any square one")


def require_numpy(B: Array, name: str) -> None:
    """Raise `DTypeError` unless the arrays are NumPy's."""
    if namespace(B).__name__ != "numpy":
        raise DTypeError(f"{name} runs on NumPy arrays, not {type(B).__module__.partition('.')[0]}; CG and MINRES do")


def norms(X: Array) -> Array:
    """Return the 2-norm of each column."""
    return namespace(X).linalg.vector_norm(X, axis=0)


def inner(X: Array, Y: Array) -> Array:
    """Return the real part of xᴴ y, column by column."""
    products = namespace(X).vecdot(X, Y, axis=0)
    return namespace(X).real(products) if is_complex(products.dtype) else products


def shows_indefinite(X: Array, Y: Array) -> bool:
    """Whether xᴴ y < 0 beyond rounding for a column: y = M x of no positive semidefinite M."""
    xp, products = namespace(X), inner(X, Y)
    if not bool(xp.any(products < 0)):
        return False
    rounding = X.shape[0] * float(xp.finfo(products.dtype).eps)
    return bool(xp.any(products < -rounding * norms(X) * norms(Y)))


def ratio(x: Any, y: Array) -> Array:
    """Return x / y, and 0 where y is."""
    xp = namespace(y)
    return xp.where(y == 0, xp.zeros_like(y), x / xp.where(y == 0, xp.ones_like(y), y))


def largest(x: Array) -> float:
    """Return the largest entry, and 0 of none."""
    return as_float(namespace(x).max(x)) if x.shape[0] else 0.0


def everywhere(x: Array) -> bool:
    """Whether every entry is true."""
    return bool(namespace(x).all(x))


def _no_gradients(B: Array) -> Any:
    """Return the context in which no gradients of B's library are recorded."""
    if not hasattr(B, "detach"):
        return nullcontext()
    import torch

    return torch.no_grad()


def _start(A: Any, B: Array, b: Array, x0: Any) -> Array:
    """Return the columns to start from: zeros, or the user's guess."""
    shape = (A.shape[1], B.shape[1])
    if x0 is None:
        return zeros(shape, common_spec(A.spec, spec_of(B)))
    x0 = as_array(x0, "the first guess x0", spec_of(B))
    if tuple(x0.shape) != (shape[:1] if b.ndim == 1 else shape):
        due = shape[: b.ndim]
        raise ShapeError(f"x0 is {shape_text(x0.shape)}; for b {shape_text(b.shape)} it is {shape_text(due)}")
    spec = common_spec(spec_of(B), spec_of(x0), names=("b", "x0"))
    return astype(copied(x0 if b.ndim > 1 else x0[:, None]), spec.dtype)
