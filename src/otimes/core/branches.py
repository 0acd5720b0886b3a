"""Principal branches: roots, powers and logarithms of eigenvalues and of dense matrices.

The branch is cut along the negative real axis, which belongs to its upper side: √−1 = i, log −1 = π i.
"""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from otimes.core.array import Array, astype, inexact, is_complex, namespace, result_type
from otimes.core.checks import shape_text
from otimes.core.lapack import default_rtol, lapack
from otimes.core.values import largest
from otimes.errors import NonFiniteError, SingularError


def principal(function: Callable[[Array], Array], values: Array) -> Array:
    """Return an elementwise function on its principal branch: complex if an entry is negative, else real as it was."""
    xp = namespace(values)
    values = astype(values, inexact(values.dtype, xp))
    if not is_complex(values.dtype) and bool(xp.any(values < 0)):
        values = astype(values, result_type(xp, values.dtype, xp.complex64))
    return function(values)


def root(values: Array) -> Array:
    """Return √λ on its principal branch."""
    return principal(namespace(values).sqrt, values)


def logarithm(values: Array, what: str) -> Array:
    """Return log λ on its principal branch; `SingularError` if some λ is 0."""
    _require_nonzero(values, f"logm of {what}: log 0 is not finite")
    return principal(namespace(values).log, values)


def power(values: Array, p: float, what: str) -> Array:
    """Return λᵖ on its principal branch; `SingularError` if some λ is 0 and p < 0."""
    if p < 0:
        _require_nonzero(values, f"the power {p} of {what}: it is singular")
    return principal(lambda λ: λ**p, values)


def _require_nonzero(values: Array, message: str) -> None:
    if bool(namespace(values).any(values == 0)):
        raise SingularError(f"{message}, and an eigenvalue is 0 to working precision")


def rounded(λ: Array, A: Any) -> Array:
    """Return the eigenvalues of a Hermitian A with those that are rounding of 0 set to it."""
    xp = namespace(λ)
    zero = abs(λ) <= default_rtol(A) * largest(abs(λ))
    return xp.where(zero | (λ < 0) if A.facts.positive_semidefinite else zero, xp.zeros_like(λ), λ)


def dense_principal(name: str, a: Array, **options: Any) -> Array:
    """Return SciPy's principal function of a square array, real where a is real and the result is.

    Single precision is worked in double, in which SciPy's algorithms stop.
    """
    if 0 in a.shape:
        return astype(a, inexact(a.dtype, namespace(a)))
    if namespace(a) is not np:
        return lapack(name, a, **options)
    wide = a.astype(np.result_type(a.dtype, np.float64))
    with warnings.catch_warnings(action="ignore"), np.errstate(all="ignore"):
        try:
            result = lapack(name, wide, **options)
        except NonFiniteError:
            raise
        except ValueError:  # SciPy divided by zero on its way
            result = np.full(a.shape, np.nan)
        singular = not np.isfinite(result).all() or (name == "logm" and 0 in np.linalg.svd(wide, compute_uv=False))
    if singular:
        raise SingularError(f"{name} of {shape_text(a.shape)}: the matrix is singular, and no principal value exists")
    return narrowed(result, a)


def narrowed(result: np.ndarray, a: np.ndarray) -> np.ndarray:
    """Return the result in the precision of `a`, without imaginary parts where a is real and they are rounding."""
    single = np.finfo(inexact(a.dtype)).dtype.itemsize == 4
    if a.dtype.kind != "c" and result.dtype.kind == "c":
        rounding = 1000 * np.finfo(result.dtype).eps * np.abs(result).max(initial=0)
        result = result.real if np.abs(result.imag).max(initial=0) <= rounding else result
    return result.astype(np.complex64 if result.dtype.kind == "c" else np.float32) if single else result
