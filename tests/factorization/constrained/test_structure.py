"""`structure=`: factors in the sets asked for, against dense references that share nothing with the library."""

import itertools

import numpy as np
import pytest
from scipy import linalg, optimize, sparse

import otimes as ox
from otimes.errors import ShapeError, StructureError
from otimes.factorization import triplets
from otimes.factorization.constrained.least_squares import CompressedLeastSquares, LeastSquares, least_squares
from otimes.factorization.constrained.relaxed import coordinates
from otimes.factorization.constrained.request import read_structures
from otimes.factorization.multiway.cut import Cut
from otimes.factorization.operand import read_operand

SHAPES = ((5, 5), (4, 4))


def random_matrix(shape, dtype="float64", seed=0):
    rng = np.random.default_rng(seed)
    M = rng.standard_normal(shape)
    return (M + 1j * rng.standard_normal(shape) if "complex" in dtype else M).astype(dtype)


def definite(n, dtype="float64", seed=0):
    X = random_matrix((n, n), dtype, seed)
    return X @ X.conj().T


def error_of(M, F):
    return np.linalg.norm(M - sum(np.kron(A, B) for A, B in F.factors)) / np.linalg.norm(M)


def units(count):
    return np.eye(count)


def entries(n, keep):
    """Unit matrices of the entries (i, j) to be kept."""
    return [np.outer(units(n)[i], units(n)[j]) for i, j in itertools.product(range(n), repeat=2) if keep(i, j)]


MATRICES = {  # matrices that span each structure, as SciPy or the definition gives them
    "symmetric": lambda n: [E + E.T for E in entries(n, lambda i, j: i <= j)],
    "diagonal": lambda n: [np.diag(e) for e in units(n)],
    "banded(1, 0)": lambda n: entries(n, lambda i, j: i - 1 <= j <= i),
    "banded(1)": lambda n: entries(n, lambda i, j: abs(i - j) <= 1),
    "lower_triangular": lambda n: entries(n, lambda i, j: j <= i),
    "upper triangular": lambda n: entries(n, lambda i, j: j >= i),
    "toeplitz": lambda n: [linalg.toeplitz(e[:n], np.r_[e[0], e[n:]]) for e in units(2 * n - 1)],
    "hankel": lambda n: [linalg.hankel(e[:n], e[n - 1 :]) for e in units(2 * n - 1)],
    "circulant": lambda n: [linalg.circulant(e) for e in units(n)],
    "symmetric & Toeplitz": lambda n: [linalg.toeplitz(e) for e in units(n)],
    "circulant & banded(0)": lambda n: [np.eye(n)],
    "hermitian": lambda n: (
        [E + E.T for E in entries(n, lambda i, j: i <= j)] + [1j * (E - E.T) for E in entries(n, lambda i, j: i < j)]
    ),
    "hermitian & toeplitz": lambda n: [linalg.toeplitz(e) for e in [*units(n), *(1j * units(n)[1:])]],
}
OVER_THE_REALS = {"hermitian", "hermitian & toeplitz"}


def real_coordinates(matrices):
    """Orthonormal columns (real and imaginary parts stacked) that span the matrices over the real numbers."""
    columns = np.array([np.r_[X.real.ravel(), X.imag.ravel()] for X in map(np.asarray, matrices)]).T
    U, values, _ = np.linalg.svd(columns, full_matrices=False)
    return U[:, values > 1e-10]


def best_error(M, first, second, terms, *, over_reals):
    """The least error by a dense least-squares problem in the coordinates of the span of all A ⊗ B."""
    if np.iscomplexobj(M) and not over_reals:
        P, Q = (np.linalg.qr(np.array([X.ravel() for X in side]).T)[0] for side in (first, second))
        C = P.conj().T @ ox.rearrange(M, shapes=SHAPES) @ Q.conj()
    else:
        bases = []
        for side in (first, second):
            U = real_coordinates(side)
            bases.append(U[: len(U) // 2] + 1j * U[len(U) // 2 :])
        C = (bases[0].conj().T @ ox.rearrange(M, shapes=SHAPES) @ bases[1].conj()).real
    values = np.linalg.svd(C, compute_uv=False)
    return np.sqrt(np.linalg.norm(M) ** 2 - (values[:terms] ** 2).sum()) / np.linalg.norm(M)


class TestLinear:
    @pytest.mark.parametrize("method", ["streamed", "krylov"])
    @pytest.mark.parametrize("dtype", ["float64", "complex128"])
    @pytest.mark.parametrize("structure", MATRICES)
    def test_the_optimum(self, monkeypatch, structure, dtype, method):
        monkeypatch.setattr(triplets, "prefers_streaming", lambda *_: method == "streamed")
        first, second = (MATRICES[structure](n) for n in (5, 4))
        M = random_matrix((20, 20), dtype)
        over_reals = structure in OVER_THE_REALS
        if dtype == "float64":
            first, second = ([X for X in side if not np.iscomplexobj(X)] for side in (first, second))
        F = ox.nearest_kronecker(M, shapes=SHAPES, terms=2, structure=structure)
        assert F.terms == min(2, len(second))
        assert F.error == pytest.approx(best_error(M, first, second, F.terms, over_reals=over_reals), rel=1e-12)
        assert error_of(M, F) == pytest.approx(F.error, rel=1e-12)
        for term in F.factors:
            for factor, side in zip(term, (first, second), strict=True):
                vector, U = np.r_[factor.real.ravel(), factor.imag.ravel()], real_coordinates(side)
                if dtype == "complex128" and not over_reals:
                    U = real_coordinates([*side, *(1j * np.asarray(X) for X in side)])
                np.testing.assert_allclose(U @ (U.T @ vector), vector, atol=1e-12)

    @pytest.mark.parametrize("structure", [("symmetric", None), (None, "hermitian"), ("hermitian", "diagonal")])
    def test_one_structure_for_each_factor(self, structure):
        M = random_matrix((20, 20), "complex128")
        spans = {
            "symmetric": lambda n: MATRICES["symmetric"](n),
            "hermitian": MATRICES["hermitian"],
            "diagonal": MATRICES["diagonal"],
            None: lambda n: entries(n, lambda i, j: True),
        }
        over_reals = "hermitian" in structure
        first, second = (spans[one](n) for one, n in zip(structure, (5, 4), strict=True))
        if over_reals:
            first, second = (
                side if one == "hermitian" else [*side, *(1j * X for X in side)]
                for one, side in zip(structure, (first, second), strict=True)
            )
        F = ox.nearest_kronecker(M, shapes=SHAPES, terms=3, structure=structure)
        assert F.error == pytest.approx(best_error(M, first, second, 3, over_reals=over_reals), rel=1e-12)

    @pytest.mark.parametrize("as_given", [np.asarray, sparse.csr_array])
    def test_a_pattern(self, as_given):
        mask = np.random.default_rng(1).random((5, 5)) < 0.4
        M = random_matrix((20, 20))
        F = ox.nearest_kronecker(M, shapes=SHAPES, terms=2, structure=(as_given(mask), None))
        R = ox.rearrange(M, shapes=SHAPES)[mask.ravel()]
        left_out = np.linalg.svd(R, compute_uv=False)[:2]
        assert F.error == pytest.approx(np.sqrt(1 - (left_out**2).sum() / np.linalg.norm(M) ** 2), rel=1e-12)
        assert all((A[~mask] == 0).all() for A, _ in F.factors)

    def test_rectangular_factors(self):
        A, B = linalg.toeplitz(range(1, 4), range(1, 6)), np.triu(random_matrix((4, 3)))
        F = ox.nearest_kronecker(np.kron(A, B), shapes=((3, 5), (4, 3)), structure=("toeplitz", "upper_triangular"))
        assert F.error < 1e-15

    def test_separable_blur_is_one_toeplitz_product(self):
        """Kamm and Nagy: for a block Toeplitz matrix of Toeplitz blocks the optimum is a weighted SVD of its kernel."""
        n, kernel = 6, np.exp(-np.add.outer(np.arange(-5, 6) ** 2, np.abs(np.arange(-5, 6)) ** 1.5) / 7)
        kernel[2, 3] += 0.2
        M = np.block(
            [[linalg.toeplitz(kernel[5 + i - j, 5:], kernel[5 + i - j, 5::-1]) for j in range(n)] for i in range(n)]
        )
        roots = np.sqrt(n - np.abs(np.arange(-5, 6)))
        values = np.linalg.svd(roots[:, None] * kernel * roots, compute_uv=False)
        F = ox.nearest_kronecker(M, shapes=((n, n), (n, n)), structure="toeplitz")
        assert F.singular_values[0] == pytest.approx(values[0], rel=1e-13)
        assert F.error == pytest.approx(np.linalg.norm(values[1:]) / np.linalg.norm(values), rel=1e-12)

    def test_a_tolerance_is_met_by_the_fewest_terms(self):
        M = sum(0.1**r * np.kron(*(linalg.toeplitz(random_matrix(n, seed=r)) for n in (5, 4))) for r in range(3))
        one, two = (ox.nearest_kronecker(M, shapes=SHAPES, structure="toeplitz", terms=r).error for r in (1, 2))
        F = ox.nearest_kronecker(M, shapes=SHAPES, structure="symmetric & toeplitz", tol=(one + two) / 2)
        assert F.error == pytest.approx(two, rel=1e-10)
        assert F.reason.startswith("tolerance: 2 terms of 5×5 ⊗ 4×4, the fewest found")
        assert ox.nearest_kronecker(M, shapes=SHAPES, structure="toeplitz", tol=1e-12).terms == 3

    def test_a_tolerance_that_is_not_met(self):
        M = random_matrix((20, 20))
        F = ox.nearest_kronecker(M, shapes=SHAPES, structure="toeplitz", tol=0.1)
        assert F.terms == 7
        assert "tolerance 0.1 not met" in F.reason
        assert F.error == ox.nearest_kronecker(M, shapes=SHAPES, structure="toeplitz", terms=7).error

    def test_single_precision(self):
        M = random_matrix((20, 20), "complex64")
        F = ox.nearest_kronecker(M, shapes=SHAPES, terms=2, structure="hermitian")
        double = ox.nearest_kronecker(M.astype("complex128"), shapes=SHAPES, terms=2, structure="hermitian")
        assert {X.dtype.name for term in F.factors for X in term} == {"complex64"}
        assert F.error == pytest.approx(double.error, rel=1e-5)


def members(name, n, count=40):
    """Matrices of a convex set, by the definition."""
    rng = np.random.default_rng(5)
    return [MEMBERS[name](rng, n) for _ in range(count)]


def _sparse_positive(rng, n):
    return rng.random((n, n)) * (rng.random((n, n)) < 0.6) + np.eye(n)


def _rotated(X, values):
    Q = np.linalg.qr(X)[0]
    return Q * values @ Q.T


def _spectral_density(rng, n):
    """Σ w cos(ω (i − j)): Toeplitz and positive semidefinite."""
    frequencies, weights = rng.uniform(0, np.pi, 2), rng.exponential(size=2)
    return linalg.toeplitz(weights @ np.cos(np.outer(frequencies, np.arange(n))))


MEMBERS = {
    "positive_semidefinite": lambda rng, n: _rotated(rng.standard_normal((n, n)), rng.exponential(size=n) ** 3),
    "positive_definite(10)": lambda rng, n: _rotated(rng.standard_normal((n, n)), rng.uniform(0.1, 1, n)),
    "nonnegative": _sparse_positive,
    "stochastic": lambda rng, n: (lambda X: X / X.sum(1, keepdims=True))(_sparse_positive(rng, n)),
    "column_stochastic": lambda rng, n: (lambda X: X / X.sum(0))(_sparse_positive(rng, n)),
    "doubly_stochastic": lambda rng, n: np.mean([np.eye(n)[rng.permutation(n)] for _ in range(3)], axis=0),
    "positive_semidefinite & toeplitz": _spectral_density,
    "nonnegative & toeplitz": lambda rng, n: linalg.toeplitz(rng.random(n), rng.random(n)),
}


class TestNearestPoints:
    @pytest.mark.parametrize("seed", range(4))
    @pytest.mark.parametrize("name", MEMBERS)
    def test_of_convex_sets(self, name, seed):
        """P is nearest to A in a convex set if and only if it is in it and ⟨A − P, Z − P⟩ ≤ 0 for all Z in it."""
        (one, _) = read_structures(name, ((6, 6), (2, 2)), np.dtype(float))
        A = (0.2, 1, 3, 10)[seed] * random_matrix((6, 6), seed=seed)
        P = one.nearest(A)
        assert np.linalg.norm(one.nearest(P) - P) <= 1e-9 * np.linalg.norm(P)
        assert max(np.vdot(A - P, Z - P) for Z in members(name, 6)) <= 1e-9 * np.linalg.norm(A)
        assert all(np.linalg.norm(one.nearest(Z) - Z) <= 1e-9 * np.linalg.norm(Z) for Z in members(name, 6))

    @pytest.mark.parametrize("name", ["nonnegative & psd", "nonnegative & psd & toeplitz", "stochastic & symmetric"])
    def test_of_sets_that_touch(self, name):
        """Plain projections in turn take tens of thousands of rounds for some of these."""
        sets = read_structures(name, ((8, 8), (2, 2)), np.dtype(float))
        for seed in range(6):
            A = random_matrix((8, 8), seed=seed) - seed % 2
            P = sets[0].nearest(A)
            assert max(np.linalg.norm(one.nearest(P) - P) for one in sets[0].sets) <= 1e-10 * np.linalg.norm(A)
            assert np.vdot(A - P, P) == pytest.approx(0, abs=1e-9 * np.linalg.norm(A) ** 2) or "stochastic" in name

    def test_sets_of_several_sets_are_taken_apart(self):
        (one, _) = read_structures("doubly_stochastic & spd(1.5) & toeplitz", ((5, 5), (2, 2)), np.dtype(float))
        assert [part.name for part in one.sets[1:]] == ["column stochastic", "stochastic", "positive definite(1.5)"]

    def test_orthogonal_ones_are_real(self):
        (one, _) = read_structures("orthogonal", ((4, 4), (2, 2)), np.dtype(complex))
        A = random_matrix((4, 4), "complex128")
        np.testing.assert_allclose(one.nearest(A), linalg.polar(A.real)[0], atol=1e-13)

    def test_of_a_cone_that_is_nearest_in_its_tip(self):
        (one, _) = read_structures("psd & toeplitz", ((5, 5), (2, 2)), np.dtype(float))
        for seed in range(5):
            A = random_matrix((5, 5), seed=seed) - 3 * np.eye(5)
            np.testing.assert_allclose(one.nearest(A), np.zeros((5, 5)), atol=1e-6)

    def test_of_positive_definite_ones_that_need_no_largest(self):
        (one, _) = read_structures("positive_definite(4)", ((3, 3), (2, 2)), np.dtype(float))
        assert (one.nearest(-np.eye(3)) == 0).all()
        np.testing.assert_allclose(one.nearest(np.diag([4.0, 2.0, 1.0])), np.diag([4.0, 2.0, 1.0]), atol=1e-15)

        def distance(u):
            return sum((np.clip(x, u / 4, u) - x) ** 2 for x in (5.0, 0.1, -1.0))

        best = optimize.minimize_scalar(distance, bounds=(0, 6), method="bounded", options={"xatol": 1e-12}).x
        found = np.linalg.eigvalsh(one.nearest(np.diag([5.0, 0.1, -1.0])))
        np.testing.assert_allclose(found, [best / 4, best / 4, best], rtol=1e-6)

    @pytest.mark.parametrize("dtype", ["float64", "complex128"])
    @pytest.mark.parametrize("shape", [(4, 4), (5, 3), (3, 5)])
    def test_of_unitary_ones(self, shape, dtype):
        (one, _) = read_structures("unitary", (shape, (2, 2)), np.dtype(dtype))
        A = random_matrix(shape, dtype)
        np.testing.assert_allclose(one.nearest(A), linalg.polar(A)[0], atol=1e-13)


class TestIterated:
    def test_one_positive_semidefinite_term_of_an_indefinite_matrix(self):
        """Against BFGS over square roots of both factors, from many starts."""
        M = random_matrix((6, 6))
        M = M + M.T

        def loss(x):
            X, Y = x[:4].reshape(2, 2), x[4:].reshape(3, 3)
            return np.linalg.norm(M - np.kron(X @ X.T, Y @ Y.T)) / np.linalg.norm(M)

        best = min(optimize.minimize(loss, random_matrix(13, seed=k)).fun for k in range(4))
        F = ox.nearest_kronecker(M, shapes=((2, 2), (3, 3)), structure="psd")
        assert F.error == pytest.approx(best, rel=1e-6)
        assert F.error == pytest.approx(error_of(M, F), rel=1e-12)

    @pytest.mark.parametrize("terms", [1, 2])
    def test_nonnegative_terms(self, terms):
        """Against L-BFGS within bounds, from many starts."""
        M = random_matrix((6, 6)) + 0.3

        def loss(x):
            pairs = x.reshape(terms, 13)
            return np.linalg.norm(M - sum(np.kron(p[:4].reshape(2, 2), p[4:].reshape(3, 3)) for p in pairs)) ** 2

        bounds = [(0, None)] * 13 * terms
        starts = [np.abs(random_matrix(13 * terms, seed=k)) for k in range(4)]
        best = min(optimize.minimize(loss, x, bounds=bounds).fun for x in starts) ** 0.5 / np.linalg.norm(M)
        F = ox.nearest_kronecker(M, shapes=((2, 2), (3, 3)), terms=terms, structure="nonnegative")
        assert F.error <= best * (1 + 1e-5)
        assert F.error == pytest.approx(error_of(M, F), rel=1e-12)
        assert min(X.min() for term in F.factors for X in term) >= 0

    @pytest.mark.parametrize("dtype", ["float64", "complex128"])
    @pytest.mark.parametrize("structure", ["psd", "spd(50)", "nonnegative", "unitary", ("unitary", None), "stochastic"])
    def test_history_structure_and_error(self, structure, dtype):
        M = random_matrix((20, 20), dtype) + np.kron(np.ones((5, 5)), np.eye(4))
        F = ox.nearest_kronecker(M, shapes=SHAPES, terms=2, structure=structure)
        assert all(after <= before for before, after in itertools.pairwise(F.history))
        assert F.error == F.history[-1] == pytest.approx(error_of(M, F), rel=1e-12)
        assert "alternating sweep" in F.reason
        sets = read_structures(structure, SHAPES, np.dtype(dtype))
        for term in F.factors:
            for X, one in zip(term, sets, strict=True):
                assert np.linalg.norm(one.nearest(X) - X) <= 1e-12 * np.linalg.norm(X)

    def test_is_better_than_clipping_afterwards(self):
        M = random_matrix((20, 20)) + 0.2
        free = ox.nearest_kronecker(M, shapes=SHAPES)
        (A, B), F = free.factors[0], ox.nearest_kronecker(M, shapes=SHAPES, structure="nonnegative")
        clipped = min(
            np.linalg.norm(M - np.kron(np.maximum(s * A, 0), np.maximum(s * B, 0))) / np.linalg.norm(M) for s in (1, -1)
        )
        assert free.error < F.error < clipped

    def test_a_sum_of_positive_semidefinite_products_is_found_again(self):
        M = sum(np.kron(definite(5, seed=r), definite(4, seed=r + 9)) for r in range(2))
        F = ox.nearest_kronecker(M, shapes=SHAPES, terms=2, structure="psd", iteration=ox.Alternating(sweeps=2000))
        assert F.error < 1e-6
        assert min(np.linalg.eigvalsh(X).min() for term in F.factors for X in term) > -1e-12


@pytest.mark.parametrize("structure", ["psd", ("psd", "nonnegative & symmetric"), ("symmetric & toeplitz", "psd")])
@pytest.mark.parametrize("dtype", ["float64", "complex128"])
def test_the_problem_in_coordinates(structure, dtype):
    """Errors are those of the whole matrix, and moments differ by what no factor of the subspaces meets."""
    M, sets = random_matrix((20, 20), dtype), read_structures(structure, SHAPES, np.dtype(dtype))
    groups = Cut.balanced(SHAPES)
    R, within = read_operand(M).rearranged(groups.pair), coordinates(sets, np.dtype(dtype))
    whole, compressed = LeastSquares(R), least_squares(R, groups, within)
    assert isinstance(compressed, CompressedLeastSquares)
    A, B = (np.stack([X.ravel() for X in map(one.nearest, random_matrix((3, *one.shape), dtype))], 1) for one in sets)
    assert compressed.error(A, B) == pytest.approx(whole.error(A, B), rel=1e-12)
    for problem, reference, fixed, other in ((compressed, whole, B, A), (compressed.T, whole.T, A, B)):
        (normal, moment), (normal_of_all, moment_of_all) = problem.equations(fixed), reference.equations(fixed)
        np.testing.assert_array_equal(normal, normal_of_all)
        np.testing.assert_allclose((other.conj().T @ moment).real, (other.conj().T @ moment_of_all).real, atol=1e-10)


class TestInherited:
    @pytest.mark.parametrize("dtype", ["float64", "complex128"])
    @pytest.mark.parametrize("name", ["positive semidefinite", "positive definite"])
    def test_definite(self, name, dtype):
        M = definite(20, dtype)
        F = ox.nearest_kronecker(M, shapes=SHAPES, structure=name)
        assert f"as it always is where M is {name} (Van Loan and Pitsianis 1993" in F.reason
        assert F.history == ()
        assert F.error == pytest.approx(ox.nearest_kronecker(M, shapes=SHAPES).error, rel=1e-13)
        assert min(np.linalg.eigvalsh(X).min() for X in F.factors[0]) > 0

    def test_a_condition_number_is_not(self):
        F = ox.nearest_kronecker(np.eye(20), shapes=SHAPES, structure="spd(10)")
        assert F.reason.endswith("positive definite(10): inherited, the best product of symmetric factors has it")

    def test_nonnegative(self):
        M = np.abs(random_matrix((20, 20)))
        F = ox.nearest_kronecker(M, shapes=SHAPES, structure="nonnegative")
        assert "as it always is where M is nonnegative" in F.reason
        assert F.error == pytest.approx(ox.nearest_kronecker(M, shapes=SHAPES).error, rel=1e-13)

    def test_factors_of_a_set_that_is_no_cone_have_its_size(self):
        Q, S = np.linalg.qr(random_matrix((5, 5)))[0], np.abs(random_matrix((4, 4)))
        S /= S.sum(1, keepdims=True)
        F = ox.nearest_kronecker(np.kron(Q, S), shapes=SHAPES, structure=("orthogonal", "stochastic"))
        assert F.error < 1e-14
        assert np.abs(F.factors[0][0]) == pytest.approx(np.abs(Q), abs=1e-13)
        F = ox.nearest_kronecker(7 * np.kron(S, Q), shapes=((4, 4), (5, 5)), structure=(None, "orthogonal"))
        assert F.error < 1e-14
        assert np.abs(F.factors[0][0]) == pytest.approx(7 * S, abs=1e-12)

    def test_symmetry_is_not_where_the_best_factors_are_skew(self):
        J = np.array([[0.0, 1.0], [-1.0, 0.0]])
        M = np.kron(J, J)  # symmetric, and of rank one: but no symmetric factors give it
        assert ox.nearest_kronecker(M, shapes=((2, 2), (2, 2))).error < 1e-15
        assert ox.nearest_kronecker(M, shapes=((2, 2), (2, 2)), structure="symmetric").error == pytest.approx(1)


class TestSources:
    """Whatever holds the matrix, the factors are those of its array."""

    @pytest.mark.parametrize("structure", ["toeplitz", ("symmetric", "diagonal"), "psd"])
    @pytest.mark.parametrize("kind", ["sparse", "sum of products", "linear operator"])
    def test_factors_of_what_is_no_array(self, kind, structure):
        terms = [(definite(5, seed=r), definite(4, seed=r + 4)) for r in range(2)]
        K = sum((ox.kron(A, B) for A, B in terms[1:]), ox.kron(*terms[0]))
        M = sum(np.kron(A, B) for A, B in terms)
        given = {
            "sparse": sparse.csr_array(M),
            "sum of products": K,
            "linear operator": sparse.linalg.aslinearoperator(M),
        }
        F, dense = (ox.nearest_kronecker(X, shapes=SHAPES, structure=structure) for X in (given[kind], M))
        assert F.error == pytest.approx(dense.error, rel=1e-10)
        np.testing.assert_allclose(np.kron(*F.factors[0]), np.kron(*dense.factors[0]), atol=1e-5)


class TestScales:
    @pytest.mark.parametrize("scale", [1e200, 1e-200])
    @pytest.mark.parametrize("structure", ["toeplitz", "psd", ("orthogonal", "nonnegative"), (None, "stochastic")])
    def test_huge_and_tiny(self, structure, scale):
        M = random_matrix((20, 20)) + 1
        plain = ox.nearest_kronecker(M, shapes=SHAPES, structure=structure)
        F = ox.nearest_kronecker(scale * M, shapes=SHAPES, structure=structure)
        assert F.error == pytest.approx(plain.error, rel=1e-7)
        A, B = F.factors[0]
        np.testing.assert_allclose(np.kron(A, B) / scale, np.kron(*plain.factors[0]), atol=1e-3)

    @pytest.mark.parametrize("structure", ["stochastic", "orthogonal"])
    def test_factors_that_cannot_be_tiny(self, structure):
        with pytest.raises(StructureError, match="norms of their own, and the entries of the matrix are about"):
            ox.nearest_kronecker(1e-200 * random_matrix((20, 20)), shapes=SHAPES, structure=structure)

    @pytest.mark.parametrize("structure", ["toeplitz", "spd", "nonnegative", ("orthogonal", None)])
    def test_zero(self, structure):
        F = ox.nearest_kronecker(np.zeros((20, 20)), shapes=SHAPES, structure=structure)
        assert F.error == 0
        assert np.isfinite(F.factors[0][0]).all()
        assert not np.kron(*F.factors[0]).any()


class TestBadRequests:
    @pytest.mark.parametrize(
        ("structure", "shapes", "message"),
        [
            ("symetric", SHAPES, "'symetric' is none of general, real, symmetric, hermitian"),
            ("toeplitz(3)", SHAPES, "and the other names without parentheses"),
            ("banded", SHAPES, r"write banded\(width\)"),
            ("banded(-1)", SHAPES, r"write banded\(width\)"),
            ("banded(0.5)", SHAPES, r"write banded\(width\)"),
            ("banded(x)", SHAPES, r"write banded\(width\)"),
            ("spd(0.5)", SHAPES, "no condition number is below 1"),
            ("symmetric", ((5, 2), (4, 10)), "a factor of 5×2 is not square"),
            (("psd", None), ((5, 2), (4, 10)), "a factor of 5×2 is not square"),
            ("orthogonal & symmetric", SHAPES, "orthogonal matrices are no convex set"),
            ("stochastic & banded(1) & orthogonal", SHAPES, "ask for one of them"),
            (np.ones((5, 5)), SHAPES, "a pattern is a mask of booleans"),
            ((np.zeros((5, 5), bool), None), SHAPES, "only that of zeros has it"),
        ],
    )
    def test_structures(self, structure, shapes, message):
        with pytest.raises(StructureError, match=message):
            ox.nearest_kronecker(np.ones((20, 20)), shapes=shapes, structure=structure)

    @pytest.mark.parametrize(
        ("structure", "message"),
        [
            (("symmetric",), "1 entries for the 2 factors 5×5 ⊗ 4×4; give one for each, or one for all"),
            (np.ones((5, 5), bool), "the pattern is 5×5, and its factor 4×4"),
        ],
    )
    def test_shapes(self, structure, message):
        with pytest.raises(ShapeError, match=message):
            ox.nearest_kronecker(np.ones((20, 20)), shapes=SHAPES, structure=structure)

    def test_sets_without_a_common_matrix(self, monkeypatch):
        mask = "banded(0, 4) & stochastic"  # the identity is in both
        assert ox.nearest_kronecker(np.eye(20), shapes=SHAPES, structure=mask).error < 1e-8
        monkeypatch.setattr("otimes.factorization.constrained.request.ROUNDS", 100)
        with pytest.raises(StructureError, match="they may have no matrix in common"):
            ox.nearest_kronecker(np.eye(20), shapes=SHAPES, structure="stochastic & spd & hankel & diagonal")
