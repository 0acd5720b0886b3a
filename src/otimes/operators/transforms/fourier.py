"""Fourier and Hartley: the discrete Fourier transform, unitary, and its real relative on grids."""

import math
from typing import Any

import numpy as np

from otimes.core.algebra import conj, matmul, scale, transpose
from otimes.core.array import Array, ArraySpec, astype, common_spec, concrete, inexact, is_complex, namespace, reshape
from otimes.core.checks import MAX_BYTES, matching_dtype, require_bytes, require_size, shape_text
from otimes.core.facts import Facts
from otimes.core.indexing import entries
from otimes.core.operator import LinearOperator
from otimes.core.rules import guard
from otimes.errors import DTypeError, ShapeError
from otimes.functions.diagonal import diagonal
from otimes.functions.inv import inv
from otimes.functions.slogdet import SlogdetResult, slogdet
from otimes.functions.trace import trace
from otimes.kernels.convolution import Sizes, fft_of, spectrum, transformable
from otimes.operators.identity import Identity

NORMS = ("ortho", "backward", "forward")


class Fourier(LinearOperator):
    """F[j, k] = exp(−2πi j k / n) / √n, or its inverse, which is its conjugate; no numbers are stored."""

    inverse: bool

    def __init__(self, n: int, spec: ArraySpec, inverse: bool = False):
        super().__init__((n, n), spec, Facts(unitary=True, symmetric=True), inverse=inverse)

    @property
    def n(self) -> int:
        """The length of what is transformed."""
        return self.shape[0]

    @property
    def details(self) -> tuple[str, ...]:
        """Whether it is the inverse, for display."""
        return ("inverse",) if self.inverse else ()

    def _matmat(self, X: Array) -> Array:
        X = transformable(X, real=False)
        transform = fft_of(X).ifft if self.inverse else fft_of(X).fft
        return transform(X, axis=0, norm="ortho") if self.n and X.shape[1] else X


class Hartley(LinearOperator):
    """H[j, k] = cas(2π Σ jᵢ kᵢ / nᵢ) / √n with cas = cos + sin, on a grid n₁ × … × n_d; no numbers are stored.

    Real, symmetric and its own inverse; its columns are eigenvectors of every real symmetric circulant.
    """

    sizes: Sizes

    def __init__(self, sizes: Sizes, spec: ArraySpec):
        n = math.prod(sizes)
        super().__init__((n, n), spec, Facts(unitary=True, symmetric=True, hermitian=True), sizes=sizes)

    @property
    def details(self) -> tuple[str, ...]:
        """The grid, for display."""
        return (f"{shape_text(self.sizes)} grid",) if len(self.sizes) > 1 else ()

    def _matmat(self, X: Array) -> Array:
        if 0 in X.shape:
            return X
        xp = namespace(X)
        if is_complex(X.dtype):
            return self._matmat(xp.real(X)) + 1j * self._matmat(xp.imag(X))
        Y = spectrum(reshape(X, (*self.sizes, X.shape[1])), self.sizes, real=False)
        return reshape(xp.real(Y) - xp.imag(Y), X.shape) / self.shape[0] ** 0.5


def fourier(n: int, *, norm: str = "ortho", dtype: Any = None) -> LinearOperator:
    """Return the discrete Fourier transform of length n as an operator.

    F[j, k] = s exp(−2πi j k / n); the inverse is `fourier(n).H`. On a grid, fourier(m) ⊗ fourier(n) is the 2-D
    transform: `kron` of transforms acts on the axes.

    Parameters
    ----------
    n : int
    norm : {"ortho", "backward", "forward"}
        The scale s: 1/√n, for which F is unitary, 1 (the default of `numpy.fft.fft`), or 1/n.
    dtype : complex dtype, optional
        Unstated, the complex dtype of the precision of what it meets.

    Returns
    -------
    LinearOperator, (n, n)
        F @ x costs O(n log n) operations; nothing is stored.

    Raises
    ------
    ShapeError
        n is not an integer ≥ 0, or `norm` is unknown.
    DTypeError
        The dtype is not complex.

    References
    ----------
    Van Loan (1992), Computational Frameworks for the Fast Fourier Transform.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> x = np.arange(12.0)
    >>> F = ox.kron(ox.fourier(3, norm="backward"), ox.fourier(4, norm="backward"))
    >>> bool(np.allclose(F @ x, np.fft.fft2(x.reshape(3, 4)).reshape(-1)))
    True
    """
    n, spec = require_size(n, "n"), matching_dtype(complex if dtype is None else dtype)
    if norm not in NORMS:
        raise ShapeError(f"fourier(n, norm={norm!r}): norm is one of {', '.join(NORMS)}")
    if not is_complex(spec.dtype):
        raise DTypeError(f"fourier(n, dtype={dtype!r}): its entries are complex; hartley and dct are real")
    F = Fourier(n, ArraySpec(None, complex) if dtype is None else spec)
    return F if norm == "ortho" or not n else scale(F, n**0.5 if norm == "backward" else n**-0.5)


def hartley(*sizes: int, dtype: Any = None) -> Hartley:
    """Return the discrete Hartley transform on a grid, the real relative of the Fourier transform.

    H[j, k] = cas(2π Σ jᵢ kᵢ / nᵢ) / √n with cas = cos + sin: H x is the real minus the imaginary part of the
    Fourier transform. On more than one axis it is no Kronecker product.

    Parameters
    ----------
    *sizes : int
        n₁, …, n_d of a C-ordered grid, n = Π nᵢ.
    dtype : dtype, optional
        Unstated, that of what it meets.

    Returns
    -------
    Hartley, (n, n)
        Real, symmetric, H H = I. H @ x costs O(n log n) operations; nothing is stored.

    Raises
    ------
    ShapeError
        No size is given, or one is not an integer ≥ 0.

    References
    ----------
    Bini & Favati (1993), On a matrix algebra related to the discrete Hartley transform.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> x = np.arange(8.0)
    >>> bool(np.allclose(ox.hartley(8) @ (ox.hartley(8) @ x), x))
    True
    """
    if not sizes:
        raise ShapeError("hartley() of no sizes: give the size of each axis of the grid")
    spec = ArraySpec(None, float) if dtype is None else _inexact(matching_dtype(dtype))
    return Hartley(tuple(require_size(n, "each size") for n in sizes), spec)


def _inexact(spec: ArraySpec) -> ArraySpec:
    return ArraySpec(spec.xp, inexact(spec.dtype, spec.xp), spec.device)


@entries.rule(Fourier, says="F[j, k] = exp(−2πi j k / n) / √n")
def _(F: Fourier, rows: np.ndarray, columns: np.ndarray) -> Array:
    places = (rows.astype(object) * columns % F.n).astype(float) if F.n > 2**31 else rows * columns % F.n
    values = np.exp((2j if F.inverse else -2j) * np.pi * places / F.n) / F.n**0.5
    return astype((F.spec.xp or np).asarray(values, device=F.spec.device), concrete(F.spec))


@diagonal.rule(Fourier, says="F[k, k] = exp(−2πi k² / n) / √n")
def _(F: Fourier) -> Array:
    require_bytes((F.n,), 16, MAX_BYTES, "the diagonal", "trace(F) needs no array")
    return entries(F, np.arange(F.n), np.arange(F.n))


@transpose.rule(Fourier, says="Fᵀ = F")
@transpose.rule(Hartley, says="Hᵀ = H")
@conj.rule(Hartley, says="conj(H) = H")
@inv.rule(Hartley, says="H⁻¹ = H")
def _(H: LinearOperator) -> LinearOperator:
    return H


@conj.rule(Fourier, says="conj(F) = F⁻¹")
@inv.rule(Fourier, says="F⁻¹ = conj(F)")
def _(F: Fourier) -> Fourier:
    return Fourier(F.n, F.spec, not F.inverse)


@guard("one is the inverse of the other")
def inverses(F: Fourier, G: Fourier) -> bool:
    return F.inverse != G.inverse


@matmul.rule(Fourier, Fourier, when=inverses, says="F F⁻¹ = I")
def _(F: Fourier, G: Fourier) -> Identity:
    return Identity(F.n, common_spec(F.spec, G.spec))


def _multiplicities(n: int) -> tuple[int, int, int, int]:
    """Return how often 1, −i, −1, i are eigenvalues of F of size n."""
    return (n // 4 + 1, (n + 1) // 4, (n + 2) // 4, (n - 1) // 4) if n else (0, 0, 0, 0)


@slogdet.rule(Fourier, says="det F = Π λ, λ = 1, −i, −1, i of known multiplicities", cite="McClellanParks1972")
def _(F: Fourier) -> SlogdetResult:
    _, b, c, d = _multiplicities(F.n)
    sign = (1 + 0j, -1j, -1 + 0j, 1j)[(b + 2 * c + 3 * d) % 4]
    return SlogdetResult(sign.conjugate() if F.inverse else sign, 0.0)


@trace.rule(Fourier, says="tr F = Σ λ, Gauss's sum", cite="McClellanParks1972")
def _(F: Fourier) -> Any:
    a, b, c, d = _multiplicities(F.n)
    value = complex(a - c, d - b)
    return value.conjugate() if F.inverse else value


@slogdet.rule(Hartley, says="det H = (−1)ᵏ, k = (n − tr H)/2 its eigenvalues −1")
def _(H: Hartley) -> SlogdetResult:
    return SlogdetResult(-1.0 if (H.shape[0] - round(float(trace(H)))) // 2 % 2 else 1.0, 0.0)


@trace.rule(Hartley, says="tr H = Re tr F − Im tr F, for F the product of the axes' transforms")
def _(H: Hartley) -> Any:
    value = math.prod(complex(a - c, d - b) for a, b, c, d in map(_multiplicities, H.sizes))
    return value.real - value.imag
