"""Random parts of operators in tensor formats, and the matrices they stand for, by einsum."""

import functools

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


def stacks(*shapes, dtype=float, seed=0):
    """Return stacks of shapes (r, m, n), of moderate entries."""
    return cores(*shapes, dtype=dtype, seed=seed)


def tucker_twin(core, matrices):
    """Return Σ G[r₁, …] A₁⁽ʳ¹⁾ ⊗ … term by term."""
    return sum(core[r] * kron(*(A[i] for A, i in zip(matrices, r, strict=True))) for r in np.ndindex(core.shape))


def cp_twin(weights, matrices):
    """Return Σ w_r A₁⁽ʳ⁾ ⊗ … term by term."""
    return sum(w * kron(*(A[r] for A in matrices)) for r, w in enumerate(weights))


def kron(*arrays):
    """Return the dense Kronecker product."""
    return functools.reduce(np.kron, arrays)
