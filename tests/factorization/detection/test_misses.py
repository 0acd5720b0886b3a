"""The nearest miss is found whatever structure it misses; what holds is the simplest of all that do."""

import numpy as np
import pytest
import scipy.linalg
import scipy.sparse

import otimes as ox
from otimes.factorization.detection import shift_invariant

rng = np.random.default_rng(3)
normal = rng.standard_normal
K = np.asarray(ox.commutation(4, 6)).astype(float)

NOISY = {
    "commuted product": (K @ np.kron(normal((6, 5)), normal((4, 3))), "commuted Kronecker product", 42),
    "commuted blocks": (
        K.T @ scipy.linalg.block_diag(*normal((4, 6, 6))) @ K,
        "commuted block diagonal matrix",
        144,
    ),
    "two terms": (sum(np.kron(normal((4, 4)), normal((5, 5))) for _ in range(2)), "sum of Kronecker products", 82),
    "low rank": (normal((20, 3)) @ normal((3, 17)), "sum of Kronecker products", 111),
    "unequal blocks": (
        scipy.linalg.block_diag(normal((2, 3)), normal((4, 4)), normal((3, 1))),
        "block diagonal matrix",
        25,
    ),
    "two levels": (np.asarray(ox.multilevel_toeplitz(normal((7, 9)))), "multilevel Toeplitz matrix", 63),
    "multiple of a permutation": (-3 * np.eye(12)[rng.permutation(12)], "multiple of a permutation matrix", 13),
    "multiple of commutation": (2 * K, "multiple of a commutation matrix", 1),
}


@pytest.mark.parametrize("name", NOISY)
@pytest.mark.parametrize("noise", [0, 1e-5, 1e-3])
def test_noise_makes_it_the_nearest(name, noise):
    M, structure, numbers = NOISY[name]
    N = noise * normal(M.shape)
    M = M + N
    found = ox.detect(M)
    assert bool(found) == (noise == 0)
    assert (found.structure, found.numbers) == (structure, numbers)
    distance = np.linalg.norm(M - np.asarray(found.operator)) / np.linalg.norm(M)
    assert found.distance == pytest.approx(distance, rel=1e-6, abs=1e-15)
    assert found.distance <= np.linalg.norm(N) / np.linalg.norm(M) + 1e-14


@pytest.mark.parametrize("name", NOISY)
def test_sparse_and_dense_agree(name):
    M, structure, _ = NOISY[name]
    M = M + 1e-4 * normal(M.shape) * (rng.random(M.shape) < 0.5)
    dense, sparse = ox.detect(M), ox.detect(scipy.sparse.csr_array(M))
    assert dense.structure == sparse.structure == structure
    assert sparse.distance == pytest.approx(dense.distance, rel=1e-4)


def test_a_weak_structure_does_not_hide_a_strong_one():
    """Blocks of 1×1, 22×22 and 1×1 hold too, in 486 numbers of 576."""
    found = ox.detect(K @ np.kron(np.diag(normal(6)), np.diag(normal(4))))
    assert (found.structure, found.numbers) == ("commuted Kronecker product", 10)


def test_a_sum_has_the_fewest_numbers_of_all_shapes():
    """Three terms of 2×2 ⊗ 10×10 take 312 numbers, and as many of 4×4 ⊗ 5×5 only 123."""
    M = sum(np.kron(normal((4, 4)), normal((5, 5))) for _ in range(3))
    found = ox.detect(M)
    assert (found.detail, found.numbers) == ("(3 terms of 4×4 ⊗ 5×5)", 123)


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("side", [1e-4, -1e-4])
def test_the_tolerance_decides_to_many_digits(side, sparse):
    M = np.kron(normal((6, 6)), normal((6, 6))) * (rng.random((36, 36)) < 0.999) + 1e-6 * np.eye(36)
    due = ox.nearest_kronecker(M, shapes=((6, 6), (6, 6))).error
    found = ox.detect(scipy.sparse.csr_array(M) if sparse else M, rtol=due * (1 + side))
    assert (found.structure == "Kronecker product") == (side > 0)


def test_blocks_of_a_miss_are_few(monkeypatch):
    M = np.asarray(ox.block_circulant(normal((5, 4, 4)))) + 1e-3 * normal((20, 20))
    assert ox.detect(M).structure == "block circulant matrix"
    monkeypatch.setattr(shift_invariant, "MOST_BLOCKS", 4)
    assert "block circulant matrix" not in {miss.structure for miss in ox.detect(M).misses}
