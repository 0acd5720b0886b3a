"""Elliptic problems: published values, exact solutions under every boundary condition, and dense references."""

import itertools

import numpy as np
import pytest
import scipy.linalg
from numpy.polynomial import chebyshev

import otimes as ox
from otimes import pde
from otimes.errors import NotConverged, SingularError

SIDES = ("low", "high")
CONDITIONS = ("dirichlet", "neumann", ("robin", 2.0, 0.5))
SCHEMES = ("fd2", "fd4", "cell", "chebyshev", "fem1")


def data_of(axes, u, gradient):
    """α u + β ∂u/∂n of a function on every face."""
    found = {}
    for i, axis in enumerate(axes):
        for side, sign, condition in zip(SIDES, (-1, 1), axis.conditions or (), strict=False):
            found[i, side] = lambda *x, i=i, sign=sign, c=condition: c.alpha * u(*x) + c.beta * sign * gradient(*x)[i]
    return found


def error(axes, solution, u):
    return abs(solution.on_points - u(*pde.mesh(axes, boundary=True))).max()


def order(make, u, gradient, f, sizes, **options):
    """The slope of the error in the plane of logarithms."""
    errors = []
    for n in sizes:
        axes = make(n)
        errors.append(error(axes, pde.Elliptic(axes, **options).solve(f, data_of(axes, u, gradient)), u))
    return -np.polyfit(np.log(sizes), np.log(errors), 1)[0]


class TestPublishedValues:
    """Trefethen (2000), Spectral Methods in MATLAB, programs 16 and 17."""

    AXES = (pde.Axis(25, (-1, 1), scheme="chebyshev"), pde.Axis(25, (-1, 1), scheme="chebyshev"))

    def test_program_16(self):
        solution = pde.poisson(self.AXES, lambda x, y: -10 * np.sin(8 * x * (y - 1)))
        place = abs(self.AXES[0].points - 2**-0.5).argmin()
        assert self.AXES[0].points[place] == pytest.approx(2**-0.5, rel=1e-15)
        assert solution.on_points[place, place] == pytest.approx(0.32071594511, abs=5e-12)
        assert solution.residual < 1e-12

    def test_program_17(self):
        waves = pde.Elliptic(self.AXES, potential=-(9.0**2))
        solution = waves.solve(lambda x, y: -np.exp(-10 * ((y - 1) ** 2 + (x - 0.5) ** 2)))
        assert solution.on_points[12, 12] == pytest.approx(0.01172257000, abs=5e-12)

    def test_program_23_has_the_eigenvalues_of_a_square(self):
        axes = [pde.Axis(17, (-1, 1), scheme="chebyshev")] * 2
        values, _ = pde.Elliptic(axes).eigenpairs(8)
        assert np.allclose(values / (np.pi**2 / 4), [2, 5, 5, 8, 10, 10, 13, 13], rtol=1e-9)

    @pytest.mark.parametrize("pair", list(itertools.product(["dd", "nd", "dn", "nn"], repeat=2)), ids="-".join)
    def test_sixteen_pairs_of_conditions(self, pair):
        """u = T₄(x) T₄(y) + 1 on [−2, 2]² with every pair of Dirichlet's and Neumann's conditions."""
        T, slope = ([0, 0, 0, 0, 1], chebyshev.chebder([0, 0, 0, 0, 1]))
        t, d, dd = (lambda x, c=c: chebyshev.chebval(x / 2, c) for c in (T, slope, chebyshev.chebder(slope)))
        names = {"d": "dirichlet", "n": "neumann"}
        axes = [
            pde.Axis(n, (-2, 2), bc=tuple(names[c] for c in bc), scheme="chebyshev")
            for n, bc in zip((11, 12), pair, strict=True)
        ]
        data = data_of(axes, lambda x, y: t(x) * t(y) + 1, lambda x, y: (d(x) * t(y) / 2, t(x) * d(y) / 2))
        solution = pde.poisson(axes, lambda x, y: -(dd(x) * t(y) + t(x) * dd(y)) / 4, data)
        u = t(pde.mesh(axes, boundary=True)[0]) * t(pde.mesh(axes, boundary=True)[1])
        gap = solution.on_points - u
        assert np.ptp(gap) < 1e-11
        assert "nn" == pair[0] == pair[1] or gap.mean() == pytest.approx(1, abs=1e-11)


class TestExactSolutions:
    @pytest.mark.parametrize("scheme", SCHEMES)
    def test_every_condition_on_every_face(self, scheme):
        """Cubic u: exact for four of the schemes but for second-order ones, whose error falls with h²."""

        def u(x, y):
            return x**3 + y**3 + 1 + x * y

        def gradient(x, y):
            return (3 * x**2 + y, 3 * y**2 + x)

        for low, high in itertools.product(CONDITIONS, repeat=2):

            def make(n, low=low, high=high):
                return [
                    pde.Axis(n, (0, 1), bc=(low, "dirichlet"), scheme=scheme),
                    pde.Axis(n + n // 2, (0, 2), bc=("neumann", high), scheme=scheme),
                ]

            if scheme in ("fd2", "cell"):
                found = order(make, u, gradient, lambda x, y: -6 * (x + y), (16, 32, 64))
                assert found == pytest.approx(2, abs=0.1)
            else:
                axes = make(12)
                solution = pde.poisson(axes, lambda x, y: -6 * (x + y), data_of(axes, u, gradient))
                assert error(axes, solution, u) < 1e-11

    @pytest.mark.parametrize(("scheme", "due"), [("fd2", 2), ("cell", 2), ("fem1", 2), ("fd4", 4)])
    def test_orders_in_three_dimensions_with_robin(self, scheme, due):
        """u = e^(x + y/2) cos z, periodic in z."""

        def u(x, y, z):
            return np.exp(x + y / 2) * np.cos(z)

        def gradient(x, y, z):
            return (u(x, y, z), u(x, y, z) / 2, -np.exp(x + y / 2) * np.sin(z))

        def make(n):
            return [
                pde.Axis(n, (0, 1), bc=(("robin", 1, 2), "dirichlet"), scheme=scheme),
                pde.Axis(n + 1, (0, 1.5), bc=("neumann", ("robin", 3, 1)), scheme=scheme),
                pde.Axis(2 * n, (0, 2 * np.pi), bc="periodic", scheme=scheme),
            ]

        found = order(make, u, gradient, lambda x, y, z: -u(x, y, z) / 4, (20, 30, 45))
        assert found == pytest.approx(due, abs=0.1)

    def test_a_stretched_grid_against_a_dense_solution(self):
        x = np.tanh(np.linspace(-2, 2, 9))
        axes = [
            pde.Axis(x, bc=("dirichlet", "neumann")),
            pde.Axis(np.linspace(0, 1, 7) ** 2, bc=(("robin", 1, 1), "dirichlet")),
            pde.Axis(np.r_[0.0, np.cumsum([1, 3, 2, 5, 1])], bc="periodic", scheme="fem1"),
        ]
        b = np.random.default_rng(0).standard_normal(tuple(len(axis.points) for axis in axes))
        solution = pde.Elliptic(axes, coefficient=[2.0, 3.0, lambda z: 1 + z], potential=0.5).solve(b)
        K = [
            2 * axes[0].K,
            3 * axes[1].K,
            axes[2].matrix(axes[2].discretization.stiffness(1 + axes[2].discretization.sites)),
        ]
        M = [axis.M for axis in axes]
        A = 0.5 * np.kron(np.kron(*M[:2]), M[2])
        for i in range(3):
            A += np.kron(np.kron(*[K[j] if i == j else M[j] for j in range(2)]), K[2] if i == 2 else M[2])
        rows = [axis.discretization.mass(None).rows for axis in axes]
        wanted = np.linalg.solve(A, ox.kron(*rows) @ b.reshape(-1))
        assert np.allclose(solution.value.reshape(-1), wanted, rtol=1e-11, atol=1e-12 * abs(wanted).max())
        assert np.allclose(np.asarray(solution.problem.weak), A, rtol=1e-13, atol=1e-13 * abs(A).max())

    def test_singular_problems(self):
        """The discrete balance is that of the weights; of a solution that exists the mean is zero."""
        x = np.linspace(0, 1, 30) ** 1.5
        axes = [pde.Axis(x, bc="neumann"), pde.Axis(31, (0, 2), bc="periodic")]
        w = np.multiply.outer(axes[0].weights, axes[1].weights)
        f = np.random.default_rng(1).standard_normal(w.shape)
        f -= (w * f).sum() / w.sum()
        solution = pde.poisson(axes, f)
        assert abs((w * solution.value).sum()) < 1e-12
        assert solution.residual < 1e-11
        projected = pde.poisson(axes, f + 5.0, null="project")
        assert np.allclose(projected.value, solution.value, rtol=0, atol=1e-11)

    def test_anisotropy_is_not_taken_for_a_null_space(self):
        axes = [pde.Axis(40, (0, 1e-4)), pde.Axis(30, (0, 10.0), bc="neumann")]
        solution = pde.poisson(axes, 1.0)
        x, y = pde.mesh(axes)
        assert np.allclose(solution.value, x * (1e-4 - x) / 2 + 0 * y, rtol=1e-10)

    def test_boundary_layers(self):
        """Cells whose sizes differ by 3·10⁵, where min |λ| / max |λ| is 10⁻¹³: no eigenvalue is taken for zero."""
        layers = (1 + np.tanh(np.linspace(-7, 7, 121))) / 2
        x = pde.mesh([pde.Axis(layers)])[0]
        solution = pde.poisson([pde.Axis(layers), pde.Axis(layers, bc="neumann")], 1.0)
        (low, high), u = layers[[0, -1]], solution.value
        assert np.allclose(u, ((x - low) * (high - x) / 2)[:, None], rtol=0, atol=1e-9)
        with pytest.raises(SingularError, match="spaced too unevenly for double precision"):
            pde.poisson(pde.Axis((1 + np.tanh(np.linspace(-12, 12, 121))) / 2), 1.0)

    def test_complex_sources_and_absorbing_media(self):
        axes = [pde.Axis(12, (0, 1)), pde.Axis(9, (0, 1), bc=("dirichlet", "neumann"))]
        waves = pde.Elliptic(axes, potential=-(30.0 + 2j))
        f = np.random.default_rng(2).standard_normal((2, 10, 8))
        u = waves.solve(f[0] + 1j * f[1]).value
        found = pde.laplacian(axes) @ u.reshape(-1) + (30 + 2j) * u.reshape(-1)
        assert np.allclose(found, -(f[0] + 1j * f[1]).reshape(-1), rtol=1e-10, atol=1e-10)

    def test_several_forms_of_one_source(self):
        axes = [pde.Axis(8), pde.Axis(7, bc="neumann"), pde.Axis(6, scheme="cell")]

        def f(x, y, z):
            return x + y * z

        wanted = pde.poisson(axes, f).value
        assert np.array_equal(pde.poisson(axes, f(*pde.mesh(axes))).value, wanted)
        assert np.array_equal(pde.poisson(axes, f(*pde.mesh(axes, boundary=True))).value, wanted)

    def test_disagreeing_corners_go_to_the_first_axis(self):
        axes = [pde.Axis(6), pde.Axis(5)]
        data = {(0, "low"): 1.0, (1, "high"): 3.0}
        solution = pde.poisson(axes, 0.0, data, corners="first").on_points
        assert solution[0].tolist() == [1.0] * 5
        assert solution[-1].tolist() == [0.0] * 5
        assert solution[1:-1, -1].tolist() == [3.0] * 4


class TestEigenpairs:
    def test_the_oscillator_in_three_dimensions(self):
        """Energies n + 3/2 with degeneracies (n + 1)(n + 2)/2."""
        axes = [pde.Axis(n, (-8, 8), scheme="chebyshev") for n in (58, 60, 62)]
        oscillator = pde.Elliptic(axes, coefficient=0.5, potential=[lambda x: x**2 / 2] * 3)
        values, fields = oscillator.eigenpairs(35)
        assert np.allclose(values, np.repeat(np.arange(5) + 1.5, [1, 3, 6, 10, 15]), rtol=1e-8)
        assert fields.shape == (35, 56, 58, 60)

    @pytest.mark.parametrize("scheme", ["fd2", "fem1"])
    def test_against_a_dense_pencil(self, scheme):
        x = np.tanh(np.linspace(-1, 1, 12))
        axes = [pde.Axis(x, scheme=scheme), pde.Axis(9, bc=("neumann", ("robin", 1, 1)), scheme=scheme)]
        problem = pde.Elliptic(axes, coefficient=[lambda x: 1 + x**2, 2.0], potential=[3.0, lambda y: y])
        mass = np.kron(axes[0].M, axes[1].M)
        wanted = scipy.linalg.eigh(np.asarray(problem.weak), mass, eigvals_only=True)
        values, fields = problem.eigenpairs(7)
        assert np.allclose(values, wanted[:7], rtol=1e-11)
        vectors = fields.reshape(7, -1)
        assert np.allclose(vectors @ mass @ vectors.T, np.eye(7), atol=1e-11)

    def test_fields_as_coefficients(self):
        axes = [pde.Axis(21), pde.Axis(18, (0, 1.2), scheme="cell")]
        problem = pde.Elliptic(
            axes, coefficient=lambda x, y: 1 + 0.5 * np.sin(3 * x * y), potential=lambda x, y: 10 * x * y
        )
        values, fields = problem.eigenpairs(4)
        weights = np.multiply.outer(axes[0].weights, axes[1].weights).reshape(-1)
        wanted = scipy.linalg.eigh(np.asarray(problem.weak), np.diag(weights), eigvals_only=True)
        assert np.allclose(values, wanted[:4], rtol=1e-10)
        assert np.allclose((fields.reshape(4, -1) * weights) @ fields.reshape(4, -1).T, np.eye(4), atol=1e-8)


class TestCoefficientsThatAreFields:
    AXES = (
        pde.Axis([0, 0.2, 0.5, 0.6, 1.1], bc=("dirichlet", ("robin", 1, 2))),
        pde.Axis([0, 0.3, 0.4, 1.0], bc="periodic", scheme="cell"),
        pde.Axis(6, (0, 2), bc=(("robin", 3, 1), "neumann"), scheme="cell"),
    )
    DATA = {  # noqa: RUF012  a constant
        (0, "low"): lambda x, y, z: y + z,
        (0, "high"): lambda x, y, z: y * z,
        (2, "low"): 3.0,
        (2, "high"): lambda x, y, z: np.sin(y) + x,
    }

    def test_a_constant_field_is_the_separable_problem(self):
        one, field = 2.5, np.full((4, 3, 6), 2.5)
        assert np.allclose(
            np.asarray(pde.diffusion(self.AXES, field)),
            2.5 * np.asarray(pde.laplacian(self.AXES)),
            rtol=1e-13,
            atol=1e-12,
        )
        solutions = [
            pde.Elliptic(self.AXES, coefficient=a).solve(lambda x, y, z: x + y * z, self.DATA) for a in (one, field)
        ]
        assert solutions[1].iterations <= 2
        assert np.allclose(solutions[0].value, solutions[1].value, rtol=1e-9)

    @pytest.mark.parametrize("scheme", ["fd2", "cell"])
    @pytest.mark.parametrize("bc", ["dirichlet", ("neumann", ("robin", 1, 2))], ids=["dirichlet", "fluxes"])
    def test_order_two(self, scheme, bc):
        def u(x, y):
            return np.cos(2 * x) * np.sin(y) + x * y

        def gradient(x, y):
            return (-2 * np.sin(2 * x) * np.sin(y) + y, np.cos(2 * x) * np.cos(y) + x)

        def a(x, y):
            return 2 + np.sin(x * y)

        def slope(x, y):
            return (y * np.cos(x * y), x * np.cos(x * y))

        def f(x, y):
            (ux, uy), (ax, ay) = gradient(x, y), slope(x, y)
            return -(ax * ux + ay * uy) + 5 * a(x, y) * np.cos(2 * x) * np.sin(y)

        def make(n):
            return [pde.Axis(n, bc=bc, scheme=scheme), pde.Axis(n, (0, 1.5), bc=bc, scheme=scheme)]

        assert order(make, u, gradient, f, (20, 30, 45), coefficient=a) == pytest.approx(2, abs=0.1)

    def test_iterations_do_not_grow_with_the_grid(self):
        def a(x, y):
            return np.exp(np.log(100) / 2 * np.sin(2 * np.pi * x) * np.sin(2 * np.pi * y))

        counts = [
            pde.Elliptic([pde.Axis(n), pde.Axis(n)], coefficient=a).solve(1.0, rtol=1e-8).iterations for n in (24, 96)
        ]
        assert max(counts) <= 14

    def test_the_data_of_a_constant_field(self):
        found = [pde.lift(self.AXES, self.DATA, coefficient=a) for a in (2.5, np.full((4, 3, 6), 2.5))]
        assert np.allclose(*found, rtol=1e-13, atol=1e-13)
        assert np.ptp(found[0]) > 1

    def test_jumps_are_exact_in_layers(self):
        """Through layers the flux is one over the sum of their resistances."""
        axes = [pde.Axis(10, scheme="cell"), pde.Axis(8, bc="neumann", scheme="cell")]
        a = np.repeat([1.0, 100.0], 5)[:, None] * np.ones(8)
        u = pde.Elliptic(axes, coefficient=a).solve(0.0, {(0, "high"): 1.0}, rtol=1e-13).value
        flux = 1 / (0.5 / 1 + 0.5 / 100)
        x = axes[0].x
        assert np.allclose(u, (flux * np.where(x < 0.5, x, 0.5 + (x - 0.5) / 100))[:, None], rtol=1e-10)

    def test_free_problems(self):
        axes = [pde.Axis(16, bc="neumann"), pde.Axis(15, bc="periodic", scheme="cell")]
        problem = pde.Elliptic(axes, coefficient=lambda x, y: 1 + x * np.sin(np.pi * y) ** 2)
        w = np.multiply.outer(axes[0].weights, axes[1].weights)
        f = np.random.default_rng(3).standard_normal(w.shape)
        solution = problem.solve(f - (w * f).sum() / w.sum())
        assert abs((w * solution.value).sum()) < 1e-12
        assert solution.residual < 1e-10

    def test_an_iteration_that_does_not_get_there(self):
        problem = pde.Elliptic([pde.Axis(20), pde.Axis(20)], coefficient=lambda x, y: 1 + 50 * (x * y > 0.3))
        with pytest.raises(NotConverged, match="CG stopped after 2 iterations"):
            problem.solve(1.0, maxiter=2)
