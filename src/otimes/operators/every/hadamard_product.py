"""Hadamard products: A ∘ B of structured operators, by the identities of the product entry by entry."""

import functools
import itertools

import scipy.sparse

from otimes.core.algebra import add, scale
from otimes.core.array import common_spec
from otimes.core.indexing import entries
from otimes.core.operator import LinearOperator
from otimes.core.values import formed
from otimes.functions.diagonal import diagonal
from otimes.functions.multiply import multiply
from otimes.operators.construct import diag
from otimes.operators.diagonal import Diagonal
from otimes.operators.identity import Identity
from otimes.operators.kronecker.kronecker import Kronecker
from otimes.operators.scalar_multiple import ScalarMultiple
from otimes.operators.sparse import Sparse
from otimes.operators.sum import Sum
from otimes.operators.terms.kronecker_terms import (
    KroneckerTerms,
    aligned,
    bare,
    joined,
    of_one_partition,
    scalar_of,
    term,
    terms_of,
)
from otimes.operators.zero import Zero


@multiply.rule(
    Kronecker, Kronecker, when=of_one_partition, says="(A ⊗ B) ∘ (C ⊗ D) = (A ∘ C) ⊗ (B ∘ D)", cite="HornJohnson1991"
)
@multiply.rule(KroneckerTerms, Kronecker, when=of_one_partition, says="Σ A ⊗ B ∘ (C ⊗ D) = Σ (A ∘ C) ⊗ (B ∘ D)")
@multiply.rule(Kronecker, KroneckerTerms, when=of_one_partition, says="(A ⊗ B) ∘ Σ C ⊗ D = Σ (A ∘ C) ⊗ (B ∘ D)")
@multiply.rule(KroneckerTerms, KroneckerTerms, when=of_one_partition, says="Σ A ⊗ B ∘ Σ C ⊗ D = Σ Σ (A ∘ C) ⊗ (B ∘ D)")
def _(A: LinearOperator, B: LinearOperator) -> LinearOperator:
    terms = aligned(*terms_of(A), *terms_of(B)) or []
    left, right = terms[: len(terms_of(A))], terms[len(terms_of(A)) :]
    return joined(
        term(map(multiply, bare(s).factors, bare(t).factors), scalar_of(s), scalar_of(t))
        for s, t in itertools.product(left, right)
    )


@multiply.rule(Zero, LinearOperator, says="0 ∘ A = 0")
@multiply.rule(LinearOperator, Zero, says="A ∘ 0 = 0")
def _(A: LinearOperator, B: LinearOperator) -> Zero:
    return Zero(A.shape, common_spec(A.spec, B.spec))


@multiply.rule(Identity, LinearOperator, says="I ∘ A = diag(diag(A))")
def _(A: Identity, B: LinearOperator) -> LinearOperator:
    return _typed(diag(diagonal(B)), A, B)


@multiply.rule(LinearOperator, Identity, says="A ∘ I = diag(diag(A))")
def _(A: LinearOperator, B: Identity) -> LinearOperator:
    return _typed(diag(diagonal(A)), A, B)


def _typed(D: LinearOperator, A: LinearOperator, B: LinearOperator) -> LinearOperator:
    """Return D in the dtype of the product of A and B."""
    return D.with_spec(common_spec(A.spec, B.spec, D.spec))


@multiply.rule(Diagonal, LinearOperator, says="diag(d) ∘ A = diag(d ∘ diag(A))")
@multiply.rule(LinearOperator, Diagonal, says="A ∘ diag(d) = diag(diag(A) ∘ d)")
def _(A: LinearOperator, B: LinearOperator) -> Diagonal:
    return Diagonal(formed(diagonal(A)) * formed(diagonal(B)))


@multiply.rule(ScalarMultiple, LinearOperator, says="(c A) ∘ B = c (A ∘ B)")
def _(A: ScalarMultiple, B: LinearOperator) -> LinearOperator:
    return scale(multiply(A.operator, B), A.scalar)


@multiply.rule(LinearOperator, ScalarMultiple, says="A ∘ (c B) = c (A ∘ B)")
def _(A: LinearOperator, B: ScalarMultiple) -> LinearOperator:
    return scale(multiply(A, B.operator), B.scalar)


@multiply.rule(Sum, LinearOperator, says="(A + B) ∘ C = A ∘ C + B ∘ C")
def _(A: Sum, B: LinearOperator) -> LinearOperator:
    return functools.reduce(add, (multiply(term, B) for term in A.terms))


@multiply.rule(LinearOperator, Sum, says="A ∘ (B + C) = A ∘ B + A ∘ C")
def _(A: LinearOperator, B: Sum) -> LinearOperator:
    return functools.reduce(add, (multiply(A, term) for term in B.terms))


@multiply.rule(Sparse, LinearOperator, says="(S ∘ A)ᵢⱼ = Sᵢⱼ Aᵢⱼ where S has entries")
def _(A: Sparse, B: LinearOperator) -> Sparse:
    return _on_pattern(A, B)


@multiply.rule(LinearOperator, Sparse, says="(A ∘ S)ᵢⱼ = Aᵢⱼ Sᵢⱼ where S has entries")
def _(A: LinearOperator, B: Sparse) -> Sparse:
    return _on_pattern(B, A)


def _on_pattern(S: Sparse, A: LinearOperator) -> Sparse:
    common_spec(S.spec, A.spec)  # SciPy's matrices meet NumPy's arrays only
    pattern = S.matrix.tocoo()
    values = pattern.data * entries(A, pattern.row, pattern.col)
    return Sparse(scipy.sparse.csr_array((values, (pattern.row, pattern.col)), shape=S.shape))
