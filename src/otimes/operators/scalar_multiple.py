"""ScalarMultiple: c A."""

import cmath
import math
from typing import Any

import numpy as np

from otimes.core.algebra import add, conj, matmul, scale, to_dense, transpose
from otimes.core.array import (
    Array,
    ArraySpec,
    concrete,
    conjugate,
    inexact,
    is_array,
    is_integral,
    namespace,
    scaled_spec,
)
from otimes.core.facts import Facts, every
from otimes.core.indexing import entries
from otimes.core.operator import LinearOperator
from otimes.core.rules import guard
from otimes.core.tracing import certainly
from otimes.core.values import scaled
from otimes.errors import SingularError
from otimes.functions.cholesky import cholesky
from otimes.functions.cond import cond
from otimes.functions.diagonal import diagonal
from otimes.functions.eig import EigResult, eig
from otimes.functions.eigh import eigh
from otimes.functions.eigvals import eigvals
from otimes.functions.eigvalsh import eigvalsh
from otimes.functions.fractional_matrix_power import fractional_matrix_power
from otimes.functions.inv import inv
from otimes.functions.logm import logm
from otimes.functions.lu import LUResult, lu
from otimes.functions.norm import norm
from otimes.functions.pinv import pinv
from otimes.functions.qr import QRResult, qr
from otimes.functions.schur import SchurResult, schur
from otimes.functions.slogdet import SlogdetResult, phase_power, slogdet
from otimes.functions.solve import solve
from otimes.functions.sqrtm import sqrtm
from otimes.functions.svd import SVDResult, svd
from otimes.functions.svdvals import svdvals
from otimes.functions.trace import trace
from otimes.operators.identity import Identity


class ScalarMultiple(LinearOperator):
    """c A for a scalar c: the scalar is carried along and multiplied in where it is cheapest."""

    scalar: Any
    operator: LinearOperator

    def __init__(self, scalar: Any, operator: LinearOperator):
        spec = scaled_spec(operator.spec, scalar)
        if operator.spec.weak and not spec.weak:
            operator = operator.with_spec(spec)
        super().__init__(operator.shape, spec, scaled_facts(scalar, operator), scalar=scalar, operator=operator)

    @property
    def children(self) -> tuple[LinearOperator, ...]:
        """The operator that is scaled."""
        return (self.operator,)

    @property
    def details(self) -> tuple[str, ...]:
        """The scalar, for display."""
        return (f"times {self.scalar:.6g}" if isinstance(self.scalar, (int, float)) else f"times {self.scalar}",)

    @property
    def rounding_size(self) -> int:
        """That of the operator scaled."""
        return self.operator.rounding_size

    def _rebuilt(self, children: tuple[LinearOperator, ...]) -> "ScalarMultiple":
        return ScalarMultiple(self.scalar, children[0])

    def _matmat(self, X: Array) -> Array:
        return self.scalar * self.operator._matmat(X)


def scaled_facts(c: Any, A: LinearOperator) -> Facts:
    """Return what is known of c A from what is known of A."""
    names = ["symmetric", "lower_triangular", "upper_triangular"]
    if not is_array(c) and not is_integral(A.spec.dtype):  # integers may wrap
        if c.imag == 0:
            names.append("hermitian")
            names += ["positive_semidefinite"] if c.real >= 0 else []
            names += ["positive_definite"] if c.real > 0 else []
        names += ["unitary"] if abs(c) == 1 else []
    return every([A.facts], *names)


def scalar_product(c: Any, d: Any, spec: ArraySpec) -> Any:
    """Return c d; a NumPy scalar among Python numbers does not round them to its own precision."""
    if not (isinstance(c, np.generic) or isinstance(d, np.generic)):
        return c * d
    dtype = concrete(scaled_spec(scaled_spec(spec, c), d))
    exact = (c.item() if isinstance(c, np.generic) else c) * (d.item() if isinstance(d, np.generic) else d)
    return np.asarray(exact).astype(dtype)[()] if isinstance(dtype, np.dtype) else exact


@guard("the scalar is a positive number")
def positive_scalar(A: ScalarMultiple) -> bool:
    return not is_array(A.scalar) and A.scalar.imag == 0 and A.scalar.real > 0


@guard("c ≠ 0")
def nonzero_scalar(A: ScalarMultiple) -> bool:
    return not certainly(A.scalar == 0)


@guard("the scalar is a real number")
def real_scalar(A: ScalarMultiple) -> bool:
    return "complex" not in str(getattr(A.scalar, "dtype", type(A.scalar)))


def _reciprocal(A: ScalarMultiple) -> Any:
    if A.shape[0] and certainly(A.scalar == 0):
        raise SingularError(f"0 · A is singular, for A of shape {A.shape}; pinv and lstsq take singular operators")
    return 1 / A.scalar if A.shape[0] else A.scalar


@scale.rule(LinearOperator, says="c A")
def _(A: LinearOperator, c: Any) -> LinearOperator:
    return A if isinstance(c, int) and c == 1 else ScalarMultiple(c, A)


@scale.rule(ScalarMultiple, says="c (d A) = (c d) A")
def _(A: ScalarMultiple, c: Any) -> LinearOperator:
    return scale(A.operator, scalar_product(c, A.scalar, A.spec))


@matmul.rule(ScalarMultiple, LinearOperator, says="(c A) B = c (A B)")
def _(A: ScalarMultiple, B: LinearOperator) -> LinearOperator:
    return scale(matmul(_widened(A), B), A.scalar)


@matmul.rule(LinearOperator, ScalarMultiple, says="A (c B) = c (A B)")
def _(A: LinearOperator, B: ScalarMultiple) -> LinearOperator:
    return scale(matmul(A, _widened(B)), B.scalar)


def _widened(A: ScalarMultiple) -> LinearOperator:
    """Return the operator scaled; integers in the inexact dtype of c A, in which their products do not wrap."""
    return A.operator.with_spec(A.spec) if is_integral(A.operator.spec.dtype) else A.operator


@to_dense.rule(ScalarMultiple, says="(c A)ᵢⱼ = c Aᵢⱼ")
def _(A: ScalarMultiple) -> Array:
    return A.scalar * to_dense(A.operator, max_bytes=None)


@entries.rule(ScalarMultiple, says="(c A)ᵢⱼ = c Aᵢⱼ")
def _(A: ScalarMultiple, rows: np.ndarray, columns: np.ndarray) -> Array:
    return A.scalar * entries(A.operator, rows, columns)


@transpose.rule(ScalarMultiple, says="(c A)ᵀ = c Aᵀ")
def _(A: ScalarMultiple) -> LinearOperator:
    return scale(transpose(A.operator), A.scalar)


@conj.rule(ScalarMultiple, says="conj(c A) = conj(c) conj(A)")
def _(A: ScalarMultiple) -> LinearOperator:
    return scale(conj(A.operator), conjugate(A.scalar))


@inv.rule(ScalarMultiple, says="(c A)⁻¹ = c⁻¹ A⁻¹")
def _(A: ScalarMultiple) -> LinearOperator:
    return scale(inv(A.operator), _reciprocal(A))


@pinv.rule(ScalarMultiple, when=nonzero_scalar, says="(c A)⁺ = c⁻¹ A⁺")
def _(A: ScalarMultiple, rtol: float) -> LinearOperator:
    return scale(pinv(A.operator, rtol=rtol), 1 / A.scalar)


@solve.rule(ScalarMultiple, says="(c A)⁻¹ B = c⁻¹ (A⁻¹ B)")
def _(A: ScalarMultiple, B: Array) -> Array:
    return _reciprocal(A) * solve(A.operator, B)


@slogdet.rule(ScalarMultiple, says="det(c A) = cⁿ det(A)")
def _(A: ScalarMultiple) -> SlogdetResult:
    n, (sign, logabsdet) = A.shape[0], slogdet(A.operator)
    if certainly(A.scalar == 0):
        return SlogdetResult(sign * 0 if n else sign, logabsdet - math.inf if n else logabsdet)
    size = abs(A.scalar)
    log = namespace(size).log(size) if is_array(size) else math.log(size)
    if isinstance(size, np.generic):
        log = np.zeros(0, inexact(A.dtype)).real.dtype.type(log)
    phase = A.scalar / size
    return SlogdetResult(sign * phase_power(phase, n), logabsdet + n * log)


@trace.rule(ScalarMultiple, says="tr(c A) = c tr(A)")
def _(A: ScalarMultiple) -> Any:
    return A.scalar * trace(A.operator)


@diagonal.rule(ScalarMultiple, says="diag(c A) = c diag(A)")
def _(A: ScalarMultiple) -> Any:
    return scaled(diagonal(A.operator), A.scalar)


@norm.rule(ScalarMultiple, says="‖c A‖ = |c| ‖A‖")
def _(A: ScalarMultiple, ord: Any) -> Any:
    return abs(A.scalar) * norm(A.operator, ord)


@cond.rule(ScalarMultiple, when=nonzero_scalar, says="κ(c A) = κ(A)")
def _(A: ScalarMultiple, p: Any) -> Any:
    return cond(A.operator, p)


@svd.rule(ScalarMultiple, when=positive_scalar, says="c A = U (c Σ) Vᴴ")
def _(A: ScalarMultiple) -> SVDResult:
    U, S, Vh = svd(A.operator)
    return SVDResult(U, scaled(S, abs(A.scalar)), Vh)  # real, of a complex c too


@svd.rule(ScalarMultiple, when=~positive_scalar, says="c A = (phase(c) U) (|c| Σ) Vᴴ")
def _(A: ScalarMultiple) -> SVDResult:
    U, S, Vh = svd(A.operator)
    size = abs(A.scalar)
    return SVDResult(scale(U, 1 if certainly(size == 0) else A.scalar / size), scaled(S, size), Vh)


@svdvals.rule(ScalarMultiple, says="σ(c A) = |c| σ(A)")
def _(A: ScalarMultiple) -> Any:
    return scaled(svdvals(A.operator), abs(A.scalar))


@eig.rule(ScalarMultiple, says="(c A) v = (c λ) v")
def _(A: ScalarMultiple) -> EigResult:
    values, vectors = eig(A.operator)
    return EigResult(scaled(values, A.scalar), vectors)


@eigvals.rule(ScalarMultiple, says="λ(c A) = c λ(A)")
def _(A: ScalarMultiple) -> Any:
    return scaled(eigvals(A.operator), A.scalar)


@eigh.rule(ScalarMultiple, when=real_scalar, says="(c A) v = (c λ) v")
def _(A: ScalarMultiple) -> EigResult:
    values, vectors = eigh(A.operator)
    return EigResult(scaled(values, A.scalar), vectors)


@eigvalsh.rule(ScalarMultiple, when=real_scalar, says="λ(c A) = c λ(A)")
def _(A: ScalarMultiple) -> Any:
    return scaled(eigvalsh(A.operator), A.scalar)


@cholesky.rule(ScalarMultiple, when=positive_scalar, says="c A = (√c L)(√c L)ᴴ")
def _(A: ScalarMultiple) -> LinearOperator:
    return scale(cholesky(A.operator), math.sqrt(A.scalar.real))


@qr.rule(ScalarMultiple, says="c A = Q (c R)")
def _(A: ScalarMultiple) -> QRResult:
    Q, R = qr(A.operator)
    return QRResult(Q, scale(R, A.scalar))


@lu.rule(ScalarMultiple, says="c A = P L (c U)")
def _(A: ScalarMultiple) -> LUResult:
    P, L, U = lu(A.operator)
    return LUResult(P, L, scale(U, A.scalar))


@sqrtm.rule(ScalarMultiple, when=positive_scalar, says="√(c A) = √c √A", cite="Higham2008")
def _(A: ScalarMultiple) -> LinearOperator:
    return scale(sqrtm(A.operator), A.scalar**0.5)


@logm.rule(ScalarMultiple, when=positive_scalar, says="log(c A) = log(A) + log(c) I", cite="Higham2008")
def _(A: ScalarMultiple) -> LinearOperator:
    c = A.scalar
    log = np.log(c) if isinstance(c, np.generic) else cmath.log(c) if isinstance(c, complex) else math.log(c)
    return add(logm(A.operator), scale(Identity(A.shape[0], A.operator.spec), log))


@fractional_matrix_power.rule(ScalarMultiple, when=positive_scalar, says="(c A)ᵖ = cᵖ Aᵖ", cite="Higham2008")
def _(A: ScalarMultiple, p: float) -> LinearOperator:
    return scale(fractional_matrix_power(A.operator, p), A.scalar**p)


@schur.rule(ScalarMultiple, says="c A = Z (c T) Zᴴ")
def _(A: ScalarMultiple) -> SchurResult:
    T, Z = schur(A.operator)
    return SchurResult(scale(T, A.scalar), Z)
