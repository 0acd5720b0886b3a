"""Sparse matrices, sums of Kronecker products and operators: as their dense forms, at the cost of what they are."""

import tracemalloc

import numpy as np
import pytest
from scipy import sparse
from scipy.sparse.linalg import LinearOperator, aslinearoperator

import otimes as ox
from otimes.errors import DTypeError, NonFiniteError, ShapeError, TooLarge
from otimes.factorization import triplets
from otimes.factorization.operand import read_operand
from otimes.factorization.sources.by_columns import ColumnsOperand, ColumnsRearrangement
from otimes.factorization.sources.kronecker_products import ThinRearrangement
from otimes.factorization.sources.sparse import SparseOperand

SHAPES = ((4, 3), (6, 5))
SPLITS = [SHAPES, ((24, 1), (1, 15)), ((1, 3), (24, 5)), ((2, 1), (12, 15)), ((12, 15), (2, 1)), ((8, 5), (3, 3))]
DTYPES = ["float32", "float64", "complex128"]


def random(shape, dtype="float64", seed=0):
    rng = np.random.default_rng(seed)
    M = rng.standard_normal(shape)
    return (M + 1j * rng.standard_normal(shape)).astype(dtype) if "complex" in dtype else M.astype(dtype)


def random_sparse(shape, dtype="float64", density=0.15, seed=0):
    M = random(shape, dtype, seed)
    return sparse.csr_array(np.where(np.random.default_rng(seed + 1).random(shape) < density, M, 0))


def products(dtype="float64", terms=4):
    return ox.kron_terms([random((terms, *shape), dtype, seed) for seed, shape in enumerate(SHAPES)])


def by_columns(M):
    return ColumnsOperand(ox.aslinearoperator(M), M.dtype, 1.0)


def sources(dtype):
    return {
        "sparse": random_sparse((24, 15), dtype),
        "products": products(dtype),
        "columns": by_columns(random((24, 15), dtype)),
    }


def formed(source):
    return source.matrix if isinstance(source, ColumnsOperand) else np.asarray(ox.aslinearoperator(source))


def error_of(M, F):
    return np.linalg.norm(M - np.asarray(F.operator)) / np.linalg.norm(M)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kind", ["sparse", "products", "columns"])
@pytest.mark.parametrize("shapes", SPLITS)
class TestAsTheDenseForm:
    def test_products_and_norms(self, shapes, kind, dtype):
        source = sources(dtype)[kind]
        dense = ox.rearrange(formed(source), shapes=shapes)
        R = read_operand(source).rearranged(shapes)
        V, U = (random((size, 2), dtype, seed=9) for size in dense.shape[::-1])
        close = {"rtol": 1e-4, "atol": 1e-4} if dtype == "float32" else {"rtol": 1e-11, "atol": 1e-11}
        assert R.shape == dense.shape
        np.testing.assert_allclose(R.product(V), dense @ V, **close)
        np.testing.assert_allclose(R.adjoint_product(U), dense.conj().T @ U, **close)
        np.testing.assert_allclose(R.T.product(U), dense.T @ U, **close)
        norms = np.linalg.norm(dense - U @ V.T), np.linalg.norm(dense)
        np.testing.assert_allclose(R.residual_norms(U, V), norms, rtol=1e-5 if dtype == "float32" else 1e-12)
        assert R.norm() == pytest.approx(norms[1], rel=1e-5)
        for height, width in [(3, 4), (R.shape[0], 2), (2, R.shape[1])]:
            seen = np.zeros(R.shape, dtype)
            for rows, columns, panel in R.panels(height=height, width=width):
                where = np.ix_(np.arange(R.shape[0])[rows], np.arange(R.shape[1])[columns])
                assert panel.shape == seen[where].shape
                assert height < R.shape[0] or len(panel) == len(where[0])
                seen[where] += panel
            np.testing.assert_allclose(seen, dense, **close)

    def test_nearest(self, shapes, kind, dtype):
        source = sources(dtype)[kind]
        M = formed(source)
        values = np.linalg.svd(ox.rearrange(M, shapes=shapes), compute_uv=False)
        terms = min(2, len(values))
        F = ox.nearest_kronecker(source, shapes=shapes, terms=terms)
        rounding = 1e-5 if dtype == "float32" else 1e-13
        assert F.error == pytest.approx(np.linalg.norm(values[terms:]) / np.linalg.norm(values), abs=rounding)
        assert error_of(M, F) == pytest.approx(F.error, abs=rounding)
        np.testing.assert_allclose(F.singular_values[:terms], values[:terms], rtol=10 * rounding)


@pytest.mark.parametrize("kind", ["sparse", "products", "columns"])
def test_the_search_for_shapes_finds_the_same(kind):
    source = sources("float64")[kind]
    F, G = (ox.factorize(matrix, tol=0.3) for matrix in (source, formed(source)))
    assert (F.shapes, F.terms, F.reason) == (G.shapes, G.terms, G.reason)
    assert F.error == pytest.approx(G.error, abs=1e-12)


class TestSparse:
    @staticmethod
    def laplacian(n):
        T = sparse.diags_array([-1.0, 2.0, -1.0], offsets=[-1, 0, 1], shape=(n, n), format="csr")
        return sparse.kron(T, sparse.eye_array(n), format="csr") + sparse.kron(sparse.eye_array(n), T, format="csr")

    def test_the_laplacian_of_ninety_thousand_points(self):
        n = 300
        L = self.laplacian(n)
        tracemalloc.start()
        F = ox.nearest_kronecker(L, shapes=((n, n), (n, n)), terms=3)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        frobenius = np.sqrt(4 * n + 2 * (n - 1))
        exact = [frobenius * np.sqrt(n) + 2 * n, frobenius * np.sqrt(n) - 2 * n, 0]
        np.testing.assert_allclose(F.singular_values[:3], exact, rtol=1e-12, atol=1e-9)
        assert F.error < 1e-14
        assert peak < 1e-3 * 8 * n**4  # of the dense form, 65 GB

    def test_the_error_is_not_that_of_cancelled_squares(self):
        L = self.laplacian(20)
        extra = sparse.csr_array(([1e-9], ([0], [399])), shape=L.shape)
        F = ox.nearest_kronecker(L + extra, shapes=((20, 20), (20, 20)), terms=2)
        assert F.error == pytest.approx(1e-9 / sparse.linalg.norm(L), rel=1e-3)

    def test_noise_has_no_leading_triplets_and_is_not_searched_for_ever(self, monkeypatch):
        monkeypatch.setattr(triplets, "STEPS", 12)
        S = random_sparse((1200, 1200), density=2e-3)
        shapes = ((30, 40), (40, 30))
        values = np.linalg.svd(ox.rearrange(S.toarray(), shapes=shapes), compute_uv=False)
        F = ox.nearest_kronecker(S, shapes=shapes, terms=3)
        assert np.linalg.norm(values[3:]) <= F.error * np.linalg.norm(values) <= 1.001 * np.linalg.norm(values[3:])
        assert error_of(S.toarray(), F) == pytest.approx(F.error, rel=1e-10)
        assert F.reason == (
            "given: shapes and number of terms; the terms had not settled after 12 steps: others may be about as good"
        )
        met = ox.nearest_kronecker(S, shapes=shapes, terms=3, tol=0.5)
        assert met.reason.startswith("tolerance 0.5 not met")
        assert met.reason.endswith("had not settled after 12 steps: others may be about as good")
        settled = ox.nearest_kronecker(self.laplacian(12), shapes=((12, 12), (12, 12)), terms=2)
        assert settled.reason == "given: shapes and number of terms"

    def test_zeros_and_more_terms_than_the_rank(self):
        F = ox.nearest_kronecker(sparse.csr_array((24, 15)), shapes=SHAPES, terms=2)
        assert (F.error, F.terms) == (0, 2)
        assert not np.asarray(F.operator).any()
        one = ox.nearest_kronecker(sparse.eye_array(24, format="csr"), shapes=((4, 4), (6, 6)), terms=3)
        assert one.error < 1e-15
        np.testing.assert_allclose(np.asarray(one.operator), np.eye(24), atol=1e-15)

    def test_entries_given_twice_are_added(self):
        S = sparse.coo_array(([1.0, 2.0], ([3, 3], [2, 2])), shape=(4, 4))
        F = ox.nearest_kronecker(S, shapes=((2, 2), (2, 2)))
        np.testing.assert_allclose(np.asarray(F.operator), S.toarray(), atol=1e-15)

    @pytest.mark.parametrize("scale", [1e200, 1e-200])
    def test_scales_far_from_one(self, scale):
        S = random_sparse((24, 15))
        F, G = (ox.nearest_kronecker(c * S, shapes=SHAPES, terms=2) for c in (scale, 1))
        assert F.error == pytest.approx(G.error, rel=1e-12)
        np.testing.assert_allclose(np.asarray(F.operator) / scale, np.asarray(G.operator), rtol=1e-9, atol=1e-12)

    def test_integers(self):
        S = sparse.csr_array(np.arange(360).reshape(24, 15) % 7)
        assert ox.nearest_kronecker(S, shapes=SHAPES, terms=12).error < 1e-14

    def test_refused(self):
        S = sparse.csr_array(([1.0, np.nan], ([0, 3], [1, 2])), shape=(4, 4))
        with pytest.raises(NonFiniteError, match=r"4×4 sparse matrix has 1 entry that is .*\(3, 2\)"):
            ox.nearest_kronecker(S, shapes=((2, 2), (2, 2)))
        with pytest.raises(ShapeError, match="has 1 axes"):
            ox.nearest_kronecker(sparse.coo_array([1.0, 0, 2]), shapes=((2, 2), (2, 2)))
        with pytest.raises(DTypeError):
            ox.nearest_kronecker(sparse.csr_array(np.eye(4, dtype=np.longdouble)), shapes=((2, 2), (2, 2)))

    def test_criteria_that_need_the_entries_form_them_while_small(self):
        assert isinstance(read_operand(self.laplacian(3)), SparseOperand)
        with pytest.raises(TooLarge):
            _ = read_operand(sparse.eye_array(40_000, format="csr")).matrix


class TestSumsOfProducts:
    def test_nothing_of_the_size_of_the_operator_is_formed(self):
        A, B = (random((3, 400, 400), seed=seed) for seed in (1, 2))  # 160,000 rows, a dense form of 205 GB
        G = ox.nearest_kronecker(ox.kron_terms([A, B]), shapes=((400, 400), (400, 400)), terms=2)
        X, Y = (stack.reshape(3, -1).T for stack in (A, B))
        values = np.linalg.svd(np.linalg.qr(X)[1] @ np.linalg.qr(Y)[1].T, compute_uv=False)
        np.testing.assert_allclose(G.singular_values[:2], values[:2], rtol=1e-12)
        assert G.error == pytest.approx(values[2] / np.linalg.norm(values), rel=1e-10)

    @pytest.mark.parametrize(
        "operator",
        [
            ox.kron(random((3, 2)), random((2, 4)), random((4, 3))),
            -2.5 * ox.kron(random((3, 2)), random((8, 12))),
            ox.kronsum(random((3, 3)), random((2, 2)), random((4, 4))),
            ox.kron(random((6, 2)), random((4, 12))) + ox.kron(random((3, 2)), random((8, 12))),
            ox.multilevel_toeplitz(random((5, 7))),
        ],
        ids=["product", "multiple", "sum", "mixed", "toeplitz"],
    )
    def test_any_operator_that_is_one(self, operator):
        M = np.asarray(operator)
        m, n = M.shape
        for first in [(3, min(3, n)), (1, n), (m, 1), (6, n // 2)]:
            if m % first[0] or n % first[1]:
                continue
            shapes = (first, (m // first[0], n // first[1]))
            F, G = (ox.nearest_kronecker(given, shapes=shapes) for given in (operator, M))
            assert F.error == pytest.approx(G.error, abs=1e-14)
            np.testing.assert_allclose(np.asarray(F.operator), np.asarray(G.operator), atol=1e-10)

    def test_a_factor_that_is_cut_is_a_sum_itself(self):
        A, B, C = random((2, 3)), random((4, 2)), random((3, 5))
        R = read_operand(ox.kron(A, np.kron(B, C))).rearranged(((8, 6), (3, 5)))
        assert isinstance(R, ThinRearrangement)
        assert R.left.shape[1] == 1

    def test_subnormal_factors(self):
        A, B = random((4, 3)), random((6, 5))
        F = ox.nearest_kronecker(ox.kron(1e-310 * A, B), shapes=SHAPES)
        assert F.error < 1e-12
        G = ox.nearest_kronecker(ox.kron(1e-310 * A, B[:, :1], B[:1]), shapes=((4, 3), (6, 1), (1, 5)))
        assert G.error < 1e-12

    def test_half_precision_that_is_cut_askew(self):
        A, B = (random((4, 3)).astype("float16") for _ in range(2))
        K = ox.kron(A, B)
        F, G = (ox.nearest_kronecker(M, shapes=((8, 1), (2, 9)), terms=2) for M in (K, np.kron(A, B)))
        assert F.error == pytest.approx(G.error, rel=1e-5)

    def test_terms_that_cancel(self):
        A, B, C = random((4, 3)), random((6, 5)), random((6, 5), seed=5)
        K = ox.kron(A, B + 1e-9 * C) - ox.kron(A, B)
        F = ox.nearest_kronecker(K, shapes=SHAPES)
        np.testing.assert_allclose(np.asarray(F.operator), np.kron(A, 1e-9 * C), atol=1e-14)

    def test_factors_of_opposite_scales(self):
        A, B = random((4, 3)), random((6, 5))
        for a, b in [(1e250, 1e-250), (1e200, 1e100), (1e-200, 1e-100)]:
            F = ox.nearest_kronecker(ox.kron(A * a, B * b), shapes=SHAPES)
            assert F.error < 1e-14
            np.testing.assert_allclose(np.asarray(F.operator), np.kron(A * a, B * b), rtol=1e-10)

    def test_refused(self):
        with pytest.raises(NonFiniteError, match=r"in the product of 1×2 ⊗ 2×2, the matrix has 1 entry .* \(0, 1\)$"):
            ox.nearest_kronecker(ox.kron([[1.0, np.inf]], np.eye(2)), shapes=((1, 2), (2, 2)))
        with pytest.raises(NonFiniteError, match="as large as 2"):
            ox.nearest_kronecker(ox.kron(*[[[1e308]]] * 3), shapes=((1, 1), (1, 1)))


class TestOperators:
    def test_only_products_are_asked_for(self):
        M = random((2100, 12))
        widths = []

        def matmat(X):
            widths.append(X.shape[1])
            return M @ X

        A = LinearOperator(M.shape, matvec=lambda x: M @ x, matmat=matmat, dtype=float)
        shapes = ((30, 4), (70, 3))
        F, G = (ox.nearest_kronecker(given, shapes=shapes, terms=3) for given in (A, M))
        assert isinstance(read_operand(A).rearranged(shapes), ColumnsRearrangement)
        assert F.error == pytest.approx(G.error, rel=1e-10)
        assert max(widths) <= 32

    def test_what_is_sparse_is_taken_so(self):
        D = ox.diag(np.arange(1.0, 3601))
        assert isinstance(read_operand(D), SparseOperand)
        F = ox.nearest_kronecker(D, shapes=((60, 60), (60, 60)), terms=2)
        assert F.error < 1e-14

    def test_operators_of_scipy_and_torch(self):
        M = random((24, 15))
        torch = pytest.importorskip("torch")
        T = ox.aslinearoperator(torch.from_numpy(M))
        for given in (aslinearoperator(M), T, ox.kron(T, torch.ones(1, 1, dtype=torch.float64))):
            F = ox.nearest_kronecker(given, shapes=SHAPES, terms=12)
            assert F.error < 1e-13

    def test_not_finite(self):
        M = random((60, 2100))

        def matmat(X):
            Y = M @ X
            Y[5, X[1999] != 0] = np.nan
            return Y

        A = LinearOperator(M.shape, matvec=matmat, matmat=matmat, dtype=float)
        with pytest.raises(NonFiniteError, match=r"60×2100 operator .* at \(row, column\) = \(5, 1999\)"):
            ox.nearest_kronecker(A, shapes=((6, 30), (10, 70)))
