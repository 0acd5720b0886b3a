"""Haar: the orthonormal Haar wavelet transform of a power of two."""

from typing import Any

import numpy as np

from otimes.core.algebra import conj, transpose
from otimes.core.array import Array, ArraySpec, astype, concrete, dtype_name, inexact, namespace, reshape
from otimes.core.checks import MAX_BYTES, matching_dtype, require_bytes, require_size
from otimes.core.facts import Facts
from otimes.core.operator import LinearOperator
from otimes.errors import DTypeError, ShapeError
from otimes.functions.diagonal import diagonal
from otimes.functions.slogdet import SlogdetResult, slogdet
from otimes.functions.trace import trace
from otimes.operators.kronecker.kronecker import kron


class Haar(LinearOperator):
    """H₂ₙ = [Hₙ ⊗ (1, 1); Iₙ ⊗ (1, −1)] / √2 with H₁ = 1, or its inverse, which is its transpose."""

    inverse: bool

    def __init__(self, n: int, spec: ArraySpec, inverse: bool = False):
        super().__init__((n, n), spec, Facts(unitary=True), inverse=inverse)

    @property
    def n(self) -> int:
        """The length."""
        return self.shape[0]

    @property
    def details(self) -> tuple[str, ...]:
        """Whether it is the inverse, for display."""
        return ("inverse",) if self.inverse else ()

    def _matmat(self, X: Array) -> Array:
        X = astype(X, inexact(X.dtype, namespace(X)))
        return self._composed(X) if self.inverse else self._analysed(X)

    def _analysed(self, X: Array) -> Array:
        """Return the mean and the differences, those of the longest stretches first."""
        parts: list[Array] = []
        while X.shape[0] > 1:
            pairs = reshape(X, (X.shape[0] // 2, 2, X.shape[1]))
            parts.append((pairs[:, 0, :] - pairs[:, 1, :]) * 0.5**0.5)
            X = (pairs[:, 0, :] + pairs[:, 1, :]) * 0.5**0.5
        return namespace(X).concat([X, *parts[::-1]]) if parts else X * 1

    def _composed(self, Y: Array) -> Array:
        """Return what has these means and differences."""
        xp, X, size = namespace(Y), Y[:1, :] * 1, 1
        while size < self.n:
            differences = Y[size : 2 * size, :]
            X = xp.stack([X + differences, X - differences], axis=1) * 0.5**0.5
            size *= 2
            X = reshape(X, (size, Y.shape[1]))
        return X


def haar(n: int, *, dtype: Any = None) -> Haar:
    """Return the orthonormal Haar wavelet transform of length n as an operator.

    H₂ₙ = [Hₙ ⊗ (1, 1); Iₙ ⊗ (1, −1)] / √2 with H₁ = 1: the mean first, then differences of stretches, long before
    short. The inverse is `haar(n).T`. On a grid, haar(m) ⊗ haar(n) is the 2-D transform of both axes in full.

    Parameters
    ----------
    n : int
        A power of two.
    dtype : dtype, optional
        Unstated, that of what it meets.

    Returns
    -------
    Haar, (n, n)
        Unitary. H @ x costs O(n) operations; nothing is stored.

    Raises
    ------
    ShapeError
        n is not a power of two.

    References
    ----------
    Mallat (2009), A Wavelet Tour of Signal Processing, section 7.2.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> (ox.haar(4) @ np.array([1.0, 1.0, 3.0, 3.0])).round(12)
    array([ 4., -2.,  0.,  0.])
    """
    spec = ArraySpec(None, float) if dtype is None else matching_dtype(dtype)
    n = require_power_of_two(n, "haar(n)")
    return Haar(n, ArraySpec(spec.xp, inexact(spec.dtype, spec.xp), spec.device))


def hadamard(n: int, dtype: Any = int) -> LinearOperator:
    """Return the Hadamard matrix of order n in Sylvester's order, as a Kronecker product of log₂ n factors.

    H = [[1, 1], [1, −1]] ⊗ … ⊗ [[1, 1], [1, −1]], as `scipy.linalg.hadamard`: entries ±1, H H = n I.

    Parameters
    ----------
    n : int
        A power of two.
    dtype : dtype
        Default int; state that of the vectors to keep single precision.

    Returns
    -------
    LinearOperator, (n, n)
        H @ x is the fast Walsh-Hadamard transform, O(n log n) operations; H / √n is unitary.

    Raises
    ------
    ShapeError
        n is not a power of two.
    DTypeError
        The dtype has no negative numbers.

    References
    ----------
    Van Loan (2000), The ubiquitous Kronecker product, section 4.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> H = ox.hadamard(1024)
    >>> type(H).__name__, bool((H @ (H @ np.ones(1024)) == 1024).all())
    ('Kronecker', True)
    """
    levels = require_power_of_two(n, "hadamard(n)").bit_length() - 1
    spec = matching_dtype(dtype)
    if dtype_name(spec.dtype).startswith(("uint", "bool")):
        raise DTypeError(f"hadamard(n, dtype={dtype!r}): its entries are 1 and −1; give a signed dtype")
    two = astype((spec.xp or np).asarray([[1, 1], [1, -1]]), concrete(spec))
    return kron(*[two] * levels) if levels else kron(two[:1, :1])


def require_power_of_two(n: Any, what: str) -> int:
    """Return n if it is 1, 2, 4, 8, …, else raise `ShapeError`."""
    n = require_size(n, "n")
    if n < 1 or n & (n - 1):
        raise ShapeError(f"{what}: n is {n}, and must be a power of two; {1 << n.bit_length()} is the next")
    return n


@transpose.rule(Haar, says="Hᵀ = H⁻¹")
def _(H: Haar) -> Haar:
    return Haar(H.n, H.spec, not H.inverse)


@conj.rule(Haar, says="conj(H) = H")
def _(H: Haar) -> Haar:
    return H


@diagonal.rule(Haar, says="H[i, i] = ±√(2ʲ/n) or 0 for 2ʲ ≤ i < 2ʲ⁺¹, and H[0, 0] = 1/√n")
def _(H: Haar) -> Array:
    require_bytes((H.n,), 8, MAX_BYTES, "the diagonal", "no lazy form is known for it")
    i = np.arange(H.n)
    level = 2 ** np.floor(np.log2(np.maximum(i, 1))).astype(int)  # stretches on this level
    width = H.n // level
    place = i - (i - level) * width  # of column i in the stretch of row i
    signs = np.where((place >= 0) & (place < width), np.where(2 * place < width, 1.0, -1.0), 0.0)
    values = np.where(i == 0, 1.0, signs) * np.sqrt(level / H.n)
    return astype((H.spec.xp or np).asarray(values, device=H.spec.device), concrete(H.spec))


@trace.rule(Haar, says="tr H = Σ H[i, i]")
def _(H: Haar) -> Any:
    return namespace(d := diagonal(H)).sum(d)


@slogdet.rule(Haar, says="det H = −1 for n = 2, else 1")
def _(H: Haar) -> SlogdetResult:
    return SlogdetResult(-1.0 if H.n == 2 else 1.0, 0.0)
