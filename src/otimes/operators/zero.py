"""Zero: the operator 0."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from otimes.core.algebra import add, conj, matmul, scale, to_dense, transpose
from otimes.core.array import Array, ArraySpec, astype, common_spec, ones, scaled_spec, scaled_vector, spec_of
from otimes.core.array import zeros as dense_zeros
from otimes.core.checks import matching_dtype, require_size
from otimes.core.facts import Facts
from otimes.core.indexing import entries
from otimes.core.operator import LinearOperator, inexact_operator
from otimes.errors import SingularError
from otimes.functions.diagonal import diagonal
from otimes.functions.expm import expm
from otimes.functions.fractional_matrix_power import fractional_matrix_power
from otimes.functions.funm import funm, mapped
from otimes.functions.inv import inv
from otimes.functions.logm import logm
from otimes.functions.norm import norm
from otimes.functions.pinv import pinv
from otimes.functions.schur import SchurResult, schur
from otimes.functions.slogdet import SlogdetResult, slogdet
from otimes.functions.sqrtm import sqrtm
from otimes.functions.svdvals import svdvals
from otimes.functions.trace import trace
from otimes.operators.identity import Identity, keeps_first, keeps_second

SQUARE_FACTS = ("symmetric", "hermitian", "positive_semidefinite", "lower_triangular", "upper_triangular")


class Zero(LinearOperator):
    """The m × n operator of zeros; it holds no numbers."""

    def __init__(self, shape: tuple[int, int], spec: ArraySpec):
        names = SQUARE_FACTS if shape[0] == shape[1] else SQUARE_FACTS[3:]
        super().__init__(shape, spec, Facts(**dict.fromkeys(names, True)))

    def _matmat(self, X: Array) -> Array:
        return dense_zeros((self.shape[0], X.shape[1]), common_spec(self.spec, spec_of(X)))


def zeros(m: int, n: int | None = None, dtype: Any = None) -> Zero:
    """Return the zero operator.

    Parameters
    ----------
    m, n : int
        Rows and columns; n = m if left out.
    dtype : dtype, optional
        Of NumPy or PyTorch; unstated, that of what the operator meets.

    Returns
    -------
    Zero, (m, n)

    Raises
    ------
    ShapeError
        A size is not an integer ≥ 0.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> ox.zeros(2, 3) @ np.ones(3)
    array([0., 0.])
    """
    rows = require_size(m, "m")
    return Zero((rows, rows if n is None else require_size(n, "n")), matching_dtype(dtype))


@to_dense.rule(Zero, says="0ᵢⱼ = 0")
def _(A: Zero) -> Array:
    return dense_zeros(A.shape, A.spec)


@entries.rule(Zero, says="0ᵢⱼ = 0")
def _(A: Zero, rows: np.ndarray, columns: np.ndarray) -> Array:
    return dense_zeros(rows.shape, A.spec)


@transpose.rule(Zero, says="0ᵀ = 0")
def _(A: Zero) -> Zero:
    return Zero(A.shape[::-1], A.spec)


@conj.rule(Zero, says="conj(0) = 0")
def _(A: Zero) -> Zero:
    return A


@scale.rule(Zero, says="c 0 = 0")
def _(A: Zero, c: Any) -> Zero:
    return Zero(A.shape, scaled_spec(A.spec, c))


@matmul.rule(Zero, LinearOperator, says="0 A = 0")
def _(A: Zero, B: LinearOperator) -> Zero:
    return Zero((A.shape[0], B.shape[1]), common_spec(A.spec, B.spec))


@matmul.rule(LinearOperator, Zero, says="A 0 = 0")
def _(A: LinearOperator, B: Zero) -> Zero:
    return Zero((A.shape[0], B.shape[1]), common_spec(A.spec, B.spec))


@add.rule(Zero, LinearOperator, when=keeps_second, says="0 + A = A")
def _(A: Zero, B: LinearOperator) -> LinearOperator:
    return B


@add.rule(LinearOperator, Zero, when=keeps_first, says="A + 0 = A")
def _(A: LinearOperator, B: Zero) -> LinearOperator:
    return A


@trace.rule(Zero, says="tr 0 = 0")
def _(A: Zero) -> float:
    return 0.0


@diagonal.rule(Zero, says="diag 0 = 0")
def _(A: Zero) -> Array:
    return scaled_vector(astype(ones(min(A.shape), A.spec), A.dtype), 0)


@svdvals.rule(Zero, says="σ(0) = 0")
def _(A: Zero) -> Array:
    return scaled_vector(ones(min(A.shape), A.spec), 0)


@slogdet.rule(Zero, says="det 0 = 0, and 1 for size 0")
def _(A: Zero) -> SlogdetResult:
    return SlogdetResult(0.0, -math.inf) if A.shape[0] else SlogdetResult(1.0, 0.0)


@inv.rule(Zero, says="0 is singular, but for size 0")
def _(A: Zero) -> Zero:
    if A.shape[0]:
        raise SingularError(f"the {A.shape[0]}×{A.shape[0]} zero operator is singular; pinv takes it")
    return A


@norm.rule(Zero, says="‖0‖ = 0")
def _(A: Zero, ord: Any) -> float:
    return 0.0


@pinv.rule(Zero, says="0⁺ = 0")
def _(A: Zero, rtol: float) -> Zero:
    return Zero(A.shape[::-1], inexact_operator(A).spec)


@expm.rule(Zero, says="exp(0) = I")
def _(A: Zero) -> LinearOperator:
    return inexact_operator(Identity(A.shape[0], A.spec))


@sqrtm.rule(Zero, says="√0 = 0")
def _(A: Zero) -> LinearOperator:
    return inexact_operator(A)


@logm.rule(Identity, says="log I = 0")
def _(A: Identity) -> LinearOperator:
    return inexact_operator(Zero(A.shape, A.spec))


@logm.rule(Zero, says="log 0 is not finite, but for size 0")
def _(A: Zero) -> LinearOperator:
    if A.shape[0]:
        raise _no_power(A, "logm")
    return inexact_operator(A)


@fractional_matrix_power.rule(Zero, says="0ᵖ = 0 for p > 0")
def _(A: Zero, p: float) -> LinearOperator:
    if p < 0 and A.shape[0]:
        raise _no_power(A, f"the power {p}")
    return inexact_operator(A)


def _no_power(A: Zero, name: str) -> SingularError:
    return SingularError(f"{name} of the {A.shape[0]}×{A.shape[0]} zero operator is not finite; sqrtm and expm take it")


@funm.rule(Zero, says="f(0) = f(0) I")
def _(A: Zero, f: Callable[[Any], Any]) -> LinearOperator:
    first = scaled_vector(ones(1, A.spec), 0)
    return scale(inexact_operator(Identity(A.shape[0], A.spec)), mapped(f, first)[0])


@schur.rule(Zero, says="0 = I 0 Iᴴ")
def _(A: Zero) -> SchurResult:
    return SchurResult(inexact_operator(A), inexact_operator(Identity(A.shape[0], A.spec)))
