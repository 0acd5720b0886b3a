"""Identity: I."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from otimes.core.algebra import conj, matmul, scale, to_dense, transpose
from otimes.core.array import Array, ArraySpec, astype, common_spec, copied, inexact, ones
from otimes.core.array import eye as dense_eye
from otimes.core.checks import matching_dtype, require_size
from otimes.core.facts import NAMES, Facts
from otimes.core.indexing import entries, truth_values
from otimes.core.operator import LinearOperator, inexact_operator
from otimes.core.rules import guard
from otimes.functions.cholesky import cholesky
from otimes.functions.cond import cond
from otimes.functions.diagonal import diagonal
from otimes.functions.eig import EigResult, eig
from otimes.functions.eigh import eigh
from otimes.functions.eigvals import eigvals
from otimes.functions.eigvalsh import eigvalsh
from otimes.functions.expm import expm
from otimes.functions.fractional_matrix_power import fractional_matrix_power
from otimes.functions.funm import funm, mapped
from otimes.functions.inv import inv
from otimes.functions.lu import LUResult, lu
from otimes.functions.norm import norm
from otimes.functions.pinv import pinv
from otimes.functions.qr import QRResult, qr
from otimes.functions.schur import SchurResult, schur
from otimes.functions.slogdet import SlogdetResult, slogdet
from otimes.functions.solve import solve
from otimes.functions.sqrtm import sqrtm
from otimes.functions.svd import SVDResult, svd
from otimes.functions.svdvals import svdvals
from otimes.functions.trace import trace


class Identity(LinearOperator):
    """The identity of size n; it holds no numbers, and with no dtype stated it takes that of what it meets."""

    kind = "identity"

    def __init__(self, n: int, spec: ArraySpec):
        super().__init__((n, n), spec, Facts(**dict.fromkeys(NAMES, True)))

    @property
    def n(self) -> int:
        """Rows and columns."""
        return self.shape[0]

    def _matmat(self, X: Array) -> Array:
        return copied(X)


def eye(n: int, dtype: Any = None) -> Identity:
    """Return the identity operator.

    Parameters
    ----------
    n : int
        Rows and columns.
    dtype : dtype, optional
        Of NumPy or PyTorch. Unstated, the identity takes dtype and library of what it meets, so that
        it never turns float32 into float64; alone it is float64.

    Returns
    -------
    Identity, (n, n)

    Raises
    ------
    ShapeError
        n is not an integer ≥ 0.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> ox.kron(ox.eye(1000), np.ones((2, 3), np.float32)).dtype
    dtype('float32')
    """
    return Identity(require_size(n, "n"), matching_dtype(dtype))


@to_dense.rule(Identity, says="Iᵢⱼ = 1 for i = j, else 0")
def _(A: Identity) -> Array:
    return dense_eye(A.shape[0], A.spec)


@entries.rule(Identity, says="Iᵢⱼ = 1 for i = j, else 0")
def _(A: Identity, rows: np.ndarray, columns: np.ndarray) -> Array:
    return truth_values(rows == columns, A.spec)


@transpose.rule(Identity, says="Iᵀ = I")
@conj.rule(Identity, says="conj(I) = I")
def _(A: Identity) -> Identity:
    return A


@inv.rule(Identity, says="I⁻¹ = I")
@cholesky.rule(Identity, says="I = I Iᴴ")
def _(A: Identity) -> LinearOperator:
    return inexact_operator(A)


@pinv.rule(Identity, says="I⁺ = I")
def _(A: Identity, rtol: float) -> LinearOperator:
    return inexact_operator(A)


@guard("the result has the dtype of the second")
def keeps_second(A: LinearOperator, B: LinearOperator) -> bool:
    return B.spec == common_spec(A.spec, B.spec, what="operand")


@guard("the result has the dtype of the first")
def keeps_first(A: LinearOperator, B: LinearOperator) -> bool:
    return A.spec == common_spec(A.spec, B.spec, what="operand")


@matmul.rule(Identity, LinearOperator, when=keeps_second, says="I A = A")
def _(A: Identity, B: LinearOperator) -> LinearOperator:
    return B


@matmul.rule(LinearOperator, Identity, when=keeps_first, says="A I = A")
def _(A: LinearOperator, B: Identity) -> LinearOperator:
    return A


@solve.rule(Identity, says="I⁻¹ B = B")
def _(A: Identity, B: Array) -> Array:
    return copied(B)


@slogdet.rule(Identity, says="det I = 1")
def _(A: Identity) -> SlogdetResult:
    return SlogdetResult(1.0, 0.0)


@trace.rule(Identity, says="tr I = n")
def _(A: Identity) -> int:
    return A.shape[0]


@norm.rule(Identity, says="‖I‖ = 1, √n (Frobenius) or n (nuclear)")
def _(A: Identity, ord: Any) -> float:
    n = float(A.shape[0])
    return {"fro": n**0.5, "nuc": n}.get(ord, float(n > 0))


@cond.rule(Identity, says="κ(I) = 1")
def _(A: Identity, p: Any) -> float:
    n = float(A.shape[0])
    return {"fro": n, "nuc": n**2}.get(p, 1.0) if n else math.inf


@svdvals.rule(Identity, says="σ(I) = 1")
@eigvalsh.rule(Identity, says="λ(I) = 1")
def _(A: Identity) -> Array:
    return ones(A.shape[0], A.spec)


@diagonal.rule(Identity, says="diag I = 1")
def _(A: Identity) -> Array:
    return astype(ones(A.shape[0], A.spec), A.dtype)


@eigvals.rule(Identity, says="λ(I) = 1")
def _general(A: Identity) -> Array:
    return astype(ones(A.shape[0], A.spec), inexact(A.dtype, A.spec.xp))


@eig.rule(Identity, says="I v = v")
def _(A: Identity) -> EigResult:
    return EigResult(_general(A), inexact_operator(A))


@eigh.rule(Identity, says="I v = v")
def _(A: Identity) -> EigResult:
    return EigResult(ones(A.shape[0], A.spec), inexact_operator(A))


@svd.rule(Identity, says="I = I I Iᴴ")
def _(A: Identity) -> SVDResult:
    return SVDResult(inexact_operator(A), ones(A.shape[0], A.spec), A)


@qr.rule(Identity, says="I = I I")
def _(A: Identity) -> QRResult:
    return QRResult(inexact_operator(A), A)


@lu.rule(Identity, says="I = I I I")
def _(A: Identity) -> LUResult:
    return LUResult(A, inexact_operator(A), A)


@expm.rule(Identity, says="exp(I) = e I")
def _(A: Identity) -> LinearOperator:
    return scale(inexact_operator(A), math.e)


@sqrtm.rule(Identity, says="√I = I")
def _(A: Identity) -> LinearOperator:
    return inexact_operator(A)


@fractional_matrix_power.rule(Identity, says="Iᵖ = I")
def _(A: Identity, p: float) -> LinearOperator:
    return inexact_operator(A)


@funm.rule(Identity, says="f(I) = f(1) I")
def _(A: Identity, f: Callable[[Any], Any]) -> LinearOperator:
    return scale(inexact_operator(A), mapped(f, ones(1, A.spec))[0])


@schur.rule(Identity, says="I = I I Iᴴ")
def _(A: Identity) -> SchurResult:
    return SchurResult(inexact_operator(A), inexact_operator(A))
