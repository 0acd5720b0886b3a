"""What every kind of permutation has: its inverse is its transpose, its singular values are 1."""

import functools
import math
from typing import Any

from otimes.core.algebra import conj, to_dense, transpose
from otimes.core.array import (
    Array,
    ones,
)
from otimes.core.array import eye as dense_eye
from otimes.core.operator import LinearOperator, inexact_operator
from otimes.functions.cond import cond
from otimes.functions.inv import inv
from otimes.functions.lu import LUResult, lu
from otimes.functions.norm import norm
from otimes.functions.pinv import pinv
from otimes.functions.qr import QRResult, qr
from otimes.functions.solve import solve
from otimes.functions.svd import SVDResult, svd
from otimes.functions.svdvals import svdvals
from otimes.operators.identity import Identity
from otimes.operators.index_maps.permutation import Commutation, Permutation
from otimes.operators.slots.slot_permutation import SlotPermutation


def _permuting(function: Any, says: str) -> Any:
    """Register one rule for every kind of permutation."""
    register = [function.rule(kind, says=says) for kind in (Permutation, Commutation, SlotPermutation)]
    return lambda apply: functools.reduce(lambda f, add: add(f), register, apply)


@_permuting(inv, "P⁻¹ = Pᵀ")
def _(P: LinearOperator) -> LinearOperator:
    return transpose(inexact_operator(P))


@_permuting(conj, "conj(P) = P")
def _(P: LinearOperator) -> LinearOperator:
    return P


@_permuting(pinv, "P⁺ = Pᵀ")
def _(P: LinearOperator, rtol: float) -> LinearOperator:
    return transpose(inexact_operator(P))


@_permuting(solve, "P⁻¹ B = Pᵀ B")
def _(P: LinearOperator, B: Array) -> Array:
    return transpose(P)._matmat(B)


@_permuting(cond, "κ(P) = 1; n (Frobenius) or n² (nuclear)")
def _(P: LinearOperator, p: Any) -> float:
    n = float(P.shape[0])
    return {"fro": n, "nuc": n**2}.get(p, 1.0) if n else math.inf


@_permuting(norm, "‖P‖ = 1, √n (Frobenius) or n (nuclear)")
def _(P: LinearOperator, ord: Any) -> float:
    n = P.shape[0]
    return {"fro": float(n) ** 0.5, "nuc": float(n)}.get(ord, float(n > 0))


@_permuting(svdvals, "σ(P) = 1")
def _(P: LinearOperator) -> Array:
    return ones(P.shape[0], P.spec)


@_permuting(svd, "P = P I I")
def _(P: LinearOperator) -> SVDResult:
    return SVDResult(inexact_operator(P), ones(P.shape[0], P.spec), Identity(P.shape[0], P.spec))


@_permuting(qr, "P = P I")
def _(P: LinearOperator) -> QRResult:
    return QRResult(inexact_operator(P), Identity(P.shape[0], P.spec))


@_permuting(lu, "P = P I I")
def _(P: LinearOperator) -> LUResult:
    identity = Identity(P.shape[0], P.spec)
    return LUResult(P, inexact_operator(identity), identity)


@_permuting(to_dense, "P = P I")
def _(P: LinearOperator) -> Array:
    return P._matmat(dense_eye(P.shape[0], P.spec))
