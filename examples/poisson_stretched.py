"""Poisson in three dimensions on a grid stretched along every axis, with a condition of its own on each face.

A block of silicon with a hot spot under its top: −Δu = f, the bottom held at a temperature (Dirichlet), the sides
insulated (Neumann), the top losing heat to the air, ∂u/∂n + 2 u = 0 (Robin). The points crowd around the spot. No fast
transform knows such a grid; here three small eigenvalue problems diagonalise the operator, and the solution is six
products with small matrices.

Run `python examples/poisson_stretched.py picture.png [points of an axis]`.
"""

import sys
from pathlib import Path

import numpy as np

from otimes import pde, plots

SPOT = (0.5, 0.5, 0.9)  # of a box 2 × 1 × 1
WIDTH = 0.05


def main(picture: Path, points: int = 96) -> pde.EllipticSolution:
    """Solve with so many points along each axis, and draw slices through the spot."""
    axes = [
        pde.Axis(crowded(points, 2.0, SPOT[0]), bc="neumann"),
        pde.Axis(crowded(points - 10, 1.0, SPOT[1]), bc="neumann"),
        pde.Axis(crowded(points - 20, 1.0, SPOT[2]), bc=("dirichlet", ("robin", 2.0, 1.0))),
    ]

    def heat(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        distance = (x - SPOT[0]) ** 2 + (y - SPOT[1]) ** 2 + (z - SPOT[2]) ** 2
        return np.exp(-distance / (2 * WIDTH**2)) / (2 * np.pi * WIDTH**2) ** 1.5

    solution = pde.poisson(axes, heat, {(2, "low"): 0.2})
    coordinates = [axis.points for axis in axes]
    figure = plots.plot_slices({"u": solution.on_points}, coordinates=coordinates, at=SPOT, quantity="temperature u")
    plots.save_figure(figure, picture)
    return solution


def crowded(n: int, length: float, centre: float) -> np.ndarray:
    """Return n coordinates from 0 to a length, four to five times denser around a centre."""
    s = np.linspace(0, 1, 400 * n)
    x = length * s
    density = 1 + 4 * np.exp(-(((x - centre) / 0.15) ** 2))
    passed = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2)])
    return np.interp(np.linspace(0, 1, n), passed / passed[-1], x)


if __name__ == "__main__":
    found = main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
    print(f"{found.value.size} unknowns, residual {found.residual:.2g}, highest temperature {found.value.max():.3f}")
