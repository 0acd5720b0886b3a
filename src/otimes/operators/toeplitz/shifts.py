"""Toeplitz and circulant structure of several levels, and of blocks, as sums of Kronecker products Σ S_l ⊗ A_l."""

from collections.abc import Sequence

import numpy as np

from otimes.core.array import ArraySpec, astype, concrete
from otimes.core.operator import LinearOperator
from otimes.core.rules import guard
from otimes.functions.kronecker_terms import kronecker_terms
from otimes.operators.kronecker.kronecker import Kronecker
from otimes.operators.terms.kronecker_terms import KroneckerTerms, term
from otimes.operators.toeplitz.block_circulant import BlockCirculant
from otimes.operators.toeplitz.block_toeplitz import BlockToeplitz
from otimes.operators.toeplitz.circulant import Circulant
from otimes.operators.toeplitz.toeplitz import Toeplitz
from otimes.operators.zero import Zero


def _shift(rows: int, columns: int, lag: int, spec: ArraySpec) -> Toeplitz:
    """Return S_l, which is 1 where i − j = l."""
    one = (spec.xp or np).asarray(np.arange(1 - columns, rows) == lag, device=spec.device)
    return Toeplitz(astype(one, concrete(spec)), (rows,), (columns,))


def _cycle(n: int, lag: int, spec: ArraySpec) -> Circulant:
    """Return the cyclic S_l, which is 1 where i − j = l modulo n."""
    return Circulant(astype((spec.xp or np).asarray(np.arange(n) == lag, device=spec.device), concrete(spec)))


def _terms(A: LinearOperator, shifts: Sequence[LinearOperator], blocks: Sequence[LinearOperator]) -> LinearOperator:
    """Return Σ S ⊗ B over the blocks that are not zero."""
    pairs = [(S, B) for S, B in zip(shifts, blocks, strict=True) if not isinstance(B, Zero)]
    if not pairs:
        return Zero(A.shape, A.spec)
    terms = [term(pair) for pair in pairs]
    return KroneckerTerms(*terms) if len(terms) > 1 else terms[0]


@guard("T has at least two levels")
def levels_of_toeplitz(T: Toeplitz) -> bool:
    return len(T.rows) > 1


@guard("C has at least two levels")
def levels_of_circulant(C: Circulant) -> bool:
    return C.column.ndim > 1


@kronecker_terms.rule(Kronecker, says="A ⊗ B is one term")
@kronecker_terms.rule(KroneckerTerms, says="A is such a sum")
def _(A: LinearOperator) -> LinearOperator:
    return A


@kronecker_terms.rule(Toeplitz, when=levels_of_toeplitz, says="T = Σ S_l ⊗ T_l, T_l of one level less")
def _(T: Toeplitz) -> LinearOperator:
    m, n = T.rows[0], T.columns[0]
    shifts = [_shift(m, n, lag, T.spec) for lag in range(1 - n, m)]
    return _terms(T, shifts, [Toeplitz(T.coefficients[k, ...], T.rows[1:], T.columns[1:]) for k in range(len(shifts))])


@kronecker_terms.rule(Circulant, when=levels_of_circulant, says="C = Σ Pˡ ⊗ C_l, P the cyclic shift")
def _(C: Circulant) -> LinearOperator:
    n = C.column.shape[0]
    return _terms(C, [_cycle(n, k, C.spec) for k in range(n)], [Circulant(C.column[k, ...]) for k in range(n)])


@kronecker_terms.rule(BlockToeplitz, says="T = Σ S_l ⊗ A_l")
def _(T: BlockToeplitz) -> LinearOperator:
    return _terms(T, [_shift(T.rows, T.columns, lag, T.spec) for lag in range(1 - T.columns, T.rows)], T.blocks)


@kronecker_terms.rule(BlockCirculant, says="C = Σ Pˡ ⊗ A_l, P the cyclic shift")
def _(C: BlockCirculant) -> LinearOperator:
    n = len(C.blocks)
    return _terms(C, [_cycle(n, k, C.spec) for k in range(n)], C.blocks)
