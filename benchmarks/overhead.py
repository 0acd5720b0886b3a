"""What a call costs on tiny operands: K @ x with two 3 × 3 factors, against the bare NumPy chain and an empty call."""

from collections.abc import Callable

import numpy as np

import otimes as ox
from benchmarks.harness import race, record
from benchmarks.peers import pykronecker_product

TITLE = "Call overhead: two 3 × 3 factors, a vector of 9"
CLAIM = "at most 4 µs over an empty Python call of the same arguments, and below the NumPy chain and every peer"
EMPTY, CHAIN = "empty call", "NumPy chain"


def run() -> list[dict]:
    rng = np.random.default_rng(0)
    A, B, x = rng.random((3, 3)), rng.random((3, 3)), rng.random(9)
    K = ox.kron(A, B)
    rivals = {CHAIN: lambda: chain((A, B), x), "otimes": lambda: K @ x} | peers(A, B, x)
    expected = np.kron(A, B) @ x
    for name, call in rivals.items():
        np.testing.assert_allclose(np.asarray(call()).reshape(-1), expected, rtol=1e-10, err_msg=name)
    timings = race({EMPTY: lambda: empty(K, x)} | rivals, repeats=15)
    seconds = {timing.name: timing.best for timing in timings}
    over = {f"{name} µs over an empty call": (seconds[name] - seconds[EMPTY]) * 1e6 for name in ("otimes", CHAIN)}
    return [record("3×3 ⊗ 3×3, K @ x", timings, CHAIN, **over)]


def empty(K: object, x: object) -> None:
    """Do nothing with the same arguments."""


def chain(factors: tuple, x: np.ndarray) -> np.ndarray:
    """Return the product by one GEMM per factor, without any check: what the arithmetic itself costs."""
    y = x
    for F in factors:
        y = y.reshape(F.shape[1], -1).T @ F.T
    return y.reshape(-1)


def peers(A: np.ndarray, B: np.ndarray, x: np.ndarray) -> dict[str, Callable[[], object]]:
    from linear_operator.operators import KroneckerProductLinearOperator
    from pylops import Kronecker, MatrixMult
    from torch import from_numpy

    pk = pykronecker_product([A, B])
    pl = Kronecker(MatrixMult(A), MatrixMult(B))
    lo = KroneckerProductLinearOperator(from_numpy(A), from_numpy(B))
    t = from_numpy(x)[:, None]
    calls = {"PyKronecker": lambda: pk @ x, "PyLops": lambda: pl @ x, "linear_operator": lambda: lo @ t}
    try:
        from pyfastkron.fastkronnumpy import gemkm
    except ImportError:  # there are builds for Linux on x86-64 only
        return calls
    factors, row = [A.T.copy(), B.T.copy()], x[None, :]
    return calls | {"pyfastkron": lambda: gemkm(row, factors)}
