"""The entries of A ⊗ B: all of them, the diagonal, its sum."""

import functools
from typing import Any

import numpy as np

from otimes.core.algebra import to_dense
from otimes.core.array import Array, itemsize, namespace, reshape, rows_of, zeros
from otimes.core.checks import MAX_BYTES, require_bytes
from otimes.core.indexing import entries, split_index
from otimes.core.rules import guard
from otimes.core.values import formed
from otimes.core.vector import KroneckerVector, LazyVector
from otimes.functions.diagonal import diagonal
from otimes.functions.trace import exact_integer, trace
from otimes.kernels import eager
from otimes.operators.kronecker.kronecker import Kronecker, each, square_factors, square_product_of_rectangles

DIAGONAL_BLOCK = 2**16  # entries whose indices into the factors are held at a time


@guard("some factor is not square")
def rectangular_factors(K: Kronecker) -> bool:
    return not square_factors(K)


@to_dense.rule(Kronecker, says="(A ⊗ B)[i p + k, j q + l] = A[i, j] B[k, l]", cite="VanLoan2000")
def _(K: Kronecker) -> Array:
    return eager.kron_dense([to_dense(F, max_bytes=None) for F in K.factors])


@entries.rule(Kronecker, says="(A ⊗ B)[i p + k, j q + l] = A[i, j] B[k, l]", cite="VanLoan2000")
def _(K: Kronecker, rows: np.ndarray, columns: np.ndarray) -> Array:
    places = zip(*(split_index(r, [F.shape[a] for F in K.factors]) for a, r in enumerate((rows, columns))), strict=True)
    return functools.reduce(lambda u, v: u * v, (entries(F, i, j) for F, (i, j) in zip(K.factors, places, strict=True)))


@trace.rule(Kronecker, when=square_factors, says="tr(A ⊗ B) = tr(A) tr(B)", cite="VanLoan2000")
def _(K: Kronecker) -> Any:
    return functools.reduce(lambda s, t: s * t, map(exact_integer, each(trace, K.factors)))


@trace.rule(Kronecker, when=square_product_of_rectangles, says="tr K = Σᵣ Kᵣᵣ")
def _(K: Kronecker) -> Any:
    entries = diagonal(K)
    return namespace(entries).sum(entries)


@diagonal.rule(Kronecker, when=square_factors, says="diag(A ⊗ B) = diag(A) ⊗ diag(B)", cite="VanLoan2000")
def _(K: Kronecker) -> LazyVector:
    return KroneckerVector(*(formed(diagonal(F)) for F in K.factors))


@diagonal.rule(Kronecker, when=rectangular_factors, says="K[r, r] = Π Fᵢ[rᵢ, cᵢ], r split by rows and by columns")
def _(K: Kronecker) -> Array:
    require_bytes((min(K.shape),), itemsize(K.dtype), MAX_BYTES, "the diagonal", "no lazy form is known for it")
    factors = each(to_dense, K.factors)
    starts = range(0, min(K.shape), DIAGONAL_BLOCK)
    blocks = [_diagonal_entries(K, factors, np.arange(s, min(s + DIAGONAL_BLOCK, *K.shape))) for s in starts]
    return namespace(factors[0]).concat(blocks) if blocks else zeros((0,), K.spec)


def _diagonal_entries(K: Kronecker, factors: list[Array], r: np.ndarray) -> Array:
    """Return K[r, r] for an index array r."""
    rows = np.unravel_index(r, [F.shape[0] for F in factors])
    columns = np.unravel_index(r, [F.shape[1] for F in factors])
    places = [np.ravel_multi_index((i, j), F.shape) for F, i, j in zip(factors, rows, columns, strict=True)]
    entries = (rows_of(reshape(F, (-1,)), place) for F, place in zip(factors, places, strict=True))
    return functools.reduce(lambda u, v: u * v, entries)
