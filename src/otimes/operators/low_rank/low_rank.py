"""LowRank: U C Vᴴ of thin U and V, and the page of its identities.

Its decompositions, norms and spectra are in `low_rank_decompositions`.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from otimes.core.algebra import add, adjoint, conj, matmul, scale, to_dense, transpose
from otimes.core.array import ANY, Array, conjugate, is_array, namespace
from otimes.core.batch import batched
from otimes.core.checks import as_array, shape_text
from otimes.core.facts import UNKNOWN, every
from otimes.core.indexing import entries, same_index, submatrix
from otimes.core.operator import LinearOperator, gathered
from otimes.errors import ShapeError
from otimes.functions.diagonal import diagonal
from otimes.functions.trace import trace
from otimes.operators.blocks.block import block
from otimes.operators.blocks.block_diagonal import block_diag
from otimes.operators.dense import Dense
from otimes.operators.diagonal import Diagonal
from otimes.operators.identity import Identity
from otimes.operators.kronecker.kronecker import converted_factor


class LowRank(LinearOperator):
    """U C Vᴴ, held and multiplied by its thin factors; where V is U itself, as Hermitian as C is."""

    left: LinearOperator
    core: LinearOperator
    right: LinearOperator

    def __init__(self, left: LinearOperator, core: LinearOperator, right: LinearOperator):
        if core.shape != (left.shape[1], right.shape[1]):
            raise ShapeError(
                f"low_rank: U is {shape_text(left.shape)}, V is {shape_text(right.shape)} and C is "
                f"{shape_text(core.shape)}; for U C Vᴴ it must be {left.shape[1]}×{right.shape[1]}"
            )
        symmetric = left is right
        (left, core, right), spec = gathered((left, core, right), "factor")
        super().__init__(
            (left.shape[0], right.shape[0]),
            spec,
            every([core.facts], "hermitian", "positive_semidefinite") if symmetric else UNKNOWN,
            left=left,
            core=core,
            right=left if symmetric else right,
        )

    @property
    def children(self) -> tuple[LinearOperator, ...]:
        """U, C and V."""
        return self.left, self.core, self.right

    @property
    def details(self) -> tuple[str, ...]:
        """The number of columns of the factors, for display."""
        return (f"rank at most {self.rank}",)

    @property
    def rank(self) -> int:
        """The most that the rank can be by the sizes of the factors."""
        return min(*self.core.shape, *self.shape)

    def _rebuilt(self, children: tuple[LinearOperator, ...]) -> "LowRank":
        left, core, right = children
        return LowRank(left, core, left if self.left is self.right else right)

    def _matmat(self, X: Array) -> Array:
        return self.left._matmat(self.core._matmat(adjoint(self.right)._matmat(X)))


@batched
def low_rank(U: Any, V: Any = None, C: Any = None) -> LowRank:
    """Return the operator U C Vᴴ of thin factors; added to another operator, an update of it.

    (U C Vᴴ) x = U (C (Vᴴ x)), in O((m + n) r) operations.

    Parameters
    ----------
    U : operator or array_like, (m, r) or (m,) for r = 1
    V : operator or array_like, (n, s) or (n,), optional
        U if left out, so that the operator is as Hermitian as C is.
    C : operator or array_like, (r, s), or (r,) for a diagonal, optional
        The identity if left out.

    Returns
    -------
    LowRank, (m, n)

    Raises
    ------
    ShapeError
        The sizes do not conform.
    ArrayMixError
        Factors of different array libraries or devices.

    References
    ----------
    Golub & Van Loan (2013), section 2.1.4.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> L = ox.low_rank(np.ones(1000), C=[2.0])
    >>> L.facts.positive_semidefinite, float(ox.norm(L, 2)), float(ox.trace(L))
    (True, 2000.0, 2000.0)
    """
    left = _factor(U, "U")
    right = left if V is None else _factor(V, "V")
    if C is None:
        core: LinearOperator = Identity(left.shape[1], ANY)
    elif not isinstance(C, LinearOperator) and (array := as_array(C, "C")).ndim == 1:
        core = Diagonal(array)
    else:
        core = converted_factor(C, "C", "low_rank", "factor")
    return LowRank(left, core, right)


def _factor(x: Any, name: str) -> LinearOperator:
    """Return a thin factor as an operator, a vector as one column."""
    if not is_array(x) and isinstance(x, (list, tuple)):
        x = as_array(x, name)
    return converted_factor(x[:, None] if is_array(x) and x.ndim == 1 else x, name, "low_rank")


def _both(function: Callable[[LinearOperator], LinearOperator], L: LowRank) -> tuple[LinearOperator, LinearOperator]:
    """Return the function of U and of V, once if they are the same."""
    left = function(L.left)
    return left, left if L.left is L.right else function(L.right)


def thin_product(A: LinearOperator, U: LinearOperator) -> LinearOperator:
    """Return A U of a thin U, formed if U is."""
    return Dense(A @ U.array) if isinstance(U, Dense) else matmul(A, U)


def _beside(U: LinearOperator, V: LinearOperator) -> LinearOperator:
    """Return [U, V], formed if both are."""
    if isinstance(U, Dense) and isinstance(V, Dense):
        return Dense(namespace(U.array).concat([U.array, V.array], axis=1))
    return block([[U, V]])


@to_dense.rule(LowRank, says="U C Vᴴ, multiplied out")
def _(L: LowRank) -> Array:
    return L.left._matmat(L.core._matmat(to_dense(adjoint(L.right), max_bytes=None)))


@transpose.rule(LowRank, says="(U C Vᴴ)ᵀ = conj(V) Cᵀ conj(U)ᴴ")
def _(L: LowRank) -> LowRank:
    left, right = _both(conj, L)
    return LowRank(right, transpose(L.core), left)


@conj.rule(LowRank, says="conj(U C Vᴴ) = conj(U) conj(C) conj(V)ᴴ")
def _(L: LowRank) -> LowRank:
    left, right = _both(conj, L)
    return LowRank(left, conj(L.core), right)


@scale.rule(LowRank, says="c (U C Vᴴ) = U (c C) Vᴴ")
def _(L: LowRank, c: Any) -> LowRank:
    return LowRank(L.left, scale(L.core, c), L.right)


@matmul.rule(LowRank, LinearOperator, says="(U C Vᴴ) A = U C (Aᴴ V)ᴴ")
def _(L: LowRank, A: LinearOperator) -> LowRank:
    return LowRank(L.left, L.core, thin_product(adjoint(A), L.right))


@matmul.rule(LinearOperator, LowRank, says="A (U C Vᴴ) = (A U) C Vᴴ")
def _(A: LinearOperator, L: LowRank) -> LowRank:
    return LowRank(thin_product(A, L.left), L.core, L.right)


@matmul.rule(LowRank, LowRank, says="(U C Vᴴ)(W D Zᴴ) = U (C Vᴴ W D) Zᴴ")
def _(L: LowRank, M: LowRank) -> LowRank:
    return LowRank(L.left, matmul(matmul(L.core, matmul(adjoint(L.right), M.left)), M.core), M.right)


@add.rule(LowRank, LowRank, says="U C Vᴴ + W D Zᴴ = [U, W] diag(C, D) [V, Z]ᴴ")
def _(L: LowRank, M: LowRank) -> LowRank:
    left = _beside(L.left, M.left)
    symmetric = L.left is L.right and M.left is M.right
    return LowRank(left, block_diag(L.core, M.core), left if symmetric else _beside(L.right, M.right))


@trace.rule(LowRank, says="tr(U C Vᴴ) = tr(C Vᴴ U)")
def _(L: LowRank) -> Any:
    return trace(matmul(L.core, matmul(adjoint(L.right), L.left)))


@diagonal.rule(LowRank, says="(U C Vᴴ)ᵢᵢ = Σₖ (U C)ᵢₖ conj(V)ᵢₖ")
def _(L: LowRank) -> Array:
    rows = min(L.shape)
    U, V = (L.core.T @ to_dense(L.left)[:rows, :].mT).mT, to_dense(L.right)[:rows, :]
    return namespace(U).sum(U * conjugate(V), axis=1, dtype=U.dtype)


@entries.rule(LowRank, says="(U C Vᴴ)ᵢⱼ = Σₖ (U C)ᵢₖ conj(V)ⱼₖ")
def _(L: LowRank, rows: np.ndarray, columns: np.ndarray) -> Array:
    U, V = to_dense(submatrix(L.left, rows)), to_dense(submatrix(L.right, columns))
    U = transpose(L.core)._matmat(U.mT).mT
    return namespace(U).sum(U * conjugate(V), axis=1, dtype=U.dtype)


@submatrix.rule(LowRank, says="(U C Vᴴ)[r, c] = U[r, :] C V[c, :]ᴴ")
def _(L: LowRank, rows: Any, columns: Any) -> LowRank:
    left = submatrix(L.left, rows)
    mirrored = L.left is L.right and same_index(rows, columns)
    return LowRank(left, L.core, left if mirrored else submatrix(L.right, columns))
