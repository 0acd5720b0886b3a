"""Diagonal: the operator with given entries on its diagonal."""

from collections.abc import Callable
from typing import Any

import numpy as np

from otimes.core.algebra import add, conj, matmul, scale, to_dense, transpose
from otimes.core.array import Array, ArraySpec, as_float, astype, conjugate, inexact, is_complex, namespace, spec_of
from otimes.core.branches import logarithm, power, root
from otimes.core.facts import Facts
from otimes.core.indexing import entries, like_array, taken
from otimes.core.operator import LinearOperator, inexact_operator
from otimes.core.rules import Guard
from otimes.core.tracing import certainly
from otimes.core.values import sign_and_log
from otimes.errors import NotPositiveDefinite, SingularError
from otimes.functions.cholesky import cholesky
from otimes.functions.diagonal import diagonal
from otimes.functions.eig import EigResult, eig
from otimes.functions.eigh import eigh
from otimes.functions.eigvals import eigvals
from otimes.functions.eigvalsh import eigvalsh
from otimes.functions.expm import expm
from otimes.functions.fractional_matrix_power import fractional_matrix_power
from otimes.functions.funm import funm, mapped
from otimes.functions.inv import inv
from otimes.functions.logm import logm
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
from otimes.operators.dense import Dense
from otimes.operators.identity import Identity


class Diagonal(LinearOperator):
    """diag(d) of a vector d; `otimes.diag` makes it."""

    kind = "diagonal"
    entries: Array

    def __init__(self, entries: Array):
        n = int(entries.shape[0])
        super().__init__((n, n), spec_of(entries), _facts(entries), entries=entries)

    def _converted(self, spec: ArraySpec) -> "Diagonal":
        return Diagonal(astype(self.entries, spec.dtype))

    def _matmat(self, X: Array) -> Array:
        return self.entries[:, None] * X


def _facts(d: Array) -> Facts:
    known: dict[str, bool | None] = dict.fromkeys(("symmetric", "lower_triangular", "upper_triangular"), True)
    if not is_complex(d.dtype):
        known["hermitian"] = True
        if isinstance(d, np.ndarray):
            smallest = d.min(initial=1)
            known |= {"positive_semidefinite": bool(smallest >= 0), "positive_definite": bool(smallest > 0)}
    return Facts(**known)


real_entries = Guard("the entries are real", lambda D: D.real)


def _require_nonzero(D: Diagonal) -> Array:
    xp = namespace(D.entries)
    if certainly(xp.any(D.entries == 0)):
        first = int(xp.argmax(astype(D.entries == 0, xp.int8)))
        raise SingularError(f"diag(d) is singular: d[{first}] = 0 of {D.shape[0]} entries; pinv takes it")
    return D.entries


@to_dense.rule(Diagonal, says="diag(d)ᵢᵢ = dᵢ")
def _(D: Diagonal) -> Array:
    xp = namespace(D.entries)
    index = xp.arange(D.shape[0], device=D.spec.device)
    return xp.where(index[:, None] == index, D.entries[:, None], xp.zeros_like(D.entries))


@entries.rule(Diagonal, says="diag(d)ᵢⱼ = dᵢ for i = j, else 0")
def _(D: Diagonal, rows: np.ndarray, columns: np.ndarray) -> Array:
    xp, d = namespace(D.entries), taken(D.entries, rows)
    return xp.where(like_array(rows == columns, d), d, xp.zeros_like(d))


@transpose.rule(Diagonal, says="diag(d)ᵀ = diag(d)")
def _(D: Diagonal) -> Diagonal:
    return D


@conj.rule(Diagonal, says="conj(diag(d)) = diag(conj(d))")
def _(D: Diagonal) -> Diagonal:
    return Diagonal(conjugate(D.entries))


@scale.rule(Diagonal, says="c diag(d) = diag(c d)")
def _(D: Diagonal, c: Any) -> Diagonal:
    return Diagonal(c * D.entries)


@matmul.rule(Diagonal, Diagonal, says="diag(d) diag(e) = diag(d e)")
def _(D: Diagonal, E: Diagonal) -> Diagonal:
    return Diagonal(D.entries * E.entries)


@matmul.rule(Diagonal, Dense, says="(diag(d) A)ᵢⱼ = dᵢ Aᵢⱼ")
def _(D: Diagonal, A: Dense) -> Dense:
    return Dense(D.entries[:, None] * A.array)


@matmul.rule(Dense, Diagonal, says="(A diag(d))ᵢⱼ = Aᵢⱼ dⱼ")
def _(A: Dense, D: Diagonal) -> Dense:
    return Dense(A.array * D.entries)


@add.rule(Diagonal, Diagonal, says="diag(d) + diag(e) = diag(d + e)")
def _(D: Diagonal, E: Diagonal) -> Diagonal:
    return Diagonal(D.entries + E.entries)


@inv.rule(Diagonal, says="diag(d)⁻¹ = diag(1/d)")
def _(D: Diagonal) -> Diagonal:
    return Diagonal(1 / _require_nonzero(D))


@solve.rule(Diagonal, says="(diag(d)⁻¹ B)ᵢⱼ = Bᵢⱼ / dᵢ")
def _(D: Diagonal, B: Array) -> Array:
    return B / _require_nonzero(D)[:, None]


@pinv.rule(Diagonal, says="diag(d)⁺ = diag(1/d), 0 where |d| is cut")
def _(D: Diagonal, rtol: float) -> Diagonal:
    xp, size = namespace(D.entries), abs(D.entries)
    kept = size > rtol * xp.max(size) if D.shape[0] else size > 0
    return Diagonal(xp.where(kept, 1 / xp.where(kept, D.entries, xp.ones_like(D.entries)), xp.zeros_like(D.entries)))


@slogdet.rule(Diagonal, says="det diag(d) = Π dᵢ")
def _(D: Diagonal) -> SlogdetResult:
    return SlogdetResult(*sign_and_log(_inexact(D)))


@trace.rule(Diagonal, says="tr diag(d) = Σ dᵢ")
def _(D: Diagonal) -> Any:
    return namespace(D.entries).sum(D.entries)


@diagonal.rule(Diagonal, says="diag(diag(d)) = d")
def _(D: Diagonal) -> Array:
    return D.entries


@eigvals.rule(Diagonal, says="λ(diag(d)) = d")
@eigvalsh.rule(Diagonal, when=real_entries, says="λ(diag(d)) = d")
def _inexact(D: Diagonal) -> Array:
    return astype(D.entries, inexact(D.dtype, D.spec.xp))


@norm.rule(Diagonal, says="‖diag(d)‖ = max |dᵢ|, min |dᵢ|, or the norm of d")
def _(D: Diagonal, ord: Any) -> Any:
    if not D.shape[0]:
        return 0.0
    xp = namespace(D.entries)
    if ord in ("fro", "nuc"):
        return xp.linalg.vector_norm(_inexact(D), ord=2 if ord == "fro" else 1)
    return xp.max(abs(_inexact(D))) if ord > 0 else xp.min(abs(_inexact(D)))


@svdvals.rule(Diagonal, says="σ(diag(d)) = |d|")
def _(D: Diagonal) -> Array:
    return abs(_inexact(D))


@svd.rule(Diagonal, says="diag(d) = diag(phase(d)) |d| I")
def _(D: Diagonal) -> SVDResult:
    xp, size = namespace(D.entries), abs(_inexact(D))
    phase = xp.where(size > 0, D.entries / xp.where(size > 0, size, xp.ones_like(size)), xp.ones_like(D.entries))
    return SVDResult(Diagonal(phase), size, Identity(D.shape[0], D.spec))


@eig.rule(Diagonal, says="diag(d) eᵢ = dᵢ eᵢ")
@eigh.rule(Diagonal, when=real_entries, says="diag(d) eᵢ = dᵢ eᵢ")
def _(D: Diagonal) -> EigResult:
    return EigResult(_inexact(D), inexact_operator(Identity(D.shape[0], D.spec)))


@cholesky.rule(Diagonal, when=real_entries, says="diag(d) = diag(√d)²")
def _(D: Diagonal) -> Diagonal:
    if D.shape[0] and certainly((smallest := namespace(D.entries).min(_inexact(D))) <= 0):
        raise NotPositiveDefinite(
            f"cholesky of diag(d): the smallest of {D.shape[0]} entries is {as_float(smallest):.3g}"
        )
    return Diagonal(_inexact(D) ** 0.5)


@qr.rule(Diagonal, says="diag(d) = I diag(d)")
def _(D: Diagonal) -> QRResult:
    return QRResult(inexact_operator(Identity(D.shape[0], D.spec)), D)


@lu.rule(Diagonal, says="diag(d) = I I diag(d)")
def _(D: Diagonal) -> LUResult:
    identity = Identity(D.shape[0], D.spec)
    return LUResult(identity, inexact_operator(identity), D)


@expm.rule(Diagonal, says="exp(diag(d)) = diag(exp(d))")
def _(D: Diagonal) -> Diagonal:
    return Diagonal(namespace(D.entries).exp(_inexact(D)))


@sqrtm.rule(Diagonal, says="√diag(d) = diag(√d)")
def _(D: Diagonal) -> Diagonal:
    return Diagonal(root(D.entries))


@logm.rule(Diagonal, says="log(diag(d)) = diag(log(d))")
def _(D: Diagonal) -> Diagonal:
    return Diagonal(logarithm(D.entries, "diag(d)"))


@fractional_matrix_power.rule(Diagonal, says="diag(d)ᵖ = diag(dᵖ)")
def _(D: Diagonal, p: float) -> Diagonal:
    return Diagonal(power(D.entries, p, "diag(d)"))


@funm.rule(Diagonal, says="f(diag(d)) = diag(f(d))")
def _(D: Diagonal, f: Callable[[Any], Any]) -> Diagonal:
    return Diagonal(mapped(f, _inexact(D)))


@schur.rule(Diagonal, says="diag(d) = I diag(d) Iᴴ")
def _(D: Diagonal) -> SchurResult:
    return SchurResult(Diagonal(_inexact(D)), inexact_operator(Identity(D.shape[0], D.spec)))
