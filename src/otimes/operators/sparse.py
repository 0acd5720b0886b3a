"""Sparse: a SciPy sparse matrix, kept sparse."""

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse
import scipy.sparse.linalg

from otimes.core.algebra import add, conj, scale, to_dense, transpose
from otimes.core.array import Array, ArraySpec, inexact, numpy_spec
from otimes.core.checks import require_finite, shape_text
from otimes.core.convert import converts
from otimes.core.indexing import entries
from otimes.core.operator import LinearOperator
from otimes.errors import DTypeError, ShapeError, SingularError
from otimes.functions.diagonal import diagonal
from otimes.functions.slogdet import SlogdetResult, slogdet
from otimes.functions.solve import solve
from otimes.functions.trace import trace
from otimes.operators.index_maps.permutation import parity


class Sparse(LinearOperator):
    """The operator of a SciPy sparse matrix or array, held as compressed rows (NumPy arrays only)."""

    kind = "sparse"
    matrix: Any

    def __init__(self, matrix: Any):
        super().__init__((int(matrix.shape[0]), int(matrix.shape[1])), numpy_spec(matrix.dtype), matrix=matrix)

    @property
    def details(self) -> tuple[str, ...]:
        """The number of entries stored, for display."""
        return (f"{self.matrix.nnz} nonzeros",)

    @property
    def nnz(self) -> int:
        """The number of entries stored."""
        return self.matrix.nnz

    def compressed_rows(self, dtype: Any) -> tuple[Array, Array, Array]:
        """Return where each row starts, the columns and the entries, these of a dtype."""
        A = self.matrix
        return A.indptr.astype(np.int64), A.indices.astype(np.int64), A.data.astype(dtype, copy=False)

    @property
    def nbytes(self) -> int:
        """The bytes of entries and indices."""
        return self.matrix.data.nbytes + self.matrix.indices.nbytes + self.matrix.indptr.nbytes

    def _converted(self, spec: ArraySpec) -> "Sparse":
        return Sparse(self.matrix.astype(spec.dtype))

    def _matmat(self, X: Array) -> Array:
        return self.matrix @ X


@converts(scipy.sparse.issparse)
def sparse(matrix: Any) -> Sparse:
    """Return the operator of a SciPy sparse matrix of any format."""
    if matrix.ndim != 2:
        raise ShapeError(f"a matrix has two axes, and this sparse array is {matrix.ndim}-D: {shape_text(matrix.shape)}")
    if matrix.dtype.kind not in "biufc":
        raise DTypeError(f"the sparse matrix has dtype {matrix.dtype}, which does not hold plain numbers")
    return Sparse(scipy.sparse.csr_array(matrix))


def factorized(A: Sparse, dtype: Any) -> Callable[[Array], Array]:
    """Return the function B ↦ A⁻¹ B, of arrays of a dtype, by one sparse LU decomposition."""
    common = np.result_type(inexact(A.dtype), dtype)
    if common.kind == "c" and A.dtype.kind != "c":  # the decomposition stays real
        real = _lu(A, np.zeros(0, common).real.dtype)
        return lambda B: real.solve(np.ascontiguousarray(B.real)) + 1j * real.solve(np.ascontiguousarray(B.imag))
    lu = _lu(A, common)
    return lambda B: lu.solve(np.ascontiguousarray(B, dtype=common))


def _lu(A: Sparse, dtype: Any) -> Any:
    require_finite(A.matrix.data, f"the {shape_text(A.shape)} sparse matrix")
    try:
        return scipy.sparse.linalg.splu(A.matrix.astype(dtype).tocsc())
    except RuntimeError as error:
        raise SingularError(f"the {shape_text(A.shape)} sparse matrix is singular ({error}); lstsq takes it") from error


@to_dense.rule(Sparse, says="the stored entries, and zeros")
def _(A: Sparse) -> Array:
    return A.matrix.toarray()


@entries.rule(Sparse, says="the stored entries, and zeros")
def _(A: Sparse, rows: np.ndarray, columns: np.ndarray) -> Array:
    return np.asarray(scipy.sparse.csr_matrix(A.matrix)[rows, columns]).reshape(-1)


@transpose.rule(Sparse, says="(Aᵀ)ᵢⱼ = Aⱼᵢ")
def _(A: Sparse) -> Sparse:
    return Sparse(A.matrix.T.tocsr())


@conj.rule(Sparse, says="conj(A)ᵢⱼ = conj(Aᵢⱼ)")
def _(A: Sparse) -> Sparse:
    return Sparse(A.matrix.conj())


@scale.rule(Sparse, says="(c A)ᵢⱼ = c Aᵢⱼ")
def _(A: Sparse, c: Any) -> Sparse:
    return Sparse(A.matrix * c)


@add.rule(Sparse, Sparse, says="(A + B)ᵢⱼ = Aᵢⱼ + Bᵢⱼ")
def _(A: Sparse, B: Sparse) -> Sparse:
    return Sparse(A.matrix + B.matrix)


@solve.rule(Sparse, says="A⁻¹ B by sparse LU", cite="Li2005")
def _(A: Sparse, B: Array) -> Array:
    return factorized(A, B.dtype)(B)


@slogdet.rule(Sparse, says="det A = det(P) det(L) det(U) det(Q) by sparse LU", cite="Li2005")
def _(A: Sparse) -> SlogdetResult:
    try:
        lu = _lu(A, inexact(A.dtype))
    except SingularError:
        return SlogdetResult(0.0, -np.inf)
    d = lu.U.diagonal()
    sign = np.prod(d / np.abs(d)) * parity(lu.perm_r) * parity(lu.perm_c)
    return SlogdetResult(sign, np.log(np.abs(d)).sum())


@diagonal.rule(Sparse, says="the stored diagonal")
def _(A: Sparse) -> Array:
    return A.matrix.diagonal()


@trace.rule(Sparse, says="the sum of the stored diagonal")
def _(A: Sparse) -> Any:
    return A.matrix.trace()
