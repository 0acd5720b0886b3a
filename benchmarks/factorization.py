"""Nearest Kronecker products beside what there is: SVDs of the rearranged copy, and TensorLy on the reshaped tensor."""

from collections.abc import Callable

import numpy as np
from scipy.sparse.linalg import svds

import otimes as ox
from benchmarks.harness import peak_bytes, race, record, seconds_of
from benchmarks.nearest_kronecker import SHAPES, exponential_kernel

TITLE = "Nearest Kronecker products beside SVDs of the rearranged copy and TensorLy"
CLAIM = (
    "8 terms of a 4096 × 4096 matrix to the error of svds in half its time, with 5 % of the matrix beside it; 1 term "
    "100 times faster than the full SVD; 4 terms of 16384 × 16384 numbers in single precision (1 GiB) in the time of "
    "8 readings; of three factors no more error than TensorLy"
)
COPY = "of the rearranged copy"
CUBE = ((8, 8),) * 3


def run() -> list[dict]:
    M = exponential_kernel()
    return [eight_terms(M), one_term(M), one_gibibyte(), three_factors(2), three_factors(4), train()]


def eight_terms(M: np.ndarray) -> dict:
    """8 terms of a kernel matrix: what is found is as good as what svds finds."""
    rivals: dict[str, Callable] = {
        "otimes": lambda: ox.nearest_kronecker(M, shapes=SHAPES, terms=8),
        f"svds {COPY}": lambda: svds(ox.rearrange(M, shapes=SHAPES), k=8, random_state=0),
        f"randomized SVD {COPY}": lambda: randomized_svd(ox.rearrange(M, shapes=SHAPES), 8, powers=2),
    }
    R = ox.rearrange(M, shapes=SHAPES)
    errors = [
        float(np.linalg.norm(R - (U * s) @ Vh) / np.linalg.norm(M))
        for U, s, Vh in (rivals[n]() for n in list(rivals)[1:])
    ]
    return record(
        "8 terms, 4096 × 4096",
        race(rivals, repeats=5),
        "otimes",
        error=rivals["otimes"]().error,
        error_of_svds=errors[0],
        error_of_randomized_SVD=errors[1],
        memory_in_matrices=peak_bytes(rivals["otimes"]) / M.nbytes,
    )


def randomized_svd(R: np.ndarray, count: int, *, powers: int, oversampling: int = 10) -> tuple[np.ndarray, ...]:
    """Return the leading singular triplets as Halko, Martinsson and Tropp (2011) find them, algorithms 4.4 and 5.1."""
    Q = np.linalg.qr(R @ np.random.default_rng(0).standard_normal((R.shape[1], count + oversampling)))[0]
    for _ in range(powers):
        Q = np.linalg.qr(R @ np.linalg.qr(R.T @ Q)[0])[0]
    U, values, Vh = np.linalg.svd(Q.T @ R, full_matrices=False)
    return (Q @ U)[:, :count], values[:count], Vh[:count]


def one_term(M: np.ndarray) -> dict:
    """1 term; the full SVD runs once or twice, it takes half a minute."""
    rivals: dict[str, Callable] = {
        "otimes": lambda: ox.nearest_kronecker(M, shapes=SHAPES),
        f"svds {COPY}": lambda: svds(ox.rearrange(M, shapes=SHAPES), k=1, random_state=0),
    }
    F, timings = rivals["otimes"](), race(rivals, repeats=5)
    full = record("1 term, 4096 × 4096", timings, "otimes", error=F.error)
    seconds = seconds_of(lambda: np.linalg.svd(ox.rearrange(M, shapes=SHAPES), full_matrices=False))
    return full | {"full_SVD_as_multiple": seconds / next(t.best for t in timings if t.name == "otimes")}


def one_gibibyte() -> dict:
    """4 terms of 1 GiB in single precision, against one pass that adds its entries up."""
    M = single_precision_kernel(128)
    shapes = ((128, 128), (128, 128))
    rivals: dict[str, Callable] = {
        "otimes": lambda: ox.nearest_kronecker(M, shapes=shapes, terms=4),
        "reading once": lambda: M.sum(),
    }
    return record(
        "4 terms, 16384 × 16384 float32",
        race(rivals, repeats=2),
        "otimes",
        error=rivals["otimes"]().error,
        memory_in_matrices=peak_bytes(rivals["otimes"]) / M.nbytes,
    )


def single_precision_kernel(n: int) -> np.ndarray:
    """exp(−‖x − y‖) on an n × n grid in the unit square, a block of rows at a time."""
    axis = np.linspace(0, 1, n, dtype=np.float32)
    squares = np.subtract.outer(axis, axis) ** 2
    M = np.empty((n, n, n, n), np.float32)
    for i in range(n):
        M[i] = np.exp(-np.sqrt(squares[i][None, :, None] + squares[:, None, :]))
    return M.reshape(n * n, n * n)


def kernel_in_space(n: int) -> np.ndarray:
    """exp(−‖x − y‖) on an n × n × n grid."""
    points = np.stack(np.meshgrid(*[np.linspace(0, 2, n)] * 3, indexing="ij"), -1).reshape(-1, 3)
    return np.exp(-np.linalg.norm(points[:, None] - points[None], axis=-1))


def reshaped(M: np.ndarray, n: int) -> np.ndarray:
    """Return the tensor of which Kronecker products of three n × n factors are outer products of vectors."""
    return np.ascontiguousarray(M.reshape((n,) * 6).transpose(0, 3, 1, 4, 2, 5)).reshape((n * n,) * 3)


def three_factors(terms: int) -> dict:
    """Race sums of three factors against parafac on the reshaped tensor, started from its singular vectors."""
    import tensorly
    from tensorly.decomposition import parafac

    M = kernel_in_space(8)
    T = reshaped(M, 8)
    options = {"rank": terms, "n_iter_max": 200, "tol": 1e-8, "init": "svd", "random_state": 0}
    rivals: dict[str, Callable] = {
        "otimes": lambda: ox.nearest_kronecker(M, shapes=CUBE, terms=terms),
        "parafac of TensorLy": lambda: parafac(reshaped(M, 8), **options),
    }
    theirs = np.linalg.norm(tensorly.cp_to_tensor(rivals["parafac of TensorLy"]()) - T) / np.linalg.norm(T)
    timings = race(rivals, repeats=2)
    return record(
        f"{terms} terms of three 8 × 8",
        timings,
        "otimes",
        error=rivals["otimes"]().error,
        error_of_TensorLy=float(theirs),
    )


def train() -> dict:
    """Race a train against Tucker form with the same ranks at its ends; the numbers of each are beside its error."""
    import tensorly
    from tensorly.decomposition import tucker

    M = kernel_in_space(8)
    T = reshaped(M, 8)
    F = ox.nearest_kronecker(M, shapes=CUBE, form="train", tol=1e-3)
    first, last = F.operator.ranks[1], F.operator.ranks[2]
    ranks = [first, max(first, last), last]
    rivals: dict[str, Callable] = {
        "otimes": lambda: ox.nearest_kronecker(M, shapes=CUBE, form="train", tol=1e-3),
        "Tucker of TensorLy": lambda: tucker(reshaped(M, 8), rank=ranks, random_state=0),
    }
    core, factors = rivals["Tucker of TensorLy"]()
    theirs = np.linalg.norm(tensorly.tucker_to_tensor((core, factors)) - T) / np.linalg.norm(T)
    return record(
        f"train of ranks {first}, {last}",
        race(rivals, repeats=2),
        "otimes",
        error=F.error,
        error_of_TensorLy=float(theirs),
        numbers=F.numbers_stored,
        numbers_of_TensorLy=int(core.size + sum(A.size for A in factors)),
    )
