"""The matrix to be factored: checked once, never copied, read as what it is."""

from typing import Any

import numpy as np
import scipy.sparse

from otimes.core.array import is_array, require_numeric, to_numpy
from otimes.core.checks import as_array, shape_text
from otimes.core.convert import aslinearoperator
from otimes.errors import ShapeError
from otimes.factorization.sources.dense import dense_operand
from otimes.factorization.sources.entry_function import EntryFunction
from otimes.factorization.sources.kronecker_products import operator_operand
from otimes.factorization.sources.matrix_file import MatrixFile
from otimes.factorization.sources.operand import Operand
from otimes.factorization.sources.sampled import FunctionOperand
from otimes.factorization.sources.sparse import sparse_operand
from otimes.factorization.sources.streamed import FileOperand

__all__ = ["Operand", "read_operand"]


def read_operand(M: Any) -> Operand:
    """Return array-like, sparse matrix or operator `M` as an operand.

    Raises
    ------
    ShapeError
        M has not two axes, or no entries.
    DTypeError
        The entries are no numbers, or of extended precision.
    NonFiniteError
        An entry is NaN or infinite.
    """
    if isinstance(M, Operand):
        return M
    if isinstance(M, EntryFunction):
        return FunctionOperand.of(M)
    if isinstance(M, MatrixFile):
        return FileOperand.of(M)
    matrix = _read(M)
    if len(matrix.shape) != 2:
        raise ShapeError(
            f"the matrix to factor has {len(matrix.shape)} axes, shape {shape_text(matrix.shape)}; "
            "it must have two (reshape it, or factor its slices one by one)"
        )
    if 0 in matrix.shape:
        raise ShapeError(f"the matrix to factor is {shape_text(matrix.shape)}: it has no entries")
    if isinstance(matrix, np.ndarray):
        return dense_operand(matrix)
    return sparse_operand(matrix) if scipy.sparse.issparse(matrix) else operator_operand(matrix)


def _read(M: Any) -> Any:
    """Return `M` as an array of NumPy, a sparse matrix, or an operator."""
    if is_array(M):
        return to_numpy(require_numeric(M, "the matrix to factor"))
    if isinstance(M, (list, tuple)):
        return as_array(M, "the matrix to factor")
    return M if scipy.sparse.issparse(M) else aslinearoperator(M)
