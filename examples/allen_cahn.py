"""Allen–Cahn in two dimensions: a star-shaped phase shrinks by its curvature, solved by an exponential integrator.

u' = Δu + (u − u³) / ε² on the unit square with insulated faces. The discrete Laplacian is a Kronecker sum, its
exponential two small matrices; the stiffness of diffusion does not limit the time step, only the reaction does. The
initial star is that of Caliari, Cassini & Zivcovich (2024).

Run `python examples/allen_cahn.py picture.png [points of an axis]`.
"""

import sys
from pathlib import Path

import numpy as np

from otimes import pde, plots

EPSILON = 0.05
TIMES = (0.0, 0.005, 0.015, 0.025)


def main(picture: Path, points: int = 160) -> pde.Trajectory:
    """Solve on a grid of so many cells along each axis, and draw the phases."""
    axis = pde.Axis(points, (0, 1), bc="neumann", scheme="cell")
    x, y = pde.mesh([axis, axis])
    angle, radius = np.arctan2(y - 0.5, x - 0.5), np.hypot(x - 0.5, y - 0.5)
    star = np.tanh((0.25 + 0.1 * np.cos(7 * angle) - radius) / (np.sqrt(2) * 0.75 * EPSILON))

    with pde.progress_bar("Allen–Cahn") as progress:
        method = pde.ETDRK4(step=5e-4, progress=progress)
        phases = method.solve(pde.laplacian([axis, axis]), lambda t, u: u * (1 - u**2) / EPSILON**2, star, TIMES)

    frames = {f"t = {t:g}": u for t, u in zip(phases.t, phases.u, strict=True)}
    plots.save_figure(plots.plot_slices(frames, coordinates=(axis.x, axis.x)), picture)
    return phases


if __name__ == "__main__":
    print(main(Path(sys.argv[1]), *map(int, sys.argv[2:])))
