"""Sums of Kronecker products: the rearrangement is a product of two thin matrices, and is never formed."""

import functools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from otimes.core.algebra import to_dense
from otimes.core.array import to_numpy
from otimes.core.checks import MAX_BYTES, require_bytes, shape_text
from otimes.core.operator import LinearOperator
from otimes.errors import NonFiniteError
from otimes.factorization.rearrangement import Rearrangement, rearrange
from otimes.factorization.shapes import Shape, Shapes
from otimes.factorization.sources.by_columns import multiplied, plain_operand
from otimes.factorization.sources.dense import largest_entry
from otimes.factorization.sources.operand import Operand, scale_of, working_dtype
from otimes.factorization.sources.rearranged import SIDE, Index, Rearranged, norm_of_product
from otimes.functions.kronecker_terms import kronecker_terms
from otimes.functions.to_sparse import concrete_numpy
from otimes.operators.identity import Identity
from otimes.operators.kronecker.kronecker import Kronecker
from otimes.operators.kronecker.kronecker_sum import KroneckerSum
from otimes.operators.scalar_multiple import ScalarMultiple
from otimes.operators.sum import Sum

Factors = tuple[np.ndarray, ...]

_LARGEST_EXPONENT = 2040  # of 2 in entries that overflow, while those of both factors need not


def operator_operand(A: LinearOperator) -> Operand:
    """Return an operator as an operand: by its factors if it is a sum of Kronecker products."""
    products = products_of(A)
    if not products:
        return plain_operand(A)
    dtype = working_dtype(concrete_numpy(A))
    terms = tuple(tuple(to_numpy(to_dense(F)) for F in factors) for factors in products)
    exponent = max(_exponent(factors) for factors in terms)
    if exponent > _LARGEST_EXPONENT:
        raise NonFiniteError(f"the entries of the {shape_text(A.shape)} product are as large as 2 ** {exponent}")
    return ProductsOperand(A, dtype, scale_of(2.0 ** min(exponent, 1023), dtype), terms)


def products_of(A: LinearOperator) -> list[tuple[LinearOperator, ...]] | None:
    """Return the factors of each term of a sum of Kronecker products, or None for what is no such sum."""
    if isinstance(A, Kronecker):
        return [A.factors]
    if isinstance(A, KroneckerSum):
        ones = [Identity(F.shape[0], F.spec) for F in A.factors]
        return [(*ones[:k], F, *ones[k + 1 :]) for k, F in enumerate(A.factors)]
    if isinstance(A, ScalarMultiple):
        inner = products_of(A.operator)
        return None if inner is None else [(A.scalar * factors[0], *factors[1:]) for factors in inner]
    if isinstance(A, Sum):
        found = [products_of(term) for term in A.terms]
        return None if None in found else [factors for products in found if products for factors in products]
    if kronecker_terms.select(A) is not None:
        return products_of(kronecker_terms(A))
    return None


def _exponent(factors: Factors) -> int:
    """Return e such that the entries of the product are below 2ᵉ; the product itself may overflow."""
    try:
        return sum(math.frexp(largest_entry(F))[1] for F in factors)
    except NonFiniteError as error:
        raise NonFiniteError(f"in the product of {' ⊗ '.join(shape_text(F.shape) for F in factors)}, {error}") from None


@dataclass(frozen=True, eq=False)
class ProductsOperand(Operand[LinearOperator]):
    """Σ_r F₁⁽ʳ⁾ ⊗ … ⊗ F_N⁽ʳ⁾ by its factors; for shapes that cut through them, the operator by what else is known."""

    terms: tuple[Factors, ...]

    @property
    def matrix(self) -> np.ndarray:
        """The entries as an array, below 2 GiB."""
        return to_numpy(to_dense(self.source))

    @cached_property
    def _other(self) -> Operand:
        plain: Any = plain_operand(self.source)
        return replace(plain, scale=self.scale)

    def product(self, X: np.ndarray) -> np.ndarray:
        """Return M X."""
        return multiplied(self.source, X, self.dtype)

    def rearranged(self, shapes: Shapes) -> Rearranged:
        """Return the rearrangement, thin where the shapes are those of groups of factors, or cut one of them."""
        cuts = [_cut(factors, shapes[0]) for factors in self.terms]
        if None in cuts:
            return self._other.rearranged(shapes)
        pairs = [pair for cut in cuts if cut for pair in cut]
        numbers = sum(m * n for m, n in shapes)
        if len(pairs) > len(self.terms) and len(pairs) * numbers > math.prod(self.shape):
            return self._other.rearranged(shapes)
        what = f"the factors of {len(pairs)} terms"
        require_bytes((len(pairs), numbers), self.dtype.itemsize, MAX_BYTES, what, "recompress the sum first")
        columns = [self._columns(*pair) for pair in pairs]
        left, right = (np.stack(side, axis=1) for side in zip(*columns, strict=True))
        return ThinRearrangement(left, right, self.dtype)

    def _columns(self, first: Factors, second: Factors) -> tuple[np.ndarray, np.ndarray]:
        """Return vec A / s and vec B / t with s t = scale; the entries of A and B are brought near to 1 before."""
        scaled, exponents = zip(*map(near_one, (*first, *second)), strict=True)
        a, b = (_kron(half) for half in (scaled[: len(first)], scaled[len(first) :]))
        size = math.ldexp(1 / self.scale, sum(exponents))
        return (a * size).ravel().astype(self.dtype), b.ravel().astype(self.dtype)


def near_one(F: np.ndarray) -> tuple[np.ndarray, int]:
    """Return F / 2ᵉ and e, such that the largest entry is near to 1; 2ᵉ itself may be beyond the range."""
    exponent = math.frexp(largest_entry(F))[1]
    half = exponent // 2
    return F * 2.0**-half * 2.0 ** (half - exponent), exponent


def _kron(factors: Sequence[np.ndarray]) -> np.ndarray:
    return functools.reduce(np.kron, factors, np.ones((1, 1)))


def _cut(factors: Sequence[np.ndarray], first: Shape) -> list[tuple[Factors, Factors]] | None:
    """Return the terms (A's factors, B's factors) of a product for A of this shape, or None if it cuts askew.

    A factor that the cut goes through is a sum of Kronecker products itself, of as many as its rearrangement has rank.
    """
    m, n = first
    for k, F in enumerate(factors):
        p, q = F.shape
        if (m, n) == (1, 1):
            return [(tuple(factors[:k]), tuple(factors[k:]))]
        if m % p or n % q:
            if p % m or q % n:
                return None
            before, after = tuple(factors[:k]), tuple(factors[k + 1 :])
            return [((*before, X), (Y, *after)) for X, Y in _parts(F, ((m, n), (p // m, q // n)))]
        m, n = m // p, n // q
    return [(tuple(factors), ())]


def _parts(F: np.ndarray, shapes: Shapes) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the fewest pairs X, Y with F = Σ X ⊗ Y, by the singular value decomposition of its rearrangement."""
    U, values, Vh = np.linalg.svd(rearrange(F, shapes=shapes).astype(working_dtype(F.dtype)), full_matrices=False)
    count = max(1, int((values > max(F.shape) * np.finfo(values.dtype).eps * values[0]).sum()))
    return [
        (u.reshape(shapes[0]), (s * v).reshape(shapes[1]))
        for u, s, v in zip(U.T[:count], values[:count], Vh[:count], strict=True)
    ]


@dataclass(frozen=True, eq=False)
class ThinRearrangement(Rearranged):
    """R(M / scale) = X Yᵀ of few columns: of its triangles come singular values and norms, and nothing cancels.

    Cost of a product with k vectors: 2 k flops for each number of X and Y.
    """

    left: np.ndarray
    right: np.ndarray
    dtype: np.dtype

    @property
    def shape(self) -> tuple[int, int]:
        """m₁n₁ × m₂n₂."""
        return len(self.left), len(self.right)

    @property
    def T(self) -> "ThinRearrangement":
        """Rᵀ = Y Xᵀ."""
        return ThinRearrangement(self.right, self.left, self.dtype)

    @property
    def work(self) -> int:
        """The numbers of X and Y."""
        return self.left.size + self.right.size

    @cached_property
    def _bases(self) -> tuple[Any, Any]:
        return np.linalg.qr(self.left), np.linalg.qr(self.right)

    @cached_property
    def core(self) -> Rearrangement:
        """S Tᵀ for X = P S and Y = Q T with orthonormal columns in P and Q."""
        (_, S), (_, T) = self._bases
        return Rearrangement((S @ T.T).reshape(len(S), 1, 1, len(T)), self.dtype, 1.0)

    def lifted(self, left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return singular vectors u and v of the core as P u and conj(Q) v."""
        (P, _), (Q, _) = self._bases
        return P @ left, Q.conj() @ right

    def product(self, V: np.ndarray) -> np.ndarray:
        """Return R V."""
        return self.left @ (self.right.T @ V)

    @cached_property
    def _norm(self) -> float:
        return norm_of_product(self.left, self.right)

    def norm(self) -> float:
        """Return ‖R‖."""
        return self._norm

    def residual_norms(self, left: np.ndarray, right: np.ndarray) -> tuple[float, float]:
        """Return ‖R − left rightᵀ‖ and ‖R‖."""
        difference = np.hstack([self.left, -left]), np.hstack([self.right, right])
        return norm_of_product(*difference), self.norm()

    def panels(self, *, height: int = SIDE, width: int = SIDE) -> Iterator[tuple[Index, Index, np.ndarray]]:
        """Yield panels of X Yᵀ."""
        for i in range(0, self.shape[0], height):
            for j in range(0, self.shape[1], width):
                rows, columns = slice(i, min(i + height, self.shape[0])), slice(j, min(j + width, self.shape[1]))
                yield rows, columns, self.left[rows] @ self.right[columns].T
