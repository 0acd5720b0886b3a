"""The sparse form of every operator that has one: coordinates, counted before they are made."""

import functools
import math
import operator
from typing import Any

import numpy as np
import scipy.sparse

from otimes.core.array import is_array, to_numpy
from otimes.core.operator import LinearOperator
from otimes.functions.to_sparse import concrete_numpy, require_entries, to_sparse
from otimes.operators.blocks.block import Block
from otimes.operators.blocks.block_diagonal import BlockDiagonal
from otimes.operators.diagonal import Diagonal
from otimes.operators.identity import Identity
from otimes.operators.index_maps.permutation import Commutation, Permutation
from otimes.operators.index_maps.submatrix import Submatrix
from otimes.operators.index_maps.vech import Duplication, Elimination
from otimes.operators.kronecker.kronecker import Kronecker
from otimes.operators.kronecker.kronecker_sum import KroneckerSum
from otimes.operators.product import Product
from otimes.operators.scalar_multiple import ScalarMultiple
from otimes.operators.shifted import Shifted
from otimes.operators.slots.slot_permutation import SlotPermutation
from otimes.operators.sparse import Sparse
from otimes.operators.sum import Sum
from otimes.operators.transposed import Transposed
from otimes.operators.zero import Zero

Limit = int | None


def _diagonal(entries: np.ndarray) -> Any:
    """Return diag(entries)."""
    index = np.arange(len(entries))
    return scipy.sparse.coo_array((entries, (index, index)), shape=(len(entries),) * 2)


def _total(parts: list[Any], A: LinearOperator) -> Any:
    """Return the sum of sparse arrays of one shape."""
    rows, columns = (np.concatenate([part.coords[axis] for part in parts]) for axis in (0, 1))
    entries = np.concatenate([part.data.astype(concrete_numpy(A)) for part in parts])
    total = scipy.sparse.coo_array((entries, (rows, columns)), shape=A.shape)
    total.sum_duplicates()
    return total


def _number(c: Any) -> Any:
    """Return a scalar of any library as one of Python or NumPy."""
    return to_numpy(c)[()] if is_array(c) else c


def _parts(A: LinearOperator, max_bytes: Limit) -> list[Any]:
    return [to_sparse(part, "coo", max_bytes=max_bytes) for part in A.children]


def _kron(first: Any, second: Any) -> Any:
    return scipy.sparse.kron(first, second, format="coo")


@to_sparse.rule(Sparse, says="the stored entries")
def _(A: Sparse, max_bytes: Limit) -> Any:
    return scipy.sparse.coo_array(A.matrix)


@to_sparse.rule(Zero, says="nothing")
def _(A: Zero, max_bytes: Limit) -> Any:
    return scipy.sparse.coo_array(A.shape, dtype=concrete_numpy(A))


@to_sparse.rule(Identity, says="Iᵢᵢ = 1")
def _(A: Identity, max_bytes: Limit) -> Any:
    require_entries(A.shape[0], A, max_bytes)
    return _diagonal(np.ones(A.shape[0], dtype=concrete_numpy(A)))


@to_sparse.rule(Diagonal, says="diag(d)ᵢᵢ = dᵢ")
def _(A: Diagonal, max_bytes: Limit) -> Any:
    return _diagonal(to_numpy(A.entries))


@to_sparse.rule(Permutation, says="one 1 in each row")
@to_sparse.rule(Commutation, says="one 1 in each row")
@to_sparse.rule(SlotPermutation, says="one 1 in each row")
@to_sparse.rule(Duplication, says="one 1 in each row")
@to_sparse.rule(Elimination, says="one 1 in each row")
def _(A: LinearOperator, max_bytes: Limit) -> Any:
    require_entries(A.shape[0], A, max_bytes)
    (m, n), dtype = A.shape, concrete_numpy(A)
    columns = A._matmat(np.arange(n)[:, None])[:, 0]  # an index map shows where it takes each row from
    return scipy.sparse.coo_array((np.ones(m, dtype=dtype), (np.arange(m), columns)), shape=A.shape)


@to_sparse.rule(Submatrix, says="chosen rows and columns")
def _(A: Submatrix, max_bytes: Limit) -> Any:
    whole = to_sparse(A.operator, "csr", max_bytes=max_bytes)
    rows, columns = (
        np.asarray(range(*picks) if isinstance(picks, tuple) else picks, dtype=np.int64)
        for picks in (A.rows, A.columns)
    )
    require_entries(int(np.diff(whole.indptr)[rows].sum()), A, max_bytes)
    return whole[rows][:, columns].tocoo()


@to_sparse.rule(Transposed, says="(Aᵀ)ᵢⱼ = Aⱼᵢ")
def _(A: Transposed, max_bytes: Limit) -> Any:
    return to_sparse(A.operator, "coo", max_bytes=max_bytes).T


@to_sparse.rule(ScalarMultiple, says="(c A)ᵢⱼ = c Aᵢⱼ")
def _(A: ScalarMultiple, max_bytes: Limit) -> Any:
    (part,) = _parts(A, max_bytes)
    return part.astype(concrete_numpy(A)) * _number(A.scalar)


@to_sparse.rule(Shifted, says="A + c I, entry by entry")
def _(A: Shifted, max_bytes: Limit) -> Any:
    (part,), n, dtype = _parts(A, max_bytes), A.shape[0], concrete_numpy(A)
    require_entries(part.nnz + n, A, max_bytes)
    return _total([part, _diagonal(np.full(n, _number(A.shift), dtype=dtype))], A)


@to_sparse.rule(Sum, says="A + B, entry by entry")
def _(A: Sum, max_bytes: Limit) -> Any:
    parts = [to_sparse(term, "coo", max_bytes=max_bytes) for term in A.terms]
    require_entries(sum(part.nnz for part in parts), A, max_bytes)
    return _total(parts, A)


@to_sparse.rule(Product, says="(A B)ᵢⱼ over the k where Aᵢₖ and Bₖⱼ are stored")
def _(A: Product, max_bytes: Limit) -> Any:
    parts = [to_sparse(part, "csr", max_bytes=max_bytes) for part in A.factors]
    return functools.reduce(lambda left, right: _product(left, right, A, max_bytes), parts).tocoo()


def _product(left: Any, right: Any, A: LinearOperator, max_bytes: Limit) -> Any:
    columns = np.bincount(left.indices, minlength=left.shape[1])
    above = columns @ np.diff(right.indptr).astype(np.int64)  # the entries of the product at most
    require_entries(min(int(above), left.shape[0] * right.shape[1]), A, max_bytes)
    return left @ right


@to_sparse.rule(Kronecker, says="(A ⊗ B)[i p + k, j q + l] = A[i, j] B[k, l]", cite="VanLoan2000")
def _(A: Kronecker, max_bytes: Limit) -> Any:
    parts = _parts(A, max_bytes)
    require_entries(math.prod(part.nnz for part in parts), A, max_bytes)
    return functools.reduce(_kron, parts)


@to_sparse.rule(KroneckerSum, says="A ⊕ B = A ⊗ I + I ⊗ B", cite="HornJohnson1991")
def _(A: KroneckerSum, max_bytes: Limit) -> Any:
    parts, sizes = _parts(A, max_bytes), [F.shape[0] for F in A.factors]
    if not A.shape[0]:
        return scipy.sparse.coo_array(A.shape, dtype=concrete_numpy(A))
    require_entries(sum(part.nnz * (A.shape[0] // n) for part, n in zip(parts, sizes, strict=True)), A, max_bytes)
    identities = [_diagonal(np.ones(n, dtype=concrete_numpy(A))) for n in sizes]
    terms = ([*identities[:i], part, *identities[i + 1 :]] for i, part in enumerate(parts))
    return _total([functools.reduce(_kron, term) for term in terms], A)


@to_sparse.rule(Block, says="the entries of the blocks")
def _(A: Block, max_bytes: Limit) -> Any:
    rows = [[to_sparse(B, "coo", max_bytes=max_bytes) for B in row] for row in A.rows]
    require_entries(sum(part.nnz for row in rows for part in row), A, max_bytes)
    return scipy.sparse.block_array(rows, format="coo")


@to_sparse.rule(BlockDiagonal, says="the entries of the blocks")
def _(A: BlockDiagonal, max_bytes: Limit) -> Any:
    parts = _parts(A, max_bytes)
    require_entries(sum(map(operator.attrgetter("nnz"), parts)), A, max_bytes)
    return scipy.sparse.block_diag(parts, format="coo")
