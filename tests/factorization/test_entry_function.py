"""Matrices known by a function for their entries: few are read, the error is an honest estimate."""

import numpy as np
import pytest

import otimes as ox
from otimes.errors import DTypeError, NonFiniteError, ShapeError, TooLarge
from otimes.factorization.operand import read_operand


def grid_kernel(n, profile):
    """The kernel of a grid of n × n points in the unit square, and the function of its entries."""

    def f(rows, columns):
        assert rows.shape == columns.shape
        x, y = (rows // n - columns // n) / n, (rows % n - columns % n) / n
        return profile(x, y)

    return ox.EntryFunction(f, (n * n, n * n))


def rational(x, y):
    return 1 / (1 + 4 * x**2 + y**2)


def exponential(x, y):
    return np.exp(-3 * np.hypot(x, y))


def formed(M):
    m, n = M.shape
    return M.f(*(index.ravel() for index in np.indices((m, n)))).reshape(m, n)


def error_of(M, F):
    dense = formed(M)
    return np.linalg.norm(dense - np.asarray(F.operator)) / np.linalg.norm(dense)


class TestKernels:
    @pytest.mark.parametrize("profile", [rational, exponential])
    @pytest.mark.parametrize("tol", [1e-2, 1e-6])
    def test_against_the_dense_form(self, profile, tol):
        M = grid_kernel(32, profile)
        shapes = ((32, 32), (32, 32))
        F = ox.nearest_kronecker(M, shapes=shapes, tol=tol)
        exact = error_of(M, F)
        certificate = F.certificate
        assert exact <= tol
        assert F.reason.startswith("tolerance: ")
        assert certificate.kind == "estimate"
        assert abs(F.error - exact) < 5 * certificate.standard_error
        assert certificate.standard_error < 0.1 * F.error
        best = ox.nearest_kronecker(formed(M), shapes=shapes, tol=tol)
        assert best.terms <= F.terms <= best.terms + 1
        np.testing.assert_allclose(F.singular_values[:2], best.singular_values[:2], rtol=2 * tol)

    def test_a_matrix_of_forty_thousand_rows(self):
        n = 200
        M = grid_kernel(n, exponential)
        F = ox.nearest_kronecker(M, shapes=((n, n), (n, n)), tol=1e-5)
        rows, columns = np.random.default_rng(99).integers(n * n, size=(2, 50_000))
        entries = M.f(rows, columns)
        fresh = np.linalg.norm(entries - ox.entries(F.operator, rows, columns)) / np.linalg.norm(entries)
        assert fresh < 1.2e-5
        assert F.error < 1e-5
        assert F.certificate.entries_read < 2e-3 * n**4

    def test_entries_read_are_counted(self):
        n, asked = 64, []
        profile = rational
        M = grid_kernel(n, profile)
        counting = ox.EntryFunction(lambda r, c: (asked.append(len(r)), M.f(r, c))[1], M.shape)
        F = ox.nearest_kronecker(counting, shapes=((n, n), (n, n)), tol=1e-4)
        assert F.certificate.entries_read == sum(asked)

    def test_terms_instead_of_a_tolerance(self):
        M = grid_kernel(20, rational)
        shapes = ((20, 20), (20, 20))
        F, G = (ox.nearest_kronecker(given, shapes=shapes, terms=3) for given in (M, formed(M)))
        assert F.terms == 3
        assert error_of(M, F) == pytest.approx(G.error, rel=1e-3)
        assert F.error == pytest.approx(G.error, abs=5 * F.certificate.standard_error + 1e-15)

    def test_the_seed_decides(self):
        M = grid_kernel(20, rational)
        first, second = (ox.nearest_kronecker(M, shapes=((20, 20), (20, 20)), terms=2, seed=4) for _ in range(2))
        np.testing.assert_array_equal(first.factors[0][0], second.factors[0][0])
        assert first.error == second.error

    def test_the_search_with_given_shapes(self):
        M = grid_kernel(20, rational)
        F = ox.factorize(M, shapes=((20, 20), (20, 20)), tol=1e-5)
        assert error_of(M, F) <= 1e-5
        assert F.certificate.kind == "estimate"

    def test_the_search_leaves_out_what_would_read_a_large_part(self):
        M = grid_kernel(15, rational)
        F, G = ox.factorize(M, tol=1e-3), ox.factorize(formed(M), tol=1e-3)
        assert (F.shapes, F.terms) == (G.shapes, G.terms)
        assert error_of(M, F) <= 1e-3

    def test_three_factors(self):
        rng = np.random.default_rng(0)
        A, B, C = (rng.standard_normal((8, 8)) for _ in range(3))
        K = ox.kron(A, B, C)
        M = ox.EntryFunction(lambda r, c: ox.entries(K, r, c), K.shape)
        F = ox.nearest_kronecker(M, shapes=((8, 8),) * 3)
        assert error_of(M, F) < 1e-12
        assert F.certificate.entries_read < 0.15 * K.size  # two samples, and few rows and columns


class TestStandardError:
    def test_it_is_that_of_many_seeds(self):
        M = grid_kernel(16, exponential)
        shapes = ((16, 16), (16, 16))
        found = [ox.nearest_kronecker(M, shapes=shapes, terms=2, seed=seed) for seed in range(40)]
        exact = np.array([error_of(M, F) for F in found])
        scores = np.array([(F.error - e) / F.certificate.standard_error for F, e in zip(found, exact, strict=True)])
        assert abs(scores.mean()) < 0.6
        assert 0.6 < scores.std() < 1.6


class TestWhatCrossesAreBlindTo:
    def test_blocks_that_no_column_meets(self):
        rng = np.random.default_rng(1)
        blocks = [
            np.outer(rng.random(100), rng.random(150)) + np.outer(rng.random(100), rng.random(150)) for _ in "abc"
        ]
        R = np.zeros((300, 450))
        for k, block in enumerate(blocks):
            R[100 * k : 100 * k + 100, 150 * k : 150 * k + 150] = block
        shapes = ((20, 15), (15, 30))
        matrix = ox.restore(R, shapes=shapes)
        M = ox.EntryFunction(lambda r, c: matrix[r, c], matrix.shape)
        F = ox.nearest_kronecker(M, shapes=shapes, tol=1e-10)
        assert error_of(M, F) < 1e-10
        assert F.terms == 6

    def test_zeros(self):
        M = ox.EntryFunction(lambda r, c: np.zeros(len(r)), (400, 400))
        F = ox.nearest_kronecker(M, shapes=((20, 20), (20, 20)), terms=2)
        assert (F.error, F.certificate.standard_error) == (0, 0)
        assert not np.asarray(F.operator).any()

    def test_noise_is_not_called_structure(self):
        matrix = np.random.default_rng(0).standard_normal((400, 400))
        M = ox.EntryFunction(lambda r, c: matrix[r, c], (400, 400))
        F = ox.nearest_kronecker(M, shapes=((20, 20), (20, 20)), terms=2)
        assert F.error > 0.95
        assert F.error == pytest.approx(error_of(M, F), abs=5 * F.certificate.standard_error)


@pytest.mark.parametrize("dtype", ["float32", "complex128"])
def test_dtypes(dtype):
    rng = np.random.default_rng(2)
    A, B = (rng.standard_normal((16, 16)) for _ in range(2))
    if dtype == "complex128":
        A = A + 1j * B.T
    matrix = (np.kron(A, B) + 0.1 * np.kron(B, A)).astype(dtype)
    M = ox.EntryFunction(lambda r, c: matrix[r, c], matrix.shape, dtype)
    F = ox.nearest_kronecker(M, shapes=((16, 16), (16, 16)), terms=2)
    assert F.factors[0][0].dtype == dtype
    assert error_of(M, F) < (1e-5 if dtype == "float32" else 1e-13)


@pytest.mark.parametrize("scale", [1e200, 1e-200])
def test_scales_far_from_one(scale):
    plain, scaled = (grid_kernel(16, lambda x, y, c=c: c * exponential(x, y)) for c in (1, scale))
    F, G = (ox.nearest_kronecker(M, shapes=((16, 16), (16, 16)), terms=2) for M in (plain, scaled))
    assert G.error == pytest.approx(F.error, rel=1e-9)
    np.testing.assert_allclose(np.asarray(G.operator) / scale, np.asarray(F.operator), rtol=1e-9, atol=1e-12)


def test_small_matrices_are_read_whole():
    matrix = np.random.default_rng(0).standard_normal((24, 15))
    F = ox.nearest_kronecker(ox.EntryFunction(lambda r, c: matrix[r, c], (24, 15)), shapes=((4, 3), (6, 5)), terms=2)
    G = ox.nearest_kronecker(matrix, shapes=((4, 3), (6, 5)), terms=2)
    assert F.error == pytest.approx(G.error, rel=1e-12)
    assert (F.certificate.kind, F.certificate.entries_read) == ("exact", 360)


class TestLimits:
    def test_a_limit_that_does_not_suffice(self):
        n = 60
        M = grid_kernel(n, exponential)
        limited = ox.EntryFunction(M.f, M.shape, max_entries=60_000)
        F = ox.nearest_kronecker(limited, shapes=((n, n), (n, n)), tol=1e-8)
        assert F.certificate.entries_read <= 60_000
        assert F.reason.startswith("tolerance 1e-08 not met: ")
        assert 1e-8 < F.error < 0.1

    def test_lopsided_shapes(self):
        M = ox.EntryFunction(lambda r, c: np.ones(len(r)), (10**6, 10**6))
        with pytest.raises(TooLarge, match="closer to each other in size"):
            ox.nearest_kronecker(M, shapes=((2, 2), (500_000, 500_000)))

    def test_what_needs_all_entries(self):
        M = ox.EntryFunction(lambda r, c: np.ones(len(r)), (10**6, 10**6))
        with pytest.raises(TooLarge, match="all entries"):
            _ = read_operand(M).matrix


class TestBadFunctions:
    shapes = ((2, 2), (3, 3))

    def nearest(self, f, **options):
        return ox.nearest_kronecker(ox.EntryFunction(f, (6, 6), **options), shapes=self.shapes)

    def test_one_that_raises(self):
        def f(rows, columns):
            raise KeyError("no such station")

        with pytest.raises(KeyError, match="no such station") as caught:
            self.nearest(f)
        assert caught.value.__notes__ == [
            "raised by the function of an EntryFunction, asked for 36 entries, the first at (row, column) = (0, 0)"
        ]

    @pytest.mark.parametrize(
        "f", [lambda r, c: 1.0, lambda r, c: np.ones((len(r), 1)), lambda r, c: np.ones(len(r) - 1), lambda r, c: None]
    )
    def test_wrong_shapes(self, f):
        with pytest.raises(ShapeError, match=r"asked for 36 entries.*one entry for each pair, shape \(36,\)"):
            self.nearest(f)

    def test_wrong_values(self):
        with pytest.raises(NonFiniteError, match=r"nan at \(row, column\) = \(1, 4\)"):
            self.nearest(lambda r, c: np.where(6 * r + c == 10, np.nan, 1.0))
        with pytest.raises(DTypeError, match="returned complex128"):
            self.nearest(lambda r, c: r + 1j * c)
        with pytest.raises(NonFiniteError, match=r"1e\+39, beyond the range of float32, at \(row, column\) = \(0, 0\)"):
            self.nearest(lambda r, c: np.full(len(r), 1e39), dtype="float32")
        with pytest.raises(DTypeError, match="returned <U1"):
            self.nearest(lambda r, c: np.full(len(r), "a"))

    @pytest.mark.parametrize("shape", [(6,), 6, (6, -1), (6, 0), (2.5, 6)])
    def test_wrong_descriptions(self, shape):
        with pytest.raises(ShapeError):
            ox.EntryFunction(lambda r, c: r, shape)
        with pytest.raises(DTypeError):
            ox.EntryFunction(np.ones((6, 6)), (6, 6))
        for dtype in (str, object, "datetime64[s]"):
            with pytest.raises(DTypeError):
                ox.EntryFunction(lambda r, c: r, (6, 6), dtype)
