"""A Kronecker sum as the pairs (K, M) of its axes, and its bases in its own precision."""

from typing import Any

import numpy as np

from otimes.core.algebra import add, scale
from otimes.core.array import ANY, numpy_spec
from otimes.core.checks import shape_text
from otimes.core.operator import LinearOperator, is_scalar
from otimes.core.rules import may_form
from otimes.errors import DTypeError, NoRule, ShapeError
from otimes.functions.eigh import eigh
from otimes.operators.fast_diagonalization.pencil import METHODS
from otimes.operators.identity import Identity
from otimes.operators.kronecker.generalized_kronecker_sum import GeneralizedKroneckerSum, shifted_by_mass
from otimes.operators.kronecker.kronecker_sum import KroneckerSum
from otimes.operators.scalar_multiple import ScalarMultiple
from otimes.operators.terms.kronecker_terms import KroneckerTerms
from otimes.operators.terms.kronecker_terms_spectra import slots_of

Pair = tuple[LinearOperator, LinearOperator]


def as_kronecker_sum(A: LinearOperator) -> LinearOperator:
    """Return multiples of Kronecker sums, and sums of Kronecker products that are such, as sums of pairs; else A."""
    if isinstance(A, ScalarMultiple) and isinstance(A.operator, KroneckerSum):
        return KroneckerSum(*(scale(K, A.scalar) for K in A.operator.factors))
    if isinstance(A, KroneckerTerms) and not isinstance(A, GeneralizedKroneckerSum) and A.square:
        return _sum_of_terms(A) or A
    return A


def _sum_of_terms(A: KroneckerTerms) -> LinearOperator | None:
    """Return Σᵢ M₁ ⊗ … ⊗ Kᵢ ⊗ … ⊗ M_N if these are its N terms, in any order: all but one agree in each slot."""
    slots, count = slots_of(A), len(A.terms)
    own = [[t for t in range(count) if len({*slot.places[:t], *slot.places[t + 1 :]}) == 1] for slot in slots]
    if len(slots) != count or count < 2:
        return None
    order = (
        list(range(count)) if all(i in terms for i, terms in enumerate(own)) else [terms[0] for terms in own if terms]
    )
    if sorted(order) != list(range(count)):
        return None
    factors = tuple(scale(slot.kinds[slot.places[t]], A.scalars[t]) for slot, t in zip(slots, order, strict=True))
    masses = tuple(slot.kinds[slot.places[t - 1]] for slot, t in zip(slots, order, strict=True))
    if any(F.shape[0] != F.shape[1] for F in factors):
        return None
    if all(isinstance(M, Identity) for M in masses):
        return KroneckerSum(*factors)
    return GeneralizedKroneckerSum(factors, masses)


def pairs_of(A: LinearOperator) -> list[Pair]:
    """Return the pair (K, M) of each axis; what is no Kronecker sum is one axis, if it can be decomposed."""
    if isinstance(A, GeneralizedKroneckerSum):
        return list(zip(A.factors, A.masses, strict=True))
    if not (isinstance(A, KroneckerSum) or may_form(A) or eigh.select(A)):
        raise NoRule(
            f"FastDiagonalization of {type(A).__name__} {shape_text(A.shape)}: it is no Kronecker sum, and too large "
            "to be formed. kronsum(K₁, …, masses=(M₁, …)) makes such sums; c M is added to them by shift=c"
        )
    factors = A.factors if isinstance(A, KroneckerSum) else (A,)
    return [(K, Identity(K.shape[0], ANY)) for K in factors]


def shifted_sum(A: LinearOperator, shift: Any) -> LinearOperator:
    """Return A + s M₁ ⊗ … ⊗ M_N."""
    if isinstance(shift, (int, float, complex)) and shift == 0:
        return A
    if isinstance(A, GeneralizedKroneckerSum):
        return shifted_by_mass(A, shift)
    return add(A, scale(Identity(A.shape[0], ANY), shift))


def in_precision_of(A: LinearOperator, basis: LinearOperator) -> LinearOperator:
    """Return a basis, which NumPy's single precision has in double, in the precision of A."""
    dtype = single_if(A.dtype, basis.dtype) if A.spec.xp is np else basis.dtype
    return basis if dtype == basis.dtype else basis.with_spec(numpy_spec(dtype))


def single_if(like: Any, dtype: Any) -> Any:
    """Return the NumPy dtype, real or complex as it is, in single precision if `like` is."""
    if np.finfo(like).dtype.itemsize != 4:
        return dtype
    return np.dtype(np.complex64 if np.dtype(dtype).kind == "c" else np.float32)


def require_options(shift: Any, method: str, null: str) -> None:
    """Raise unless these are settings of `FastDiagonalization`."""
    if not is_scalar(shift):
        raise DTypeError(f"FastDiagonalization: shift must be a scalar, not {type(shift).__name__}")
    if method not in METHODS:
        raise ShapeError(f"FastDiagonalization: method={method!r} is not one of {', '.join(METHODS)}")
    if null not in ("raise", "project"):
        raise ShapeError(f"FastDiagonalization: null={null!r} is neither 'raise' nor 'project'")
