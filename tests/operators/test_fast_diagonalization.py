"""FastDiagonalization against dense algebra: solutions, null spaces, triangles, spectra, functions."""

import math

import numpy as np
import pytest
import scipy.linalg
from market import definite, hermitian, kron, kronsum, matrix

import otimes as ox
from otimes.errors import NonFiniteError, NoRule, ShapeError, SingularError, StructureError

EPS = np.finfo(float).eps
SIZES = {1: (7,), 2: (5, 4), 3: (4, 2, 3), 4: (3, 2, 4, 2)}


def generalized(Ks, Ms):
    """Return the dense sum."""
    return sum(kron(*(K if i == j else M for j, M in enumerate(Ms))) for i, K in enumerate(Ks))


def neumann(n):
    """Return the Laplacian of a path with free ends, which is singular."""
    L = 2 * np.eye(n) - np.eye(n, k=1) - np.eye(n, k=-1)
    L[0, 0] = L[-1, -1] = 1
    return L


def advection(n, peclet):
    """Return −u'' + … by central differences at a cell Péclet number: κ(V) grows like ((1 + p)/(1 − p))^(n/2)."""
    return 2 * np.eye(n) - (1 - peclet) * np.eye(n, k=1) - (1 + peclet) * np.eye(n, k=-1)


def residual(a, x, b):
    """Return the backward error of a solution: ‖b − A x‖ / (‖A‖ ‖x‖ + ‖b‖)."""
    return np.linalg.norm(b - a @ x) / (np.linalg.norm(a, 2) * np.linalg.norm(x) + np.linalg.norm(b))


def right_side(n, *columns, dtype=float):
    b = np.random.default_rng(3).standard_normal((2, n, *columns))
    return (b[0] + 1j * b[1] if np.dtype(dtype).kind == "c" else b[0]).astype(dtype)


@pytest.mark.parametrize("dtype", [float, complex])
@pytest.mark.parametrize("masses", [False, True])
@pytest.mark.parametrize("kind", [hermitian, matrix])
@pytest.mark.parametrize("axes", [1, 2, 3, 4])
def test_solve_is_that_of_the_dense_sum(axes, kind, masses, dtype):
    Ks = [kind(n, dtype=dtype, seed=i) for i, n in enumerate(SIZES[axes])]
    Ms = [definite(n, dtype, seed=i) if masses else np.eye(n) for i, n in enumerate(SIZES[axes])]
    shift = 20.5 if dtype is float else 20.5 + 3j
    a = generalized(Ks, Ms) + shift * kron(*Ms)
    A = ox.kronsum(*Ks, masses=Ms if masses else None)
    b = right_side(len(a), 3)
    for method in ("auto", "schur") if kind is matrix else ("auto",):
        F = ox.FastDiagonalization(A, shift=shift, method=method)
        assert residual(a, F.solve(b), b) < 100 * EPS * np.prod(F.basis_conditions) ** 0.5
        assert set(F.methods) == {"eigh" if kind is hermitian else "eig" if method == "auto" else "schur"}
        assert F.solve(b).dtype == np.result_type(a, b)


def test_right_sides_of_every_form():
    A = ox.kronsum(hermitian(4), hermitian(3), hermitian(2))
    F = ox.FastDiagonalization(A, shift=0.5j)
    fields = right_side(2, 5, 4, 3, 2)
    columns = fields.reshape(10, 24).T
    wanted = np.linalg.solve(np.asarray(A) + 0.5j * np.eye(24), columns)
    scale = 1e3 * EPS * np.abs(wanted).max()
    assert np.abs(F.solve(columns) - wanted).max() < scale
    assert np.abs(F.solve(columns[:, 0]) - wanted[:, 0]).max() < scale
    assert np.abs(F.solve(fields) - wanted.T.reshape(fields.shape)).max() < scale
    assert (
        np.abs(
            F.solve(columns.reshape(24, 2, 5).transpose(1, 0, 2)) - wanted.reshape(24, 2, 5).transpose(1, 0, 2)
        ).max()
        < scale
    )
    assert F.solve(np.zeros((24, 0))).shape == (24, 0)
    with pytest.raises(ShapeError, match="axis 1 has 5 points in place of 3"):
        F.solve(np.ones((4, 5, 2)))
    with pytest.raises(NonFiniteError):
        F.solve(np.full((4, 3, 2), np.nan))


@pytest.mark.parametrize("dtype", [np.float32, np.complex64])
def test_single_precision_stays_single(dtype):
    Ks, Ms = ([kind(n, dtype) for n in (4, 3)] for kind in (hermitian, definite))
    b = right_side(12, 2, dtype=dtype)
    F = ox.FastDiagonalization(ox.kronsum(*Ks, masses=Ms), shift=9.0)
    X = F.solve(b)
    a = generalized(Ks, Ms) + 9 * kron(*Ms)
    assert X.dtype == dtype
    assert residual(a, X, b) < 50 * np.finfo(np.float32).eps
    assert F.apply(np.exp, b).dtype == F.funm(np.exp).dtype == F.inv().dtype == dtype


def test_triangles_solve_what_eigenvectors_would_lose():
    """At a cell Péclet number of 0.4 the eigenvectors of 50 points have a condition near 10⁹."""
    Ks = [advection(50, 0.4), advection(6, -0.35), hermitian(2) + 9 * np.eye(2)]
    A, a = ox.kronsum(*Ks), kronsum(*Ks)
    b = right_side(len(a))
    F = ox.FastDiagonalization(A)
    assert F.methods == ("schur", "eig", "eigh")
    assert residual(a, F.solve(b), b) < 20 * EPS
    lost = ox.FastDiagonalization(A, method="eig")
    assert lost.basis_conditions[0] > 1e16
    for name in ("apply", "funm"):
        with pytest.raises(StructureError, match="axis 0 is held as a triangle"):
            getattr(F, name)(np.exp, *[b][: name == "apply"])


def test_ill_conditioned_eigenvectors_lose_no_digits():
    """κ(V) is near 10⁵: a solution that is not improved by its residual has a thousand times this error."""
    Ks = [advection(30, 0.38), hermitian(6) + 9 * np.eye(6)]
    F = ox.FastDiagonalization(ox.kronsum(*Ks))
    b = right_side(180, 2)
    assert F.methods == ("eig", "eigh")
    assert F.basis_conditions[0] > 1e9
    assert residual(kronsum(*Ks), F.solve(b), b) < 4 * EPS


def test_triangles_of_complex_eigenvalues_give_real_solutions():
    Ks = [matrix(6) - 3 * np.eye(6), matrix(5), matrix(4)]
    F = ox.FastDiagonalization(ox.kronsum(*Ks), method="schur", shift=4.0)
    b = right_side(120, 2)
    X = F.solve(b)
    assert X.dtype == float
    assert residual(kronsum(*Ks) + 4 * np.eye(120), X, b) < 20 * EPS


class TestSingular:
    """Free ends on every axis: the constants are the null space."""

    Ks = (neumann(6), neumann(5))
    Ms = (np.diag([0.5, 1, 2, 2, 1, 0.5]), definite(5))

    def test_the_component_along_the_null_space_is_taken_away(self):
        a = kronsum(*self.Ks)
        b = right_side(30)
        F = ox.FastDiagonalization(ox.kronsum(*self.Ks), null="project")
        assert F.nullity == 1
        x = F.solve(b)
        assert np.abs(x - np.linalg.pinv(a) @ b).max() < 1e3 * EPS * np.abs(x).max()
        assert abs(x.sum()) < 100 * EPS * np.abs(x).sum()
        assert np.abs(np.asarray(F.inv()) - np.linalg.pinv(a)).max() < 1e3 * EPS
        assert np.abs(a @ np.asarray(F.nullspace)).max() < 100 * EPS

    def test_what_is_not_reached_is_refused_with_how_far_it_is(self):
        F = ox.FastDiagonalization(ox.kronsum(*self.Ks))
        b = right_side(30)
        b -= b.mean()
        assert np.abs(F.solve(b) - np.linalg.pinv(kronsum(*self.Ks)) @ b).max() < 1e4 * EPS
        with pytest.raises(SingularError, match=r"b has 0\.1 of its length"):
            F.solve(b + np.linalg.norm(b) / np.sqrt(30 * 99))

    def test_compatibility_is_in_the_left_null_vector(self):
        """For A = K ⊗ M + M ⊗ K the left null vector is that of K, whatever M: here 1 ⊗ 1, and for (W⁻¹K) it is w."""
        w = [np.arange(1.0, n + 1) for n in (6, 5)]
        F = ox.FastDiagonalization(ox.kronsum(*(K / v[:, None] for K, v in zip(self.Ks, w, strict=True))))
        assert F.nullity == 1
        weights = np.multiply.outer(*w).reshape(-1)
        b = right_side(30)
        b -= b @ weights / weights.sum()
        a = np.asarray(F.operator)
        assert residual(a, F.solve(b), b) < 100 * EPS
        with pytest.raises(SingularError, match="left null vectors"):
            F.solve(b + 1)

    def test_masses(self):
        a = generalized(self.Ks, self.Ms)
        F = ox.FastDiagonalization(ox.kronsum(*self.Ks, masses=self.Ms), null="project")
        b = right_side(30)
        x = F.solve(b)
        image = kron(*self.Ms) @ np.ones(30)
        reached = b - image * (b.sum() / image.sum())
        assert residual(a, x, reached) < 100 * EPS
        assert abs(image @ x) < 1e3 * EPS * np.linalg.norm(image) * np.linalg.norm(x)

    def test_triangles_have_null_vectors_too(self):
        """Upwind transport on a ring that diffuses across: null vectors differ on both sides, and A is not normal."""
        ring = np.eye(7) - np.roll(np.eye(7), 1, axis=0) * np.linspace(0.5, 1, 7)
        ring += np.diag(-ring.sum(axis=0))
        across = advection(5, 0.3)
        across += np.diag(-across.sum(axis=0))
        A, a = ox.kronsum(ring, across), kronsum(ring, across)
        F = ox.FastDiagonalization(A, method="schur", rtol=1e-12)
        assert F.nullity == 1
        left, right = np.asarray(F.left_nullspace)[:, 0], np.asarray(F.nullspace)[:, 0]
        assert np.abs(left / left[0] - 1).max() < 1e-12  # sums of columns are zero
        assert np.abs(a @ right).max() < 1e-13 * np.abs(right).max()
        b = right_side(35)
        with pytest.raises(SingularError, match="left null vectors"):
            F.solve(b)
        b -= b.mean()
        x = F.solve(b)
        assert residual(a, x, b) < 100 * EPS
        assert abs(x.sum()) < 1e3 * EPS * np.abs(x).sum()
        again = ox.FastDiagonalization(A, method="eig").solve(b)
        assert np.abs(again - x).max() < 1e4 * EPS * np.abs(x).max()

    def test_a_shift_makes_it_regular(self):
        F = ox.FastDiagonalization(ox.kronsum(*self.Ks), shift=1e-3)
        assert F.nullity == 0
        assert math.isclose(F.condition, 1e-3 / (1e-3 + np.linalg.eigvalsh(kronsum(*self.Ks))[-1]), rel_tol=1e-10)

    def test_solve_of_the_operator_never_projects(self):
        with pytest.raises(SingularError, match="1 of 30 eigenvalues"):
            ox.solve(ox.kronsum(*self.Ks), np.zeros(30))


class TestSpectrum:
    @pytest.mark.parametrize("sizes", [(60, 2), (2, 60), (4, 3, 2), (3, 4, 2, 3), (50,)])
    @pytest.mark.parametrize("masses", [False, True])
    def test_extreme_pairs(self, sizes, masses):
        Ks = [neumann(n) for n in sizes]
        Ms = [definite(n) if masses else np.eye(n) for n in sizes]
        a, m = generalized(Ks, Ms), kron(*Ms)
        all_values = scipy.linalg.eigh(a, m, eigvals_only=True)
        F = ox.FastDiagonalization(ox.kronsum(*Ks, masses=Ms if masses else None))
        k = min(10, len(a))
        wanted = {
            ("smallest", None): all_values[:k],
            ("largest", None): all_values[::-1][:k],
            ("smallest", 1.3): all_values[np.argsort(abs(all_values - 1.3), kind="stable")][:k],
        }
        tiny = 100 * EPS * all_values[-1] * np.prod(F.basis_conditions)
        for (which, sigma), values in wanted.items():
            found = F.eigenpairs(k, which=which, sigma=sigma)
            V = np.asarray(found.eigenvectors)
            assert np.abs(found.eigenvalues - values).max() < tiny or sigma is not None
            assert np.abs(abs(found.eigenvalues - (sigma or 0)) - abs(values - (sigma or 0))).max() < tiny
            assert np.abs(V.conj().T @ m @ V - np.eye(k)).max() < tiny
            assert np.abs(a @ V - m @ V * found.eigenvalues).max() < 10 * tiny * np.linalg.norm(m, 2)

    def test_many_of_a_large_grid(self):
        """Of 10⁶ sums the 2,000 nearest to one inside, against all of them."""
        rng = np.random.default_rng(0)
        F = ox.FastDiagonalization(ox.kronsum(*(ox.diag(rng.standard_normal(100)) for _ in range(3))))
        every = np.asarray(F.eigenvalues())
        for sigma in (0.1, -50.0, 3.3):
            found = F.eigenvalues(2000, sigma=sigma)
            gaps = abs(found - sigma) - np.sort(abs(every - sigma))[:2000]
            assert np.abs(gaps).max() < 4 * EPS * (abs(every).max() + abs(sigma))
        assert np.array_equal(
            F.eigenvalues(500, which="magnitude"), every[np.argsort(-abs(every), kind="stable")][:500]
        )

    def test_many_of_eigh(self):
        """The 3,000 extreme pairs of three lists with repetitions, by `eigh` of the sum: exact, and all different."""
        parts = [np.random.default_rng(i).integers(-20, 20, 40 + i) for i in range(3)]
        every = np.sort(np.add.outer(np.add.outer(parts[0], parts[1]), parts[2]).reshape(-1))
        wanted = {"smallest": every[:3000], "largest": every[::-1][:3000]}
        for which, values in wanted.items():
            vector = ox.eigvalsh(ox.kronsum(*(ox.diag(part.astype(float)) for part in parts)))
            places = vector.extreme_indices(3000, which)
            assert len(set(places.tolist())) == 3000
            assert np.array_equal(vector[places], values)

    @pytest.mark.parametrize("dtype", [np.float32, float])
    def test_tridiagonal_factors_keep_their_precision(self, dtype):
        K = neumann(64).astype(dtype)
        values, Q = ox.eigh(K)
        Q, eps = np.asarray(Q), np.finfo(dtype).eps
        assert Q.dtype == values.dtype == dtype
        assert np.abs(K @ Q - Q * values).max() < 16 * eps * 4
        assert np.abs(Q.T @ Q - np.eye(64)).max() < 64 * eps

    def test_complex_ones_by_modulus_or_distance(self):
        Ks = [matrix(4, dtype=complex), matrix(3)]
        F = ox.FastDiagonalization(ox.kronsum(*Ks))
        every = np.linalg.eigvals(kronsum(*Ks))
        assert np.allclose(abs(F.eigenvalues(5, which="magnitude")), np.sort(abs(every))[::-1][:5], rtol=1e-12)
        assert np.allclose(abs(F.eigenvalues(5, sigma=2j) - 2j), np.sort(abs(every - 2j))[:5], rtol=1e-12)
        with pytest.raises(ShapeError, match="complex"):
            F.eigenvalues(2)

    @pytest.mark.parametrize("kind", [hermitian, matrix])
    def test_slogdet(self, kind):
        Ks, Ms = [kind(n) for n in (4, 3, 2)], [definite(n) for n in (4, 3, 2)]
        F = ox.FastDiagonalization(ox.kronsum(*Ks, masses=Ms), shift=-1.7)
        sign, log = np.linalg.slogdet(np.asarray(F.operator))
        found = F.slogdet()
        assert found.sign == pytest.approx(sign)
        assert found.logabsdet == pytest.approx(log, rel=1e-12)

    def test_spanning_trees_of_grids(self):
        """The pseudo-determinant over the number of nodes, by the matrix-tree theorem: 192, 100352, …"""
        for n, trees in ((3, 192), (4, 100352), (5, 557568000), (6, 32565539635200)):
            F = ox.FastDiagonalization(ox.kronsum(neumann(n), neumann(n)), null="project")
            assert math.exp(F.slogdet().logabsdet) / n**2 == pytest.approx(trees, rel=1e-12)
        assert ox.FastDiagonalization(ox.kronsum(neumann(3), neumann(3))).slogdet() == (0.0, -math.inf)


class TestFunctions:
    def test_of_the_pencil(self):
        Ks, Ms = [hermitian(3), hermitian(4)], [definite(3), definite(4)]
        F = ox.FastDiagonalization(ox.kronsum(*Ks, masses=Ms), shift=0.3)
        b = right_side(12, 2)
        pencil = np.linalg.solve(kron(*Ms), generalized(Ks, Ms)) + 0.3 * np.eye(12)
        wanted = scipy.linalg.expm(-pencil) @ b
        assert np.abs(F.apply(lambda λ: np.exp(-λ), b) - wanted).max() < 1e4 * EPS * np.abs(wanted).max()
        assert np.abs(F.funm(lambda λ: np.exp(-λ)) @ b - wanted).max() < 1e4 * EPS * np.abs(wanted).max()

    def test_real_where_the_function_is(self):
        Ks = [matrix(5), matrix(4)]
        F = ox.FastDiagonalization(ox.kronsum(*Ks))
        wanted = scipy.linalg.expm(kronsum(*Ks)) @ np.ones(20)
        found = F.apply(np.exp, np.ones(20))
        assert found.dtype == float
        assert np.abs(found - wanted).max() < 1e3 * EPS * np.abs(wanted).max()
        assert np.iscomplexobj(F.apply(lambda λ: np.exp(1j * λ), np.ones(20)))

    def test_complex_beyond_the_first_block(self):
        """√λ is complex for the later eigenvalues alone: no part of it may be lost."""
        F = ox.FastDiagonalization(ox.kronsum(ox.diag(np.linspace(9, -9, 300)), ox.diag(np.linspace(1, 0, 200))))
        found = F.apply(np.emath.sqrt, np.ones(60000))
        assert np.allclose(found**2, np.asarray(F.eigenvalues()), atol=1e-14 * 10)


def test_sums_of_products_are_recognised():
    """K ⊗ M' ⊗ M'' + … in any order of the terms, with identities or masses, and multiples."""
    Ks, Ms = [hermitian(n) for n in (4, 3, 2)], [definite(n) for n in (4, 3, 2)]
    b = right_side(24)
    for masses in (Ms, [ox.eye(n) for n in (4, 3, 2)]):
        terms = [[Ks[i] if i == j else masses[j] for j in range(3)] for i in (2, 0, 1)]
        A = 2 * ox.kron(*terms[0]) + ox.kron(*terms[1]) - 0.5 * ox.kron(*terms[2])
        F = ox.FastDiagonalization(A, shift=0.3)
        assert F.grid == (4, 3, 2)
        whole = np.asarray(A) + 0.3 * kron(*map(np.asarray, masses))
        assert residual(whole, F.solve(b), b) < 200 * EPS
    assert ox.FastDiagonalization(-3.0 * ox.kronsum(*Ks)).grid == (4, 3, 2)
    three = sum(ox.kron(hermitian(4, seed=i), hermitian(3, seed=i)) for i in range(3))
    assert ox.FastDiagonalization(three).grid == (12,)


def test_it_preconditions():
    Ks = [neumann(12) + np.eye(12), neumann(9)]
    A = ox.kronsum(*Ks)
    rough = A + ox.diag(np.random.default_rng(1).uniform(0, 0.5, 108))
    b = right_side(108)
    plain = ox.CG(rtol=1e-10).solve(rough, b)
    helped = ox.CG(rtol=1e-10, preconditioner=ox.FastDiagonalization(A, shift=0.25)).solve(rough, b)
    assert helped.converged
    assert helped.iterations < plain.iterations / 3
    assert residual(np.asarray(rough), helped.value, b) < 1e-10


def test_it_says_what_it_did():
    F = ox.FastDiagonalization(ox.kronsum(neumann(4), neumann(3)))
    assert repr(F) == "FastDiagonalization of 4×3 (12 rows) by eigh, eigh; min|λ|/max|λ| = 0.091, nullity 1"
    with pytest.raises(AttributeError, match="does not change"):
        F.rtol = 1.0


@pytest.mark.parametrize(
    ("options", "match"),
    [({"method": "lu"}, "'lu' is not one of"), ({"null": "ignore"}, "neither"), ({"shift": np.ones(2)}, "scalar")],
)
def test_settings_are_checked(options, match):
    with pytest.raises((ShapeError, TypeError), match=match):
        ox.FastDiagonalization(np.eye(3), **options)


def test_what_is_no_sum_is_not_formed():
    K = neumann(60)
    with pytest.raises(NoRule, match=r"Sum 3600×3600: it is no Kronecker sum"):
        ox.FastDiagonalization(ox.kronsum(K, K) + ox.diag(np.arange(3600.0)))


def test_nearly_singular_triangles_warn():
    """The inverse has entries up to 2⁵⁹, and no eigenvalue tells of it."""
    close = np.eye(60) - 2 * np.eye(60, k=1)
    with pytest.warns(scipy.linalg.LinAlgWarning, match="condition about"):
        ox.FastDiagonalization(ox.kronsum(close, np.zeros((2, 2)))).solve(np.ones(120))


def test_masses_are_checked():
    K = neumann(3)
    with pytest.raises(ShapeError, match="2 factors and 1 masses"):
        ox.kronsum(K, K, masses=[K])
    with pytest.raises(ShapeError, match="mass 1 is 2×2 and factor 1 is 3×3"):
        ox.kronsum(K, K, masses=[None, np.eye(2)])
    with pytest.raises(SingularError, match="mass"):
        ox.FastDiagonalization(ox.kronsum(K, K, masses=[None, K]))
    with pytest.raises(StructureError, match="not Hermitian"):
        ox.FastDiagonalization(ox.kronsum(K, advection(3, 0.5)), method="eigh")
    with pytest.raises(StructureError, match="defective"):
        ox.FastDiagonalization(ox.kronsum(K, np.eye(3, k=1)), method="eig")
