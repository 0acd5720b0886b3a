"""`nearest_kronecker` against the dense SVD of the rearranged matrix."""

import tracemalloc

import numpy as np
import pytest
import threadpoolctl
from scipy import linalg, sparse

import otimes as ox
from otimes.core.threads import one_thread
from otimes.factorization import triplets
from otimes.factorization.rearrangement import Rearrangement

SPLITS = [
    ((1, 5), (6, 5)),
    ((3, 4), (1, 9)),
    ((7, 2), (9, 1)),
    ((30, 11), (4, 3)),
    ((2, 3), (40, 30)),
    ((20, 18), (15, 22)),
    ((1, 1), (3, 2)),
]
DTYPES = ["float32", "float64", "complex64", "complex128", "int64"]


def random_matrix(shape, dtype, seed=0):
    rng = np.random.default_rng(seed)
    M = 10 * rng.standard_normal(shape)
    return (M + 1j * rng.standard_normal(shape)).astype(dtype) if "complex" in dtype else M.astype(dtype)


def matrix_for(shapes, dtype="float64", seed=0):
    (m1, n1), (m2, n2) = shapes
    return random_matrix((m1 * m2, n1 * n2), dtype, seed)


def dense(F):
    return sum(np.kron(A, B) for A, B in F.factors)


def error_of(M, F):
    return np.linalg.norm(M - dense(F)) / np.linalg.norm(M)


def kernel(n, stretch=2.0):
    axis = np.linspace(0, 3, n)
    squares = np.subtract.outer(axis, axis) ** 2
    distance = np.sqrt(squares[:, None, :, None] + stretch * squares[None, :, None, :])
    return np.exp(-distance).reshape(n * n, n * n)


@pytest.mark.parametrize("order", ["C", "F", "strided"])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shapes", SPLITS)
def test_equals_the_truncated_svd(shapes, dtype, order):
    M = matrix_for(shapes, dtype)
    given = np.repeat(M, 2, axis=1)[:, ::2] if order == "strided" else np.asarray(M, order=order)
    single = np.dtype(dtype).name in {"float32", "complex64"}
    values = np.linalg.svd(ox.rearrange(M, shapes=shapes).astype(np.result_type(dtype, np.float64)), compute_uv=False)
    terms = min(3, len(values))
    F = ox.nearest_kronecker(given, shapes=shapes, terms=terms)
    best = linalg.norm(values[terms:]) / linalg.norm(values)
    rounding = 1e-5 if single else 1e-13
    assert F.error == pytest.approx(best, abs=rounding)
    assert error_of(M, F) == pytest.approx(F.error, abs=rounding)
    np.testing.assert_allclose(F.singular_values[:terms], values[:terms], rtol=rounding)
    assert {factor.dtype for term in F.factors for factor in term} == {np.result_type(dtype, np.float32)} or (
        dtype == "int64" and F.factors[0][0].dtype == np.float64
    )


@pytest.mark.parametrize("dtype", ["float64", "complex128"])
@pytest.mark.parametrize("method", ["streamed", "krylov"])
def test_both_methods_give_the_same_triplets(monkeypatch, method, dtype):
    shapes = ((9, 8), (10, 11))
    M = matrix_for(shapes, dtype)
    expected = np.linalg.svd(ox.rearrange(M, shapes=shapes), compute_uv=False)
    monkeypatch.setattr(triplets, "prefers_streaming", lambda shape, count: method == "streamed")
    for matrix, pair in [(M, shapes), (M.T, ((8, 9), (11, 10)))]:
        F = ox.nearest_kronecker(matrix, shapes=pair, terms=4)
        np.testing.assert_allclose(F.singular_values[:4], expected[:4], rtol=1e-10)
        assert error_of(matrix, F) == pytest.approx(linalg.norm(expected[4:]) / linalg.norm(expected), rel=1e-10)


class TestExactRank:
    @pytest.mark.parametrize("dtype", ["float64", "complex128"])
    @pytest.mark.parametrize("size", [4, 20])
    def test_error_is_roundoff_and_not_its_root(self, size, dtype):
        factors = [
            (random_matrix((size, size + 1), dtype, r), random_matrix((size + 2, size), dtype, -r - 1 + 9))
            for r in range(3)
        ]
        M = sum(np.kron(A, B) * weight for (A, B), weight in zip(factors, (1, 1e-3, 1e-6), strict=True))
        F = ox.nearest_kronecker(M, shapes=((size, size + 1), (size + 2, size)), terms=3)
        assert F.error < 2e-15
        assert error_of(M, F) < 2e-15

    def test_a_term_of_the_tenth_digit_is_found(self):
        shapes = ((20, 20), (21, 21))
        A, C = (random_matrix((20, 20), "float64", seed) for seed in (0, 1))
        B, D = (random_matrix((21, 21), "float64", seed) for seed in (2, 3))
        M = np.kron(A, B) + 1e-10 * np.kron(C, D)
        assert ox.nearest_kronecker(M, shapes=shapes, terms=1).error == pytest.approx(1e-10, rel=0.2)
        assert ox.nearest_kronecker(M, shapes=shapes, terms=2).error < 2e-15

    def test_zeros(self):
        F = ox.nearest_kronecker(np.zeros((36, 36)), shapes=((6, 6), (6, 6)), terms=2)
        assert F.error == 0
        assert not np.isnan(dense(F)).any()
        assert not dense(F).any()

    @pytest.mark.parametrize("scale", [1e200, 1e-200, 1e307, 5e-310])
    def test_scales_far_from_one(self, scale):
        M = kernel(5) * scale
        F = ox.nearest_kronecker(M, shapes=((5, 5), (5, 5)))
        reference = ox.nearest_kronecker(kernel(5), shapes=((5, 5), (5, 5)))
        assert F.error == pytest.approx(reference.error, rel=1e-10)
        np.testing.assert_allclose(dense(F), dense(reference) * scale, rtol=1e-9)

    def test_single_precision_scales(self):
        M = (kernel(5) * 1e30).astype(np.float32)
        assert ox.nearest_kronecker(M, shapes=((5, 5), (5, 5)), terms=25).error < 1e-5


class TestGauge:
    @pytest.mark.parametrize("dtype", ["float64", "complex128"])
    def test_factors_are_balanced_orthogonal_and_of_positive_trace(self, dtype):
        F = ox.nearest_kronecker(random_matrix((60, 60), dtype), shapes=((5, 5), (12, 12)), terms=4)
        for side in (0, 1):
            stacked = np.stack([term[side].ravel() for term in F.factors])
            np.testing.assert_allclose(stacked @ stacked.conj().T, np.diag(F.singular_values[:4]), atol=1e-10)
        for A, _ in F.factors:
            trace = np.trace(A)
            assert trace.real > 0
            assert abs(trace.imag) < 1e-12 * abs(trace)

    def test_definite_factors_of_a_definite_matrix(self):
        F = ox.nearest_kronecker(kernel(6), shapes=((6, 6), (6, 6)))
        for factor in F.factors[0]:
            np.testing.assert_allclose(factor, factor.T, atol=1e-14)
            assert np.linalg.eigvalsh(factor).min() > 0

    def test_largest_entry_where_there_is_no_trace(self):
        for A in (np.array([[0.0, -2], [1, 0]]), np.array([[1.0, -3, 2]])):
            F = ox.nearest_kronecker(np.kron(A, np.ones((2, 2))), shapes=(A.shape, (2, 2)))
            first = F.factors[0][0]
            assert first.flat[np.abs(first).argmax()] > 0

    def test_swap_which_has_no_unique_factors(self):
        swap = np.eye(4)[[0, 2, 1, 3]]
        F = ox.nearest_kronecker(swap, shapes=((2, 2), (2, 2)), terms=4)
        np.testing.assert_allclose(F.singular_values, 1, rtol=1e-14)
        np.testing.assert_allclose(dense(F), swap, atol=1e-15)


class TestTolerance:
    def test_the_fewest_terms(self):
        M, shapes = kernel(7), ((7, 7), (7, 7))
        values = np.linalg.svd(ox.rearrange(M, shapes=shapes), compute_uv=False)
        tails = np.sqrt(np.cumsum(values[::-1] ** 2)[::-1]) / linalg.norm(values)
        for tol in (0.3, 1e-3, 1e-8):
            F = ox.nearest_kronecker(M, shapes=shapes, tol=tol)
            assert F.error <= tol
            assert F.terms == int((tails > tol).sum())
            assert F.reason.startswith("tolerance: ")

    def test_terms_limit_it_and_the_reason_says_so(self):
        F = ox.nearest_kronecker(kernel(7), shapes=((7, 7), (7, 7)), tol=1e-10, terms=2)
        assert F.terms == 2
        assert F.reason.startswith("tolerance 1e-10 not met: 2 terms")


def test_the_operator_is_the_sum():
    M = random_matrix((12, 20), "complex128")
    F = ox.nearest_kronecker(M, shapes=((3, 5), (4, 4)), terms=3)
    np.testing.assert_allclose(np.asarray(F.operator), dense(F), atol=1e-12)
    assert F.operator.nbytes == sum(factor.nbytes for term in F.factors for factor in term)
    assert (F.numbers_stored, F.compression) == (93, 240 / 93)


def test_the_seed_decides():
    M = kernel(20)
    first, second = (ox.nearest_kronecker(M, shapes=((20, 20), (20, 20)), seed=3) for _ in range(2))
    np.testing.assert_array_equal(first.factors[0][0], second.factors[0][0])


class TestMemory:
    shapes = ((30, 30), (30, 30))

    def peak(self, M):
        tracemalloc.start()
        try:
            F = ox.nearest_kronecker(M, shapes=self.shapes)
            return tracemalloc.get_traced_memory()[1], F
        finally:
            tracemalloc.stop()

    def test_a_fifth_of_the_matrix_is_enough(self):
        M = kernel(30)
        peak, _ = self.peak(M)
        assert peak < 0.2 * M.nbytes  # of 6 MB; half a megabyte of it is the panel

    def test_memory_maps_and_integers_are_not_copied(self, tmp_path):
        np.save(tmp_path / "M.npy", kernel(30))
        mapped = np.load(tmp_path / "M.npy", mmap_mode="r")
        peak, F = self.peak(mapped)
        assert peak < 0.2 * mapped.nbytes
        assert F.error == ox.nearest_kronecker(kernel(30), shapes=self.shapes).error
        counts = (1000 * kernel(30)).astype(np.int32)
        assert self.peak(counts)[0] < 0.4 * counts.nbytes


def test_sparse_matrices_operators_and_lists_are_read():
    M = np.kron(np.diag([1.0, 2, 3]), np.ones((2, 4)))
    for given in (sparse.csr_array(M), ox.aslinearoperator(M), M.tolist()):
        assert ox.nearest_kronecker(given, shapes=((3, 3), (2, 4))).error < 1e-15


def test_singular_values_are_in_double_precision_and_infinite_only_beyond_it():
    shapes = ((2, 2), (2, 2))
    for find in (ox.nearest_kronecker, ox.factorize):
        single = find(np.full((4, 4), 3e38, np.float32), shapes=shapes, terms=1).singular_values
        assert single.dtype == np.float64
        assert single[0] == pytest.approx(12e38)
        double = find(np.full((4, 4), 1e308), shapes=shapes, terms=1).singular_values
        assert double[0] == np.inf
        assert np.isfinite(double[1:]).all()


class TestSymmetry:
    def test_factors_of_a_symmetric_matrix_are_known_to_be_symmetric(self):
        rng = np.random.default_rng(3)
        A, B = (F @ F.T for F in (rng.standard_normal((5, 5)), rng.standard_normal((7, 7))))
        F = ox.nearest_kronecker(np.kron(A, B) + 0.1 * np.eye(35), shapes=((5, 5), (7, 7)))
        assert F.operator.facts.symmetric

    def test_small_asymmetry_is_not_taken_for_rounding(self):
        A, B = np.array([[2.0**30, 1], [3, 4]]), np.array([[1.0, 2], [3, 4]])
        F = ox.nearest_kronecker(np.kron(A, B), shapes=((2, 2), (2, 2)))
        assert F.error < 1e-15
        assert not F.operator.facts.symmetric

    @pytest.mark.parametrize("asymmetry", [1e-9, 1e-12])
    def test_factors_that_miss_symmetry_by_more_than_rounding_are_left_so(self, asymmetry):
        rng = np.random.default_rng(3)
        A, B = (F @ F.T for F in (rng.standard_normal((40, 40)), rng.standard_normal((35, 35))))
        A[0, 1] += asymmetry * A[0, 0]
        F = ox.nearest_kronecker(np.kron(A, B), shapes=((40, 40), (35, 35)))
        assert F.error < 1e-14
        assert not F.operator.facts.symmetric

    def test_the_residual_of_the_nearest_symmetric_sum_is_measured_once(self, monkeypatch):
        measured, residual_norms = [], Rearrangement.residual_norms

        def counted(self, left, right):
            measured.append(residual_norms(self, left, right))
            return measured[-1]

        monkeypatch.setattr(Rearrangement, "residual_norms", counted)
        M = kernel(20)
        F = ox.nearest_kronecker(M, shapes=((20, 20), (20, 20)), terms=2)
        assert len(measured) == 1
        assert F.operator.facts.symmetric
        assert F.error == pytest.approx(np.linalg.norm(M - np.asarray(F.operator)) / np.linalg.norm(M), rel=1e-12)


def test_overlapping_calls_give_the_threads_of_blas_back():
    def threads():
        return [pool["num_threads"] for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas"]

    before = threads()
    first, second = one_thread(True), one_thread(True)
    first.__enter__()
    second.__enter__()
    assert set(threads()) == {1}
    first.__exit__(None, None, None)
    second.__exit__(None, None, None)
    assert threads() == before
