"""The orders of the exponential integrators, on a problem whose error is that of time alone.

Advection, diffusion and reaction with the solution eᵗ Π 4 xᵢ (1 − xᵢ) on the unit cube: central differences are exact
for parabolas, so that nothing but the time step is seen (Caliari, Cassini & Zivcovich 2024, section 4.2). Diffusion is
stiff, and the reaction does not vanish on the boundary: Cox and Matthews' method of order 4 falls back behind that of
Hochbruck and Ostermann.

Run `python examples/temporal_orders.py picture.png [points of an axis]`.
"""

import sys
from pathlib import Path

import numpy as np

from otimes import pde, plots

METHODS = (pde.ETD1, pde.ETD2RK, pde.Strang, pde.ETD3RK, pde.ETDRK4, pde.HochbruckOstermann4)
T = 0.1


def main(picture: Path, points: int = 34, steps: tuple[int, ...] = (8, 12, 18, 27)) -> dict[str, float]:
    """Return the order seen of each method, and draw errors against steps."""
    axes = [pde.Axis(points + i, (0, 1)) for i in range(3)]
    A = pde.laplacian(axes) + pde.advection(axes, 1.0)
    x, y, z = pde.mesh(axes)
    u0 = 64 * x * (1 - x) * y * (1 - y) * z * (1 - z)
    linear = (A @ u0.reshape(-1)).reshape(u0.shape)

    def g(t: float, u: np.ndarray) -> np.ndarray:
        return 1 / (1 + u**2) + np.exp(t) * (u0 - linear) - 1 / (1 + np.exp(2 * t) * u0**2)

    exact, errors = np.exp(T) * u0, {}
    for method in METHODS:
        finals = [method(step=T / n).solve(A, g, u0, T).final for n in steps]
        errors[method.__name__] = [T / n for n in steps], [abs(u - exact).max() / exact.max() for u in finals]
    plots.save_figure(plots.plot_convergence(errors, width="time step"), picture)
    return {name: float(np.polyfit(np.log(h), np.log(e), 1)[0]) for name, (h, e) in errors.items()}


if __name__ == "__main__":
    for name, order in main(Path(sys.argv[1]), *map(int, sys.argv[2:])).items():
        print(f"{name:>20} {order:.2f}")
