"""Submatrices that keep the structure of what they are taken from: of sums, products, grids of Kronecker products."""

import functools
import math

import numpy as np

from otimes.core.algebra import add, matmul, scale
from otimes.core.indexing import Index, as_indices, is_all, same_index, split_index, submatrix, taken
from otimes.core.operator import LinearOperator
from otimes.operators.dense import Dense
from otimes.operators.diagonal import Diagonal
from otimes.operators.identity import Identity
from otimes.operators.index_maps.submatrix import chosen, has_no_repeats, principal_facts
from otimes.operators.kronecker.khatri_rao import FaceSplitting, KhatriRao
from otimes.operators.kronecker.kronecker import Kronecker, kron
from otimes.operators.kronecker.kronecker_sum import KroneckerSum
from otimes.operators.kronecker.kronsum import kronsum
from otimes.operators.product import Product
from otimes.operators.scalar_multiple import ScalarMultiple
from otimes.operators.shifted import Shifted, shifted
from otimes.operators.sparse import Sparse
from otimes.operators.sum import Sum
from otimes.operators.zero import Zero


@submatrix.rule(Dense, says="the entries of the array")
def _(A: Dense, rows: Index, columns: Index) -> LinearOperator:
    facts = principal_facts(A, rows, columns)
    return Dense(taken(taken(A.array, rows).T, columns).T, facts)


@submatrix.rule(Sparse, says="the stored entries")
def _(A: Sparse, rows: Index, columns: Index) -> LinearOperator:
    return Sparse(A.matrix[as_indices(rows)][:, as_indices(columns)])


@submatrix.rule(Zero, says="0[r, c] = 0")
def _(A: Zero, rows: Index, columns: Index) -> LinearOperator:
    return Zero((len(rows), len(columns)), A.spec)


@submatrix.rule(Identity, says="I[r, r] = I without repeats, else a selection")
def _(A: Identity, rows: Index, columns: Index) -> LinearOperator:
    if same_index(rows, columns) and has_no_repeats(rows):
        return Identity(len(rows), A.spec)
    return chosen(A, rows, columns)


@submatrix.rule(Diagonal, says="diag(d)[r, r] = diag(d[r]) without repeats")
def _(A: Diagonal, rows: Index, columns: Index) -> LinearOperator:
    if same_index(rows, columns) and has_no_repeats(rows):
        return Diagonal(taken(A.entries, rows))
    return chosen(A, rows, columns)


@submatrix.rule(ScalarMultiple, says="(c A)[r, s] = c A[r, s]")
def _(A: ScalarMultiple, rows: Index, columns: Index) -> LinearOperator:
    return scale(submatrix(A.operator, rows, columns), A.scalar)


@submatrix.rule(Shifted, says="(A + c I)[r, r] = A[r, r] + c I without repeats")
def _(A: Shifted, rows: Index, columns: Index) -> LinearOperator:
    if same_index(rows, columns) and has_no_repeats(rows):
        return shifted(submatrix(A.operator, rows, columns), A.shift)
    return chosen(A, rows, columns)


@submatrix.rule(Sum, says="(A + B)[r, c] = A[r, c] + B[r, c]")
def _(A: Sum, rows: Index, columns: Index) -> LinearOperator:
    return functools.reduce(add, (submatrix(term, rows, columns) for term in A.terms))


@submatrix.rule(Product, says="(A B)[r, c] = A[r, :] B[:, c]")
def _(A: Product, rows: Index, columns: Index) -> LinearOperator:
    first, *between, last = A.factors
    if isinstance(last, Diagonal):
        scaled = Diagonal(taken(last.entries, columns))
        return matmul(submatrix(functools.reduce(matmul, (first, *between)), rows, columns), scaled)
    ends = submatrix(first, rows), submatrix(last, slice(None), columns)
    return functools.reduce(matmul, (ends[0], *between, ends[1]))


@submatrix.rule(
    Kronecker, says="(A ⊗ B)[r × s, c × d] = A[r, c] ⊗ B[s, d] for grids; few columns are A[:, j] ⊙ B[:, l]"
)
def _(A: Kronecker, rows: Index, columns: Index) -> LinearOperator:
    grids = [along_factors(index, [F.shape[a] for F in A.factors]) for a, index in enumerate((rows, columns))]
    if None not in grids:
        return kron(*map(submatrix, A.factors, *grids))
    for axis, product in ((0, FaceSplitting), (1, KhatriRao)):
        picked, other = (rows, columns)[axis], (rows, columns)[1 - axis]
        if is_all(other, A.shape[1 - axis]) and len(picked) <= sum(F.shape[axis] for F in A.factors):
            parts = split_index(as_indices(picked), [F.shape[axis] for F in A.factors])
            keys = [(i, slice(None)) if axis == 0 else (slice(None), i) for i in parts]
            return product(*(submatrix(F, *key) for F, key in zip(A.factors, keys, strict=True)))
    return chosen(A, rows, columns)


@submatrix.rule(KroneckerSum, says="(A ⊕ B)[r × s, r × s] = A[r, r] ⊕ B[s, s] for grids of indices without repeats")
def _(A: KroneckerSum, rows: Index, columns: Index) -> LinearOperator:
    grid = along_factors(rows, [F.shape[0] for F in A.factors]) if same_index(rows, columns) else None
    if grid is None or not has_no_repeats(rows):
        return chosen(A, rows, columns)
    return kronsum(*map(submatrix, A.factors, grid, grid))


def along_factors(index: Index, sizes: list[int]) -> list[Index] | None:
    """Return one index per factor whose grid, in C order, is the index; None if it is no such grid."""
    if is_all(index, math.prod(sizes)):
        return [range(n) for n in sizes]
    parts: list[Index] = []
    for n in reversed(sizes[1:]):
        split = _split(index, n) if len(index) and n else None
        if split is None:
            return None
        index, place = split
        parts.append(place)
    return [index, *reversed(parts)]


def _split(index: Index, n: int) -> tuple[Index, Index] | None:
    """Return the outer and the inner index of which `index` is the grid: index = n · outer + inner."""
    if not isinstance(index, range):
        return _split_array(index, n)
    first, last, count, step = index.start, index[-1], len(index), index.step
    if step == 1 and first % n == 0 and count % n == 0:
        return range(first // n, first // n + count // n), range(n)
    if first // n == last // n and step > 0:
        return range(first // n, first // n + 1), range(first % n, last % n + 1, step)
    if step % n == 0:
        return range(first // n, first // n + step // n * count, step // n), range(first % n, first % n + 1)
    return None


def _split_array(index: np.ndarray, n: int) -> tuple[Index, Index] | None:
    outer, inner = index // n, index % n
    run = int((outer != outer[0]).argmax()) or len(index)
    if len(index) % run:
        return None
    outer, inner = outer.reshape(-1, run), inner.reshape(-1, run)
    return (outer[:, 0], inner[0]) if (outer == outer[:, :1]).all() and (inner == inner[0]).all() else None
