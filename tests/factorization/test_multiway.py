"""Three and more factors against dense references: alternating least squares written out, and TensorLy's."""

import functools
import tracemalloc

import numpy as np
import pytest
import tensorly
from tensorly.decomposition import parafac

import otimes as ox
from otimes.errors import NonFiniteError, ShapeError
from otimes.factorization.multiway import cut
from otimes.factorization.multiway.alternating import balanced
from otimes.factorization.multiway.gauss_newton import Model
from otimes.factorization.operand import read_operand
from otimes.factorization.sources.kronecker_products import ThinRearrangement

THREE = ((2, 3), (3, 2), (4, 4))
FOUR = ((3, 3), (2, 2), (3, 2), (1, 4))
MANY = ((2, 2),) * 6
DTYPES = ["float32", "float64", "complex64", "complex128"]


def random(shape, dtype="float64", seed=0):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(shape)
    return (x + 1j * rng.standard_normal(shape)).astype(dtype) if "complex" in dtype else x.astype(dtype)


def product(*factors):
    return functools.reduce(np.kron, factors)


def sum_of_products(shapes, terms, dtype="float64", seed=0):
    return sum(product(*(random(s, dtype, (seed, r, k)) for k, s in enumerate(shapes))) for r in range(terms))


def noisy(shapes, terms, level, dtype="float64", seed=0):
    M = sum_of_products(shapes, terms, dtype, seed)
    noise = random(M.shape, dtype, seed + 99)
    return M + (level * np.linalg.norm(M) / np.linalg.norm(noise) * noise).astype(dtype)


def dense(F):
    return sum(product(*term) for term in F.factors)


def error_of(M, F):
    return np.linalg.norm(M - dense(F)) / np.linalg.norm(M)


def tensor(M, shapes):
    """Return M with one axis (i_k, j_k) for each slot."""
    d = len(shapes)
    split = M.reshape(*(m for m, _ in shapes), *(n for _, n in shapes))
    axes = [axis for k in range(d) for axis in (k, d + k)]
    return split.transpose(axes).reshape([m * n for m, n in shapes])


def gradient(M, F):
    """Return the largest part of the residual in the directions of one factor, relative to ‖M‖: 0 at a minimum."""
    residual = tensor(M - dense(F), F.shapes)
    largest = 0.0
    for term in F.factors:
        columns = [factor.ravel() / np.linalg.norm(factor) for factor in term]
        for k in range(len(columns)):
            rest = np.moveaxis(residual, k, -1)
            for j, x in enumerate(columns):
                rest = rest if j == k else np.tensordot(x.conj(), rest, 1)
            largest = max(largest, np.linalg.norm(rest))
    return largest / np.linalg.norm(M)


class TestGroups:
    @pytest.mark.parametrize("shapes", [THREE, FOUR, MANY])
    def test_columns_are_vectors_of_products(self, shapes):
        factors = [random((m * n, 3), seed=k) for k, (m, n) in enumerate(shapes)]
        columns = cut.products(factors, shapes)
        for r in range(3):
            matrices = (F[:, r].reshape(shape) for F, shape in zip(factors, shapes, strict=True))
            np.testing.assert_allclose(columns[:, r], product(*matrices).ravel(), rtol=1e-14)
        np.testing.assert_array_equal(cut.columns_of(cut.tensor_of(columns, shapes), shapes), columns)

    def test_the_cut_is_where_the_sides_are_shortest(self):
        found = cut.Cut.balanced(((2, 2), (3, 3), (4, 4), (5, 5)))
        assert found.pair == ((6, 6), (20, 20))

    def test_thin_products_know_their_residual_where_squares_cancel(self):
        left, right = random((30, 4)), random((20, 4), seed=1)
        R = ThinRearrangement(left, right, left.dtype)
        nearby = left * (1 + 1e-13)
        residual, norm = R.residual_norms(nearby, right)
        assert norm == pytest.approx(np.linalg.norm(left @ right.T), rel=1e-14)
        assert residual == pytest.approx(1e-13 * norm, rel=0.05)
        np.testing.assert_allclose(R.T.product(random((30, 2))), right @ (left.T @ random((30, 2))), rtol=1e-12)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("terms", [1, 2, 3])
@pytest.mark.parametrize("shapes", [THREE, FOUR, MANY])
def test_sums_of_products_are_found_again(shapes, terms, dtype):
    M = sum_of_products(shapes, terms, dtype)
    F = ox.nearest_kronecker(M, shapes=shapes, terms=terms)
    rounding = 100 * np.finfo(dtype).eps
    assert F.error < rounding
    assert error_of(M, F) < rounding
    assert F.shapes == shapes
    assert all(factor.dtype == dtype for term in F.factors for factor in term)
    x = random(M.shape[1], dtype, 7)
    np.testing.assert_allclose(F.operator @ x, M @ x, atol=1e3 * rounding * np.linalg.norm(M @ x))


@pytest.mark.parametrize("order", ["C", "F", "strided"])
@pytest.mark.parametrize("dtype", ["float64", "complex128", "int64"])
def test_noise_leaves_a_minimum_with_the_error_that_is_said(dtype, order):
    M = 10 * noisy(THREE, 2, 0.5, "float64" if dtype == "int64" else dtype)
    M = M.astype(dtype)
    given = np.repeat(M, 2, axis=1)[:, ::2] if order == "strided" else np.asarray(M, order=order)
    F = ox.nearest_kronecker(given, shapes=THREE, terms=2, iteration=ox.Alternating(rtol=1e-13, sweeps=2000))
    assert error_of(M, F) == pytest.approx(F.error, rel=1e-12)
    assert F.error <= 0.46
    assert gradient(M, F) < 1e-6


class TestAgainstPeers:
    @pytest.mark.parametrize("terms", [1, 3])
    @pytest.mark.parametrize("shapes", [THREE, FOUR])
    def test_no_worse_than_parafac(self, shapes, terms):
        M = noisy(shapes, 3, 1.0, seed=5)
        T = tensor(M, shapes)
        weights, factors = parafac(T, terms, n_iter_max=1000, tol=1e-12, init="svd")
        theirs = np.linalg.norm(T - tensorly.cp_to_tensor((weights, factors))) / np.linalg.norm(T)
        assert ox.nearest_kronecker(M, shapes=shapes, terms=terms).error <= theirs * (1 + 1e-6)

    def test_one_term_is_the_largest_of_many_power_iterations(self):
        M = random((24, 24), seed=3)
        T = tensor(M, THREE)
        rng, best = np.random.default_rng(0), 0.0
        for _ in range(20):
            x = [rng.standard_normal(n) for n in T.shape]
            for _ in range(200):
                x[0] = np.einsum("abc,b,c->a", T, x[1], x[2])
                x[1] = np.einsum("abc,a,c->b", T, x[0], x[2]) / np.linalg.norm(x[0]) ** 2
                x[2] = np.einsum("abc,a,b->c", T, x[0], x[1]) / np.linalg.norm(x[0]) ** 2 / np.linalg.norm(x[1]) ** 2
                x[1:] = [y / np.linalg.norm(y) for y in x[1:]]
            best = max(best, np.linalg.norm(np.einsum("abc,b,c->a", T, x[1], x[2])))
        F = ox.nearest_kronecker(M, shapes=THREE, iteration=ox.Alternating(starts=20, rtol=1e-12))
        assert np.linalg.norm(dense(F)) == pytest.approx(best, rel=1e-6)

    @pytest.mark.parametrize(("angle", "terms", "level"), [(0.9, 4, 0), (0.98, 3, 1e-4), (0.9, 6, 1e-2)])
    def test_terms_that_are_nearly_parallel(self, angle, terms, level):
        """Plain sweeps, and TensorLy's, end far from the minimum here."""
        rng, shapes = np.random.default_rng(0), ((3, 3),) * 3
        mix = np.linalg.cholesky(np.full((terms, terms), angle) + (1 - angle) * np.eye(terms)).T
        factors = [np.linalg.qr(rng.standard_normal((9, terms)))[0] @ mix for _ in shapes]
        T = tensorly.cp_to_tensor((np.ones(terms), factors))
        M = T.reshape((3,) * 6).transpose(0, 2, 4, 1, 3, 5).reshape(27, 27)
        M = M + level * np.linalg.norm(M) / 27 * rng.standard_normal(M.shape)
        F = ox.nearest_kronecker(M, shapes=shapes, terms=terms)
        assert F.error < max(1e-13, level)
        weights, theirs = parafac(tensor(M, shapes), terms, n_iter_max=500, tol=1e-12, init="svd")
        left = np.linalg.norm(tensorly.cp_to_tensor((weights, theirs)) - tensor(M, shapes)) / np.linalg.norm(M)
        assert F.error < left

    def test_two_factors_and_one_of_a_single_number_are_two_factors(self):
        M = random((12, 12))
        two = ox.nearest_kronecker(M, shapes=((3, 4), (4, 3)), terms=2)
        three = ox.nearest_kronecker(M, shapes=((3, 4), (1, 1), (4, 3)), terms=2)
        assert three.error == pytest.approx(two.error, rel=1e-7)


class TestWhatIsSaid:
    @pytest.mark.parametrize("level", [0, 0.5])
    @pytest.mark.parametrize("shapes", [THREE, ((6, 6), (6, 6), (6, 6))])  # compressed with nothing lost, and with
    def test_history_falls_and_ends_at_the_error(self, shapes, level):
        F = ox.nearest_kronecker(noisy(shapes, 4, level), shapes=shapes, terms=4)
        assert len(F.history) > 3
        assert (np.diff(F.history) < 0).all()
        assert F.history[-1] == pytest.approx(F.error, rel=1e-12)

    def test_bound_is_that_of_the_rearrangement(self):
        M = noisy(THREE, 2, 0.5)
        F = ox.nearest_kronecker(M, shapes=THREE, terms=2)
        groups = cut.Cut.balanced(THREE).pair
        values = np.linalg.svd(ox.rearrange(M, shapes=groups), compute_uv=False)
        bound = np.linalg.norm(values[2:]) / np.linalg.norm(M)
        assert F.reason.endswith(f"no sum of so many can have an error below {bound:.3g}")
        assert bound <= F.error
        assert F.certificate.gap == pytest.approx(values[1] / values[2], rel=1e-6)

    def test_certificate(self):
        M = noisy(THREE, 2, 0.3)
        F = ox.nearest_kronecker(M, shapes=THREE, terms=2, seed=3)
        assert (F.certificate.kind, F.certificate.seed) == ("exact", 3)
        assert F.certificate.probe_residual == pytest.approx(F.error, rel=0.5)

    def test_reproduced_by_its_seed(self):
        M = noisy(THREE, 4, 0.5)
        first, again = (ox.nearest_kronecker(M, shapes=THREE, terms=4, seed=1) for _ in range(2))
        assert all(
            (A == B).all() for s, t in zip(first.factors, again.factors, strict=True) for A, B in zip(s, t, strict=True)
        )

    @pytest.mark.parametrize("dtype", ["float64", "complex128"])
    def test_terms_are_balanced_sorted_and_of_positive_trace(self, dtype):
        shapes = ((3, 3), (2, 2), (4, 4))
        F = ox.nearest_kronecker(noisy(shapes, 3, 0.3, dtype), shapes=shapes, terms=3)
        norms = np.array([[np.linalg.norm(factor) for factor in term] for term in F.factors])
        np.testing.assert_allclose(norms, norms[:, :1].repeat(3, 1), rtol=1e-10)
        assert (np.diff(norms[:, 0]) <= 0).all()
        traces = np.array([np.trace(factor) for term in F.factors for factor in term[:-1]])
        assert (traces.real > 0).all()
        np.testing.assert_allclose(traces.imag, 0, atol=1e-12)

    def test_hermitian_factors_of_a_hermitian_matrix(self):
        shapes = ((3, 3), (2, 2), (4, 4))
        M = random((24, 24), "complex128")
        M = M @ M.conj().T
        F = ox.nearest_kronecker(M, shapes=shapes, iteration=ox.Alternating(rtol=1e-15, sweeps=5000))
        assert all((factor == factor.conj().T).all() for factor in F.factors[0])


class TestTolerance:
    def test_fewest_terms(self):
        M = noisy(THREE, 3, 1e-6)
        F = ox.nearest_kronecker(M, shapes=THREE, tol=1e-5)
        assert F.terms == 3
        assert F.error <= 1e-5
        assert ox.nearest_kronecker(M, shapes=THREE, terms=2).error > 1e-5
        assert "the fewest found for an error of 1e-05 (at least 3 are needed)" in F.reason

    def test_not_met(self):
        F = ox.nearest_kronecker(random((24, 24)), shapes=THREE, tol=1e-3, terms=2)
        assert F.terms == 2
        assert F.reason.startswith("tolerance 0.001 not met: the error of 2 terms is 0.")

    def test_any_matrix_is_met_by_enough(self):
        shapes = ((2, 1), (2, 2), (2, 3))
        M = random((8, 6))
        F = ox.nearest_kronecker(M, shapes=shapes, tol=1e-6)
        assert F.error <= 1e-6
        assert F.terms <= 8


class TestBadInput:
    def test_zeros(self):
        F = ox.nearest_kronecker(np.zeros((24, 24)), shapes=THREE, terms=2)
        assert F.error == 0
        assert not dense(F).any()

    @pytest.mark.parametrize("scale", [1e200, 1e-200, 1e300, 5e-310])
    def test_scales_far_from_one(self, scale):
        M = noisy(THREE, 2, 0.1)
        F = ox.nearest_kronecker(M * scale, shapes=THREE, terms=2)
        reference = ox.nearest_kronecker(M, shapes=THREE, terms=2)
        assert F.error == pytest.approx(reference.error, rel=1e-6)
        np.testing.assert_allclose(dense(F) / scale, dense(reference), rtol=1e-5, atol=1e-5)

    def test_more_terms_than_needed_leave_no_error(self):
        F = ox.nearest_kronecker(sum_of_products(THREE, 1), shapes=THREE, terms=4)
        assert F.error < 1e-14
        assert np.isfinite(dense(F)).all()

    def test_repeated_singular_values(self):
        swaps = np.eye(8)[[0, 4, 2, 6, 1, 5, 3, 7]]  # exchanges the first and the last of three bits
        F = ox.nearest_kronecker(swaps, shapes=((2, 2),) * 3, terms=4)
        assert F.error < 1e-14

    def test_a_sum_that_has_no_nearest_says_so(self):
        """d/dt (A + tB)⊗³ at 0 is a limit of sums of two terms, and needs three."""
        A, B = np.eye(2), np.array([[0.0, 1.0], [0.0, 0.0]])
        M = product(B, A, A) + product(A, B, A) + product(A, A, B)
        F = ox.nearest_kronecker(M, shapes=((2, 2),) * 3, terms=2, iteration=ox.Alternating(rtol=0))
        assert F.error < 0.05
        assert "the terms cancel: together they are" in F.reason
        assert ox.nearest_kronecker(M, shapes=((2, 2),) * 3, terms=3).error < 1e-14

    def test_terms(self):
        with pytest.raises(ShapeError, match=r"admits 1 to 36 terms \(2·3, 3·2, 4·4 multiplied, without the largest\)"):
            ox.nearest_kronecker(np.ones((24, 24)), shapes=THREE, terms=37)

    @pytest.mark.parametrize(("settings", "error"), [({"starts": 0}, ShapeError), ({"sweeps": -1}, ShapeError)])
    def test_counts(self, settings, error):
        with pytest.raises(error, match=next(iter(settings))):
            ox.Alternating(**settings)

    @pytest.mark.parametrize("rtol", [-1e-3, 1.0, float("nan")])
    def test_rtol(self, rtol):
        with pytest.raises(NonFiniteError, match="must lie in"):
            ox.Alternating(rtol=rtol)


def test_the_matrix_is_never_copied(tmp_path):
    shapes = ((8, 8), (8, 8), (16, 16))
    np.save(tmp_path / "M.npy", noisy(shapes, 2, 0.1))
    M = np.load(tmp_path / "M.npy", mmap_mode="r")
    tracemalloc.start()
    F = ox.nearest_kronecker(M, shapes=shapes, terms=2, iteration=ox.Alternating(starts=2))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert F.error < 0.1
    assert peak < M.nbytes


class TestGaussNewton:
    @pytest.mark.parametrize("dtype", ["float64", "complex128"])
    def test_a_step_solves_the_damped_normal_equations(self, dtype):
        """Against the Jacobian of the sum of products, column by column, damped by the diagonal of Jᴴ J."""
        shapes, terms, damping = ((2, 2), (1, 2), (2, 3)), 3, 0.1  # slots of less, and of more entries than terms
        M = random((4, 12), dtype)
        factors = balanced([random((m * n, terms), dtype, seed=k) for k, (m, n) in enumerate(shapes)])

        def value(parts):
            return sum(
                product(*(F[:, r].reshape(s) for F, s in zip(parts, shapes, strict=True))) for r in range(terms)
            ).ravel()

        columns = [
            value([*factors[:k], unit.reshape(F.shape), *factors[k + 1 :]])  # linear in each factor
            for k, F in enumerate(factors)
            for unit in np.eye(F.size)
        ]
        J, rest = np.array(columns).T, M.ravel() - value(factors)
        normal = J.conj().T @ J
        solved = np.linalg.solve(normal + damping * np.diag(np.diag(normal)), J.conj().T @ rest)

        groups = cut.Cut.balanced(shapes)
        R = read_operand(M).rearranged(groups.pair)
        steps, promised = Model.of(R, groups, factors).step(damping)
        np.testing.assert_allclose(np.concatenate([step.ravel() for step in steps]), solved, rtol=1e-9, atol=1e-12)
        left = np.linalg.norm(rest - J @ solved) ** 2
        assert promised == pytest.approx(np.linalg.norm(rest) ** 2 - left, rel=1e-9)

    def test_a_curved_valley_takes_few_steps(self):
        """Sweeps alone take hundreds here, and stop far from the minimum."""
        rng, shapes = np.random.default_rng(0), ((3, 3),) * 3
        mix = np.linalg.cholesky(np.full((3, 3), 0.99) + 0.01 * np.eye(3)).T
        T = tensorly.cp_to_tensor((np.ones(3), [np.linalg.qr(rng.standard_normal((9, 3)))[0] @ mix for _ in shapes]))
        M = T.reshape((3,) * 6).transpose(0, 2, 4, 1, 3, 5).reshape(27, 27)
        F = ox.nearest_kronecker(M, shapes=shapes, terms=3)
        assert F.error < 1e-12
        assert len(F.history) < 200
        assert (np.diff(F.history) < 0).all()
