"""Exponential integrators: their orders on problems without spatial error, and SciPy's integrators as oracles."""

import numpy as np
import pytest
import scipy.integrate

import otimes as ox
from otimes import pde
from otimes.errors import DTypeError, MissingExtra, NonFiniteError, NotConverged, ShapeError

rng = np.random.default_rng(8)

METHODS = [pde.ETD1, pde.ETD2RK, pde.ETD3RK, pde.ETDRK4, pde.HochbruckOstermann4, pde.Strang]


def advection_diffusion_reaction(sizes, diffusion, velocity):
    """Return A, g and the solution eᵗ Π 4 xᵢ (1 − xᵢ), on which central differences are exact.

    The problem of Caliari, Cassini & Zivcovich (2024), section 4.2.
    """
    factors, grids = [], []
    for n in sizes:
        h = 1 / (n + 1)
        x = np.arange(1, n + 1) * h
        second = (np.eye(n, k=1) - 2 * np.eye(n) + np.eye(n, k=-1)) / h**2
        first = (np.eye(n, k=1) - np.eye(n, k=-1)) / (2 * h)
        factors.append(diffusion * second + velocity * first)
        grids.append(x)
    A = ox.kronsum(*factors)
    u0 = np.ones(())
    for x in grids:
        u0 = np.multiply.outer(u0, 4 * x * (1 - x))
    linear = (A @ u0.reshape(-1)).reshape(u0.shape)

    def g(t, u):
        return 1 / (1 + u**2) + np.exp(t) * (u0 - linear) - 1 / (1 + np.exp(2 * t) * u0**2)

    return A, g, u0


def observed_order(method, problem, T, steps):
    A, g, u0 = problem
    exact = np.exp(T) * u0
    errors = [abs(method(step=T / n).solve(A, g, u0, T).final - exact).max() / abs(exact).max() for n in steps]
    return -np.polyfit(np.log(steps), np.log(errors), 1)[0]


@pytest.mark.parametrize(
    ("method", "order", "steps"),
    [
        (pde.ETD1, 1, (40, 60, 90)),
        (pde.ETD2RK, 2, (20, 30, 45)),
        (pde.ETD3RK, 3, (20, 30, 45)),
        (pde.ETDRK4, 4, (20, 30, 45)),
        (pde.HochbruckOstermann4, 4, (20, 30, 45)),
    ],
)
def test_the_order_of_each_method_without_spatial_error(method, order, steps):
    problem = advection_diffusion_reaction((5, 4, 6), 0.5, 3.0)
    assert observed_order(method, problem, 0.1, steps) == pytest.approx(order, abs=0.15)


def test_stiffness_reduces_the_order_of_cox_and_matthews_method_and_not_that_of_hochbruck_and_ostermann():
    """Where h ‖A‖ passes 1000 and g does not vanish on the boundary."""
    problem = advection_diffusion_reaction((199,), 1.0, 0.0)
    assert 2.5 < observed_order(pde.ETDRK4, problem, 0.1, (10, 15, 22)) < 3.3
    assert observed_order(pde.HochbruckOstermann4, problem, 0.1, (10, 15, 22)) == pytest.approx(4, abs=0.15)
    assert observed_order(pde.ETD2RK, problem, 0.1, (10, 15, 22)) == pytest.approx(2, abs=0.1)


def splitting_problem():
    """Return an Allen–Cahn problem with insulated faces, where splitting keeps its order, and its solution by SciPy."""
    factors = [np.eye(n, k=1) - 2 * np.eye(n) + np.eye(n, k=-1) for n in (6, 5)]
    for D in factors:
        D[0, 0] = D[-1, -1] = -1
    A, u0 = ox.kronsum(*factors), rng.uniform(-1, 1, (6, 5))
    return A, u0


def solved_by_scipy(A, g, u0, T):
    def F(t, u):
        return A @ u + g(t, u.reshape(u0.shape)).reshape(-1)

    found = scipy.integrate.solve_ivp(F, (0, T), u0.reshape(-1), method="DOP853", rtol=1e-12, atol=1e-13)
    return found.y[:, -1].reshape(u0.shape)


def allen_cahn(t, u):
    return 2 * (u - u**3)


def allen_cahn_flow(t, h, u):
    return u / np.sqrt(u**2 + (1 - u**2) * np.exp(-4 * h))


@pytest.mark.parametrize("flow", [None, allen_cahn_flow])
def test_strang_splitting_is_of_order_2(flow):
    A, u0 = splitting_problem()
    wanted = solved_by_scipy(A, allen_cahn, u0, 1.0)
    g = allen_cahn if flow is None else None
    errors = [abs(pde.Strang(step=1 / n, flow=flow).solve(A, g, u0, 1.0).final - wanted).max() for n in (20, 40, 80)]
    assert np.log2(errors[0] / errors[1]) == pytest.approx(2, abs=0.1)
    assert np.log2(errors[1] / errors[2]) == pytest.approx(2, abs=0.1)


def test_strang_takes_sources_into_the_linear_step():
    A, u0 = splitting_problem()
    f = rng.standard_normal((6, 5))
    wanted = pde.evolve(A, u0, 0.8, source=f)
    found = pde.Strang(step=0.2).solve(A, lambda t, u: 0 * u, u0, 0.8, source=f).final
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-14)


@pytest.mark.parametrize("method", METHODS)
def test_a_system_of_components_agrees_with_scipy(method):
    """The Brusselator, each component with a diffusion of its own, one of which is not normal."""
    D = np.eye(4, k=1) - 2 * np.eye(4) + np.eye(4, k=-1)
    D[0, 0] = D[-1, -1] = -1
    E = np.diag([-1.0] * 3) + np.eye(3, k=1)
    A = ox.block_diag(0.2 * ox.kronsum(D, D[:3, :3]), ox.kronsum(0.1 * D, E))
    u0 = np.stack([rng.uniform(0.5, 1.5, (4, 3)), np.full((4, 3), 3.0)])

    def g(t, w):
        u, v = w
        return np.stack([1 + u**2 * v - 4 * u, 3 * u - u**2 * v])

    wanted = solved_by_scipy(A, g, u0, 1.0)
    step = {1: 1e-4, 2: 2e-3, 3: 5e-3, 4: 1e-2}[method.order] if method is not pde.ETD1 else 1e-3
    error = abs(method(step=step).solve(A, g, u0, 1.0).final - wanted).max()
    assert error < {1: 1e-2, 2: 1e-4, 3: 1e-6, 4: 1e-7}[method.order]


def test_doubling_steps_as_eigenvectors_do():
    """The same equation in a basis in which the eigenvectors of its factors are useless."""
    J = np.diag([-1.0, -1.0, -1.0]) + np.eye(3, k=1)
    nearly = J + np.diag([0.0, 0.1, 0.2])
    found = []
    for K in (J, nearly):
        A = ox.kronsum(30 * K, np.diag([-1.0, -2.0]))
        u0 = np.arange(6.0).reshape(3, 2)
        wanted = solved_by_scipy(A, allen_cahn, u0 / 5, 0.5)
        found.append(abs(pde.ETDRK4(step=0.01).solve(A, allen_cahn, u0 / 5, 0.5).final - wanted).max())
    assert max(found) < 2e-6
    assert found[0] < 3 * found[1]


def test_rtol_halves_the_step_until_the_error_is_below():
    A, u0 = splitting_problem()
    wanted = solved_by_scipy(A, allen_cahn, u0, 1.0)
    for method in (pde.ETD2RK, pde.ETDRK4, pde.Strang):
        solution = method(step=0.5, rtol=1e-5).solve(A, allen_cahn, u0, [0, 0.25, 1.0])
        true = abs(solution.final - wanted).max() / abs(solution.u).max()
        assert true < 1e-5
        assert true / 3 < solution.error < 1e-5


def test_an_rtol_that_is_not_reached_says_what_was(monkeypatch):
    monkeypatch.setattr("otimes.pde.time.integrator.HALVINGS", 5)
    A, u0 = splitting_problem()
    with pytest.raises(NotConverged, match="after 5 halvings of the step, and rtol=1e-12") as caught:
        pde.ETD1(step=1e3, rtol=1e-12).solve(A, allen_cahn, u0, 1.0)
    assert caught.value.solution.steps == 32


def test_steps_that_are_too_long_for_the_problem_are_halved_too():
    A = ox.kronsum(-np.eye(2), -np.eye(3))
    solution = pde.ETDRK4(step=1.0, rtol=1e-6).solve(A, lambda t, u: -5 * u**3, np.full((2, 3), 4.0), 1.0)
    exact = 1 / np.sqrt((1 / 16 + 2.5) * np.exp(4.0) - 2.5)  # Bernoulli's equation, u' = −2 u − 5 u³
    np.testing.assert_allclose(solution.final, exact, rtol=1e-4)
    with pytest.raises(NotConverged, match="no step gave a finite solution after"):
        pde.ETD1(step=1e-3, rtol=1e-3).solve(A, lambda t, u: u**2 * np.inf, np.ones((2, 3)), 1e-3)


def test_progress_bars_need_rich(monkeypatch):
    monkeypatch.setattr("otimes.pde.time.progress.find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"otimes\[cli\]"), pde.progress_bar():
        pass


def test_the_times_asked_for_and_the_progress_seen():
    A, u0 = splitting_problem()
    seen = []
    method = pde.ETD2RK(step=0.1, progress=lambda done, total: seen.append((done, total)))
    solution = method.solve(A, allen_cahn, u0, [1.0, 1.25, 2.0])
    assert solution.u.shape == (3, 6, 5)
    assert solution.steps == 3 + 8
    assert seen == [(k, 11) for k in range(1, 12)]
    np.testing.assert_array_equal(solution.u[0], u0)
    np.testing.assert_allclose(
        pde.ETD2RK(step=0.25).solve(A, lambda t, u: 0 * u, u0, 1.0).final, pde.evolve(A, u0, 1.0)
    )


def test_the_state_keeps_its_shape_and_its_dtype():
    A, u0 = splitting_problem()
    flat = pde.ETDRK4(step=0.1).solve(A, lambda t, u: allen_cahn(t, u), u0.reshape(-1), 0.3).final
    grid = pde.ETDRK4(step=0.1).solve(A, allen_cahn, u0, 0.3).final
    np.testing.assert_allclose(flat.reshape(6, 5), grid, rtol=1e-14)
    single = ox.kronsum(*(np.asarray(F, dtype=np.float32) for F in A.factors))
    defective = ox.kronsum(np.eye(6, k=1, dtype=np.float32), single.factors[1])
    assert pde.ETDRK4(step=0.1).solve(defective, allen_cahn, u0.astype(np.float32), 0.3).final.dtype == np.float32
    assert pde.ETDRK4(step=0.1).solve(single, allen_cahn, u0.astype(np.float32), 0.3).final.dtype == np.float32
    seen = []
    pde.ETD2RK(step=0.1).solve(defective, lambda t, u: seen.append(u.dtype) or 0 * u, u0.astype(np.float32), 0.3)
    assert set(seen) == {np.dtype(np.float32)}
    waves = pde.ETDRK4(step=0.01).solve(1j * A, lambda t, u: -1j * abs(u) ** 2 * u, u0 + 0j, 1.0).final
    np.testing.assert_allclose(np.linalg.norm(waves), np.linalg.norm(u0), rtol=1e-6)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: pde.ETD1(step=0), ShapeError, "step=0 must be a number > 0"),
        (lambda: pde.ETD1(step=1, rtol=-1), ShapeError, "rtol=-1 must be a number > 0"),
        (lambda: pde.ETD1(step=1, progress=3), DTypeError, "progress=3 cannot be called"),
        (lambda: pde.Strang(step=1, flow=3), DTypeError, "flow=3 cannot be called"),
        (lambda: solve(g=None), DTypeError, "g must be a function"),
        (lambda: solve(t=[0, 1, 1]), ShapeError, "must increase"),
        (lambda: solve(t=-1.0), ShapeError, "must increase"),
        (lambda: solve(t=[0, np.nan]), NonFiniteError, "NaN"),
        (lambda: solve(t="x"), ShapeError, "final time"),
        (lambda: solve(g=lambda t, u: u[0]), ShapeError, "g returned 3 for a state 2×3"),
        (lambda: solve(g=lambda t, u: 1j * u), DTypeError, "give u0 as a complex array"),
        (lambda: solve(g=lambda t, u: u**2 * 1e200), NonFiniteError, "not finite at t = "),
        (lambda: solve(source=np.ones((3, 2))), ShapeError, "source is 3×2"),
    ],
)
@pytest.mark.filterwarnings("ignore:overflow")
def test_what_is_refused(make, error, message):
    with pytest.raises(error, match=message):
        make()


def solve(g=allen_cahn, t=1.0, source=None):
    A = ox.kronsum(-np.eye(2), -np.eye(3))
    return pde.ETD2RK(step=0.1).solve(A, g, np.ones((2, 3)), t, source=source)


def test_the_state_given_to_g_is_not_to_be_written_to():
    with pytest.raises(ValueError, match="read-only"):
        solve(g=lambda t, u: np.multiply(u, 2, out=u))
