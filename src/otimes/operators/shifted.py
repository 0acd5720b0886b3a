"""Shifted: A + c I, which shares the eigenvectors and singular structure of A."""

import cmath
import math
from typing import Any

import numpy as np

from otimes.core.algebra import add, conj, matmul, scale, to_dense, transpose, with_known
from otimes.core.array import Array, common_spec, conjugate, eye, is_array, namespace, scaled_spec
from otimes.core.facts import Facts, of_sum
from otimes.core.indexing import entries, truth_values
from otimes.core.operator import LinearOperator
from otimes.core.rules import Guard
from otimes.core.values import formed, plus, reciprocals
from otimes.functions.diagonal import diagonal
from otimes.functions.eig import EigResult, eig
from otimes.functions.eigh import eigh
from otimes.functions.eigvals import eigvals
from otimes.functions.eigvalsh import eigvalsh
from otimes.functions.expm import expm
from otimes.functions.inv import inv
from otimes.functions.schur import SchurResult, schur
from otimes.functions.slogdet import SlogdetResult, slogdet
from otimes.functions.solve import solve
from otimes.functions.trace import trace
from otimes.operators.blocks.block import Block
from otimes.operators.blocks.block_algebra import square_partition
from otimes.operators.blocks.block_diagonal import BlockDiagonal, square_blocks
from otimes.operators.dense import Dense
from otimes.operators.diagonal import Diagonal
from otimes.operators.identity import Identity
from otimes.operators.kronecker.kronecker_sum import KroneckerSum
from otimes.operators.low_rank.low_rank import LowRank
from otimes.operators.low_rank.low_rank_update import LowRankUpdate
from otimes.operators.scalar_multiple import ScalarMultiple, scalar_product
from otimes.operators.toeplitz.block_circulant import BlockCirculant
from otimes.operators.toeplitz.block_toeplitz import BlockToeplitz
from otimes.operators.toeplitz.circulant import Circulant, identity_like
from otimes.operators.toeplitz.toeplitz import Toeplitz, square_levels


class Shifted(LinearOperator):
    """A + c I: a covariance with noise, a damped curvature, a resolvent."""

    operator: LinearOperator
    shift: Any

    def __init__(self, operator: LinearOperator, shift: Any):
        spec = common_spec(operator.spec, scaled_spec(operator.spec, shift))
        if operator.spec.weak and not spec.weak:
            operator = operator.with_spec(spec)
        super().__init__(operator.shape, spec, _facts(operator, shift), operator=operator, shift=shift)

    @property
    def children(self) -> tuple[LinearOperator, ...]:
        """The operator that is shifted."""
        return (self.operator,)

    @property
    def details(self) -> tuple[str, ...]:
        """The shift, for display."""
        return (f"plus {self.shift} I",)

    def _rebuilt(self, children: tuple[LinearOperator, ...]) -> "Shifted":
        return Shifted(children[0], self.shift)

    def _matmat(self, X: Array) -> Array:
        return self.operator._matmat(X) + self.shift * X


def _facts(A: LinearOperator, c: Any) -> Facts:
    return of_sum([A.facts, ScalarMultiple(c, Identity(A.shape[0], A.spec)).facts])


def _multiple_of_identity(A: LinearOperator) -> bool:
    return isinstance(A, Identity) or (isinstance(A, ScalarMultiple) and isinstance(A.operator, Identity))


def _multiple(cI: LinearOperator, A: LinearOperator) -> Any:
    """Return c for its sum with A, as a scalar of the dtype of c I where A has a smaller one."""
    c = cI.scalar if isinstance(cI, ScalarMultiple) else 1
    spec = common_spec(A.spec, cI.spec, names=("A", "c I"))
    return c if spec.xp is None or spec == A.spec else c * spec.xp.ones((), dtype=spec.dtype)[()]


right_is_multiple = Guard("the second is a multiple of I", lambda A, B: _multiple_of_identity(B))
left_is_multiple = Guard(
    "the first is a multiple of I and the second is not",
    lambda A, B: _multiple_of_identity(A) and not right_is_multiple(A, B),
)


right_is_no_multiple = Guard("the second is no multiple of I", lambda A, B: not _multiple_of_identity(B))
left_is_no_multiple = Guard("the first is no multiple of I", lambda A, B: not _multiple_of_identity(A))


def shifted(A: LinearOperator, c: Any) -> LinearOperator:
    """Return A + c I, with shifts of shifts and of stored diagonals taken together."""
    if isinstance(A, Shifted):
        return shifted(A.operator, A.shift + c)
    if _multiple_of_identity(A):
        return scale(Identity(A.shape[0], A.spec), (A.scalar if isinstance(A, ScalarMultiple) else 1) + c)
    if isinstance(A, KroneckerSum):  # (A ⊕ B) + c I = (A + c I) ⊕ B
        return KroneckerSum(shifted(A.factors[0], c), *A.factors[1:])
    if isinstance(A, BlockDiagonal) and square_blocks(A):  # diag(A, B) + c I = diag(A + c I, B + c I)
        return with_known(BlockDiagonal(*(shifted(B, c) for B in A.blocks)), _facts(A, c))
    if isinstance(A, Block) and square_partition(A):
        rows = [[shifted(B, c) if i == j else B for j, B in enumerate(row)] for i, row in enumerate(A.rows)]
        return with_known(Block(*rows), _facts(A, c))
    if isinstance(A, LowRank):
        return LowRankUpdate(scale(Identity(A.shape[0], A.spec), c), A)
    if isinstance(A, LowRankUpdate):
        return LowRankUpdate(shifted(A.operator, c), A.update)
    if isinstance(A, Diagonal):
        return Diagonal(A.entries + c)
    if isinstance(A, Dense):
        return Dense(A.array + c * eye(A.shape[0], A.spec), _facts(A, c))
    if isinstance(A, Circulant) or (isinstance(A, Toeplitz) and square_levels(A)):
        return add(A, scale(identity_like(A), c))
    if isinstance(A, (BlockToeplitz, BlockCirculant)) and A.square and A.main.square:
        return with_known(A.with_main(shifted(A.main, c)), _facts(A, c))
    return Shifted(A, c)


@add.rule(LinearOperator, Identity, says="A + I")
@add.rule(LinearOperator, ScalarMultiple, when=right_is_multiple, says="A + c I")
def _(A: LinearOperator, B: LinearOperator) -> LinearOperator:
    return shifted(A, _multiple(B, A))


@add.rule(Identity, LinearOperator, when=left_is_multiple, says="I + A = A + I")
@add.rule(ScalarMultiple, LinearOperator, when=left_is_multiple, says="c I + A = A + c I")
def _(A: LinearOperator, B: LinearOperator) -> LinearOperator:
    return shifted(B, _multiple(A, B))


@add.rule(Shifted, LinearOperator, when=right_is_no_multiple, says="(A + c I) + B = (A + B) + c I")
def _(A: Shifted, B: LinearOperator) -> LinearOperator:
    return shifted(add(A.operator, B), A.shift)


@add.rule(LinearOperator, Shifted, when=left_is_no_multiple, says="A + (B + c I) = (A + B) + c I")
def _(A: LinearOperator, B: Shifted) -> LinearOperator:
    return shifted(add(A, B.operator), B.shift)


@scale.rule(Shifted, says="d (A + c I) = d A + d c I")
def _(A: Shifted, c: Any) -> LinearOperator:
    return shifted(scale(A.operator, c), scalar_product(c, A.shift, A.spec))


@to_dense.rule(Shifted, says="(A + c I)ᵢⱼ = Aᵢⱼ + c for i = j")
def _(A: Shifted) -> Array:
    return to_dense(A.operator, max_bytes=None) + A.shift * eye(A.shape[0], A.spec)


@entries.rule(Shifted, says="(A + c I)ᵢⱼ = Aᵢⱼ + c for i = j")
def _(A: Shifted, rows: np.ndarray, columns: np.ndarray) -> Array:
    return entries(A.operator, rows, columns) + A.shift * truth_values(rows == columns, A.spec)


@transpose.rule(Shifted, says="(A + c I)ᵀ = Aᵀ + c I")
def _(A: Shifted) -> LinearOperator:
    return shifted(transpose(A.operator), A.shift)


@conj.rule(Shifted, says="conj(A + c I) = conj(A) + conj(c) I")
def _(A: Shifted) -> LinearOperator:
    return shifted(conj(A.operator), conjugate(A.shift))


@trace.rule(Shifted, says="tr(A + c I) = tr(A) + n c")
def _(A: Shifted) -> Any:
    return trace(A.operator) + A.shape[0] * A.shift


@diagonal.rule(Shifted, says="diag(A + c I) = diag(A) + c")
def _(A: Shifted) -> Any:
    return plus(diagonal(A.operator), A.shift)


eig_has_a_rule = Guard("eig has a rule for A", lambda A: eig.select(A.operator) is not None)
hermitian_by_rule = Guard(
    "A is known to be Hermitian, c real, and eigh has a rule for A",
    lambda A: (
        bool(A.operator.facts.hermitian and (A.real or A.facts.hermitian)) and eigh.select(A.operator) is not None
    ),
)


@eig.rule(Shifted, when=eig_has_a_rule, says="(A + c I) v = (λ + c) v")
def _(A: Shifted) -> EigResult:
    values, vectors = eig(A.operator)
    return EigResult(plus(values, A.shift), vectors)


@eigvals.rule(Shifted, when=eig_has_a_rule, says="λ(A + c I) = λ(A) + c")
def _(A: Shifted) -> Any:
    return plus(eigvals(A.operator), A.shift)


@eigh.rule(Shifted, when=hermitian_by_rule, says="A + c I = Q (Λ + c I) Qᴴ")
def _(A: Shifted) -> EigResult:
    values, vectors = eigh(A.operator)
    return EigResult(plus(values, A.shift), vectors)


@eigvalsh.rule(Shifted, when=hermitian_by_rule, says="λ(A + c I) = λ(A) + c")
def _(A: Shifted) -> Any:
    return plus(eigvalsh(A.operator), A.shift)


@inv.rule(Shifted, when=hermitian_by_rule, says="(A + c I)⁻¹ = Q (Λ + c I)⁻¹ Qᴴ")
def _(A: Shifted) -> LinearOperator:
    values, Q = eigh(A)
    return matmul(matmul(Q, Diagonal(_reciprocals(A, values))), Q.H)


@slogdet.rule(Shifted, when=hermitian_by_rule, says="det(A + c I) = Π (λᵢ + c)")
def _(A: Shifted) -> SlogdetResult:
    return slogdet(Diagonal(formed(eigvalsh(A))))


@solve.rule(Shifted, when=hermitian_by_rule, says="(A + c I)⁻¹ = Q (Λ + c I)⁻¹ Qᴴ")
def _(A: Shifted, B: Array) -> Array:
    values, Q = eigh(A)
    return Q @ (_reciprocals(A, values)[:, None] * (Q.H @ B))


def _reciprocals(A: Shifted, values: Array) -> Array:
    return reciprocals(values, "A + c I", f"−c = {-A.shift} is an eigenvalue of A: pinv and lstsq take it")


expm_has_a_rule = Guard(
    "expm has a rule for A, A + c I has none by eigenvectors, and eᶜ is within floats",
    lambda A: (
        expm.select(A.operator) is not None
        and not hermitian_by_rule(A)
        and (is_array(A.shift) or abs(complex(A.shift)) < LARGEST_LOG)
    ),
)
LARGEST_LOG = 80.0  # of numbers that single precision holds


@expm.rule(Shifted, when=expm_has_a_rule, says="exp(A + c I) = eᶜ exp(A)", cite="Higham2008")
def _(A: Shifted) -> LinearOperator:
    c = A.shift
    xp = namespace(c) if is_array(c) else np if isinstance(c, np.generic) else cmath if isinstance(c, complex) else math
    return scale(expm(A.operator), xp.exp(c))


schur_has_a_rule = Guard(
    "schur has a rule for A, and A + c I has none by eigenvectors",
    lambda A: schur.select(A.operator) is not None and not hermitian_by_rule(A),
)


@schur.rule(Shifted, when=schur_has_a_rule, says="A + c I = Z (T + c I) Zᴴ")
def _(A: Shifted) -> SchurResult:
    T, Z = schur(A.operator)
    return SchurResult(add(T, scale(Identity(A.shape[0], T.spec), A.shift)), Z)
