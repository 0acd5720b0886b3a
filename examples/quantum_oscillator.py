"""The quantum oscillator in three dimensions: its levels with all their degeneracies, and a packet that swings.

H = −Δ/2 + (x² + y² + z²)/2 on a Chebyshev grid (units ħ = m = ω = 1). H is a Kronecker sum of three matrices of one
dimension, so the 20 lowest states of 24³ points are sums and products of theirs, and exp(−i t H) is one product with a
small matrix along each axis: a state is moved to any time in one step.

Run `python examples/quantum_oscillator.py picture.png [points of an axis]`.
"""

import sys
from pathlib import Path

import numpy as np

import otimes as ox
from otimes import pde, plots

TIMES = np.pi * np.array([0.0, 0.25, 0.5, 1.0])  # half a period
AWAY = 2.0  # of the middle, at the start


def main(picture: Path, points: int = 44) -> tuple[np.ndarray, np.ndarray]:
    """Return the 20 lowest levels, and the mean of x at each of the times; draw the packet in the plane z = 0."""
    axis = pde.Axis(points, (-7, 7), scheme="chebyshev")
    one = (np.diag(axis.x**2) - np.asarray(pde.laplacian(axis))) / 2
    H = ox.kronsum(one, one, one)
    levels = ox.FastDiagonalization(H).eigenvalues(20)

    x, y, z = pde.mesh([axis] * 3)
    packet = np.exp(-((x - AWAY) ** 2) / 2 - y**2 - z**2 / 2).astype(complex)  # squeezed in y: it breathes
    states = pde.evolve(H, packet, -1j * TIMES)

    w = np.sqrt(7**2 - axis.x**2)  # of the integral over a Chebyshev grid, up to a factor
    density = abs(states) ** 2 * np.multiply.outer(np.multiply.outer(w, w), w)
    means = (density * x).sum((1, 2, 3)) / density.sum((1, 2, 3))
    middle = int(abs(axis.x).argmin())
    inner = slice(*np.searchsorted(axis.x, (-5, 5)))
    frames = {f"t = {t:.2f}": state[inner, inner, middle] for t, state in zip(TIMES, states, strict=True)}
    plots.save_figure(plots.plot_slices(frames, coordinates=(axis.x[inner],) * 2, quantity="ψ(x, y, 0)"), picture)
    return levels, means


if __name__ == "__main__":
    levels, means = main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
    print("levels:", levels.round(8))
    print("mean of x:", means.round(8), "which is 2 cos t:", (AWAY * np.cos(TIMES)).round(8))
