"""Fields on tensor grids: lines, maps, and slices of boxes."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from otimes.errors import ShapeError
from otimes.plots.style import COLOURS, drawing, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_slices"]

NAMES = ("x", "y", "z")


def plot_slices(
    fields: Mapping[str, np.ndarray],
    *,
    coordinates: Sequence[np.ndarray],
    at: Sequence[float] | None = None,
    quantity: str = "u",
) -> "Figure":
    """Draw fields on a tensor grid in one colour scale: maps in two dimensions, slices in three, lines in one.

    Shapes: each field is n₁ × … × n_N for N ≤ 3, its first axis x.

    Cost: drawing only.

    Parameters
    ----------
    fields : mapping of str to numpy.ndarray
        Title and values of each, left to right, or top to bottom where each takes three slices. Of complex ones the
        magnitude is drawn.
    coordinates : sequence of numpy.ndarray
        Those of the points along each axis, equally spaced or not.
    at : sequence of float, optional
        In three dimensions the point that the slices go through, each at the nearest points of the grid; the middle if
        left out.
    quantity : str
        What the values are, with their unit, for the colour bar.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ShapeError
        A field is not on the grid of the coordinates, or the grid has more than three axes.
    MissingExtra
        matplotlib is not installed.

    Examples
    --------
    >>> import numpy as np
    >>> from otimes.plots import plot_slices
    >>> x, y = np.linspace(0, 1, 5), np.linspace(0, 2, 9)
    >>> figure = plot_slices({"t = 0": np.outer(x, y), "t = 1": np.outer(x, y) / 2}, coordinates=(x, y))
    >>> [axes.get_title(loc="left") for axes in figure.axes[:2]]
    ['t = 0', 't = 1']
    """
    grid = tuple(len(x) for x in coordinates)
    if not 1 <= len(grid) <= len(NAMES) or not fields:
        raise ShapeError(
            f"plot_slices: {len(fields)} fields on {len(grid)} axes; give at least one, on one to three axes"
        )
    for title, u in fields.items():
        if np.shape(u) != grid:
            raise ShapeError(f"plot_slices: the field {title!r} is {np.shape(u)}, and the coordinates are of {grid}")
    values = {title: abs(u) if np.iscomplexobj(u) else np.asarray(u) for title, u in fields.items()}
    quantity = f"|{quantity}|" if any(map(np.iscomplexobj, fields.values())) else quantity
    with drawing():
        if len(grid) == 1:
            return _lines(values, coordinates[0], quantity)
        if len(grid) == 2:
            return _maps([[(title, u, coordinates, NAMES[:2]) for title, u in values.items()]], quantity)
        point = [x[len(x) // 2] for x in coordinates] if at is None else at
        return _maps([_slices(title, u, coordinates, point) for title, u in values.items()], quantity)


def _lines(values: Mapping[str, np.ndarray], x: np.ndarray, quantity: str) -> "Figure":
    figure = new_figure(5.5, 3.5)
    axes = figure.subplots()
    for i, (title, u) in enumerate(values.items()):
        axes.plot(x, u, color=COLOURS[i % len(COLOURS)], label=title)
    axes.set_xlabel(NAMES[0])
    axes.set_ylabel(quantity)
    axes.grid(axis="y")
    axes.legend()
    return figure


def _slices(title: str, u: np.ndarray, coordinates: Sequence[np.ndarray], point: Sequence[float]) -> list[Any]:
    """Return the three planes through a point, each with its title, coordinates and names."""
    planes = []
    for axis in (2, 1, 0):
        place = int(abs(coordinates[axis] - point[axis]).argmin())
        others = [i for i in range(3) if i != axis]
        label = f"{title}, {NAMES[axis]} = {coordinates[axis][place]:.3g}" if title else ""
        planes.append((label, u.take(place, axis), [coordinates[i] for i in others], [NAMES[i] for i in others]))
    return planes


def _maps(rows: list[list[Any]], quantity: str) -> "Figure":
    """Draw rows of maps with one colour scale, symmetric about zero where there are both signs."""
    figure = new_figure(0.8 + 2.5 * len(rows[0]), 0.5 + 2.4 * len(rows))
    panels = figure.subplots(len(rows), len(rows[0]), squeeze=False)
    shown = np.concatenate([u.reshape(-1) for row in rows for _, u, _, _ in row])
    low, high = float(shown.min()), float(shown.max())
    limit = max(-low, high)
    scale: dict[str, Any] = {"cmap": "cividis", "vmin": low, "vmax": high}
    if low < -0.02 * limit and high > 0.02 * limit:
        scale = {"cmap": "RdBu_r", "vmin": -limit, "vmax": limit}
    for axes, (title, u, (x, y), names) in zip(panels.flat, [panel for row in rows for panel in row], strict=True):
        drawn = axes.pcolormesh(x, y, u.T, shading="gouraud", rasterized=True, **scale)
        _label(axes, title, names, float(np.ptp(x)), float(np.ptp(y)))
    figure.colorbar(drawn, ax=panels, shrink=0.9, label=quantity)
    return figure


def _label(axes: "Axes", title: str, names: Sequence[str], width: float, height: float) -> None:
    axes.set_title(title)
    axes.set_xlabel(names[0])
    axes.set_ylabel(names[1])
    axes.spines[:].set_visible(True)
    if width and height and 1 / 3 <= height / width <= 3:
        axes.set_aspect("equal")
