"""The exponential Runge–Kutta methods by name, of orders 1 to 4."""

from dataclasses import dataclass
from typing import ClassVar

from otimes.pde.time.exponential_runge_kutta import ExponentialRungeKutta, Tableau
from otimes.pde.time.linear_part import Combination

HALF, ONE = 0.5, 1.0

FLOW: Combination = {(0, ONE): 1}  # exp(h A), of u
HALF_FLOW: Combination = {(0, HALF): 1}
NONE: Combination = {}

# of three stages at 0, 1/2 and 1: Simpson's rule for g, with exact exponentials
FIRST: Combination = {(1, ONE): 1, (2, ONE): -3, (3, ONE): 4}
MIDDLE: Combination = {(2, ONE): 4, (3, ONE): -8}
LAST: Combination = {(2, ONE): -1, (3, ONE): 4}

# the fifth stage of Hochbruck and Ostermann, at 1/2: a₅₃ = a₅₂, a₅₄ = φ₂(z/2)/4 − a₅₂, a₅₁ = φ₁(z/2)/2 − 2 a₅₂ − a₅₄
FIFTH_2: Combination = {(2, HALF): 1 / 2, (3, ONE): -1, (2, ONE): 1 / 4, (3, HALF): -1 / 2}
FIFTH_4: Combination = {(2, HALF): -1 / 4, (3, ONE): 1, (2, ONE): -1 / 4, (3, HALF): 1 / 2}
FIFTH_1: Combination = {(1, HALF): 1 / 2, (2, HALF): -3 / 4, (3, ONE): 1, (2, ONE): -1 / 4, (3, HALF): 1 / 2}


@dataclass(frozen=True, kw_only=True)
class ETD1(ExponentialRungeKutta):
    """The exponential Euler method, of order 1: u ↦ exp(h A) u + h φ₁(h A) g(t, u).

    One evaluation of g a step. For g that does not depend on u and t it is exact. The settings are those of
    `Integrator`.

    References
    ----------
    Cox & Matthews (2002), Exponential time differencing for stiff systems, J. Comput. Phys. 176, 430-455.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> from otimes import pde
    >>> A = ox.kronsum([[-100.0]], [[-1.0]])
    >>> pde.ETD1(step=0.5).solve(A, lambda t, u: np.ones_like(u), [0.0], 2.0).final.round(6)
    array([0.009901])
    """

    order: ClassVar[int] = 1
    tableau: ClassVar[Tableau] = Tableau((0.0,), ((FLOW, {(1, ONE): 1}),))


@dataclass(frozen=True, kw_only=True)
class ETD2RK(ExponentialRungeKutta):
    """Cox and Matthews' method of order 2, which is of that order for stiff problems too.

    Two evaluations of g a step. The settings are those of `Integrator`.

    References
    ----------
    Cox & Matthews (2002), Exponential time differencing for stiff systems, J. Comput. Phys. 176, 430-455.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> from otimes import pde
    >>> A = ox.kronsum([[-3.0]], [[-4.0]])  # u' = −7 u + 8 t from u(0) = 0
    >>> pde.ETD2RK(step=0.1).solve(A, lambda t, u: 8 * t + 0 * u, [0.0], 1.0).final.round(6)
    array([0.979741])
    """

    order: ClassVar[int] = 2
    tableau: ClassVar[Tableau] = Tableau(
        (0.0, ONE),
        (
            (FLOW, {(1, ONE): 1}),
            (FLOW, {(1, ONE): 1, (2, ONE): -1}, {(2, ONE): 1}),
        ),
    )


@dataclass(frozen=True, kw_only=True)
class ETD3RK(ExponentialRungeKutta):
    """Cox and Matthews' method of order 3, with three evaluations of g a step.

    The settings are those of `Integrator`.

    References
    ----------
    Cox & Matthews (2002), Exponential time differencing for stiff systems, J. Comput. Phys. 176, 430-455.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> from otimes import pde
    >>> A = ox.kronsum([[-3.0]], [[-4.0]])  # u' = −7 u + 8 t from u(0) = 0
    >>> pde.ETD3RK(step=0.1).solve(A, lambda t, u: 8 * t + 0 * u, [0.0], 1.0).final.round(6)
    array([0.979741])
    """

    order: ClassVar[int] = 3
    tableau: ClassVar[Tableau] = Tableau(
        (0.0, HALF, ONE),
        (
            (HALF_FLOW, {(1, HALF): 1 / 2}),
            (FLOW, {(1, ONE): -1}, {(1, ONE): 2}),
            (FLOW, FIRST, MIDDLE, LAST),
        ),
    )


@dataclass(frozen=True, kw_only=True)
class ETDRK4(ExponentialRungeKutta):
    """Cox and Matthews' method of order 4, with four evaluations of g a step: the workhorse.

    For Dirichlet conditions and stiff problems its order falls to between 2 and 3 in the worst case, where g does not
    vanish on the boundary; `HochbruckOstermann4` keeps it. The settings are those of `Integrator`.

    References
    ----------
    Cox & Matthews (2002), Exponential time differencing for stiff systems, J. Comput. Phys. 176, 430-455; Kassam &
    Trefethen (2005), Fourth-order time-stepping for stiff PDEs, SIAM J. Sci. Comput. 26, 1214-1233.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> from otimes import pde
    >>> n = 64
    >>> D = (np.eye(n, k=1) - 2 * np.eye(n) + np.eye(n, k=-1)) * (n + 1) ** 2
    >>> u0 = np.random.default_rng(0).standard_normal((n, n)) / 10
    >>> solution = pde.ETDRK4(step=0.1).solve(1e-3 * ox.kronsum(D, D), lambda t, u: u - u**3, u0, [0, 5, 10])
    >>> solution
    Trajectory(3 times in [0, 10], 100 steps of ETDRK4)
    >>> bool(np.abs(solution.final).max() < 1)
    True
    """

    order: ClassVar[int] = 4
    tableau: ClassVar[Tableau] = Tableau(
        (0.0, HALF, HALF, ONE),
        (
            (HALF_FLOW, {(1, HALF): 1 / 2}),
            (HALF_FLOW, NONE, {(1, HALF): 1 / 2}),
            (FLOW, {(1, ONE): 1, (1, HALF): -1}, NONE, {(1, HALF): 1}),
            (FLOW, FIRST, {(2, ONE): 2, (3, ONE): -4}, {(2, ONE): 2, (3, ONE): -4}, LAST),
        ),
    )


@dataclass(frozen=True, kw_only=True)
class HochbruckOstermann4(ExponentialRungeKutta):
    """Hochbruck and Ostermann's method of order 4 with five stages, which stiffness does not reduce.

    Five evaluations of g a step. The settings are those of `Integrator`.

    References
    ----------
    Hochbruck & Ostermann (2005), Explicit exponential Runge-Kutta methods for semilinear parabolic problems, SIAM J.
    Numer. Anal. 43, 1069-1090, method (5.19).

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> from otimes import pde
    >>> A = ox.kronsum([[-1e6]], [[-1e6]])
    >>> solution = pde.HochbruckOstermann4(step=0.1).solve(A, lambda t, u: 2e6 * np.cos(t) + 0 * u, [1.0], 1.0)
    >>> solution.final.round(6)
    array([0.540303])
    """

    order: ClassVar[int] = 4
    tableau: ClassVar[Tableau] = Tableau(
        (0.0, HALF, HALF, ONE, HALF),
        (
            (HALF_FLOW, {(1, HALF): 1 / 2}),
            (HALF_FLOW, {(1, HALF): 1 / 2, (2, HALF): -1}, {(2, HALF): 1}),
            (FLOW, {(1, ONE): 1, (2, ONE): -2}, {(2, ONE): 1}, {(2, ONE): 1}),
            (HALF_FLOW, FIFTH_1, FIFTH_2, FIFTH_2, FIFTH_4),
            (FLOW, FIRST, NONE, NONE, LAST, MIDDLE),
        ),
    )
