"""Operators with 10⁹ rows: what returns an operator, a scalar or a lazy vector takes kilobytes and milliseconds.

What has to be listed entry by entry is refused as fast. The process is kept from taking the gigabytes a
mistake would ask for.
"""

import contextlib
import math
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from market import matrix

import otimes as ox
from otimes.errors import OtimesError, TooLarge

MIB = 2**20
SECONDS = 0.5  # on a machine that may be busy; the benchmark holds the true figure, 10 ms
N = 9  # factors of 10 × 10


def spd(count, dtype=float):
    """Return Hermitian matrices of condition 2, so that not even the product of nine is nearly singular."""
    bases = [np.linalg.qr(matrix(10, dtype=dtype, seed=i))[0] for i in range(count)]
    matrices = [(Q * np.linspace(0.7, 1.4, 10)) @ Q.conj().T for Q in bases]
    return [(A + A.conj().T) / 2 for A in matrices]


def general(count):
    """Return matrices without symmetry, as well-conditioned."""
    return [A[::-1] for A in spd(count)]


OPERATORS = {
    "kronecker": lambda: ox.kron(*spd(N)),
    "kronecker general": lambda: ox.kron(*general(N)),
    "kronecker complex": lambda: ox.kron(-spd(1, complex)[0], *spd(N - 1)),
    "kronecker tall": lambda: ox.kron(*[matrix(10, 2, seed=i) for i in range(N)]),
    "kronecker and identity": lambda: ox.kron(*spd(2), ox.eye(10 ** (N - 2))),
    "kronecker and weak kinds": lambda: ox.kron(spd(1)[0], ox.permutation(range(9, -1, -1)), ox.eye(10 ** (N - 2))),
    "scaled": lambda: -2.5 * ox.kron(*spd(N)),
    "transposed": lambda: ox.kron(*general(N)).T,
    "khatri-rao": lambda: ox.khatri_rao(*[matrix(10, 5, seed=i) for i in range(N + 3)]),
    "kronecker sum": lambda: ox.kronsum(*spd(N)),
    "kronecker sum general": lambda: ox.kronsum(*general(N)),
    "scaled kronecker sum": lambda: 3.0 * ox.kronsum(*spd(N)),
    "identity": lambda: ox.eye(10**N),
    "scaled identity": lambda: 2.5 * ox.eye(10**N, np.float32),
    "zero": lambda: ox.zeros(10**N),
    "commutation": lambda: ox.commutation(31623, 31623),
    "tensor train": lambda: ox.to_tensor_train(ox.kronsum(*spd(N))),
    "tucker": lambda: ox.tucker(np.ones((1,) * N) * 2.0, [A[None] for A in general(N)]),
    "cp": lambda: ox.cp(None, [np.stack([A, A.T]) for A in general(N)]),
    "duplication": lambda: ox.duplication(31623),
    "elimination transposed": lambda: ox.elimination(31623).T,
    "fourier": lambda: ox.fourier(10**N),
    "hartley": lambda: ox.hartley(10**5, 10**4),
    "cosine transform": lambda: ox.dct(10**N, 4),
    "haar": lambda: ox.haar(2**30),
    "hadamard": lambda: ox.hadamard(2**30),
    "block toeplitz": lambda: ox.block_toeplitz([3.0 * ox.kron(*spd(N)), ox.kron(*spd(N)), None]),
    "block circulant": lambda: ox.block_circulant([ox.kron(*spd(N)), None, ox.kron(*general(N))]),
    "slot permutation": lambda: ox.permute_slots(range(N - 1, -1, -1), [10] * N),
    "submatrix": lambda: ox.kron(*spd(N), ox.eye(2))[1:],
    "shifted": lambda: ox.kron(*spd(N)) + 0.1 * ox.eye(10**N),
    "sum": lambda: ox.kron(*spd(N)) + ox.kron(*general(N)),
    "block diagonal": lambda: ox.block_diag(ox.kron(*spd(N)), ox.kron(*spd(N - 1)), spd(1)[0]),
    "block, triangular": lambda: ox.block([[ox.kron(*spd(N)), 0], [ox.kron(*general(N)), ox.kron(*spd(N))]]),
    "block": lambda: ox.block([[ox.kron(*spd(N)), ox.kron(*general(N))], [ox.kron(*general(N)).T, ox.kron(*spd(N))]]),
    "low rank": lambda: ox.low_rank(ox.kron(*[np.ones((10, 1))] * (N - 1), matrix(10, 2))),
    "low rank update": lambda: ox.kron(*spd(N)) + ox.low_rank(ox.kron(*[np.ones((10, 1))] * (N - 1), matrix(10, 2))),
    "product": lambda: ox.kron(*spd(N)) @ ox.kron(*spd(N - 2), ox.eye(100)),
}
CALLS = {
    "transpose": lambda A: A.T,
    "adjoint": lambda A: A.H,
    "conj": lambda A: A.conj(),
    "scale": lambda A: 2.0 * A,
    "add": lambda A: A + A,
    "matmul": lambda A: A.T @ A,
    "repr": repr,
    "inv": ox.inv,
    "pinv": ox.pinv,
    "det": ox.det,
    "slogdet": ox.slogdet,
    "trace": ox.trace,
    "diagonal": ox.diagonal,
    "eig": ox.eig,
    "eigvals": ox.eigvals,
    "eigh": ox.eigh,
    "eigvalsh": ox.eigvalsh,
    "eigvalsh, 5 largest": lambda A: ox.eigvalsh(A, k=5),
    "eigvalsh, 5 smallest": lambda A: ox.eigvalsh(A, k=5, which="smallest"),
    "eigvalsh, 5 of largest modulus": lambda A: ox.eigvalsh(A, k=5, which="magnitude"),
    "svd": ox.svd,
    "svdvals": ox.svdvals,
    "svdvals, 5 largest": lambda A: ox.svdvals(A, k=5),
    "svdvals, 5 smallest": lambda A: ox.svdvals(A, k=5, which="smallest"),
    "eigh, 5 largest pairs": lambda A: ox.eigh(A, k=5),
    "svd, 5 smallest triplets": lambda A: ox.svd(A, k=5, which="smallest"),
    "matrix_power": lambda A: ox.matrix_power(A, 3),
    "norm": ox.norm,
    "norm 2": lambda A: ox.norm(A, 2),
    "norm 1": lambda A: ox.norm(A, 1),
    "norm nuc": lambda A: ox.norm(A, "nuc"),
    "cond": ox.cond,
    "cond 1": lambda A: ox.cond(A, 1),
    "cholesky": ox.cholesky,
    "qr": ox.qr,
    "lu": ox.lu,
    "explain": lambda A: repr(ox.explain(ox.transpose, A)),
    "plan": lambda A: repr(ox.plan(A, 3)),
    "slice": lambda A: A[1::2],
    "sum": ox.sum,
    "row sums": lambda A: ox.sum(A, axis=1),
    "entry": lambda A: A[-1, 0],
}
ALGEBRA = {"plan", "slice", "transpose", "adjoint", "conj", "scale", "add", "matmul", "repr", "explain"}
RECTANGULAR = (
    ALGEBRA | {name for name in CALLS if name.startswith(("pinv", "svd", "norm", "qr", "lu", "diag"))} | {"cond"}
)
HERMITIAN_ONLY = {
    "eigh, 5 largest pairs",
    "eigh",
    "eigvalsh",
    "eigvalsh, 5 largest",
    "eigvalsh, 5 smallest",
    "eigvalsh, 5 of largest modulus",
    "cholesky",
}
SUM_SPECTRUM = {
    "trace",
    "diagonal",
    "eig",
    "eigvals",
    "eigh",
    "eigvalsh",
    "eigvalsh, 5 largest",
    "eigvalsh, 5 smallest",
    "eigvalsh, 5 of largest modulus",
}
# of a Hermitian operator without negative eigenvalues, or without positive ones
ABSOLUTE_SPECTRUM = {"norm 2", "norm nuc", "cond"} | {name for name in CALLS if name.startswith(("svd", "eigh, "))}
MOVED = {"inv", "pinv", "det", "slogdet", "trace", "svd", "norm", "norm 2", "cond", "qr", "lu", "sum", "entry"}
GIVES_A_VALUE = {
    "kronecker": set(CALLS),
    "kronecker general": set(CALLS) - HERMITIAN_ONLY,
    "kronecker complex": set(CALLS) - {"cholesky"},
    "kronecker tall": RECTANGULAR,
    "kronecker and identity": set(CALLS),
    "kronecker and weak kinds": set(CALLS) - HERMITIAN_ONLY,
    "scaled": set(CALLS) - {"cholesky"},
    "transposed": set(CALLS) - HERMITIAN_ONLY,
    "khatri-rao": RECTANGULAR - {"lu"},
    "kronecker sum": ALGEBRA | SUM_SPECTRUM | ABSOLUTE_SPECTRUM | {"matrix_power", "norm", "norm 1"},
    "kronecker sum general": ALGEBRA | SUM_SPECTRUM - HERMITIAN_ONLY,
    "scaled kronecker sum": ALGEBRA | SUM_SPECTRUM | ABSOLUTE_SPECTRUM,
    "identity": set(CALLS),
    "scaled identity": set(CALLS),
    "zero": ALGEBRA | {"pinv", "det", "slogdet", "trace", "diagonal", "norm", "svdvals, 5 largest"},
    "slot permutation": ALGEBRA
    | {"inv", "pinv", "det", "slogdet", "trace", "svd", "norm", "norm 2", "cond", "qr", "lu"},
    "submatrix": ALGEBRA,
    "commutation": ALGEBRA | MOVED,
    "tensor train": ALGEBRA | {"trace", "norm"},
    "tucker": ALGEBRA | {"trace", "norm"},
    "cp": ALGEBRA | {"trace", "norm"},
    "duplication": ALGEBRA | {"norm", "norm 1", "norm 2", "norm nuc"},
    "elimination transposed": ALGEBRA | {"pinv", "svd", "norm", "norm 1", "norm 2", "norm nuc", "cond"},
    "fourier": ALGEBRA | {"inv", "det", "slogdet", "trace", "svd", "svdvals", "norm", "norm 2", "cond", "qr"},
    "hartley": ALGEBRA | {"inv", "det", "slogdet", "trace", "svd", "svdvals", "norm", "norm 2", "cond", "qr"},
    "cosine transform": ALGEBRA | {"inv", "pinv", "det", "slogdet", "svd", "svdvals", "norm", "norm 2", "cond", "qr"},
    "haar": ALGEBRA | {"inv", "pinv", "det", "slogdet", "svd", "svdvals", "norm", "norm 2", "cond", "qr"},
    "hadamard": set(CALLS) - {"cholesky"},
    "block toeplitz": ALGEBRA | {"trace", "diagonal", "norm"},
    "block circulant": ALGEBRA | {"trace", "diagonal"},
    "shifted": ALGEBRA | SUM_SPECTRUM | ABSOLUTE_SPECTRUM,
    "sum": ALGEBRA | {"trace", "norm"},
    "block diagonal": set(CALLS),
    "block, triangular": ALGEBRA | {"trace", "diagonal", "norm", "inv", "det", "slogdet", "eigvals"},
    "block": ALGEBRA | {"trace", "diagonal", "norm"},
    "low rank": ALGEBRA
    | {"trace", "norm", "norm 2", "norm nuc", "svd", "svdvals", "det", "slogdet", "eigvals", "eigvalsh", "cond"}
    | {name for name in CALLS if name.startswith(("svdvals", "eigvalsh"))},
    "low rank update": ALGEBRA | {"trace", "inv", "det", "slogdet"},
    "product": ALGEBRA | {"inv", "det", "slogdet"},
}


@contextlib.contextmanager
def limited_memory(extra=2**30):
    """Let allocations beyond this many bytes more than now fail, where the system can (Linux)."""
    try:
        import resource

        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except (ImportError, OSError):
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + extra, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def peak(call):
    """Return the value (or the error by which it is refused) and the most bytes held meanwhile."""
    with limited_memory():
        tracemalloc.start()
        try:
            value = call()
        except OtimesError as error:
            value = error
        finally:
            held = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
    return value, held


def best_time(call, repeats=3):
    """Return the seconds of the fastest of several calls."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


@pytest.mark.parametrize("name", OPERATORS)
def test_construction_takes_kilobytes(name):
    A, held = peak(OPERATORS[name])
    assert A.shape[0] >= 10**N
    assert held < MIB
    assert A.nbytes < MIB
    assert best_time(OPERATORS[name]) < SECONDS


@pytest.mark.parametrize("function", CALLS)
@pytest.mark.parametrize("name", OPERATORS)
def test_function_takes_kilobytes(name, function):
    A = OPERATORS[name]()
    value, held = peak(lambda: CALLS[function](A))
    assert held < MIB
    if function in GIVES_A_VALUE[name]:
        assert not isinstance(value, OtimesError), str(value)
        assert best_time(lambda: CALLS[function](A)) < SECONDS


@pytest.mark.parametrize("name", OPERATORS)
def test_dense_form_is_refused_at_once(name):
    A = OPERATORS[name]()
    tracemalloc.start()
    with pytest.raises(TooLarge, match=r"EiB|PiB|TiB"):
        np.asarray(A)
    with pytest.raises(TooLarge, match="max_bytes"):
        ox.to_dense(A)
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert held < MIB


def test_lazy_vectors_are_indexed_and_refuse_to_be_formed():
    factors = spd(N)
    vector = ox.diagonal(ox.kron(*factors))
    middle = np.unravel_index(123_456_789, [10] * N)
    wanted = math.prod(A[i, i] for A, i in zip(factors, middle, strict=True))
    assert vector.shape == (10**9,)
    assert vector[123_456_789] == pytest.approx(wanted, rel=1e-12)
    assert vector[-1] == pytest.approx(math.prod(A[-1, -1] for A in factors), rel=1e-12)
    assert vector[10**8 : 10**8 + 3].shape == (3,)
    with pytest.raises(TooLarge):
        np.asarray(vector)


def test_values_of_a_billion_rows():
    factors = spd(N)
    K = ox.kron(*factors)
    spectra = [np.linalg.eigvalsh(A) for A in factors]
    sign, logabsdet = ox.slogdet(K)
    assert sign == 1
    assert logabsdet == pytest.approx(10**8 * sum(np.log(w).sum() for w in spectra), rel=1e-12)
    assert ox.trace(K) == pytest.approx(math.prod(A.trace() for A in factors), rel=1e-12)
    top = ox.eigvalsh(K, k=5)
    assert top[0] == pytest.approx(math.prod(w[-1] for w in spectra), rel=1e-12)
    runner_up = max(w[-2] / w[-1] for w in spectra) * top[0]
    assert top[1] == pytest.approx(runner_up, rel=1e-12)
    assert ox.eigvalsh(K, k=1, which="smallest")[0] == pytest.approx(math.prod(w[0] for w in spectra), rel=1e-12)
    assert ox.cond(K) == pytest.approx(math.prod(w[-1] / w[0] for w in spectra), rel=1e-9)
    assert ox.norm(K) == pytest.approx(math.prod(np.linalg.norm(A) for A in factors), rel=1e-12)
    sums = ox.kronsum(*factors)
    assert ox.eigvalsh(sums, k=1)[0] == pytest.approx(sum(w[-1] for w in spectra), rel=1e-12)
    assert ox.trace(sums) == pytest.approx(10**8 * sum(A.trace() for A in factors), rel=1e-12)


def test_signs_of_a_billion_rows_are_exact():
    """det of an odd power of −1 by the parity of an exact integer: 3¹⁸ is odd, 10⁸ is even."""
    odd, even = np.diag([-1.0, 1.0, 1.0]), np.diag([-1.0] + [1.0] * 9)
    assert ox.slogdet(ox.kron(*[odd] * 19)) == (-1.0, 0.0)
    assert ox.slogdet(ox.kron(*[even] * 9)) == (1.0, 0.0)
    assert ox.slogdet(-1 * ox.kron(*[np.eye(3)] * 19)).sign == -1


def test_plan_of_a_billion_rows_is_counted_not_run():
    plan, held = peak(lambda: ox.plan(ox.kron(*spd(N)), columns=2))
    assert held < MIB
    assert plan.flops >= 2 * 9 * 10 * 10**9
    assert plan.dense_flops == 2 * 2 * 10**18
    assert "flops" in str(plan)


PRODUCTS = {
    "8^6, 16 columns": ([matrix(8, seed=i) for i in range(6)], 16),
    "32^4": ([matrix(32, seed=i) for i in range(4)], 1),
    "2^18": ([matrix(2, seed=i) for i in range(18)], 1),
    "2^16, 7 columns": ([matrix(2, seed=i) for i in range(16)], 7),
    "shrinking": ([matrix(10, 40), matrix(10, 40, seed=1), matrix(10, 40, seed=2)], 4),
    "growing": ([matrix(40, 10), matrix(40, 10, seed=1), matrix(40, 10, seed=2)], 4),
    "growing and shrinking": ([matrix(60, 10), matrix(10, 60), matrix(30, 30)], 8),
    "identities": ([matrix(20), ox.eye(400), matrix(20, seed=1)], 4),
    "identity last": ([matrix(50), ox.eye(4000)], 3),
    "diagonals": ([ox.diag(np.arange(1.0, 51)), matrix(50), ox.diag(np.arange(1.0, 51))], 4),
}


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("name", PRODUCTS)
def test_product_holds_the_result_and_one_work_array(name, order):
    factors, columns = PRODUCTS[name]
    K = ox.kron(*factors)
    X = np.asarray(np.random.default_rng(0).standard_normal((K.shape[1], columns)), order=order)
    x = X[:, 0] if columns == 1 else X
    largest = max([K.shape[0] * columns, *(step.entries for step in ox.plan(K, columns).steps)]) * 8
    result, held = peak(lambda: K @ x)
    assert result.shape[0] == K.shape[0]
    assert held <= result.nbytes + largest + MIB // 4, f"{held / result.nbytes:.2f} times the result"
    assert held >= result.nbytes  # the measure sees the arrays


def test_product_is_right_at_size():
    """Against the definition by axes, on sizes where the planner merges, orders and chains."""
    for factors, columns in PRODUCTS.values():
        K = ox.kron(*factors)
        X = np.random.default_rng(0).standard_normal((K.shape[1], columns))
        arrays = [np.asarray(F) for F in factors]
        Y = X.reshape(*(A.shape[1] for A in arrays), columns)
        for axis, A in enumerate(arrays):
            Y = np.moveaxis(np.tensordot(A, Y, (1, axis)), 0, axis)
        Y = Y.reshape(K.shape[0], columns)
        assert np.abs(K @ X - Y).max() <= 1e-12 * np.abs(Y).max()
        assert np.abs(K @ np.asfortranarray(X) - Y).max() <= 1e-12 * np.abs(Y).max()
