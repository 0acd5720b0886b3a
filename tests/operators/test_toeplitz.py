"""Toeplitz and circulant operators at sizes where nothing is formed; what they keep, and what they refuse."""

import numpy as np
import pytest
import scipy.linalg
import scipy.signal
import scipy.sparse

import otimes as ox
from otimes.errors import DTypeError, NotPositiveDefinite, ShapeError, SingularError, StructureError


def close(got, wanted, tolerance=1e-11):
    got, wanted = np.asarray(got), np.asarray(wanted)
    assert got.shape == wanted.shape
    assert np.abs(got - wanted).max(initial=0) <= tolerance * np.abs(wanted).max(initial=0)


def line(n, seed=0, dtype=float):
    """Return the first column of a diagonally dominant matrix."""
    rng = np.random.default_rng(seed)
    c = rng.uniform(-1, 1, n) / (1 + np.arange(n)) ** 2
    c = c + 0.1j * c[::-1] if np.dtype(dtype).kind == "c" else c
    c[0] = 5
    return c.astype(dtype)


class TestProducts:
    @pytest.mark.parametrize("dtype", [np.float64, np.float32, complex, np.complex64])
    @pytest.mark.parametrize(("m", "n"), [(257, 257), (300, 101), (101, 300), (1, 5000), (5000, 1)])
    def test_against_the_formed_matrix(self, m, n, dtype):
        c, r = line(m, dtype=dtype), line(n, 1, dtype)
        X = np.random.default_rng(2).standard_normal((n, 3)).astype(dtype)
        Y = ox.toeplitz(c, r) @ X
        assert Y.dtype == dtype
        close(Y, scipy.linalg.toeplitz(c, r) @ X, 1e3 * np.finfo(dtype).eps)

    def test_of_a_grid_is_a_convolution(self):
        rng = np.random.default_rng(0)
        t, x = rng.standard_normal((63, 81)), rng.standard_normal((32, 41))
        wanted = scipy.signal.convolve(t, x, mode="valid", method="direct")
        close(ox.multilevel_toeplitz(t) @ x.reshape(-1), wanted.reshape(-1))

    def test_of_a_cyclic_grid_is_a_cyclic_convolution(self):
        rng = np.random.default_rng(0)
        c, x = rng.standard_normal((12, 10)), rng.standard_normal((12, 10))
        wanted = sum(c[i, j] * np.roll(x, (i, j), (0, 1)) for i in range(12) for j in range(10))
        close(ox.multilevel_circulant(c) @ x.reshape(-1), wanted.reshape(-1))

    def test_separable_coefficients_are_a_kronecker_product(self):
        a, b = np.random.default_rng(0).standard_normal((2, 41))
        one = [ox.toeplitz(t[20:], t[20::-1]) for t in (a, b)]
        x = np.random.default_rng(1).standard_normal(21 * 21)
        close(ox.multilevel_toeplitz(np.outer(a, b)) @ x, ox.kron(*one) @ x)

    def test_of_integers_are_exact(self):
        c = np.full(100, 2**50 + 1)
        x = np.arange(100) % 3 - 1
        assert (ox.toeplitz(c) @ x == scipy.linalg.toeplitz(c) @ x).all()

    def test_of_a_million_rows(self):
        T = ox.toeplitz([2.0, -1.0] + [0.0] * (10**6 - 2))
        y = T @ np.ones(10**6)
        assert np.abs(y[1:-1]).max() <= 1e-13
        assert y[0] == pytest.approx(1)
        assert ox.norm(T, 1) == 4
        assert ox.norm(T) == pytest.approx((4 * 10**6 + 2 * (10**6 - 1)) ** 0.5)


class TestAlgebra:
    def test_what_stays_toeplitz(self):
        T, S = ox.toeplitz(line(9), line(9, 1)), ox.toeplitz(line(9, 2))
        for A in (T.T, T.H, -T, 2j * T, T + S, T - S.T, T + 3 * ox.eye(9), ox.eye(9) - T, T + ox.circulant(line(9))):
            assert isinstance(A, ox.Toeplitz)
        assert not isinstance(T + ox.multilevel_toeplitz(np.ones((5, 5))), ox.Toeplitz)

    def test_what_stays_circulant(self):
        C, D = ox.circulant(line(9)), ox.circulant(line(9, 1))
        for A in (C.T, C.H, 2j * C, C + D, C @ D, ox.inv(C), ox.pinv(C), C + 3 * ox.eye(9), ox.eye(9) - C):
            assert isinstance(A, ox.Circulant)
        assert not isinstance(C @ ox.multilevel_circulant(np.ones((3, 3))), ox.Circulant)

    def test_facts_that_are_stated_outlive_shifts_and_multiples(self):
        T = ox.assume(ox.toeplitz(line(9)), "positive_definite")
        assert (2.0 * T + 0.1 * ox.eye(9)).facts.positive_definite

    def test_facts_of_the_coefficients(self):
        assert ox.toeplitz(line(9)).facts.symmetric
        assert ox.toeplitz(line(9, dtype=complex)).facts.hermitian
        assert ox.toeplitz([1.0, 2.0], [1.0, 0.0]).facts.lower_triangular
        assert ox.multilevel_toeplitz(np.pad(np.ones((1, 3)), ((0, 2), (0, 0)))[:, ::-1]).facts.upper_triangular
        assert ox.toeplitz(line(9), line(9, 1)).facts == ox.Facts()


class TestSolutions:
    @pytest.mark.parametrize("dtype", [float, complex])
    def test_levinson_and_the_inverse(self, dtype):
        c, r = line(3000, dtype=dtype), line(3000, 1, dtype)
        T, x = ox.toeplitz(c, r), np.random.default_rng(2).standard_normal(3000)
        close(ox.solve(T, T @ x, dense_limit=0), x)
        close(ox.inv(T) @ (T @ x), x)

    def test_a_vanishing_minor_is_solved_formed(self):
        T = ox.toeplitz([0.0, 1.0, 2.0], [0.0, 3.0, 1.0])
        close(ox.solve(T, np.arange(3.0)), np.linalg.solve(np.asarray(T), np.arange(3.0)))
        close(ox.inv(T), np.linalg.inv(np.asarray(T)))

    def test_nearly_vanishing_minors_lose_no_digits(self):
        for tiny in 10.0 ** -np.arange(2, 18):
            c, r = np.array([tiny, 1, 2, 0.5]), np.array([tiny, 3, 1, 1])
            T, b = ox.toeplitz(c, r), np.arange(1.0, 5)
            close(ox.solve(T, b), np.linalg.solve(np.asarray(T), b))
            close(ox.inv(T), np.linalg.inv(np.asarray(T)))

    @pytest.mark.parametrize("n", [2, 5, 40])
    def test_a_singular_matrix_is_refused(self, n):
        c = np.cos(np.arange(n) * np.pi / 3)  # of rank 2
        for T in (ox.toeplitz(c), ox.toeplitz(np.ones(n)), ox.circulant(np.ones(n))):
            if n > 2 or ox.matrix_rank(T) < 2:
                with pytest.raises((SingularError, scipy.linalg.LinAlgWarning)):
                    ox.solve(T, np.arange(1.0, n + 1))

    def test_log_determinant_of_a_definite_matrix(self):
        T = ox.assume(ox.toeplitz(0.9 ** np.arange(5000.0)), "positive_definite")
        assert ox.slogdet(T).logabsdet == pytest.approx(4999 * np.log1p(-0.81), rel=1e-12)
        with pytest.raises(NotPositiveDefinite, match="minor 2"):
            ox.slogdet(ox.assume(ox.toeplitz([1.0, 2.0, 0.0]), "positive_definite"))

    def test_an_eigenvalue_lost_in_the_rounding_of_the_transform_is_zero(self):
        for seed in range(20):
            c = np.random.default_rng(seed).standard_normal(5000)
            with pytest.raises(SingularError, match="circulant of size 5000"):
                ox.inv(ox.circulant(c - c.mean()))

    def test_circulants_of_a_million_rows(self):
        c = np.zeros(10**6)
        c[[0, 1, -1]] = 3.0, -1.0, -1.0
        C, x = ox.circulant(c), np.random.default_rng(0).standard_normal(10**6)
        close(ox.solve(C, C @ x), x)
        sign, logarithm = ox.slogdet(C)
        assert sign == 1
        assert logarithm == pytest.approx(10**6 * np.log((3 + 5**0.5) / 2), rel=1e-12)
        assert ox.eigvalsh(C, k=1)[0] == pytest.approx(5)
        assert ox.cond(C) == pytest.approx(5)


class TestEntries:
    def test_slices_of_a_line_stay_toeplitz(self):
        c, r = line(300), line(200, 1)
        T, dense = ox.toeplitz(c, r), scipy.linalg.toeplitz(c, r)
        for rows, columns in ((slice(3, 200), slice(100)), (slice(1, 290, 7), slice(20, None, 7)), (slice(9, 10), 4)):
            part = T[rows, columns] if columns != 4 else T[rows, slice(4, 5)]
            assert isinstance(part, ox.Toeplitz)
            close(part, dense[rows, columns] if columns != 4 else dense[rows, 4:5])
        assert ox.toeplitz(c)[5:50, 5:50].facts.symmetric
        close(T[::-1, ::-1], dense[::-1, ::-1])

    def test_of_a_million_rows_are_looked_up(self):
        c = np.random.default_rng(0).random(10**6)
        assert ox.toeplitz(c)[999_999, 3] == c[999_996]
        assert ox.circulant(c)[3, 999_999] == c[4]
        assert ox.fourier(10**12)[10**11, 10**11] == pytest.approx(1e-6)


def test_sparse_forms_hold_the_diagonals_that_are_there():
    T = ox.toeplitz([2.0, -1.0] + [0.0] * (10**5 - 2))
    assert T.shape == ox.to_sparse(T).shape == (10**5, 10**5)
    assert ox.to_sparse(T).nnz == 3 * 10**5 - 2
    stencil = np.zeros((2 * 300 - 1, 2 * 200 - 1))
    stencil[298:301, 199], stencil[299, 198:201:2] = (-1, 4, -1), -1
    P = ox.to_sparse(ox.multilevel_toeplitz(stencil))
    second = scipy.sparse.diags_array([-np.ones(299), 2 * np.ones(300), -np.ones(299)], offsets=(-1, 0, 1))
    third = scipy.sparse.diags_array([-np.ones(199), 2 * np.ones(200), -np.ones(199)], offsets=(-1, 0, 1))
    assert abs(P - scipy.sparse.kronsum(third, second)).max() == 0


class TestPreconditioners:
    @pytest.mark.parametrize("dtype", [float, complex])
    def test_chans_is_nearest_in_the_frobenius_norm(self, dtype):
        """Its coefficients are the means of T over the cyclic diagonals."""
        T = ox.toeplitz(line(7, dtype=dtype), line(7, 1, dtype))
        dense = np.asarray(T)
        i = np.arange(7)
        wanted = [dense[(i + k) % 7, i].mean() for k in range(7)]
        close(ox.circulant_preconditioner(T).column, wanted)
        t = np.random.default_rng(0).standard_normal((5, 7))
        grid = np.asarray(ox.multilevel_toeplitz(t)).reshape(3, 4, 3, 4)
        cells = list(np.ndindex(3, 4))
        wanted = [np.mean([grid[(a + k) % 3, (b + m) % 4, a, b] for a, b in cells]) for k, m in cells]
        wanted = np.reshape(wanted, (3, 4))
        close(ox.circulant_preconditioner(ox.multilevel_toeplitz(t)).column, wanted)

    def test_strangs_copies_the_central_diagonals(self):
        for n in (6, 7):
            T = ox.toeplitz(line(n, dtype=complex))
            C = ox.circulant_preconditioner(T, "strang")
            assert C.facts.hermitian
            close(C.column[: (n + 1) // 2], line(n, dtype=complex)[: (n + 1) // 2])

    def test_few_iterations_on_a_grid(self):
        lags = np.arange(-63.0, 64)
        t = np.exp(-np.hypot(lags[:, None], lags) / 20) + 0.1 * np.outer(lags == 0, lags == 0)
        T = ox.multilevel_toeplitz(t)
        b = np.random.default_rng(0).standard_normal(64 * 64)
        plain, helped = (ox.CG(preconditioner=P).solve(T, b) for P in (None, ox.circulant_preconditioner(T)))
        assert helped.converged
        assert helped.iterations < plain.iterations / 3

    def test_what_is_refused(self):
        with pytest.raises(StructureError, match="Dense 2×2 is no Toeplitz"):
            ox.circulant_preconditioner(np.eye(2))
        with pytest.raises(StructureError, match="2×3"):
            ox.circulant_preconditioner(ox.toeplitz([1.0, 2.0], [1.0, 2.0, 3.0]))
        with pytest.raises(ShapeError, match="neither"):
            ox.circulant_preconditioner(ox.toeplitz([1.0, 2.0]), "best")


class TestBlocks:
    def test_a_product_multiplies_each_block_once(self):
        """Against the definition, with Kronecker blocks that are not formed."""
        A = [ox.kron(np.full((20, 20), 1.0 + i), np.eye(30)) for i in range(4)]
        x = np.random.default_rng(0).standard_normal((4, 600))
        wanted = [sum(A[abs(i - j)] @ x[j] for j in range(4)) for i in range(4)]
        close(ox.block_toeplitz(A) @ x.reshape(-1), np.concatenate(wanted))

    def test_blocks_that_are_circulant_are_two_levels(self):
        c = np.random.default_rng(0).standard_normal((6, 5)) + 9 * np.outer(np.eye(6)[0], np.eye(5)[0])
        C, D = ox.block_circulant([ox.circulant(row) for row in c]), ox.multilevel_circulant(c)
        b = np.random.default_rng(1).standard_normal((30, 2))
        close(C @ b, D @ b)
        close(ox.solve(C, b, dense_limit=0), ox.solve(D, b))
        close(ox.slogdet(C, dense_limit=0).logabsdet, ox.slogdet(D).logabsdet)

    def test_a_shift_goes_to_the_diagonal_block(self):
        A, B = np.array([[2.0, 1.0], [1.0, 3.0]]), np.array([[0.5, 0.2], [0.1, 0.4]])
        for K in (ox.block_toeplitz([A, B]), ox.block_circulant([A, B])):
            shifted = K + 0.5 * ox.eye(4)
            assert type(shifted) is type(K)
            close(shifted, np.asarray(K) + 0.5 * np.eye(4))
            assert shifted.facts.symmetric is K.facts.symmetric

    def test_symmetric_by_construction(self):
        A, B = np.array([[2.0, 1.0], [1.0, 3.0]]), np.array([[0.5, 0.2], [0.1, 0.4]])
        assert ox.block_toeplitz([A, B, None]).facts.symmetric
        assert not ox.block_toeplitz([B, A, None]).facts.symmetric
        assert ox.block_toeplitz([A, 1j * B]).facts.hermitian

    @pytest.mark.parametrize(
        ("call", "message"),
        [
            (lambda: ox.block_toeplitz([]), "no blocks"),
            (lambda: ox.block_toeplitz([None, None]), "no blocks"),
            (lambda: ox.block_toeplitz(np.ones((2, 2))), "shape 2×2; an array of blocks is"),
            (lambda: ox.block_toeplitz([np.ones((2, 3))]), "2×3, and their adjoints"),
            (lambda: ox.block_toeplitz([np.eye(2), np.eye(3)]), "column 1 is 3×3 and another block is 2×2"),
            (lambda: ox.block_toeplitz([np.eye(2)], [None, np.eye(3)]), "row 1 is 3×3"),
            (lambda: ox.block_toeplitz([np.eye(2), np.ones((2, 2, 2))]), "column 1 is 2×2×2"),
            (lambda: ox.block_circulant([np.eye(2), np.ones((2, 3))]), "block 1 is 2×3"),
            (lambda: ox.block_circulant([]), "no blocks"),
        ],
    )
    def test_what_is_refused(self, call, message):
        with pytest.raises(ShapeError, match=message):
            call()


class TestBadInput:
    @pytest.mark.parametrize(
        ("call", "message"),
        [
            (lambda: ox.toeplitz(np.ones((2, 2))), "c has shape 2×2; it must have 1 axis"),
            (lambda: ox.toeplitz([1.0], 2.0), "r has shape"),
            (lambda: ox.circulant(3.0), "c has shape"),
            (lambda: ox.multilevel_toeplitz(3.0), "scalar"),
            (lambda: ox.multilevel_toeplitz(np.ones((3, 4))), "3×4, and axis 1 has an even number of lags"),
            (lambda: ox.multilevel_toeplitz(np.ones((3, 4)), (2,)), "3×4; give one size per axis"),
            (lambda: ox.multilevel_toeplitz(np.ones((3, 4)), (2, 5)), "from 1 to its number of lags"),
            (lambda: ox.multilevel_toeplitz(np.ones(3), (1.5,)), "integer"),
            (lambda: ox.multilevel_circulant(3.0), "scalar"),
            (lambda: ox.toeplitz([1.0, 2.0]) @ np.ones(3), "must have 2 entries"),
        ],
    )
    def test_shapes(self, call, message):
        with pytest.raises(ShapeError, match=message):
            call()

    def test_dtypes(self):
        with pytest.raises(DTypeError, match="first column"):
            ox.toeplitz(["a", "b"])


def from_column(c):
    """Return scalars made of a column by products, solutions and determinants, at sizes where transforms are used."""
    blocks = 9 * np.eye(2) * np.eye(36)[0][:, None, None] + c.reshape(36, 2, 2)
    x = np.cos(np.arange(72.0)) + 0 * c[:72]
    return (
        ((ox.toeplitz(c) @ (0 * c + 1)) ** 2).sum(),
        (ox.solve(ox.circulant(c), 0 * c + 1) ** 2).sum(),
        ox.slogdet(ox.circulant(c))[1],
        (ox.solve(ox.block_circulant(blocks), x) ** 2).sum(),
        ox.norm(ox.toeplitz(c)),
        ((ox.dct(144) @ c) ** 4).sum(),
    )


@pytest.mark.parametrize("which", range(6))
def test_gradients_under_jit(which):
    jax = pytest.importorskip("jax")
    with jax.enable_x64(True):
        c, d = line(144), np.random.default_rng(1).standard_normal(144)
        gradient = jax.jit(jax.grad(lambda c: from_column(c)[which]))(c)
        ahead, behind = (from_column(jax.numpy.asarray(c + h * d))[which] for h in (1e-5, -1e-5))
        assert float(gradient @ d) == pytest.approx(float(ahead - behind) / 2e-5, rel=1e-6)


def test_fourier_vectors_diagonalise_circulants():
    C = ox.circulant(line(7))
    λ, V = ox.eig(C)
    close(V @ ox.diag(λ) @ V.H, C)
    close(λ, np.fft.fft(line(7)))
