"""What `detect` promises besides the structures: misses, tolerances, integers, sparse input, and what it refuses."""

import numpy as np
import pytest
import scipy.linalg
import scipy.sparse
import scipy.sparse.linalg

import otimes as ox
from otimes.errors import DTypeError, NonFiniteError, ShapeError, TooLarge

rng = np.random.default_rng(8)
normal = rng.standard_normal


def distance(M, operator):
    return np.linalg.norm(M - np.asarray(operator)) / np.linalg.norm(M)


EXACT = {
    "Kronecker product": np.kron(normal((4, 4)), normal((5, 5))),
    "Kronecker sum": np.kron(normal((4, 4)), np.eye(5)) + np.kron(np.eye(4), normal((5, 5))),
    "Toeplitz matrix": scipy.linalg.toeplitz(normal(20), normal(20)),
    "circulant matrix": scipy.linalg.circulant(normal(20)),
    "block diagonal matrix": scipy.linalg.block_diag(*normal((4, 5, 5))),
    "block circulant matrix": np.asarray(ox.block_circulant(normal((5, 4, 4)))),
    "diagonal matrix": np.diag(normal(20)),
}


class TestMisses:
    """Where nothing holds, the nearest of each structure with its distance."""

    @pytest.mark.parametrize("name", EXACT)
    def test_noise_is_the_distance(self, name):
        M = EXACT[name] + 1e-4 * normal((20, 20))
        found = ox.detect(M)
        assert not found
        assert found.structure == name
        assert found.distance == pytest.approx(distance(M, found.operator), rel=1e-9)
        assert found.rtol < found.distance < 1e-2

    @pytest.mark.parametrize("name", EXACT)
    def test_sparse_and_dense_agree(self, name):
        M = EXACT[name] + 1e-4 * normal((20, 20)) * (rng.random((20, 20)) < 0.5)
        dense, sparse = ox.detect(M), ox.detect(scipy.sparse.csc_array(M))
        distances = ({miss.structure: miss.distance for miss in found.misses} for found in (dense, sparse))
        assert (dense.structure, sparse.structure) == (name, name)
        dense, sparse = distances
        assert sparse[name] == pytest.approx(dense[name], rel=1e-9)

    def test_the_distance_of_a_product_is_the_least(self):
        M = np.kron(normal((4, 4)), normal((5, 5))) + 0.05 * normal((20, 20))
        best = ox.nearest_kronecker(M, shapes=((4, 4), (5, 5)))
        assert ox.detect(M).distance == pytest.approx(best.error, rel=1e-12)

    def test_all_that_were_missed(self):
        found = ox.detect(normal((12, 12)))
        assert not found
        names = {miss.structure for miss in found.misses}
        assert {"Kronecker product", "Kronecker sum", "diagonal matrix", "zero matrix"} <= names
        assert found.misses[-1].structure == "zero matrix"
        assert found.misses[-1].distance == 1
        assert found.structure == found.misses[0].structure

    @pytest.mark.parametrize("shape", [(1, 7), (7, 1), (1, 2)])
    def test_nothing_is_near(self, shape):
        found = ox.detect(normal(shape))
        assert (bool(found), found.structure, found.distance) == (False, "zero matrix", 1.0)

    def test_primes(self):
        found = ox.detect(normal((7, 5)))
        assert not found
        assert {miss.detail for miss in found.misses} == {"1×5 ⊗ 7×1", "7×5"}


class TestTolerance:
    """A structure holds where its distance is within the tolerance, and nowhere else."""

    M = np.kron(normal((3, 4)), normal((5, 3))) + 1e-5 * normal((15, 12))
    due = ox.nearest_kronecker(M, shapes=((3, 4), (5, 3))).error

    def test_around_the_distance(self):
        assert ox.detect(self.M, rtol=self.due * 1.001).structure == "Kronecker product"
        assert ox.detect(self.M, rtol=self.due * 0.999).detail == "(2 terms of 3×4 ⊗ 5×3)"

    def test_default_by_precision(self):
        assert ox.detect(self.M).rtol == pytest.approx(np.finfo(float).eps ** (2 / 3))
        assert ox.detect(self.M.astype(np.float32)).rtol == pytest.approx(np.finfo(np.float32).eps ** (2 / 3))

    def test_single_precision(self):
        found = ox.detect(np.kron(normal((3, 4)), normal((5, 3))).astype(np.float32))
        assert found
        assert found.operator.dtype == np.float32

    def test_zero_asks_for_equality(self):
        assert ox.detect(np.kron([[1, 2], [3, 4]], [[5, 6, 7]]), rtol=0)
        assert not ox.detect(scipy.linalg.toeplitz([1.0, 2.0, 3.0]) + np.diag([0, 0, 1e-15]), rtol=0)

    @pytest.mark.parametrize("rtol", [-1.0, np.nan, np.inf])
    def test_no_tolerance(self, rtol):
        with pytest.raises(NonFiniteError, match="tol="):
            ox.detect(self.M, rtol=rtol)


class TestIntegers:
    """Exact structure of integers is of integers: the second factor has no common divisor (Gauss's lemma)."""

    @pytest.mark.parametrize("dtype", [np.int64, np.int32, np.int8, np.uint8])
    def test_product(self, dtype):
        A, B = np.array([[2, 4], [6, 0]], dtype), np.array([[3, 5, 0], [1, 2, 7]], dtype)
        found = ox.detect(np.kron(A, B))
        assert (found.detail, found.distance, found.operator.dtype) == ("2×2 ⊗ 2×3", 0, dtype)
        first, second = map(np.asarray, found.operator.factors)
        assert (first == A).all()
        assert (second == B).all()

    def test_sum(self):
        A, B = rng.integers(-9, 9, (3, 3)), rng.integers(-9, 9, (4, 4))
        M = np.kron(A, np.eye(4, dtype=int)) + np.kron(np.eye(3, dtype=int), B)
        found = ox.detect(M)
        assert (found.structure, found.distance, found.operator.dtype) == ("Kronecker sum", 0, M.dtype)
        assert (np.asarray(found.operator) == M).all()

    def test_a_miss_is_not_rounded(self):
        M = rng.integers(-9, 9, (12, 12)) + np.kron(np.diag([90, 40, 7]), np.eye(4, dtype=int))
        as_integers, as_numbers = (
            {miss.structure: miss.distance for miss in ox.detect(N).misses} for N in (M, M.astype(float))
        )
        assert as_integers == pytest.approx(as_numbers, rel=1e-12)

    @pytest.mark.parametrize("sparse", [False, True])
    def test_toeplitz(self, sparse):
        M = scipy.linalg.toeplitz(np.arange(1, 7), np.arange(1, 10))
        found = ox.detect(scipy.sparse.coo_array(M) if sparse else M)
        assert (found.structure, found.operator.dtype) == ("Toeplitz matrix", M.dtype)
        assert (np.asarray(found.operator) == M).all()

    def test_parts_out_of_range_stay_as_they_are(self):
        A, B = np.array([[0, 200], [3, 0]], np.uint8), np.array([[1, 7], [0, 5]], np.uint8)
        M = np.kron(A, np.eye(2, dtype=np.uint8)) + np.kron(np.eye(2, dtype=np.uint8), B)
        found = ox.detect(M)
        assert (found.structure, found.distance) == ("Kronecker sum", 0)
        assert (np.asarray(found.operator) == M).all()

    def test_beyond_exact_integers(self):
        M = np.kron([[2**31, 2**30 + 1], [3 * 2**29, 2**31 - 1]], [[2**31, 2**30 + 7]])
        found = ox.detect(M)
        assert found.structure == "Kronecker product"
        assert distance(M.astype(float), found.operator) < 1e-15

    def test_truth_values(self):
        M = np.kron(np.eye(3), np.ones((2, 2))) != 0
        found = ox.detect(M)
        assert (np.asarray(found.operator) == M).all()


class TestSparse:
    """By the nonzeros, and never formed."""

    def test_prime_factors_of_a_pattern(self):
        """The example of Voet and De Novellis: entries 0 and 1, of which the numbers in rows and columns decide."""
        A, B = np.array([[1, 1], [0, 0]]), np.array([[1, 1, 1], [0, 0, 0], [1, 1, 1]])
        M = scipy.sparse.csr_array(np.kron(np.kron(A, A), B))
        found = ox.detect(M)
        assert (found.structure, found.distance) == ("Kronecker product", 0)
        assert found.detail == "2×2 ⊗ 2×2 ⊗ 1×3 ⊗ 3×1"  # the last is itself a column times a row
        assert (np.asarray(found.operator) == M.toarray()).all()

    def test_the_pattern_of_a_matrix_without_structure(self):
        A, B = rng.random((6, 6)) < 0.4, rng.random((7, 7)) < 0.3
        M = scipy.sparse.csr_array(np.kron(A, B) * normal((42, 42)))
        assert not ox.detect(M)
        assert ox.detect(M != 0).structure == "Kronecker product"

    def test_a_large_laplacian(self):
        T = scipy.sparse.diags_array([-1.0, 2.0, -1.0], offsets=[-1, 0, 1], shape=(100, 100))
        found = ox.detect(scipy.sparse.kronsum(T, T, format="csr"))
        assert (found.structure, found.detail, found.numbers) == ("Kronecker sum", "100×100 ⊕ 100×100", 398)
        assert all(isinstance(A, ox.Toeplitz) for A in found.operator.factors)

    def test_a_large_product(self):
        A = scipy.sparse.random_array((60, 80), density=0.05, rng=1)
        B = scipy.sparse.random_array((70, 50), density=0.05, rng=2)
        found = ox.detect(scipy.sparse.kron(A, B, format="csr"))
        assert (found.structure, found.detail) == ("Kronecker product", "60×80 ⊗ 70×50")
        assert all(isinstance(factor, ox.Sparse) for factor in found.operator.factors)
        x = normal(80 * 50)
        np.testing.assert_allclose(found.operator @ x, scipy.sparse.kron(A, B) @ x, atol=1e-12)

    def test_nothing_stored(self):
        assert ox.detect(scipy.sparse.csr_array((4, 6))).structure == "zero matrix"

    def test_stored_zeros_do_not_count(self):
        M = scipy.sparse.csr_array(([1.0, 1.0, 0.0], ([0, 1, 0], [0, 1, 1])), shape=(2, 2))
        assert ox.detect(M).structure == "multiple of the identity"


class TestParts:
    """Parts of a structure have structure of their own."""

    def test_factors(self):
        A, T = scipy.linalg.circulant(normal(5)), scipy.linalg.toeplitz(normal(4), normal(4))
        found = ox.detect(np.kron(np.kron(A, T), np.eye(3)))
        kinds = [type(factor) for factor in found.operator.factors]
        assert kinds == [ox.Circulant, ox.Toeplitz, ox.Identity] or kinds == [ox.Identity, ox.Circulant, ox.Toeplitz]
        assert found.numbers == 5 + 7 + 1

    def test_blocks(self):
        M = scipy.linalg.block_diag(np.kron(normal((2, 2)), normal((3, 3))), normal((4, 4)))
        found = ox.detect(M)
        assert [type(block) for block in found.operator.blocks] == [ox.Kronecker, ox.Dense]

    def test_operators_and_lists(self):
        K = ox.kron(normal((2, 3)), normal((3, 2)))
        assert ox.detect(K).detail == "2×3 ⊗ 3×2"
        assert ox.detect([[1, 2], [2, 1]]).structure == "circulant matrix"


class TestSources:
    """Whatever holds the matrix."""

    M = np.kron(normal((3, 4)), normal((5, 3)))

    def test_memory_map_and_file(self, tmp_path):
        np.save(tmp_path / "M.npy", self.M)
        for source in (np.load(tmp_path / "M.npy", mmap_mode="r"), ox.MatrixFile(tmp_path / "M.npy")):
            assert ox.detect(source).detail == "3×4 ⊗ 5×3"

    def test_function_of_entries(self):
        assert ox.detect(ox.EntryFunction(lambda i, j: self.M[i, j], self.M.shape)).detail == "3×4 ⊗ 5×3"

    def test_linear_operator(self):
        operator = scipy.sparse.linalg.aslinearoperator(self.M)
        assert ox.detect(operator).detail == "3×4 ⊗ 5×3"

    def test_too_large_to_be_formed(self):
        with pytest.raises(TooLarge):
            ox.detect(ox.EntryFunction(lambda i, j: i - j, (10**6, 10**6)))


class TestBadInput:
    """What is no matrix of finite numbers."""

    @pytest.mark.parametrize("M", [np.ones(3), np.ones((2, 2, 2)), np.ones((0, 3)), scipy.sparse.csr_array((0, 3))])
    def test_shapes(self, M):
        with pytest.raises(ShapeError):
            ox.detect(M)

    @pytest.mark.parametrize("M", [np.array([["a"]]), None, "M.npy", np.array([[object()]])])
    def test_no_numbers(self, M):
        with pytest.raises(DTypeError):
            ox.detect(M)

    @pytest.mark.parametrize("form", [np.array, scipy.sparse.csr_array])
    @pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
    def test_not_finite(self, form, value):
        with pytest.raises(NonFiniteError):
            ox.detect(form([[1.0, value], [0.0, 1.0]]))
