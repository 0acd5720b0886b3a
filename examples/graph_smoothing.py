"""Temperatures over North America with 40 % of the values removed, filled in on cells × years.

The cells are a grid graph, the product of two paths, and the years one path more. The differences to each cell's mean
are smoothed along both, 435,120 values from 261,000 observed, by conjugate gradients that the joint Fourier transform
preconditions.

Run `python examples/graph_smoothing.py picture.png [every how many cells and years]`.
"""

import sys
from pathlib import Path

import numpy as np

import otimes as ox
from otimes import plots
from otimes.graphs import ProductGraph, smooth
from otimes.plots.style import COLOURS, INK, drawing, new_figure

YEAR, CELL = 120, (10, 30)


def main(picture: Path, step: int = 1) -> dict[str, float]:
    """Fill in the values removed, draw them, and return how far they and means are off, in kelvin (rms)."""
    air = ox.datasets.load_air_temperature()
    X = np.moveaxis(air.temperature[::step, ::step, ::step], 0, -1).astype(float) - 273.15
    holes = np.where(np.random.default_rng(0).random(X.shape) < 0.4, np.nan, X)
    cells = ProductGraph([np.eye(n, k=1) + np.eye(n, k=-1) for n in X.shape[:2]])
    means = np.nanmean(holes, axis=-1, keepdims=True)
    filled = means + smooth(cells, holes - means, graph_weight=0.1, time_weight=0.03).checked().value
    fields = {"observed, 60 %": holes, "filled on cells × years": filled, "as it was": X}
    draw(picture, fields, air.latitude[::step], air.longitude[::step], air.year[::step], step)
    guesses = {"filled": filled, "means of cells and years": means + np.nanmean(holes - means, axis=(0, 1))}
    return {name: float(np.sqrt(np.mean((Z - X)[np.isnan(holes)] ** 2))) for name, Z in guesses.items()}


def draw(
    picture: Path, fields: dict, latitude: np.ndarray, longitude: np.ndarray, years: np.ndarray, step: int
) -> None:
    """Write the picture: maps of one year above, a cell over the years below."""
    year, (i, j) = YEAR // step, (place // step for place in CELL)
    with drawing():
        figure = new_figure(10, 5.2)
        axes = figure.subplot_mosaic([["map 0", "map 1", "map 2"], ["cell"] * 3], height_ratios=[1.2, 1])
        maps = [axes[f"map {place}"] for place in range(3)]
        for ax, (title, field) in zip(maps, fields.items(), strict=True):
            image = ax.pcolormesh(
                longitude, latitude, field[:, :, year], cmap="RdBu_r", vmin=-30, vmax=30, rasterized=True
            )
            ax.set(title=f"{years[year]}, {title}", xlabel="longitude / °E")
        maps[0].set_ylabel("latitude / °N")
        figure.colorbar(image, ax=maps, label="°C", shrink=0.8)
        observed, filled, true = (field[i, j] for field in fields.values())
        axes["cell"].plot(years, true, color=INK, linewidth=0.8, label="as it was")
        axes["cell"].plot(years, filled, color=COLOURS[1], linewidth=1.2, label="filled")
        axes["cell"].plot(years, observed, ".", color=COLOURS[0], markersize=4, label="observed")
        title = f"One cell, {latitude[i]:.1f} °N, {longitude[j]:.1f} °E"
        axes["cell"].set(title=title, ylabel="°C", xlim=(years[0], years[-1]))
        axes["cell"].legend(ncols=3)
        plots.save_figure(figure, picture)


if __name__ == "__main__":
    print(main(Path(sys.argv[1]), *map(int, sys.argv[2:])))
