"""What a call costs on tiny operands: K @ x with two 3 × 3 factors, against the bare NumPy chain."""

import sys

import numpy as np

import otimes as ox
from benchmarks.harness import race, record

TITLE = "Call overhead: two 3 × 3 factors, a vector of 9"
CLAIM = "at most 2 times the bare NumPy chain (reshape, transpose, one GEMM for each factor), and below every peer"


def run() -> list[dict]:
    sys.modules["jax"] = None  # PyKronecker takes JAX where it is installed, which costs more at this size
    rng = np.random.default_rng(0)
    A, B, x = rng.random((3, 3)), rng.random((3, 3)), rng.random(9)
    K = ox.kron(A, B)
    rivals = {"NumPy chain": lambda: chain((A, B), x), "otimes": lambda: K @ x} | peers(A, B, x)
    expected = np.kron(A, B) @ x
    for name, call in rivals.items():
        np.testing.assert_allclose(np.asarray(call()).reshape(-1), expected, rtol=1e-10, err_msg=name)
    return [record("3×3 ⊗ 3×3, K @ x", race(rivals, repeats=15), "NumPy chain")]


def chain(factors: tuple, x: np.ndarray) -> np.ndarray:
    """Return the product by one GEMM per factor, without any check: what the arithmetic itself costs."""
    y = x
    for F in factors:
        y = y.reshape(F.shape[1], -1).T @ F.T
    return y.reshape(-1)


def peers(A: np.ndarray, B: np.ndarray, x: np.ndarray) -> dict:
    from linear_operator.operators import KroneckerProductLinearOperator
    from pykronecker import KroneckerProduct
    from pylops import Kronecker, MatrixMult
    from torch import from_numpy

    pk = KroneckerProduct([A, B])
    pl = Kronecker(MatrixMult(A), MatrixMult(B))
    lo = KroneckerProductLinearOperator(from_numpy(A), from_numpy(B))
    t = from_numpy(x)[:, None]
    return {"PyKronecker": lambda: pk @ x, "PyLops": lambda: pl @ x, "linear_operator": lambda: lo @ t}
