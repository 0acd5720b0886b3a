"""One axis: its matrices against the differential equation, for every scheme and condition."""

import numpy as np
import pytest

import otimes as ox
from otimes import pde

LENGTH = 1.3
WAVE = 2 * np.pi / LENGTH
CONDITIONS = {
    "dirichlet": "dirichlet",
    "neumann": "neumann",
    "mixed": ("neumann", "dirichlet"),
    "robin": (("robin", 2, 0.7), ("robin", -0.3, 2)),
    "periodic": "periodic",
}
ORDERS = {"fd2": 2, "fd4": 4, "cell": 2, "fem1": 2}


def aperiodic(x):
    """u = eˣ cos 3x with its first two derivatives."""
    c, s, e = np.cos(3 * x), np.sin(3 * x), np.exp(x)
    return e * c, e * (c - 3 * s), -e * (8 * c + 6 * s)


def periodic(x):
    """u = exp(sin ωx) likewise."""
    c, s = np.cos(WAVE * x), np.sin(WAVE * x)
    return np.exp(s), WAVE * c * np.exp(s), WAVE**2 * (c**2 - s) * np.exp(s)


def data_of(axis, solution):
    """α u + β ∂u/∂n on both faces."""
    u, slope, _ = solution(np.array(axis.bounds))
    pairs = zip(axis.conditions or (), u, slope, (-1, 1), strict=False)
    return np.array([c.alpha * v + c.beta * sign * d for c, v, d, sign in pairs] or [0.0, 0.0])


def errors(axis, solution):
    """The largest errors of the solution of −u″ = f and of the derivative of u."""
    parts, g = axis.discretization, data_of(axis, solution)
    stiffness, derivative = parts.stiffness(None), parts.derivative()
    u, slope, _ = solution(axis.x)
    b = parts.mass(None).rows @ -solution(axis.points)[2] - axis.boundary(stiffness) @ g
    v = np.linalg.lstsq(axis.K, b, rcond=1e-10)[0] - u
    v -= (axis.weights @ v / axis.weights.sum()) if axis.singular else 0.0
    return abs(v).max(), abs(axis.strong(axis.D @ u + axis.boundary(derivative) @ g) - slope).max()


def stretched(n):
    """Coordinates that become denser at the low end, twice as much everywhere for twice as many."""
    s = np.linspace(0, 1, n + 1)
    return LENGTH * (s + 2 * s**2) / 3


class TestOrders:
    @pytest.mark.parametrize("bc", CONDITIONS)
    @pytest.mark.parametrize("scheme", ORDERS)
    def test_the_slope_in_the_plane_of_logarithms(self, scheme, bc):
        solution, sizes = (periodic if bc == "periodic" else aperiodic), (40, 80, 160, 320)
        axes = [pde.Axis(n, (0, LENGTH), bc=CONDITIONS[bc], scheme=scheme) for n in sizes]
        found = np.log([[errors(axis, solution)[0], np.diff(axis.points)[0]] for axis in axes])
        assert abs(np.polyfit(found[:, 1], found[:, 0], 1)[0] - ORDERS[scheme]) < 0.1

    @pytest.mark.parametrize("bc", CONDITIONS)
    @pytest.mark.parametrize("scheme", ["fd2", "cell", "fem1"])
    def test_it_is_two_on_stretched_points(self, scheme, bc):
        solution, sizes = (periodic if bc == "periodic" else aperiodic), (40, 80, 160)
        axes = [pde.Axis(stretched(n), bc=CONDITIONS[bc], scheme=scheme) for n in sizes]
        found = np.log2([errors(axis, solution)[0] for axis in axes])
        assert abs(np.diff(found).mean() + 2) < 0.1

    @pytest.mark.parametrize("bc", ["dirichlet", "neumann", "mixed", "robin"])
    def test_chebyshev_is_spectral(self, bc):
        axis = pde.Axis(24, (0, LENGTH), bc=CONDITIONS[bc], scheme="chebyshev")
        assert max(errors(axis, aperiodic)) < 1e-10

    @pytest.mark.parametrize(
        ("scheme", "bc", "order"), [("fd2", "robin", 2), ("fd4", "mixed", 4), ("cell", "neumann", 2)]
    )
    def test_the_first_derivative(self, scheme, bc, order):
        axes = [pde.Axis(n, (0, LENGTH), bc=CONDITIONS[bc], scheme=scheme) for n in (80, 160)]
        fine, coarse = (np.log([errors(axis, aperiodic)[1], np.diff(axis.points)[0]]) for axis in axes[::-1])
        assert abs((coarse - fine)[0] / (coarse - fine)[1] - order) < 0.1


class TestMatrices:
    @pytest.mark.parametrize("bc", CONDITIONS)
    @pytest.mark.parametrize("scheme", ORDERS)
    def test_they_are_symmetric_bit_for_bit(self, scheme, bc):
        axis = pde.Axis(
            np.linspace(0.1, LENGTH, 12) if scheme == "fd4" else stretched(12), bc=CONDITIONS[bc], scheme=scheme
        )
        assert (axis.K == axis.K.T).all()
        assert (axis.M == axis.M.T).all()
        assert np.linalg.eigvalsh(axis.M).min() > 0

    @pytest.mark.parametrize("scheme", [*ORDERS, "chebyshev"])
    def test_null_vectors(self, scheme):
        axis = pde.Axis(12, (0, LENGTH), bc="neumann", scheme=scheme)
        left, right = axis.null
        size = abs(axis.K).max() * len(axis)
        assert abs(axis.K @ right).max() < 1e-14 * size
        assert abs(left @ axis.K).max() < 1e-13 * size * abs(left).max()
        assert pde.Axis(12, bc=CONDITIONS["mixed"], scheme=scheme).null is None

    @pytest.mark.parametrize("scheme", ["fd2", "fem1"])
    def test_a_periodic_axis_of_uneven_points(self, scheme):
        axis = pde.Axis([0.0, 0.3, 0.9, 1.0, 2.0], bc="periodic", scheme=scheme)
        assert axis.x.tolist() == [0.0, 0.3, 0.9, 1.0]
        assert np.allclose(axis.K.sum(axis=1), 0, atol=1e-15)
        assert axis.weights.sum() == pytest.approx(2.0, rel=1e-15)

    def test_vertices_have_half_weights_at_neumann_faces_and_cells_do_not(self):
        vertices, cells = pde.Axis(5, bc="neumann"), pde.Axis(4, bc="neumann", scheme="cell")
        assert vertices.weights.tolist() == [0.125, 0.25, 0.25, 0.25, 0.125]
        assert cells.weights.tolist() == [0.25] * 4
        sines = (2 * np.sin(np.pi * np.arange(5) / 8) / 0.25) ** 2
        assert np.allclose(np.sort(np.linalg.eigvals(vertices.strong(vertices.K))), sines)  # of DCT-I
        assert np.allclose(np.linalg.eigvalsh(cells.strong(cells.K)), sines[:4])  # of DCT-II


class TestLaplacian:
    def test_against_krons(self):
        axes = [pde.Axis(6, (0, 2)), pde.Axis(stretched(4), bc="periodic"), pde.Axis(5, (1, 2), bc=CONDITIONS["mixed"])]
        one, two, three = (-axis.K / axis.weights[:, None] for axis in axes)
        eyes = [np.eye(len(axis)) for axis in axes]
        wanted = np.kron(np.kron(one, eyes[1]), eyes[2]) + np.kron(np.kron(eyes[0], two), eyes[2])
        wanted += np.kron(np.kron(eyes[0], eyes[1]), three)
        assert np.allclose(np.asarray(pde.laplacian(axes)), wanted, rtol=1e-14, atol=1e-12)
        k = 1.5 - 0.5j
        assert np.allclose(
            np.asarray(pde.helmholtz(axes, k)), wanted + k**2 * np.eye(len(wanted)), rtol=1e-14, atol=1e-12
        )

    def test_sums_of_operators_are_solved_axis_by_axis(self):
        axes = [pde.Axis(6, (0, 2)), pde.Axis(stretched(5), bc="neumann"), pde.Axis(7, bc="periodic")]
        for A in (
            0.1 * pde.laplacian(axes) - pde.advection(axes, (1.0, 2.0, -3.0)),
            pde.helmholtz(axes, 2j) - 2 * pde.advection(axes, (1.0, lambda y: y, 0.5)),
        ):
            F, b = ox.FastDiagonalization(A), np.random.default_rng(0).standard_normal(A.shape[0])
            dense = np.asarray(A)
            assert F.grid == (4, 6, 7)
            for x in (F.solve(b), ox.solve(A, b)):
                assert np.linalg.norm(dense @ x - b) < 1e-14 * np.linalg.norm(dense, 2) * np.linalg.norm(x)
        wide = [pde.Axis(60), pde.Axis(50, bc="neumann"), pde.Axis(40, bc="periodic")]
        A = 0.1 * pde.laplacian(wide) - pde.advection(wide, (1.0, 2.0, 3.0))
        x = ox.solve(A, np.ones(A.shape[0]))
        assert abs(A @ x - 1).max() < 1e-9

    def test_a_potential_stays_lazy(self):
        axes = [pde.Axis(1001, (-8, 8)), pde.Axis(1003, (-8, 8))]
        x, y = pde.mesh(axes)
        H = ox.diag((x**2 + y**2).reshape(-1)) - pde.laplacian(axes)
        assert H.nbytes < 32 * (999**2 + 1001**2)
        assert (H @ np.ones(H.shape[0])).shape == (999 * 1001,)

    @pytest.mark.parametrize("scheme", ["fd2", "fd4", "chebyshev"])
    def test_boundary_data(self, scheme):
        """Schemes that are exact for x² + 3 y + x y find its Laplacian, 2, everywhere, whatever the faces."""
        axes = [
            pde.Axis(9, (0, 1), bc=("dirichlet", ("robin", 1, 2)), scheme=scheme),
            pde.Axis(10, (1, 2), bc=("neumann", "dirichlet"), scheme=scheme),
        ]
        x, y = pde.mesh(axes)
        u = x**2 + 3 * y + x * y
        data = {
            (0, "low"): lambda x, y: 3 * y,
            (0, "high"): lambda x, y: x**2 + 3 * y + x * y + 2 * (2 * x + y),
            (1, "low"): lambda x, y: -(3 + x),
            (1, "high"): lambda x, y: x**2 + 3 * y + x * y,
        }
        found = pde.laplacian(axes) @ u.reshape(-1) + pde.lift(axes, data).reshape(-1)
        assert abs(found - 2).max() < 1e-10
        a, v = [3.0, 2.0], [lambda x: 1 + x, lambda y: y**2]
        transport = pde.diffusion(axes, a) - pde.advection(axes, v)
        found = transport @ u.reshape(-1) + pde.lift(axes, data, coefficient=a, velocity=v).reshape(-1)
        wanted = 6 - (1 + x) * (2 * x + y) - y**2 * (3 + x)
        assert np.allclose(found, wanted.reshape(-1), rtol=0, atol=1e-9)
