"""Permutation: the rows of the identity in another order; among them the commutation matrix.

Their entries are in `permutation_entries`, what all kinds have in common in `permutation_decompositions`.
"""

from typing import Any

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from otimes.core.algebra import matmul, transpose
from otimes.core.array import (
    Array,
    ArraySpec,
    common_spec,
    namespace,
    reshape,
    rows_of,
    to_numpy,
)
from otimes.core.checks import as_array, matching_dtype, require_size, shape_text
from otimes.core.facts import Facts
from otimes.core.operator import LinearOperator, inexact_operator
from otimes.core.rules import guard
from otimes.errors import DTypeError, ShapeError
from otimes.functions.matrix_power import matrix_power
from otimes.functions.slogdet import SlogdetResult, slogdet
from otimes.operators.identity import Identity


class Permutation(LinearOperator):
    """(P x)ᵢ = x[indexᵢ]; a copy and no arithmetic."""

    kind = "sparse"
    index_parts = ("index",)
    index: np.ndarray

    def __init__(self, index: np.ndarray, spec: ArraySpec):
        n = len(index)
        super().__init__((n, n), spec, Facts(unitary=True), index=index)

    @property
    def nnz(self) -> int:
        """The number of ones."""
        return len(self.index)

    def compressed_rows(self, dtype: Any) -> tuple[Array, Array, Array]:
        """Return where each row starts, the columns of the ones, and the ones."""
        n = len(self.index)
        return np.arange(n + 1), self.index.astype(np.int64, copy=False), np.ones(n, dtype)

    def _matmat(self, X: Array) -> Array:
        return rows_of(X, self.index)


class Commutation(LinearOperator):
    """K with K vec(A) = vec(Aᵀ) for A m × n, both vec by columns; an index map that is not stored."""

    sizes: tuple[int, int]

    def __init__(self, sizes: tuple[int, int], spec: ArraySpec):
        m, n = sizes
        symmetric = True if m == n else None
        super().__init__(
            (m * n, m * n), spec, Facts(unitary=True, symmetric=symmetric, hermitian=symmetric), sizes=(m, n)
        )

    @property
    def details(self) -> tuple[str, ...]:
        """The sizes, for display."""
        return ("vec({}×{}) to vec of its transpose".format(*self.sizes),)

    def _matmat(self, X: Array) -> Array:
        m, n = self.sizes
        turned = namespace(X).permute_dims(reshape(X, (n, m, X.shape[1])), (1, 0, 2))
        return reshape(turned, (m * n, X.shape[1]))


def permutation(index: Any, dtype: Any = None) -> Permutation:
    """Return the operator P with (P x)[i] = x[index[i]].

    Parameters
    ----------
    index : array_like of int, (n,)
        Each of 0, …, n − 1 once.
    dtype : dtype, optional
        Unstated, that of what the operator meets.

    Returns
    -------
    Permutation, (n, n)

    Raises
    ------
    ShapeError
        `index` is no permutation; the message gives a number that is missing.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> ox.permutation([2, 0, 1]) @ np.array([10.0, 20.0, 30.0])
    array([30., 10., 20.])
    """
    array = to_numpy(as_array(index, "the permutation"))
    if array.ndim != 1:
        raise ShapeError(f"a permutation is 1-D, and this array has shape {shape_text(array.shape)}")
    if array.dtype.kind not in "iu" and len(array):
        raise DTypeError(f"a permutation holds integers, not {array.dtype}")
    array = array.astype(np.int64)
    seen = np.zeros(len(array), dtype=bool)
    seen[array[(array >= 0) & (array < len(array))]] = True
    if not seen.all():
        raise ShapeError(f"not a permutation of 0, …, {len(array) - 1}: {int(seen.argmin())} is missing")
    return Permutation(array, matching_dtype(dtype))


def commutation(m: int, n: int, dtype: Any = None) -> LinearOperator:
    """Return the commutation matrix K of sizes m, n: K vec(A) = vec(Aᵀ) for every A m × n.

    vec stacks columns (order "F"). It swaps the factors of a product:
    commutation(p, m) (A ⊗ B) commutation(n, q) = B ⊗ A for A m × n and B p × q.

    Parameters
    ----------
    m, n : int
    dtype : dtype, optional
        Unstated, that of what the operator meets.

    Returns
    -------
    Commutation, (m n, m n); an Identity if m or n is 1
        Nothing of that size is stored.

    Raises
    ------
    ShapeError
        A size is not an integer ≥ 0.

    References
    ----------
    Magnus & Neudecker (1979), The commutation matrix: some properties and applications.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> A = np.arange(6.0).reshape(2, 3)
    >>> bool((ox.commutation(2, 3) @ ox.vec(A) == ox.vec(A.T)).all())
    True
    """
    m, n, spec = require_size(m, "m"), require_size(n, "n"), matching_dtype(dtype)
    return Identity(m * n, spec) if min(m, n) <= 1 else Commutation((m, n), spec)


def parity(index: np.ndarray) -> float:
    """Return the sign of the permutation, by its number of cycles."""
    n = len(index)
    links = coo_array((np.ones(n, dtype=np.int8), (np.arange(n), index)), shape=(n, n))
    cycles = connected_components(links, directed=False)[0] if n else 0
    return -1.0 if (n - cycles) % 2 else 1.0


@transpose.rule(Permutation, says="Pᵀ = P⁻¹")
def _(P: Permutation) -> Permutation:
    return Permutation(np.argsort(P.index), P.spec)


@transpose.rule(Commutation, says="K(m, n)ᵀ = K(n, m)", cite="MagnusNeudecker1979")
def _(K: Commutation) -> Commutation:
    m, n = K.sizes
    return Commutation((n, m), K.spec)


@matmul.rule(Permutation, Permutation, says="(P Q x)ᵢ = x[q[pᵢ]]")
def _(P: Permutation, Q: Permutation) -> Permutation:
    return Permutation(Q.index[P.index], common_spec(P.spec, Q.spec, what="operand"))


@slogdet.rule(Permutation, says="det P = (−1)ⁿ⁻ᶜ for c cycles")
def _(P: Permutation) -> SlogdetResult:
    return SlogdetResult(parity(P.index), 0.0)


@slogdet.rule(Commutation, says="det K(m, n) = (−1)^(m(m−1)n(n−1)/4)", cite="MagnusNeudecker1979")
def _(K: Commutation) -> SlogdetResult:
    m, n = K.sizes
    return SlogdetResult(-1.0 if m * (m - 1) * n * (n - 1) // 4 % 2 else 1.0, 0.0)


@guard("m = n, so that K is its own inverse")
def involution(K: Commutation) -> bool:
    return K.sizes[0] == K.sizes[1]


@matrix_power.rule(Commutation, when=involution, says="K(n, n)² = I", cite="MagnusNeudecker1979")
def _(K: Commutation, p: int) -> LinearOperator:
    result = K if p % 2 else Identity(K.shape[0], K.spec)
    return result if p >= 0 else inexact_operator(result)
