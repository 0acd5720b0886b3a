"""LowRank: U C Vᴴ of thin U and V, and the page of its identities.

With U = Q R and V = P S it is Q M Pᴴ for the small M = R C Sᴴ, whose norms and singular values it shares.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from otimes.core.algebra import add, adjoint, conj, matmul, scale, to_dense, transpose
from otimes.core.array import ANY, Array, conjugate, is_array, namespace, ones, scaled_vector
from otimes.core.batch import batched
from otimes.core.checks import as_array, shape_text
from otimes.core.concatenation import ConcatenatedVector
from otimes.core.facts import UNKNOWN, every
from otimes.core.indexing import entries, same_index, submatrix
from otimes.core.operator import LinearOperator, gathered
from otimes.core.rules import guard
from otimes.core.values import smallest
from otimes.errors import ShapeError, SingularError
from otimes.functions.diagonal import diagonal
from otimes.functions.eigvals import eigvals
from otimes.functions.eigvalsh import eigvalsh
from otimes.functions.inv import inv
from otimes.functions.norm import norm
from otimes.functions.qr import qr
from otimes.functions.slogdet import SlogdetResult, slogdet
from otimes.functions.solve import solve
from otimes.functions.svd import SVDResult, svd
from otimes.functions.svdvals import svdvals
from otimes.functions.trace import trace
from otimes.operators.block import block
from otimes.operators.block_diagonal import block_diag
from otimes.operators.dense import Dense
from otimes.operators.diagonal import Diagonal
from otimes.operators.identity import Identity
from otimes.operators.kronecker import converted_factor


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


@guard("A is U C Uᴴ of a C known to be Hermitian")
def hermitian_form(L: LowRank) -> bool:
    return L.left is L.right and bool(L.core.facts.hermitian)


@guard("A is square, and U has no more columns than rows")
def thin(L: LowRank) -> bool:
    return L.square and L.left.shape[1] <= L.shape[0]


@guard("A is square, and its factors have fewer columns than rows")
def deficient(L: LowRank) -> bool:
    return L.square and L.rank < L.shape[0]


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
    U, V = to_dense(L.left)[:rows, :] @ L.core, to_dense(L.right)[:rows, :]
    return namespace(U).sum(U * conjugate(V), axis=1, dtype=U.dtype)


@entries.rule(LowRank, says="(U C Vᴴ)ᵢⱼ = Σₖ (U C)ᵢₖ conj(V)ⱼₖ")
def _(L: LowRank, rows: np.ndarray, columns: np.ndarray) -> Array:
    U, V = to_dense(submatrix(L.left, rows)) @ L.core, to_dense(submatrix(L.right, columns))
    return namespace(U).sum(U * conjugate(V), axis=1, dtype=U.dtype)


@submatrix.rule(LowRank, says="(U C Vᴴ)[r, c] = U[r, :] C V[c, :]ᴴ")
def _(L: LowRank, rows: Any, columns: Any) -> LowRank:
    left = submatrix(L.left, rows)
    mirrored = L.left is L.right and same_index(rows, columns)
    return LowRank(left, L.core, left if mirrored else submatrix(L.right, columns))


def _orthogonal(L: LowRank) -> tuple[LinearOperator, LinearOperator, LinearOperator]:
    """Return Q, M, P of U C Vᴴ = Q M Pᴴ, Q and P with orthonormal columns."""
    Q, R = qr(L.left)
    P, S = (Q, R) if L.left is L.right else qr(L.right)
    return Q, matmul(matmul(R, L.core), adjoint(S)), P


@svd.rule(LowRank, says="Q M Pᴴ = (Q W) Σ (P Z)ᴴ for M = W Σ Zᴴ", cite="GolubVanLoan2013")
def _(L: LowRank) -> SVDResult:
    Q, M, P = _orthogonal(L)
    W, values, Zh = svd(M)
    return SVDResult(matmul(Q, W), values, matmul(Zh, adjoint(P)))


def _padded(values: Any, L: LowRank) -> Any:
    """Return the values, and lazy zeros up to min(m, n)."""
    missing = min(L.shape) - values.shape[0]
    return ConcatenatedVector(values, scaled_vector(ones(missing, L.spec), 0)) if missing else values


@svdvals.rule(LowRank, says="σ(Q M Pᴴ) = σ(M), and zeros up to min(m, n)", cite="GolubVanLoan2013")
def _(L: LowRank) -> Any:
    return _padded(svdvals(_orthogonal(L)[1]), L)


@eigvalsh.rule(LowRank, when=hermitian_form, says="λ(Q M Qᴴ) = λ(M), and zeros", cite="GolubVanLoan2013")
def _(L: LowRank) -> Any:
    return _padded(eigvalsh(_orthogonal(L)[1]), L)


@eigvals.rule(LowRank, when=thin, says="λ(U C Vᴴ) = λ(C Vᴴ U), and zeros", cite="HornJohnson1991")
def _(L: LowRank) -> Any:
    return _padded(eigvals(matmul(L.core, matmul(adjoint(L.right), L.left))), L)


@norm.rule(LowRank, says="‖Q M Pᴴ‖ = ‖M‖ (Frobenius, nuclear, 2)", cite="GolubVanLoan2013")
def _(L: LowRank, ord: Any) -> Any:
    if 0 in L.shape:
        return 0.0
    if ord == -2:
        return smallest(svdvals(L))
    return norm(_orthogonal(L)[1], ord) if ord in ("fro", "nuc", 2) else norm.fallback(L, ord=ord)


@slogdet.rule(LowRank, when=deficient, says="det(U C Vᴴ) = 0, since its rank is less than n")
def _(L: LowRank) -> SlogdetResult:
    return SlogdetResult(0.0, -math.inf)


@inv.rule(LowRank, when=deficient, says="rank(U C Vᴴ) < n: no inverse")
def _(L: LowRank) -> LinearOperator:
    raise _singular(L)


@solve.rule(LowRank, when=deficient, says="rank(U C Vᴴ) < n: no solution")
def _(L: LowRank, B: Array) -> Array:
    raise _singular(L)


def _singular(L: LowRank) -> SingularError:
    return SingularError(
        f"the {shape_text(L.shape)} operator of rank at most {L.rank} is singular; pinv and lstsq take it, and "
        "A + U C Vᴴ is solved as an update of A"
    )
