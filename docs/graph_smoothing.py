"""The picture of docs/graphs.md: temperatures with values missing, filled in on graph × time."""

from pathlib import Path

import numpy as np

import otimes as ox
from otimes.graphs import ProductGraph, smooth
from otimes.plots.style import COLOURS, INK, drawing, new_figure


def draw(path: Path) -> None:
    """Write the picture: one year observed, filled and true, and one cell over the years."""
    air = ox.datasets.load_air_temperature()
    X = np.moveaxis(air.temperature, 0, -1).astype(float) - 273.15
    observed = np.random.default_rng(0).random(X.shape) > 0.4
    chain = [np.eye(n, k=1) + np.eye(n, k=-1) for n in X.shape[:2]]
    holes = np.where(observed, X, np.nan)
    cells = np.nanmean(holes, axis=-1, keepdims=True)
    Z = cells + smooth(ProductGraph(chain), holes - cells, graph_weight=0.1, time_weight=0.03).checked().value
    year, cell = 120, (10, 30)
    with drawing():
        figure = new_figure(10, 5.2)
        axes = figure.subplot_mosaic([["a", "b", "c"], ["time", "time", "time"]], height_ratios=[1.2, 1])
        maps = {"a": ("observed, 60 %", holes), "b": ("filled on cells × years", Z), "c": ("as it was", X)}
        for key, (title, field) in maps.items():
            image = axes[key].pcolormesh(
                air.longitude, air.latitude, field[:, :, year], cmap="RdBu_r", vmin=-30, vmax=30, rasterized=True
            )
            axes[key].set(title=f"{air.year[year]}, {title}", xlabel="longitude / °E")
        axes["a"].set_ylabel("latitude / °N")
        figure.colorbar(image, ax=[axes[key] for key in maps], label="°C", shrink=0.8)
        time = axes["time"]
        time.plot(air.year, X[cell], color=INK, linewidth=0.8, label="as it was")
        time.plot(air.year, Z[cell], color=COLOURS[1], linewidth=1.2, label="filled")
        time.plot(air.year, holes[cell], ".", color=COLOURS[0], markersize=4, label="observed")
        place = f"{air.latitude[cell[0]]:.1f} °N, {air.longitude[cell[1]]:.1f} °E"
        time.set(title=f"One cell, {place}", ylabel="°C", xlim=(air.year[0], air.year[-1]))
        time.legend(ncols=3)
        figure.savefig(path)
