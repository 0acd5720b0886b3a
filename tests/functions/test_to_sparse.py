"""Operators as SciPy sparse arrays: SciPy's own products as the reference, and nothing made that is too large."""

import tracemalloc

import numpy as np
import pytest
import scipy.sparse
import torch
from market import matrix

import otimes as ox
from otimes.errors import NoRule, ShapeError, TooLarge

MIB = 2**20


def random(m, n, seed=0, density=0.1):
    return scipy.sparse.random_array((m, n), density=density, rng=seed, format="csr")


def assert_same(found, wanted):
    assert found.shape == wanted.shape
    gap = abs(found - wanted)
    assert gap.nnz == 0 or gap.max() <= 1e-13 * abs(wanted).max()
    assert found.nnz <= wanted.nnz


def test_scipys_kronecker_product():
    A, B, C = random(30, 40), random(20, 10, 1), random(5, 6, 2, density=0.5)
    wanted = scipy.sparse.kron(scipy.sparse.kron(A, B), C)
    for format in ("csr", "csc", "coo"):
        found = ox.to_sparse(ox.kron(A, B, C), format)
        assert found.format == format
        assert_same(found.tocsr(), wanted.tocsr())


def test_scipys_kronecker_sum_is_the_other_way_round():
    A, B = random(30, 30), random(20, 20, 1)
    assert_same(ox.to_sparse(ox.kronsum(A, B)), scipy.sparse.kronsum(B, A, format="csr"))
    assert ox.to_sparse(ox.kronsum(A, B)).nnz < 30 * 20 * (5 + 3)


def test_a_laplacian_solved_by_scipy():
    n = 40
    D = scipy.sparse.diags_array([-1.0, 2.0, -1.0], offsets=[-1, 0, 1], shape=(n, n))
    L = ox.kronsum(D, D) + 0.5 * ox.eye(n * n)
    b = np.ones(n * n)
    x = scipy.sparse.linalg.spsolve(ox.to_sparse(L, "csc"), b)
    assert np.abs(L @ x - b).max() < 1e-10


def test_products_sums_and_blocks():
    A, B = random(30, 40), random(40, 30, 1)
    P = ox.permutation(np.random.default_rng(0).permutation(30))
    expression = ox.block(
        [[P @ A @ B, ox.eye(30)], [ox.zeros(30), 2 * ox.commutation(5, 6) - ox.aslinearoperator(A @ B)]]
    )
    dense_P = np.eye(30)[P.index]
    wanted = np.block(
        [
            [dense_P @ (A @ B).toarray(), np.eye(30)],
            [np.zeros((30, 30)), 2 * np.asarray(ox.commutation(5, 6)) - (A @ B).toarray()],
        ]
    )
    np.testing.assert_allclose(ox.to_sparse(expression).toarray(), wanted, atol=1e-14)
    assert ox.to_sparse(expression).nnz == np.count_nonzero(wanted)


def test_a_five_point_stencil_by_toeplitz():
    """Two levels, five nonzero lags: SciPy's Laplacian of a grid."""
    line = ox.toeplitz(np.r_[2.0, -1.0, np.zeros(18)])
    assert ox.to_sparse(line).nnz == 20 + 2 * 19
    coefficients = np.zeros((39, 59))
    coefficients[19, 29], coefficients[18, 29], coefficients[20, 29] = 4.0, -1.0, -1.0
    coefficients[19, 28] = coefficients[19, 30] = -1.0
    D = [scipy.sparse.diags_array([-1.0, 2.0, -1.0], offsets=[-1, 0, 1], shape=(n, n)) for n in (20, 30)]
    found = ox.to_sparse(ox.multilevel_toeplitz(coefficients))
    assert_same(found, scipy.sparse.kronsum(D[1], D[0], format="csr"))
    ring = ox.circulant(np.r_[2.0, -1.0, np.zeros(17), -1.0])
    assert ox.to_sparse(ring).nnz == 60


def test_indices_beyond_32_bits():
    """scipy#11494: 50000² rows need 64-bit indices, however few entries there are."""
    corner = scipy.sparse.coo_array(([1.0, 2.0], ([0, 49_999], [0, 49_999])), shape=(50_000, 50_000))
    S = ox.to_sparse(ox.kron(corner, corner), "coo")
    assert S.shape == (2_500_000_000,) * 2
    assert S.coords[0].tolist() == [0, 49_999, 2_499_950_000, 2_499_999_999]
    assert S.data.tolist() == [1.0, 2.0, 2.0, 4.0]
    with pytest.raises(TooLarge, match=r"pointer for each line, needs 18\.6 GiB .*format='coo'"):
        ox.to_sparse(ox.kron(corner, corner))
    with pytest.raises(TooLarge, match="64 bits"):
        ox.to_sparse(ox.kron(*[corner] * 5), "coo")


LARGE = {
    "identity": lambda: ox.eye(10**9),
    "kronecker": lambda: ox.kron(*[np.ones((10, 10))] * 9),
    "kronecker sum": lambda: ox.kronsum(*[np.ones((10, 10))] * 9),
    "commutation": lambda: ox.commutation(31623, 31623),
    "shifted": lambda: 0 * ox.kron(*[scipy.sparse.eye_array(10)] * 9) + ox.eye(10**9),
    "block": lambda: ox.block([[ox.eye(10**9), ox.zeros(10**9)]]),
    "product": lambda: (
        ox.aslinearoperator(scipy.sparse.csr_array(np.ones((20_000, 1))))
        @ ox.aslinearoperator(scipy.sparse.csr_array(np.ones((1, 20_000))))
    ),
}


@pytest.mark.parametrize("name", LARGE)
def test_too_many_entries_are_refused_before_they_are_made(name):
    A = LARGE[name]()
    tracemalloc.start()
    with pytest.raises(TooLarge, match=r"entries.*A @ x"):
        ox.to_sparse(A)
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert held < 2 * MIB


def test_the_limit_is_the_users():
    A = ox.kron(random(30, 40), random(20, 10, 1))
    entries = ox.to_sparse(A, "coo").nnz
    with pytest.raises(TooLarge):
        ox.to_sparse(A, max_bytes=entries * 24 - 1)
    assert ox.to_sparse(A, max_bytes=entries * 24).nnz == entries
    assert ox.to_sparse(A, max_bytes=None).nnz == entries


def test_dtypes_and_libraries():
    for dtype in (np.bool_, np.int8, np.float32, np.complex64):
        a = np.eye(3, dtype=dtype)
        assert ox.to_sparse(ox.kron(a, ox.eye(4))).dtype == dtype
        assert ox.to_sparse(ox.kron(a, a)).dtype == dtype
    a = torch.tensor(matrix(3), requires_grad=True)
    found = ox.to_sparse(2.0 * ox.kron(a, ox.eye(4)) + ox.eye(12))
    np.testing.assert_allclose(found.toarray(), 2 * np.kron(matrix(3), np.eye(4)) + np.eye(12))
    assert ox.to_sparse([[0, 1], [0, 0]]).nnz == 1


def test_refusals():
    with pytest.raises(ShapeError, match="'dia' is not one of 'csr'"):
        ox.to_sparse(ox.eye(3), "dia")
    with pytest.raises(NoRule):
        ox.to_sparse(ox.External(scipy.sparse.linalg.aslinearoperator(random(3000, 3000))))
