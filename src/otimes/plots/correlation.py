"""Maps of the correlation of one cell of a grid with all others."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from otimes.plots.style import INK, drawing, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["plot_correlation_maps"]


def plot_correlation_maps(
    maps: Mapping[str, np.ndarray], *, latitude: np.ndarray, longitude: np.ndarray, cell: tuple[int, int]
) -> "Figure":
    """Draw maps of correlation with one cell side by side, in one colour scale from −1 to 1.

    Shapes: each map is len(latitude) × len(longitude).

    Cost: drawing only.

    Parameters
    ----------
    maps : mapping of str to numpy.ndarray
        Title and correlations of each map, left to right.
    latitude, longitude : numpy.ndarray
        Centres of the cells in degrees north and degrees east; longitudes above 180 are shown as degrees west.
    cell : tuple of int
        Row and column of the cell, which a cross marks.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    MissingExtra
        matplotlib is not installed.

    Examples
    --------
    >>> import numpy as np
    >>> from otimes.plots import plot_correlation_maps
    >>> maps = {"Sample": np.eye(3), "Approximation": np.ones((3, 3))}
    >>> degrees = np.array([30.0, 35.0, 40.0])
    >>> figure = plot_correlation_maps(maps, latitude=degrees, longitude=degrees + 230, cell=(1, 1))
    >>> figure.get_suptitle()
    'Correlation with the cell at 35°N 95°W'
    """
    with drawing():
        stretch = np.cos(np.deg2rad(np.mean(latitude)))  # a degree of longitude in degrees of latitude
        figure = new_figure(12, 1.1 + 10.2 / len(maps) * np.ptp(latitude) / (np.ptp(longitude) * stretch))
        panels = figure.subplots(1, len(maps), sharey=True, squeeze=False)[0]
        for axes, (title, values) in zip(panels, maps.items(), strict=True):
            drawn = axes.pcolormesh(longitude, latitude, values, cmap="RdBu_r", vmin=-1, vmax=1, shading="nearest")
            axes.plot(longitude[cell[1]], latitude[cell[0]], "x", color=INK, markersize=9, markeredgewidth=2)
            axes.set_title(title)
            axes.set_xlabel("longitude")
            axes.xaxis.set_major_formatter(lambda value, _: _longitude(value))
            axes.yaxis.set_major_formatter(lambda value, _: _latitude(value))
            axes.set_aspect(1 / stretch)
            axes.spines[:].set_visible(True)
        panels[0].set_ylabel("latitude")
        figure.colorbar(drawn, ax=panels, shrink=0.9, label="correlation")
        place = f"{_latitude(latitude[cell[0]])} {_longitude(longitude[cell[1]])}"
        figure.suptitle(f"Correlation with the cell at {place}")
        return figure


def _latitude(degrees: float) -> str:
    return f"{abs(round(float(degrees), 1)):g}°{'N' if degrees >= 0 else 'S'}"


def _longitude(degrees: float) -> str:
    east = (float(degrees) + 180) % 360 - 180
    return f"{abs(round(east, 1)):g}°{'E' if east >= 0 else 'W'}"
