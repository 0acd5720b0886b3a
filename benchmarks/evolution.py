"""Evolution in time: exponentials of Kronecker sums, and exponential integrators, against SciPy's at equal accuracy."""

import numpy as np
import scipy.integrate
import scipy.sparse
from scipy.sparse.linalg import expm_multiply

import otimes as ox
from benchmarks.harness import Timing, race, record, seconds_of
from otimes import pde

TITLE = "Evolution in time, float64"
CLAIM = "exp(t A) u on a 50 × 55 × 60 grid at least 100 times faster than scipy's expm_multiply"
ONCE = 2.0  # seconds, from which a rival runs once


def run() -> list[dict]:
    exponentials = [exponential((25, 28, 30)), exponential((50, 55, 60))]
    return [*exponentials, allen_cahn(64), allen_cahn(256), *map(advection_diffusion_reaction, (16, 40))]


def exponential(sizes: tuple[int, ...]) -> dict:
    """Evolve the linear problem of Caliari, Cassini & Zivcovich (2023), section 4.4, to t = 1/2 in one step."""
    factors, u0 = [], np.ones(())
    for n in sizes:
        h, x = 2 / n, np.linspace(0, 2, n + 1)[1:]
        first, second = (np.eye(n, k=1) - np.eye(n, k=-1)) / (2 * h), (np.eye(n, k=1) + np.eye(n, k=-1)) / h**2
        second -= 2 * np.eye(n) / h**2
        first[-1], second[-1, -2:] = 0, np.array([2, -2]) / h**2
        factors.append(-2 / 9 * x[:, None] * first + 2 / 9 * x[:, None] ** 2 * second - (2 / 3 + 0.01 / 3) * np.eye(n))
        u0 = np.multiply.outer(u0, x * (2 - x) ** 2)
    A, sparse = ox.kronsum(*factors), sparse_sum(factors)
    rivals = {
        "expm_multiply": lambda: expm_multiply(0.5 * sparse, u0.reshape(-1)).reshape(sizes),
        "otimes": lambda: pde.evolve(A, u0, 0.5),
    }
    values, V = zip(*map(np.linalg.eig, factors), strict=True)  # another way of the same, to compare both with
    coefficients = ox.kron(*map(np.linalg.inv, V)) @ u0.reshape(-1)
    rates = np.add.outer(np.add.outer(values[0], values[1]), values[2]).reshape(-1)
    exact = np.real(ox.kron(*V) @ (np.exp(0.5 * rates) * coefficients)).reshape(sizes)
    return compared(f"exp(t A) u on {text(sizes)}", rivals, exact, "otimes")


def allen_cahn(n: int) -> dict:
    """Solve Allen–Cahn on n × n cells to t = 0.005 by every method with an error of 2 · 10⁻⁵ at the most."""
    axis = pde.Axis(n, (0, 1), bc="neumann", scheme="cell")
    x, y = pde.mesh([axis, axis])
    angle, radius = np.arctan2(y - 0.5, x - 0.5), np.hypot(x - 0.5, y - 0.5)
    star = np.tanh((0.25 + 0.1 * np.cos(7 * angle) - radius) / (np.sqrt(2) * 0.75 * 0.05))
    A, T = pde.laplacian([axis, axis]), 0.005
    sparse = sparse_sum([np.asarray(F) for F in A.factors])
    exact = pde.HochbruckOstermann4(step=5e-5).solve(A, reaction, star, T).final
    stable = 2.7 / (8 * n**2)  # the longest step of the classical method
    rivals = {
        "RK4": lambda: runge_kutta(sparse, star, T, int(np.ceil(T / stable))),
        "BDF": lambda: by_bdf(sparse, star, T, 5e-6),
        "ETDRK4": lambda: pde.ETDRK4(step=T / 20).solve(A, reaction, star, T).final,
        "Strang": lambda: pde.Strang(step=T / 200, flow=reaction_flow).solve(A, None, star, T).final,
    }
    return compared(f"Allen–Cahn on {text((n, n))}", rivals, exact, "ETDRK4")


def reaction(_: float, u: np.ndarray) -> np.ndarray:
    return 400 * u * (1 - u**2)


def reaction_flow(_: float, h: float, u: np.ndarray) -> np.ndarray:
    """Return the solution of u' = 400 (u − u³) after a time h."""
    return u / np.sqrt(u**2 + (1 - u**2) * np.exp(-800 * h))


def advection_diffusion_reaction(n: int) -> dict:
    """Solve to 10⁻⁷ a problem far from normal: φ-functions by doubling. On coarse grids an explicit method wins.

    The explicit one takes the longest steps that are stable, and is more accurate than asked for.
    """
    h = 1 / (n + 1)
    x = np.arange(1, n + 1) * h
    second = (np.eye(n, k=1) - 2 * np.eye(n) + np.eye(n, k=-1)) / h**2
    factor = 0.5 * second + 10 * (np.eye(n, k=1) - np.eye(n, k=-1)) / (2 * h)
    parabola = 4 * x * (1 - x)
    u0 = np.einsum("i,j,k->ijk", parabola, parabola, parabola)
    A, sparse, T = ox.kronsum(factor, factor, factor), sparse_sum([factor] * 3), 0.1
    linear = (sparse @ u0.reshape(-1)).reshape(u0.shape)

    def g(t: float, u: np.ndarray) -> np.ndarray:
        return 1 / (1 + u**2) + np.exp(t) * (u0 - linear) - 1 / (1 + np.exp(2 * t) * u0**2)

    steps = int(np.ceil(T * 12 * 0.5 / h**2 / 2.7))
    rivals = {
        "RK4": lambda: runge_kutta(sparse, u0, T, steps, g),
        "ETDRK4": lambda: pde.ETDRK4(step=T / 10).solve(A, g, u0, T).final,
    }
    return compared(f"advection–diffusion–reaction on {text((n, n, n))}", rivals, np.exp(T) * u0, "ETDRK4")


def compared(case: str, rivals: dict, exact: np.ndarray, reference: str) -> dict:
    """Time every method, those that take long once, with its error beside it."""
    errors, known = {}, {}
    for name, call in rivals.items():
        found: list[np.ndarray] = []
        known[name] = seconds_of(lambda: found.append(call()))  # noqa: B023  called at once
        errors[f"error of {name}"] = relative(found[0], exact)
    slow = [Timing(name, seconds, seconds, 1) for name, seconds in known.items() if seconds > ONCE]
    quick = {name: call for name, call in rivals.items() if known[name] <= ONCE}
    return record(case, slow + race(quick, repeats=3, known=known), reference, **errors)


def sparse_sum(factors: list[np.ndarray]) -> scipy.sparse.csr_array:
    """Return A₁ ⊕ … ⊕ A_N as a sparse matrix."""
    total = scipy.sparse.csr_array(factors[0])
    for K in factors[1:]:
        total = scipy.sparse.kronsum(scipy.sparse.csr_array(K), total, format="csr")
    return scipy.sparse.csr_array(total)


def runge_kutta(L: scipy.sparse.csr_array, u0: np.ndarray, T: float, steps: int, g: object = reaction) -> np.ndarray:
    """Return the solution by the classical method with equal steps."""
    h, u = T / steps, u0.copy()

    def rate(t: float, u: np.ndarray) -> np.ndarray:
        return (L @ u.reshape(-1)).reshape(u.shape) + g(t, u)

    for k in range(steps):
        t = k * h
        first = rate(t, u)
        second = rate(t + h / 2, u + h / 2 * first)
        third = rate(t + h / 2, u + h / 2 * second)
        u = u + h / 6 * (first + 2 * second + 2 * third + rate(t + h, u + h * third))
    return u


def by_bdf(L: scipy.sparse.csr_array, u0: np.ndarray, T: float, rtol: float) -> np.ndarray:
    """Return the solution by SciPy's BDF with the sparse Jacobian in closed form."""

    def rate(t: float, u: np.ndarray) -> np.ndarray:
        return L @ u + reaction(t, u)

    def jacobian(_: float, u: np.ndarray) -> scipy.sparse.csc_array:
        return scipy.sparse.csc_array(L + scipy.sparse.diags_array(400 * (1 - 3 * u**2)))

    found = scipy.integrate.solve_ivp(rate, (0, T), u0.reshape(-1), method="BDF", jac=jacobian, rtol=rtol, atol=rtol)
    return found.y[:, -1].reshape(u0.shape)


def relative(found: np.ndarray, exact: np.ndarray) -> float:
    return float(abs(found - exact).max() / abs(exact).max())


def text(sizes: tuple[int, ...]) -> str:
    return " × ".join(map(str, sizes))
