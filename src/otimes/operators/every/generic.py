"""Identities of every operator: what follows from its decompositions, where those have a rule."""

import math
from typing import Any

import numpy as np

from otimes.core.algebra import adjoint, matmul, scale, transpose
from otimes.core.array import Array, concrete, itemsize, namespace, ones, zeros
from otimes.core.checks import MAX_BYTES, require_bytes
from otimes.core.entrywise import AbsoluteVector
from otimes.core.indexing import entries, gathered_entries, taken
from otimes.core.operator import LinearOperator, inexact_operator
from otimes.core.rules import Function, Guard
from otimes.core.tracing import certainly
from otimes.core.values import absolute, formed, largest, root_of_squares, smallest
from otimes.errors import SingularError
from otimes.functions.cond import cond
from otimes.functions.det import det, det_by_slogdet
from otimes.functions.eigh import eigh
from otimes.functions.eigvalsh import eigvalsh
from otimes.functions.inv import inv
from otimes.functions.lstsq import lstsq
from otimes.functions.matrix_rank import matrix_rank
from otimes.functions.norm import ORDERS, norm
from otimes.functions.pinv import pinv
from otimes.functions.qr import QRResult, qr
from otimes.functions.slogdet import slogdet
from otimes.functions.solve import solve
from otimes.functions.svd import SVDResult, svd
from otimes.functions.svdvals import svdvals
from otimes.operators.diagonal import Diagonal
from otimes.operators.identity import Identity


def has_rule(function: Function) -> Guard:
    """Return the precondition that `function` has a rule for the operator."""
    return Guard(f"{function.name} has a rule for A", lambda A: function.select(A) is not None)


def inverted(values: Any, rtol: float) -> Array:
    """Return 1/σ of the formed singular values, and 0 where σ is at most rtol times the largest."""
    σ = formed(values)
    xp = namespace(σ)
    kept = σ > rtol * largest(values)
    return xp.where(kept, 1 / xp.where(kept, σ, xp.ones_like(σ)), xp.zeros_like(σ))


unitary = Guard("A is known to be unitary", lambda A: bool(A.facts.unitary))
UNIT_ENTRIES = 2**22  # of the unit vectors multiplied at a time


@entries.rule(LinearOperator, says="Aᵢⱼ = eᵢᵀ A eⱼ")
def _(A: LinearOperator, rows: np.ndarray, columns: np.ndarray) -> Array:
    if len(set(rows.tolist())) < len(set(columns.tolist())):  # fewer products with Aᵀ than with A
        return _entries_by_columns(transpose(A), columns, rows)
    return _entries_by_columns(A, rows, columns)


def _entries_by_columns(A: LinearOperator, rows: np.ndarray, columns: np.ndarray) -> Array:
    """Return A[rows, columns] from the products with the unit vectors of the columns, several at a time."""
    what = f"a column of {type(A).__name__} {A.shape[0]}×{A.shape[1]}, which knows its entries by its products only,"
    require_bytes((max(A.shape),), itemsize(A.dtype), MAX_BYTES, what, "no other way is known")
    wanted, place = np.unique(columns, return_inverse=True)
    order = np.argsort(place, kind="stable")
    step = max(1, UNIT_ENTRIES // max(A.shape))
    found = [zeros((0,), A.spec)]
    for start in range(0, len(wanted), step):
        members = order[np.searchsorted(place[order], start) : np.searchsorted(place[order], start + step)]
        unit = np.arange(A.shape[1])[:, None] == wanted[start : start + step]
        block = A._matmat((A.spec.xp or np).asarray(unit, dtype=concrete(A.spec), device=A.spec.device))
        found.append(gathered_entries(block, rows[members], place[members] - start))
    return taken(namespace(found[0]).concat(found), np.argsort(order))


eigh_has_a_rule = Guard(
    "A is known to be Hermitian and eigh has a rule for A",
    lambda A: bool(A.facts.hermitian) and eigh.select(A) is not None,
)


@svd.rule(LinearOperator, when=eigh_has_a_rule, says="Q Λ Qᴴ = (Q sign(Λ)) |Λ| Qᴴ")
def _(A: LinearOperator) -> SVDResult:
    values, Q = eigh(A)
    sizes = absolute(values)
    if isinstance(sizes, AbsoluteVector) and sizes.sign:
        return SVDResult(scale(Q, sizes.sign), sizes, Q.H)
    λ = formed(values)
    signs = namespace(λ).where(λ < 0, -namespace(λ).ones_like(λ), namespace(λ).ones_like(λ))
    return SVDResult(matmul(Q, Diagonal(signs)), sizes, Q.H)


@svdvals.rule(LinearOperator, when=eigh_has_a_rule, says="σ(A) = |λ(A)|")
def _(A: LinearOperator) -> Any:
    return absolute(eigvalsh(A))


@det.rule(LinearOperator, when=has_rule(slogdet), says="det A = sign · exp(log|det A|)")
def _(A: LinearOperator) -> Any:
    return det_by_slogdet(A)


@pinv.rule(LinearOperator, when=has_rule(svd) & ~unitary, says="A⁺ = V Σ⁺ Uᴴ", cite="GolubVanLoan2013")
def pinv_by_svd(A: LinearOperator, rtol: float) -> LinearOperator:
    U, S, Vh = svd(A)
    return matmul(matmul(adjoint(Vh), Diagonal(inverted(S, rtol))), adjoint(U))


@lstsq.rule(LinearOperator, when=has_rule(svd), says="x = V Σ⁺ Uᴴ b", cite="GolubVanLoan2013")
def _(A: LinearOperator, B: Array, rtol: float) -> tuple[Array, Any]:
    U, S, Vh = svd(A)
    return adjoint(Vh) @ (inverted(S, rtol)[:, None] * (adjoint(U) @ B)), S


@matrix_rank.rule(LinearOperator, when=has_rule(svdvals), says="rank A = #{σᵢ > rtol σ₁}", cite="GolubVanLoan2013")
def _(A: LinearOperator) -> Any:
    return svdvals(A)


@inv.rule(LinearOperator, when=unitary, says="A⁻¹ = Aᴴ")
def _(A: LinearOperator) -> LinearOperator:
    return adjoint(inexact_operator(A))


@pinv.rule(LinearOperator, when=unitary, says="A⁺ = Aᴴ")
def _(A: LinearOperator, rtol: float) -> LinearOperator:
    return adjoint(inexact_operator(A))


@solve.rule(LinearOperator, when=unitary, says="A⁻¹ B = Aᴴ B")
def _(A: LinearOperator, B: Array) -> Array:
    return adjoint(A) @ B


@svdvals.rule(LinearOperator, when=unitary & ~eigh_has_a_rule, says="σ(A) = 1")
def _(A: LinearOperator) -> Array:
    return ones(A.shape[0], A.spec)


@svd.rule(LinearOperator, when=unitary & ~eigh_has_a_rule, says="A = A I I")
def _(A: LinearOperator) -> SVDResult:
    return SVDResult(inexact_operator(A), ones(A.shape[0], A.spec), Identity(A.shape[0], A.spec))


@qr.rule(LinearOperator, when=unitary, says="A = A I")
def _(A: LinearOperator) -> QRResult:
    return QRResult(inexact_operator(A), Identity(A.shape[0], A.spec))


@norm.rule(LinearOperator, when=unitary, says="‖U‖₂ = 1, ‖U‖_F = √n, ‖U‖_* = n", cite="GolubVanLoan2013")
def _(A: LinearOperator, ord: Any) -> Any:
    n = float(A.shape[0])
    known = {2: 1.0, -2: 1.0, "fro": n**0.5, "nuc": n} if n else dict.fromkeys((*ORDERS,), 0.0)
    return known[ord] if ord in known else norm.fallback(A, ord=ord)


@norm.rule(
    LinearOperator, when=has_rule(svdvals) & ~unitary, says="‖A‖ from the singular values", cite="GolubVanLoan2013"
)
def norm_by_values(A: LinearOperator, ord: Any) -> Any:
    """Return the norm from the singular values, where they have a rule and give it, else of the formed matrix."""
    if 0 in A.shape:
        return 0.0
    if ord not in ("fro", "nuc", 2, -2) or svdvals.select(A) is None:
        return norm.fallback(A, ord=ord)
    values = svdvals(A)
    if ord == "fro":
        return root_of_squares(formed(values))
    if ord == "nuc":
        return values.sum() if isinstance(values, AbsoluteVector) else namespace(σ := formed(values)).sum(σ)
    return largest(values) if ord == 2 else smallest(values)


@cond.rule(LinearOperator, when=has_rule(svdvals), says="κ₂(A) = σ_max / σ_min", cite="GolubVanLoan2013")
def _(A: LinearOperator, p: Any) -> Any:
    if p not in (2, -2):
        try:
            return norm(A, p) * norm(inv(A), p)
        except SingularError:
            return math.inf
    values = svdvals(A)
    low, high = smallest(values), largest(values)
    ratio = math.inf if certainly(low == 0) else high / low
    return ratio if p == 2 else 1 / ratio
