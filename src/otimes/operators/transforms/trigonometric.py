"""TrigonometricTransform: the discrete cosine and sine transforms of types 1 to 4, orthonormal.

Each is wₖ wⱼ √(4/N) f(2π (j + a)(k + b) / N) for f = cos or sin, shifts a of columns and b of rows, and a period N;
wₖ is 1/√2 where k + b is a multiple of N/2, else 1.
"""

from typing import Any

import numpy as np
import scipy.fft

from otimes.core.algebra import conj, to_dense, transpose
from otimes.core.array import Array, ArraySpec, astype, concrete, inexact, is_complex, namespace, spec_of
from otimes.core.checks import MAX_BYTES, matching_dtype, require_bytes, require_size
from otimes.core.facts import Facts
from otimes.core.indexing import entries
from otimes.core.operator import LinearOperator
from otimes.errors import ShapeError
from otimes.functions.diagonal import diagonal
from otimes.functions.slogdet import SlogdetResult, slogdet
from otimes.functions.trace import trace

SHIFTS = {  # of columns and of rows, and N − 2n
    ("cosine", 1): (0.0, 0.0, -2),
    ("cosine", 2): (0.5, 0.0, 0),
    ("cosine", 3): (0.0, 0.5, 0),
    ("cosine", 4): (0.5, 0.5, 0),
    ("sine", 1): (1.0, 1.0, 2),
    ("sine", 2): (0.5, 1.0, 0),
    ("sine", 3): (1.0, 0.5, 0),
    ("sine", 4): (0.5, 0.5, 0),
}
TRANSPOSED = {1: 1, 2: 3, 3: 2, 4: 4}


class TrigonometricTransform(LinearOperator):
    """The orthonormal discrete cosine or sine transform of a type from 1 to 4; no numbers are stored."""

    family: str
    type: int

    def __init__(self, n: int, spec: ArraySpec, family: str, type: int):
        symmetric = True if type in (1, 4) else None
        super().__init__((n, n), spec, Facts(unitary=True, hermitian=symmetric), family=family, type=type)

    @property
    def n(self) -> int:
        """The length."""
        return self.shape[0]

    @property
    def details(self) -> tuple[str, ...]:
        """Which transform it is, for display."""
        return (f"{self.family} of type {self.type}",)

    def _matmat(self, X: Array) -> Array:
        X = astype(X, inexact(X.dtype, namespace(X)))
        if 0 in X.shape:
            return X
        if isinstance(X, np.ndarray):
            transform = scipy.fft.dct if self.family == "cosine" else scipy.fft.dst
            return transform(X, self.type, axis=0, norm="ortho")
        if is_complex(X.dtype):
            xp = namespace(X)
            return self._matmat(xp.real(X)) + 1j * self._matmat(xp.imag(X))
        return self._by_fourier(X)

    def _by_fourier(self, X: Array) -> Array:
        """Return the transform by that of Fourier, (j + a)(k + b) = j k + b j + a (k + b), in any library."""
        xp, (a, b, period) = namespace(X), _shifts(self)
        j = np.arange(self.n)
        before = np.exp(-2j * np.pi * b * j / period) * _weights(j + a, period)
        after = np.exp(-2j * np.pi * a * (j + b) / period) * _weights(j + b, period) * (4 / period) ** 0.5
        before, after = (_like(v, X) for v in (before, after))
        Y = after[:, None] * xp.fft.fft(before[:, None] * X, n=period, axis=0)[: self.n, :]
        return xp.real(Y) if self.family == "cosine" else -xp.imag(Y)


def _shifts(A: TrigonometricTransform) -> tuple[float, float, int]:
    """Return a, b and N."""
    a, b, extra = SHIFTS[A.family, A.type]
    return a, b, max(2 * A.n + extra, 1)


def _weights(places: np.ndarray, period: int) -> np.ndarray:
    return np.where(places % (period / 2) == 0, 0.5**0.5, 1.0)


def _like(v: np.ndarray, X: Array) -> Array:
    """Return v in the library of the real array X, complex in its precision."""
    single = namespace(X).finfo(X.dtype).bits == 32
    return namespace(X).asarray(v.astype(np.complex64 if single else complex), device=spec_of(X).device)


def _entries(A: TrigonometricTransform, k: np.ndarray, j: np.ndarray) -> Array:
    """Return the entries of rows k and columns j, the angles reduced before they are rounded."""
    a, b, period = _shifts(A)
    twice = [(2 * x + int(2 * shift)).astype(object if A.n > 2**30 else np.int64) for x, shift in ((k, b), (j, a))]
    places = (twice[0] * twice[1] % (4 * period)).astype(float)  # of whole numbers, which float64 would round
    values = (np.cos if A.family == "cosine" else np.sin)(np.pi / 2 * places / period)
    values = values * _weights(k + b, period) * _weights(j + a, period) * (4 / period) ** 0.5
    xp = A.spec.xp or np
    return astype(xp.asarray(values, device=A.spec.device), concrete(A.spec))


def dct(n: int, type: int = 2, *, dtype: Any = None) -> TrigonometricTransform:
    """Return the orthonormal discrete cosine transform of length n as an operator.

    That of `scipy.fft.dct(x, type, norm="ortho")`. Type 2 is y[k] = wₖ √(2/n) Σⱼ cos(π (j + ½) k / n) x[j] with
    w₀ = 1/√2, else 1; type 3 is its inverse; types 1 and 4 are their own. On a grid, dct(m) ⊗ dct(n) is the 2-D one.

    Parameters
    ----------
    n : int
    type : {1, 2, 3, 4}
    dtype : dtype, optional
        Unstated, that of what it meets.

    Returns
    -------
    TrigonometricTransform, (n, n)
        Unitary. A @ x costs O(n log n) operations; nothing is stored.

    Raises
    ------
    ShapeError
        n is not an integer ≥ 0 (≥ 2 for type 1), or the type is unknown.

    References
    ----------
    Strang (1999), The discrete cosine transform.

    Examples
    --------
    >>> import numpy as np, scipy.fft, otimes as ox
    >>> x = np.random.default_rng(0).random((4, 6))
    >>> y = ox.kron(ox.dct(4), ox.dct(6)) @ x.reshape(-1)
    >>> bool(np.allclose(y, scipy.fft.dctn(x, norm="ortho").reshape(-1)))
    True
    """
    return _transform("cosine", n, type, dtype)


def dst(n: int, type: int = 2, *, dtype: Any = None) -> TrigonometricTransform:
    """Return the orthonormal discrete sine transform of length n as an operator.

    That of `scipy.fft.dst(x, type, norm="ortho")`. Type 1, y[k] = √(2/(n+1)) Σⱼ sin(π (j+1)(k+1) / (n+1)) x[j],
    has the eigenvectors of the second difference with zero boundary values.

    Parameters
    ----------
    n : int
    type : {1, 2, 3, 4}
    dtype : dtype, optional
        Unstated, that of what it meets.

    Returns
    -------
    TrigonometricTransform, (n, n)
        Unitary. A @ x costs O(n log n) operations; nothing is stored.

    Raises
    ------
    ShapeError
        n is not an integer ≥ 0, or the type is unknown.

    References
    ----------
    Strang (1999), The discrete cosine transform.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> S, T = ox.dst(5, 1), ox.toeplitz([2.0, -1.0, 0.0, 0.0, 0.0])
    >>> D = np.asarray(S @ T @ S)
    >>> bool(np.allclose(D, np.diag(D.diagonal())))
    True
    """
    return _transform("sine", n, type, dtype)


def _transform(family: str, n: Any, type: Any, dtype: Any) -> TrigonometricTransform:
    n = require_size(n, "n")
    if type not in TRANSPOSED.values():
        raise ShapeError(f"the discrete {family} transform has types 1, 2, 3 and 4, not {type!r}")
    if (family, type) == ("cosine", 1) and n < 2:
        raise ShapeError(f"dct({n}, 1): the cosine transform of type 1 takes both ends of a line, n ≥ 2")
    spec = ArraySpec(None, float) if dtype is None else matching_dtype(dtype)
    return TrigonometricTransform(n, ArraySpec(spec.xp, inexact(spec.dtype, spec.xp), spec.device), family, type)


@to_dense.rule(TrigonometricTransform, says="C[k, j] = wₖ wⱼ √(4/N) f(2π (j + a)(k + b) / N)")
def _(A: TrigonometricTransform) -> Array:
    j = np.arange(A.n)
    return _entries(A, j[:, None], j)


@entries.rule(TrigonometricTransform, says="C[k, j] = wₖ wⱼ √(4/N) f(2π (j + a)(k + b) / N)")
def _(A: TrigonometricTransform, rows: np.ndarray, columns: np.ndarray) -> Array:
    return _entries(A, rows, columns)


@diagonal.rule(TrigonometricTransform, says="C[k, k] = wₖ² √(4/N) f(2π (k + a)(k + b) / N)")
def _(A: TrigonometricTransform) -> Array:
    require_bytes((A.n,), 8, MAX_BYTES, "the diagonal", "no lazy form is known for it")
    return _entries(A, np.arange(A.n), np.arange(A.n))


@trace.rule(TrigonometricTransform, says="tr C = Σ C[k, k]")
def _(A: TrigonometricTransform) -> Any:
    return namespace(d := diagonal(A)).sum(d)


@transpose.rule(TrigonometricTransform, says="types 2 and 3 are transposes, types 1 and 4 symmetric", cite="Strang1999")
def _(A: TrigonometricTransform) -> TrigonometricTransform:
    return TrigonometricTransform(A.n, A.spec, A.family, TRANSPOSED[A.type])


@conj.rule(TrigonometricTransform, says="conj(C) = C")
def _(A: TrigonometricTransform) -> TrigonometricTransform:
    return A


@slogdet.rule(TrigonometricTransform, says="det C = (−1)^⌊n/2⌋", cite="Strang1999")
def _(A: TrigonometricTransform) -> SlogdetResult:
    return SlogdetResult(-1.0 if A.n // 2 % 2 else 1.0, 0.0)
