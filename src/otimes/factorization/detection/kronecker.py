"""Kronecker products of any number of factors: the rearrangement has rank one."""

import math
from typing import Any

import numpy as np
import scipy.sparse

from otimes.core.checks import product_text
from otimes.factorization.detection.detector import Detector, Probe
from otimes.factorization.detection.entries import EXACT_INTEGERS, Entries
from otimes.factorization.detection.finding import Finding
from otimes.factorization.detection.parts import plain, structured
from otimes.factorization.detection.residuals import norm, product_residual
from otimes.factorization.detection.splits import nearest_sum, pairs_of, probe_norms, probe_terms
from otimes.factorization.shapes import Shapes, stored_numbers
from otimes.operators.kronecker.kronecker import Kronecker, kron


class KroneckerProduct(Detector[Shapes]):
    """A ⊗ B: a row and a column of R(M) through its largest entry give the factors, and all else must agree.

    The smallest first factor that fits has itself no factors, and the second is searched again: that makes N.
    """

    def sizes(self, entries: Entries) -> list[Shapes]:
        """Return every pair of shapes, the smallest first factor first."""
        return pairs_of(entries)

    def probe(self, entries: Entries, sizes: list[Shapes]) -> Probe:
        """Return the second singular value of a part, and how far the norms of rows and columns are from products."""
        sampled = probe_terms(entries, sizes, [1] * len(sizes))
        return Probe(np.maximum(sampled.bounds, probe_norms(entries, sizes)), sampled.estimates)

    def numbers(self, _: Entries, size: Shapes) -> int:
        """Return the entries of both factors."""
        return stored_numbers(size)

    def fit(self, entries: Entries, size: Shapes, rtol: float) -> Finding | None:
        """Return the product of the cross, or where that is not exact to rounding the nearest one."""
        if not entries.norm:
            return None
        factors = _cross(entries, size)
        distance = product_residual(entries, *factors) / entries.norm
        inexact = distance > 64 * np.finfo(entries.matrix.dtype).eps
        if inexact and stored_numbers(size) <= entries.numbers:
            F = nearest_sum(entries, size, 1, rtol)
            if F.error < distance:
                A, B = F.factors[0]
                factors, distance = (A, B), F.error
        return _finding(_identity_bare(*factors), distance, entries.integers, rtol)


def _finding(factors: tuple[Any, Any], distance: float, integers: np.dtype | None, rtol: float) -> Finding:
    parts = [plain(F, integers) for F in factors]
    if distance <= rtol:
        refined = [structured(F, integers, rtol=rtol - distance) for F in factors]
        a, b = (part.distance for part in refined)
        total = distance + a + b + a * b
        if total <= rtol:
            parts, distance = refined, total
    operator = kron(*(part.operator for part in parts))
    split = operator.factors if isinstance(operator, Kronecker) else [part.operator for part in parts]
    detail = product_text([F.shape for F in split])
    return Finding("Kronecker product", detail, operator, distance, sum(part.numbers for part in parts))


def _cross(entries: Entries, shapes: Shapes) -> tuple[Any, Any]:
    """Return the factors that agree with M in the block of its largest entry, and in its place in all blocks.

    Of integers the second has no common divisor, so that the first is of integers too (Gauss's lemma); of other
    numbers both have about the same norm, by a power of two.
    """
    (_, _), (m2, n2) = shapes
    p, q = (int(k[0]) for k in entries.sample)
    (i1, i2), (j1, j2) = divmod(p, m2), divmod(q, n2)
    A = entries.matrix[i2::m2, j2::n2]
    B = entries.matrix[i1 * m2 : (i1 + 1) * m2, j1 * n2 : (j1 + 1) * n2]
    pivot = entries.matrix[p, q]
    if entries.integers is not None and abs(pivot) <= EXACT_INTEGERS:
        numbers = B.data if scipy.sparse.issparse(B) else B
        unit = float(np.gcd.reduce(np.abs(numbers).astype(np.int64), axis=None))
        return A / (pivot / unit), B / unit
    unit = 2.0 ** round(math.log2(abs(pivot) * norm(B) / norm(A)) / 2)
    return A / (pivot / unit), B / unit


def _identity_bare(A: Any, B: Any) -> tuple[Any, Any]:
    """Return the factors with the multiple of an identity taken to the other one."""
    for first, second, order in ((A, B, 1), (B, A, -1)):
        c = first[0, 0]
        if first.shape[0] == first.shape[1] and c and c != 1 and _is_multiple_of_identity(first, c):
            return ((first / c, second * c))[::order]
    return A, B


def _is_multiple_of_identity(part: Any, c: Any) -> bool:
    if scipy.sparse.issparse(part):
        return part.nnz == part.shape[0] and bool((part.diagonal() == c).all())
    return np.count_nonzero(part) == part.shape[0] and bool((part.diagonal() == c).all())
