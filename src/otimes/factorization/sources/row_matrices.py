"""Products with R(M) by the rows of M as they lie in memory, where nothing needs to be packed.

Row (i₁, i₂) of M, read row by row, is an n₁ × n₂ matrix: (R V)[i₁] = Σ_{i₂} M[i₁, i₂] V[i₂]. Matrices of some size are
multiplied by BLAS nearly as fast as they are read.
"""

import math

import numpy as np

from otimes.core.threads import in_threads

_LEAST_SIDE = 16  # of a row as a matrix: below, packed panels are faster
_TOGETHER = 2**16  # entries of which the residual is formed at a time, in the second-level cache


def has_row_matrices(blocks: np.ndarray, dtype: np.dtype) -> bool:
    """Whether ``blocks[i₁, i₂]`` are matrices that BLAS takes in place."""
    return (
        blocks.dtype == dtype
        and min(blocks.shape[2:]) >= _LEAST_SIDE
        and blocks.itemsize in blocks.strides[2:]
        and all(stride > 0 and stride % blocks.itemsize == 0 for stride in blocks.strides)
    )


def product(blocks: np.ndarray, V: np.ndarray) -> np.ndarray:
    """Return R V, reading M in the order of its memory."""
    m1, m2, n1, n2 = blocks.shape
    columns = np.ascontiguousarray(V).reshape(m2, n2, -1)
    count = columns.shape[2]
    if blocks.strides[0] >= blocks.strides[1]:
        total = np.empty((m1, n1, count), blocks.dtype)

        def outer(span: range) -> None:
            for i1 in span:
                np.matmul(blocks[i1], columns).sum(axis=0, out=total[i1])

        in_threads(outer, m1, blocks.size)
        return total.reshape(m1 * n1, count)
    rows = np.ascontiguousarray(columns.transpose(0, 2, 1))  # to be multiplied from the left, which is faster here

    def inner(span: range) -> np.ndarray:
        part = np.zeros((m1, count, n1), blocks.dtype)
        for i2 in span:
            part += np.matmul(rows[i2], blocks[:, i2].transpose(0, 2, 1))
        return part

    total = np.sum(in_threads(inner, m2, blocks.size), axis=0)
    return total.transpose(0, 2, 1).reshape(m1 * n1, count)


def residual_norms(blocks: np.ndarray, left: np.ndarray, right: np.ndarray) -> tuple[float, float]:
    """Return ‖R − left rightᵀ‖ and ‖R‖: row (i₁, i₂) of M is to be left[i₁] right[i₂]ᵀ."""
    if blocks.strides[2] < blocks.strides[3]:
        return residual_norms(blocks.transpose(1, 0, 3, 2), right, left)
    m1, m2, n1, n2 = blocks.shape
    L = np.broadcast_to(left.reshape(m1, 1, n1, -1), (m1, m2, n1, left.shape[1]))
    rows = np.ascontiguousarray(right.reshape(m2, n2, -1).transpose(0, 2, 1))
    R = np.broadcast_to(rows, (m1, *rows.shape))
    if blocks.strides[0] < blocks.strides[1]:
        blocks, L, R = (part.swapaxes(0, 1) for part in (blocks, L, R))
    together = max(1, _TOGETHER // (n1 * n2))

    def squares(span: range) -> np.ndarray:
        buffer = np.empty((together, n1, n2), blocks.dtype)
        found = np.zeros(2)
        for i in span:
            for start in range(0, blocks.shape[1], together):
                part, A, B = (array[i, start : start + together] for array in (blocks, L, R))
                difference = np.matmul(A, B, out=buffer[: len(part)])
                np.subtract(part, difference, out=difference)
                found += _square(difference), _square(part)
        return found

    residual, total = np.sum(in_threads(squares, len(blocks), blocks.size), axis=0)
    return math.sqrt(residual), math.sqrt(total)


def _square(matrices: np.ndarray) -> float:
    """Return the sum of the squares of rows of M."""
    rows = matrices.reshape(len(matrices), -1)
    numbers = rows.view(rows.real.dtype)
    return float(np.vecdot(numbers, numbers).sum(dtype=float))
