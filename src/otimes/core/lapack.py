"""The dense decompositions of the user's library, with one way of failing.

NumPy arrays go to SciPy where it warns of ill-conditioned systems and NumPy does not; the others to
`linalg` of their array namespace.
"""

import functools
import importlib
import warnings
from typing import Any

import numpy as np
import scipy.linalg

from otimes.core.array import Array, astype, dtype_name, inexact, namespace
from otimes.core.checks import require_finite, shape_text
from otimes.core.threads import FEW_ROWS, one_thread
from otimes.core.tracing import certainly
from otimes.errors import DTypeError, NotPositiveDefinite, SingularError


def _inv(a: np.ndarray) -> np.ndarray:
    """Return the inverse, warning of bad conditioning as SciPy's solver does."""
    inverse = np.linalg.inv(a)
    if a.size and (condition := np.linalg.norm(a, 1) * np.linalg.norm(inverse, 1)) * np.finfo(a.dtype).eps > 1:
        message = f"inv of {shape_text(a.shape)}: condition number {condition:.3g}; the result may not be accurate"
        warnings.warn(message, scipy.linalg.LinAlgWarning, stacklevel=3)
    return inverse


def _eigh(a: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return eigenvalues and eigenvectors; a tridiagonal array is not reduced first, and takes a third of the time."""
    if a.ndim == 2 and len(a) >= TRIDIAGONAL_ROWS and a.dtype.kind == "f":
        diagonals = [np.diagonal(a, k) for k in (-1, 0, 1)]
        if np.count_nonzero(a != 0) == sum(np.count_nonzero(d) for d in diagonals):
            below, main, _ = diagonals
            return scipy.linalg.eigh_tridiagonal(main, below, check_finite=False, lapack_driver="stevd")
    values, vectors = np.linalg.eigh(a)
    return values, vectors


TRIDIAGONAL_ROWS = 32  # from which the look at the entries takes less than it saves

NEVER_INFINITE = ("solve", "inv", "cholesky")  # for operands that have the function

# the structure is not guessed from the entries: on small matrices the guess costs more than the work
_SCIPY = {
    "solve": functools.partial(scipy.linalg.solve, assume_a="gen"),
    "inv": _inv,
    "eigh": _eigh,
    "lu": scipy.linalg.lu,
    "qr": functools.partial(scipy.linalg.qr, mode="economic"),
    "expm": scipy.linalg.expm,
    "sqrtm": scipy.linalg.sqrtm,
    "logm": scipy.linalg.logm,
    "fractional_matrix_power": scipy.linalg.fractional_matrix_power,
    "schur": scipy.linalg.schur,
}


def lapack(name: str, a: Array, *others: Array, **options: Any) -> Any:
    """Call the dense function `name` on arrays of one library, integers as float64.

    Raises
    ------
    NonFiniteError
        A NumPy array has NaN or infinite entries.
    SingularError, NotPositiveDefinite, DTypeError
        In place of the library's own errors, with the shape.
    """
    xp = namespace(a)
    a = astype(a, inexact(a.dtype, xp))
    call = _SCIPY.get(name) if xp is np else None
    if str(a.dtype) in ("longdouble", "clongdouble", "float128", "complex256"):
        raise DTypeError(f"{name} of {shape_text(a.shape)} {dtype_name(a.dtype)}: LAPACK has no extended precision")
    if xp is np and name != "norm":
        for array in (a, *others):
            require_finite(array, f"an operand of {name}, {shape_text(array.shape)},")
    try:
        with one_thread(xp is np and max(a.shape, default=0) in FEW_ROWS):
            result = (call or _member(xp, name))(a, *(astype(b, inexact(b.dtype, xp)) for b in others), **options)
        return _found(result, a) if name in NEVER_INFINITE and xp.__name__ == "jax.numpy" else result
    except (TypeError, NotImplementedError) as error:
        raise DTypeError(f"{name} of {shape_text(a.shape)} {dtype_name(a.dtype)}: {error}") from error
    except (np.linalg.LinAlgError, RuntimeError) as error:
        if name == "cholesky":
            raise NotPositiveDefinite(f"cholesky of {shape_text(a.shape)}: not positive definite ({error})") from error
        if "onverge" in str(error):
            raise
        raise SingularError(
            f"{name} of {shape_text(a.shape)}: exactly singular; pinv and lstsq take singular ones"
        ) from error


def solve_triangular(a: Array, B: Array, lower: bool) -> Array:
    """Return a⁻¹ B by substitution, where the library has it; a and B inexact."""
    xp = namespace(a)
    if certainly(xp.any(xp.linalg.diagonal(a) == 0)):
        raise SingularError(f"the triangular {shape_text(a.shape)} matrix has a zero on its diagonal; lstsq takes it")
    dtype = xp.result_type(a.dtype, B.dtype)
    a, B = astype(a, dtype), astype(B, dtype)
    if xp is np:
        require_finite(a, f"the triangular {shape_text(a.shape)} matrix")
        return scipy.linalg.solve_triangular(a, B, lower=lower, check_finite=False)
    if "torch" in xp.__name__:
        return xp.linalg.solve_triangular(a, B, upper=not lower)
    if xp.__name__ == "jax.numpy":
        return _member(xp, "solve_triangular")(a, B, lower=lower)
    return xp.linalg.solve(a, B)


def _found(result: Array, a: Array) -> Array:
    """Return the result of JAX, which gives infinite entries where other libraries raise."""
    finite = namespace(a).isfinite
    if certainly(finite(a).all() & ~finite(result).all()):
        raise np.linalg.LinAlgError("the result is not finite")
    return result


def default_rtol(A: Any) -> float:
    """Return n eps, below which singular values are rounding: n = max(m, n) as in NumPy, Σ over Kronecker factors."""
    xp = A.spec.xp or np
    return A.rounding_size * float(xp.finfo(inexact(A.dtype, xp)).eps)


def _member(xp: Any, name: str) -> Any:
    """Return `xp.linalg.name`, from the library itself where the array API standard has no such name."""
    if hasattr(xp.linalg, name):
        return getattr(xp.linalg, name)
    name = {"expm": "matrix_exp"}.get(name, name) if "torch" in xp.__name__ else name
    library = xp.__name__.removeprefix("array_api_compat.").partition(".")[0]
    try:
        module = importlib.import_module("jax.scipy.linalg" if library == "jax" else f"{library}.linalg")
        return getattr(module, name)
    except (ImportError, AttributeError) as error:
        raise DTypeError(f"{library} has no linalg.{name}; convert to NumPy for it") from error
