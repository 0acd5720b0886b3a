"""BlockCirculant: dense and structured blocks, rectangular ones, zeros between, symmetry, singularity, dtypes."""

import numpy as np
from market import case, definite, hermitian, kron, matrix, singular

import otimes as ox


def circulant(column):
    """Return the dense block matrix of the definition."""
    n = len(column)
    return np.block([[column[(i - j) % n] for j in range(n)] for i in range(n)])


def cases():
    a = [matrix(2, seed=i) + (9 * np.eye(2) if not i else 0) for i in range(3)]
    h = [definite(2) + 9 * np.eye(2), a[1], a[1].T]
    z = [A + 1j * A[::-1] for A in a]
    x = [hermitian(2, complex), z[1], z[1].conj().T]
    wide = [matrix(2, 3, seed=i) for i in range(3)]
    integers = [matrix(2, dtype=int, seed=i) for i in range(3)]
    half = [A.astype(np.float32) for A in a]
    lists = {
        "general": a,
        "two blocks": a[:2],
        "symmetric": h,
        "complex": z,
        "complex hermitian": x,
        "rectangular": wide,
        "rectangular, complex": [1j * A for A in wide],
        "integer": integers,
        "float32": half,
        "singular": [singular(3), np.zeros((3, 3))],
        "one block": a[:1],
        "blocks of size 0": [np.zeros((0, 0))] * 2,
    }
    for name, blocks in lists.items():
        yield case(f"{name}", lambda blocks=blocks: ox.block_circulant(blocks), circulant(blocks))
    known = lambda blocks: ox.assume(ox.block_circulant(blocks), "hermitian")  # noqa: E731  used twice, below
    yield case("known symmetric", lambda: known(h), circulant(h))
    yield case("known hermitian", lambda: known(x), circulant(x))
    B = matrix(2)
    K = kron(matrix(2), matrix(3)) + 20 * np.eye(6)
    yield case(
        "operators and zeros",
        lambda: ox.block_circulant(
            [ox.kron(matrix(2), matrix(3)) + 20.0 * ox.eye(6), None, ox.kron(matrix(2), ox.eye(3))]
        ),
        circulant([K, np.zeros((6, 6)), kron(B, np.eye(3))]),
    )
