"""QR decompositions of blocks of a few long vectors, in pieces that stay in the cache."""

import numpy as np

_PIECE = 8192  # numbers: less than OpenBLAS gives to threads, which for so little wait longer than they work


def thin_qr(block: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return orthonormal Q and triangular T with block = Q T: pieces one under the other first, then their triangles.

    References
    ----------
    J. Demmel, L. Grigori, M. Hoemmen, J. Langou, Communication-optimal parallel and sequential QR and LU
    factorizations, SIAM J. Sci. Comput. 34 (2012) A206-A239.
    """
    pieces, rest = _pieces(block)
    if len(pieces) < 2:
        return tuple(np.linalg.qr(block))
    Q, T = np.linalg.qr(pieces)
    Q_rest, T_rest = np.linalg.qr(rest)
    top, triangle = thin_qr(np.vstack([*T, T_rest]))
    columns = block.shape[1]
    split = len(pieces) * columns
    upper = Q @ top[:split].reshape(len(pieces), columns, columns)
    return np.vstack([upper.reshape(-1, columns), Q_rest @ top[split:]]), triangle


def triangle(block: np.ndarray) -> np.ndarray:
    """Return the T of `thin_qr`."""
    pieces, rest = _pieces(block)
    if len(pieces) < 2:
        return np.linalg.qr(block, mode="r")
    return triangle(np.vstack([*np.linalg.qr(pieces, mode="r"), np.linalg.qr(rest, mode="r")]))


def _pieces(block: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cut a block into equal pieces of at least twice as many rows as columns, and the rest."""
    rows, columns = block.shape
    height = max(2 * columns, _PIECE // max(columns, 1))
    count = rows // height
    return block[: count * height].reshape(count, height, columns), block[count * height :]
