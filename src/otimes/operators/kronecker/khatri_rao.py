"""KhatriRao: A ⊙ B, the Kronecker product column by column, and FaceSplitting: the same row by row.

Each is the transpose of the other. Products take the factors in two halves L and R, which are formed: of the columns
l_r ⊗ r_r of L ⊙ R, (L ⊙ R) x is vec_C(L diag(x) Rᵀ). Decompositions are in `khatri_rao_decompositions`.
"""

import functools
import math
from typing import Any

import numpy as np

from otimes.core.algebra import conj, matmul, to_dense, transpose
from otimes.core.array import Array, namespace, promoted, reshape, rows_of
from otimes.core.batch import batched
from otimes.core.checks import shape_text
from otimes.core.operator import LinearOperator, gathered
from otimes.core.rules import Guard, guard
from otimes.errors import ShapeError
from otimes.functions.diagonal import diagonal
from otimes.functions.trace import trace
from otimes.operators.dense import Dense
from otimes.operators.diagonal import Diagonal
from otimes.operators.kronecker.kronecker import Kronecker, converted_factor


class KhatriRao(LinearOperator):
    """A₁ ⊙ … ⊙ A_N of factors with the same number of columns: column r is a₁ᵣ ⊗ … ⊗ a_Nᵣ."""

    factors: tuple[LinearOperator, ...]

    def __init__(self, *factors: LinearOperator):
        factors, spec = gathered(factors, "factor")
        super().__init__((math.prod(F.shape[0] for F in factors), factors[0].shape[1]), spec, factors=factors)

    @property
    def children(self) -> tuple[LinearOperator, ...]:
        """The factors."""
        return self.factors

    def _rebuilt(self, children: tuple[LinearOperator, ...]) -> "KhatriRao":
        return KhatriRao(*children)

    def _matmat(self, X: Array) -> Array:
        L, R = (promoted(half, X) for half in halves([to_dense(F) for F in self.factors]))
        grids = (L * X.mT[:, None, :]) @ R.mT
        return reshape(namespace(X).permute_dims(grids, (1, 2, 0)), (self.shape[0], X.shape[1]))


class FaceSplitting(LinearOperator):
    """A₁ • … • A_N of factors with the same number of rows: row r is a₁ᵣ ⊗ … ⊗ a_Nᵣ."""

    factors: tuple[LinearOperator, ...]

    def __init__(self, *factors: LinearOperator):
        factors, spec = gathered(factors, "factor")
        super().__init__((factors[0].shape[0], math.prod(F.shape[1] for F in factors)), spec, factors=factors)

    @property
    def children(self) -> tuple[LinearOperator, ...]:
        """The factors."""
        return self.factors

    def _rebuilt(self, children: tuple[LinearOperator, ...]) -> "FaceSplitting":
        return FaceSplitting(*children)

    def _matmat(self, X: Array) -> Array:
        xp = namespace(X)
        L, R = (promoted(half, X) for half in halves([to_dense(F).mT for F in self.factors]))
        grids = xp.permute_dims(reshape(X, (L.shape[0], R.shape[0], X.shape[1])), (2, 0, 1))
        return xp.sum(L * (grids @ R), axis=1, dtype=X.dtype).mT


def columnwise(arrays: list[Array]) -> Array:
    """Return the dense Khatri-Rao product of arrays with equal numbers of columns."""
    return functools.reduce(lambda U, V: reshape(U[:, None, :] * V, (U.shape[0] * V.shape[0], V.shape[1])), arrays)


def halves(arrays: list[Array]) -> tuple[Array, Array]:
    """Return the products of the first and of the last arrays, split where the two have the fewest rows together."""
    rows = [a.shape[0] for a in arrays]
    split = min(range(1, len(rows)), key=lambda i: math.prod(rows[:i]) + math.prod(rows[i:]))
    return columnwise(arrays[:split]), columnwise(arrays[split:])


@batched
def khatri_rao(*factors: Any) -> LinearOperator:
    """Return the column-wise Kronecker product A₁ ⊙ … ⊙ A_N as an operator, without forming it.

    Column r of A ⊙ B is aᵣ ⊗ bᵣ, as in `scipy.linalg.khatri_rao`. (A ⊗ B)(C ⊙ D) = A C ⊙ B D, and
    (A ⊙ B)ᵀ(A ⊙ B) = AᵀA ∘ BᵀB, entry by entry.

    Parameters
    ----------
    *factors : operators or array_like, (mᵢ, k)
        At least one, all with k columns.

    Returns
    -------
    LinearOperator, (m₁ ⋯ m_N, k)
        A product with a vector costs 2 m k operations, and memory for two halves of about √m × k entries beside the
        result.

    Raises
    ------
    ShapeError
        No factor is given, or the numbers of columns differ.
    ArrayMixError
        Factors of different array libraries or devices.

    See Also
    --------
    face_splitting : the same row by row.

    References
    ----------
    Kolda & Bader (2009), Tensor decompositions and applications, SIAM Review 51, 455-500, section 2.6.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> np.asarray(ox.khatri_rao([[1, 2]], [[1, 0], [10, 1]]))
    array([[ 1,  0],
           [10,  2]])
    """
    operators = _operators(factors, "khatri_rao", 1)
    flat = [G for F in operators for G in (F.factors if isinstance(F, KhatriRao) else (F,))]
    return KhatriRao(*flat) if len(flat) > 1 else flat[0]


@batched
def face_splitting(*factors: Any) -> LinearOperator:
    """Return the row-wise Kronecker product A₁ • … • A_N as an operator, without forming it.

    Row r of A • B is aᵣ ⊗ bᵣ: the transposed Khatri-Rao product, also called face-splitting, which evaluates tensor
    products of bases at scattered points. (A • B)(C ⊗ D) = A C • B D, and (A • B)(C ⊙ D) = A C ∘ B D.

    Parameters
    ----------
    *factors : operators or array_like, (k, nᵢ)
        At least one, all with k rows.

    Returns
    -------
    LinearOperator, (k, n₁ ⋯ n_N)
        A product with a vector costs 2 k n operations, and memory for two halves of about k × √n entries.

    Raises
    ------
    ShapeError
        No factor is given, or the numbers of rows differ.
    ArrayMixError
        Factors of different array libraries or devices.

    See Also
    --------
    khatri_rao : the same column by column.

    References
    ----------
    Slyusar (1999), A family of face products of matrices and its properties, Cybern. Syst. Anal. 35, 379-384.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> np.asarray(ox.face_splitting([[1, 2], [3, 4]], [[1, 10], [0, 1]]))
    array([[ 1, 10,  2, 20],
           [ 0,  3,  0,  4]])
    """
    operators = _operators(factors, "face_splitting", 0)
    flat = [G for F in operators for G in (F.factors if isinstance(F, FaceSplitting) else (F,))]
    return FaceSplitting(*flat) if len(flat) > 1 else flat[0]


def _operators(factors: tuple, name: str, axis: int) -> list[LinearOperator]:
    """Return the factors as operators with the same number of rows (axis 0) or columns (1)."""
    if not factors:
        raise ShapeError(f"{name}() of no factors: give at least one")
    operators = [converted_factor(F, position, name) for position, F in enumerate(factors)]
    for position, F in enumerate(operators):
        if F.shape[axis] != operators[0].shape[axis]:
            what = ("rows", "columns")[axis]
            raise ShapeError(
                f"{name}: factor 0 is {shape_text(operators[0].shape)} and factor {position} is {shape_text(F.shape)}; "
                f"they must have the same number of {what} (kron takes any)"
            )
    return operators


@transpose.rule(KhatriRao, says="(A ⊙ B)ᵀ = Aᵀ • Bᵀ", cite="Slyusar1999")
def _(A: KhatriRao) -> LinearOperator:
    return FaceSplitting(*map(transpose, A.factors))


@transpose.rule(FaceSplitting, says="(A • B)ᵀ = Aᵀ ⊙ Bᵀ", cite="Slyusar1999")
def _(A: FaceSplitting) -> LinearOperator:
    return KhatriRao(*map(transpose, A.factors))


@conj.rule(KhatriRao, says="conj(A ⊙ B) = conj(A) ⊙ conj(B)")
@conj.rule(FaceSplitting, says="conj(A • B) = conj(A) • conj(B)")
def _(A: Any) -> LinearOperator:
    return A._rebuilt(tuple(map(conj, A.factors)))


@to_dense.rule(KhatriRao, says="(A ⊙ B)[i p + k, r] = A[i, r] B[k, r]", cite="KoldaBader2009")
def _(A: KhatriRao) -> Array:
    return columnwise([to_dense(F, max_bytes=None) for F in A.factors])


@to_dense.rule(FaceSplitting, says="(A • B)[r, j q + l] = A[r, j] B[r, l]", cite="Slyusar1999")
def _(A: FaceSplitting) -> Array:
    return columnwise([to_dense(F, max_bytes=None).mT for F in A.factors]).mT


def conforming(left: Any, right: Any) -> bool:
    """Whether the factors conform one by one."""
    return [F.shape[1] for F in left.factors] == [G.shape[0] for G in right.factors]


fitting = Guard("the factors conform one by one", conforming)


@matmul.rule(Kronecker, KhatriRao, when=fitting, says="(A ⊗ B)(C ⊙ D) = A C ⊙ B D", cite="KoldaBader2009")
def _(K: Kronecker, X: KhatriRao) -> LinearOperator:
    return KhatriRao(*map(matmul, K.factors, X.factors))


@matmul.rule(FaceSplitting, Kronecker, when=fitting, says="(A • B)(C ⊗ D) = A C • B D", cite="Slyusar1999")
def _(X: FaceSplitting, K: Kronecker) -> LinearOperator:
    return FaceSplitting(*map(matmul, X.factors, K.factors))


@guard("the factors conform one by one, and the product has no more entries than they have together")
def small_product(X: FaceSplitting, Y: KhatriRao) -> bool:
    entries = sum(F.size for F in (*X.factors, *Y.factors))
    return conforming(X, Y) and X.shape[0] * Y.shape[1] <= entries


@matmul.rule(FaceSplitting, KhatriRao, when=small_product, says="(A • B)(C ⊙ D) = A C ∘ B D", cite="KoldaBader2009")
def _(X: FaceSplitting, Y: KhatriRao) -> LinearOperator:
    parts = [to_dense(matmul(F, G)) for F, G in zip(X.factors, Y.factors, strict=True)]
    return Dense(functools.reduce(lambda u, v: u * v, parts))


@matmul.rule(KhatriRao, Diagonal, says="(A ⊙ B) diag(d) = A diag(d) ⊙ B", cite="KoldaBader2009")
def _(X: KhatriRao, D: Diagonal) -> LinearOperator:
    return KhatriRao(matmul(X.factors[0], D), *X.factors[1:])


@matmul.rule(Diagonal, FaceSplitting, says="diag(d) (A • B) = diag(d) A • B", cite="Slyusar1999")
def _(D: Diagonal, X: FaceSplitting) -> LinearOperator:
    return FaceSplitting(matmul(D, X.factors[0]), *X.factors[1:])


@diagonal.rule(KhatriRao, says="(A ⊙ B)[r, r] = Π Fᵢ[rᵢ, r], r split by rows")
def _(A: KhatriRao) -> Array:
    r = np.arange(min(A.shape))
    places = np.unravel_index(r, [F.shape[0] for F in A.factors]) if r.size else (r,) * len(A.factors)
    arrays = [to_dense(F) for F in A.factors]
    flat = [reshape(a, (-1,)) for a in arrays]
    entries = (rows_of(a, i * A.shape[1] + r) for a, i in zip(flat, places, strict=True))
    return functools.reduce(lambda u, v: u * v, entries)


@diagonal.rule(FaceSplitting, says="diag(A • B) = diag(Aᵀ ⊙ Bᵀ)")
def _(A: FaceSplitting) -> Array:
    return diagonal(transpose(A))


@trace.rule(KhatriRao, says="tr(A ⊙ B) = Σᵣ Π Fᵢ[rᵢ, r]")
@trace.rule(FaceSplitting, says="tr(A • B) = Σᵣ Π Fᵢ[r, rᵢ]")
def _(A: Any) -> Any:
    d = diagonal(A)
    return namespace(d).sum(d)
