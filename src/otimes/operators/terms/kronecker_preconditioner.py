"""`kronecker_preconditioner`: the nearest Kronecker product, or sum of two, to a sum of many."""

from typing import Any

from otimes.core.algebra import with_known
from otimes.core.array import Array, as_float, conjugate, namespace
from otimes.core.checks import require_size, require_square, shape_text
from otimes.core.convert import aslinearoperator
from otimes.core.facts import Facts
from otimes.core.operator import LinearOperator
from otimes.core.tracing import certainly
from otimes.errors import NotPositiveDefinite, ShapeError, StructureError
from otimes.functions.kronecker_terms import kronecker_terms
from otimes.functions.recompress import recompress
from otimes.functions.trace import trace
from otimes.operators.dense import Dense
from otimes.operators.kronecker.kronecker import Kronecker
from otimes.operators.terms.kronecker_terms import KroneckerTerms, bare
from otimes.operators.terms.kronecker_terms_rounding import (
    columns_of,
    factors_of,
    hermitian_terms,
    scaled_triangle,
    two_slots,
)
from otimes.operators.terms.kronecker_terms_schur import as_terms
from otimes.operators.terms.kronecker_terms_spectra import diagonalised

SWEEPS = 50  # of alternating least squares, at most
STEADY = 1e-6  # relative change of the norm of the product at which it has converged enough to precondition


def kronecker_preconditioner(A: Any, *, terms: int = 1) -> LinearOperator:
    """Return the Kronecker product nearest to a sum of many, which is solved and inverted by rules.

    It preconditions the iterative solution, `solve(A, b, method=CG(preconditioner=P))`. It is found from the QR
    decompositions of the stacked factors; nothing is formed. For two slots it is the nearest in the Frobenius norm; for
    more it is found by alternating least squares, nearest among those that differ in one factor. If A is known to be
    positive definite, and every factor to be Hermitian, it is positive definite too: the best factor beside definite
    ones is a partial trace of a definite operator, and a map that takes all semidefinite matrices to definite ones has
    a definite leading pair.

    Parameters
    ----------
    A : operator, (n, n)
        A sum of Kronecker products, with a multiple of the identity if need be, a Kronecker sum, or what
        `kronecker_terms` takes.
    terms : {1, 2}
        2, for two slots: the nearest sum of two, A positive definite; it is inverted by simultaneous diagonalisation.

    Returns
    -------
    LinearOperator, (n, n)
        Kronecker, or KroneckerTerms for two terms; positive definite if A is known to be.

    Raises
    ------
    StructureError
        A is no such sum, or two terms are asked for and A is not known to be positive definite.
    ShapeError
        A is not square, or terms is neither 1 nor 2.
    NotPositiveDefinite
        The nearest sum of two terms, which need not be positive definite, is not.

    References
    ----------
    Van Loan & Pitsianis (1993), Approximation with Kronecker products; Langville & Stewart (2004).

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> A, M = np.diag([1.0, 2.0, 3.0]), np.eye(3)
    >>> K = ox.assume(ox.kron_terms([(M, M), (A, M), (M, A), (A, A)]), "positive_definite")  # (I + A) ⊗ (I + A)
    >>> P = ox.kronecker_preconditioner(K)
    >>> bool(np.allclose(np.asarray(P), np.asarray(K)))
    True
    """
    A = aslinearoperator(A)
    require_square(A, "kronecker_preconditioner")
    if require_size(terms, "terms") not in (1, 2):
        raise ShapeError(f"kronecker_preconditioner: terms={terms}; sums of one or two terms are solved by rules")
    K = as_terms(kronecker_terms(A) if kronecker_terms.select(A) else A)
    if K is None:
        raise StructureError(
            f"kronecker_preconditioner: {type(A).__name__} {shape_text(A.shape)} is no sum of Kronecker products of "
            "one partition; otimes.regroup brings terms to one"
        )
    definite = bool(A.facts.positive_definite and hermitian_terms(K))
    if terms == 2:
        return _nearest_two(K, definite)
    product = bare(recompress(K, rank=1).operator.terms[0]) if two_slots(K) else _nearest_product(K, definite)
    return Kronecker(*map(_positive, product.factors)) if definite else product


def _nearest_two(K: KroneckerTerms, definite: bool) -> LinearOperator:
    """Return the nearest sum of two terms, of which the first is positive definite by theorem, the sum by a check."""
    if not (definite and two_slots(K)):
        raise StructureError(
            "kronecker_preconditioner: two terms need two slots (regroup merges more), an operator known to be "
            "positive definite, and factors known to be Hermitian; state them with otimes.assume, or take one term"
        )
    first, *second = recompress(K, rank=2).operator.products
    P = KroneckerTerms(Kronecker(*map(_positive, first.factors)), *second)
    lowest = namespace(values := diagonalised(P)[1]).min(values)
    if certainly(lowest <= 0):
        raise NotPositiveDefinite(
            f"kronecker_preconditioner: the nearest sum of two terms is indefinite (an eigenvalue of its pencils "
            f"is {as_float(lowest):.3g}); take one term, which is positive definite"
        )
    return with_known(P, Facts(positive_definite=True))


def _positive(F: Any) -> LinearOperator:
    """Return the dense factor of a definite product, known to be positive definite: it or its negative is."""
    negative = certainly(namespace(F.array).real(trace(F)) < 0)
    return Dense(-F.array if negative else F.array, Facts(positive_definite=True))


def _nearest_product(K: KroneckerTerms, definite: bool) -> Kronecker:
    """Return Q₁u₁ ⊗ … ⊗ Q_Nu_N for the u that alternating least squares finds in the triangles of the slots.

    A definite sum is started from its partial traces: each step is then the partial trace of a product of definite
    operators, and definite.
    """
    first, *rest = columns = columns_of(K)
    triangles = [scaled_triangle(K, first), *(c.triangle for c in rest)]
    xp = namespace(first.basis)
    if definite:
        traces = [[trace(F) for F in K.slot(i)] for i in range(len(columns))]
        weights = [xp.asarray(row, dtype=R.dtype) for row, R in zip(traces, triangles, strict=True)]
    else:
        weights = [_coordinates(xp.sum(R, axis=1), R) for R in triangles]
    vectors, size = list(triangles), 0.0
    for _ in range(SWEEPS):
        before = size
        for i, R in enumerate(triangles):
            u = R @ xp.prod(xp.stack([w for j, w in enumerate(weights) if j != i]), axis=0)
            size = xp.linalg.vector_norm(u)
            vectors[i] = u / size
            weights[i] = _coordinates(vectors[i], R)
        if certainly(abs(size - before) <= STEADY * size):
            break
    vectors[-1] = vectors[-1] * size
    slots = zip(columns, vectors, K.partition, strict=True)
    return Kronecker(*(factors_of(K, c.basis @ u[:, None], shape)[0] for c, u, shape in slots))


def _coordinates(u: Array, R: Array) -> Array:
    """Return the inner products of u with the columns of R."""
    return conjugate(u) @ R
