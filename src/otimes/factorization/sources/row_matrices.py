"""Products with R(M) by the rows of M as they lie in memory, where nothing needs to be packed.

Row (i₁, i₂) of M, read row by row, is an n₁ × n₂ matrix: (R V)[i₁] = Σ_{i₂} M[i₁, i₂] V[i₂]. Matrices of some size are
multiplied by BLAS nearly as fast as they are read.
"""

import numpy as np

_LEAST_SIDE = 16  # of a row as a matrix: below, packed panels are faster


def has_row_matrices(blocks: np.ndarray, dtype: np.dtype) -> bool:
    """Whether ``blocks[i₁, i₂]`` are matrices that BLAS takes in place."""
    return (
        blocks.dtype == dtype
        and min(blocks.shape[2:]) >= _LEAST_SIDE
        and blocks.itemsize in blocks.strides[2:]
        and all(stride > 0 and stride % blocks.itemsize == 0 for stride in blocks.strides)
    )


def product(blocks: np.ndarray, V: np.ndarray) -> np.ndarray:
    """Return R V, reading M in the order of its memory; few rows times a matrix are faster than it times columns."""
    m1, m2, n1, n2 = blocks.shape
    rows = np.ascontiguousarray(V.reshape(m2, n2, -1).transpose(0, 2, 1))
    matrices = blocks.transpose(0, 1, 3, 2)
    total = np.zeros((m1, rows.shape[1], n1), blocks.dtype)
    if blocks.strides[0] >= blocks.strides[1]:
        for i1 in range(m1):
            total[i1] = np.matmul(rows, matrices[i1]).sum(axis=0)
    else:
        for i2 in range(m2):
            total += np.matmul(rows[i2], matrices[:, i2])
    return total.transpose(0, 2, 1).reshape(m1 * n1, -1)
