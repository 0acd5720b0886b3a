"""Random parts of operators in tensor formats, and the matrices they stand for, by einsum."""

import numpy as np


def cores(*shapes, dtype=float, seed=0):
    """Return cores of shapes (r, m, n, s), of moderate entries."""
    rng = np.random.default_rng(seed)
    draw = lambda shape: rng.uniform(-1, 1, shape)  # noqa: E731
    arrays = [draw(s) + 1j * draw(s) if np.dtype(dtype).kind == "c" else draw(s) for s in shapes]
    return [(np.round(3 * a) if np.dtype(dtype).kind in "iu" else a).astype(dtype) for a in arrays]


def twin(trains):
    """Return the matrix of which the cores are a train."""
    total = trains[0][0]
    for G in trains[1:]:
        (m, n, _), (_, p, q, s) = total.shape, G.shape
        total = np.einsum("ijr,rkls->ikjls", total, G).reshape(m * p, n * q, s)
    return total[:, :, 0]
