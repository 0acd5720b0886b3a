"""The picture of a factorization: its spectrum, the matrix against its approximation, the price of accuracy."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from otimes.plots.style import COLOURS, INK, QUIET, drawing, new_figure, product_name
from otimes.plots.thumbnail import thumbnail

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_factorization"]


def plot_factorization(
    *,
    original: Any = None,
    approximation: Any,
    singular_values: Sequence[float] = (),
    history: Sequence[float] = (),
    stages: str = "sweeps",
    candidates: Sequence[Any] = (),
    chosen: Any,
    quantity: str = "entry",
) -> "Figure":
    """Draw the singular values of the rearranged matrix, M beside Σ A_r ⊗ B_r, and error against numbers stored.

    What is not given is not drawn, nor a single error or candidate, which the title has.

    Shapes: ``original`` and ``approximation`` are m × n; above 300 rows or columns they are drawn as means of blocks.

    Cost: one pass over ``original``, at most 300 products with ``approximation``.

    Parameters
    ----------
    original, approximation : array, SciPy sparse array or LinearOperator
        The matrix and the sum of Kronecker products, or train; of complex ones the magnitude is drawn.
    singular_values : sequence of float
        Those of the rearrangement, largest first.
    history : sequence of float
        The error after each sweep of an iteration, or each term.
    stages : str
        Which of these: "sweeps" or "terms".
    candidates : sequence of Candidate
        Points of the last panel: whatever has ``shapes``, ``terms``, ``error`` and ``numbers_stored``.
    chosen : Candidate
        The point to be marked.
    quantity : str
        What an entry is, with its unit, for the colour bar.

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
    >>> from types import SimpleNamespace
    >>> from otimes.plots import plot_factorization
    >>> M = np.kron([[1.0, 2.0], [3.0, 4.0]], np.eye(3))
    >>> row = SimpleNamespace(shapes=((2, 2), (3, 3)), terms=1, error=1e-16, numbers_stored=13)
    >>> figure = plot_factorization(
    ...     original=M, approximation=M, singular_values=[9.5], candidates=[row], chosen=row
    ... )
    >>> [axes.get_title(loc="left") for axes in figure.axes[:2]]
    ['Singular values', 'Original, 6×6']
    """
    with drawing():
        values, matrices = np.asarray(singular_values, dtype=float), [original] * (original is not None)
        has_spectrum, has_history, has_frontier = bool((values > 0).any()), len(history) > 1, len(candidates) > 1
        widths = [2.7] * has_spectrum + [2.7] * has_history + [3.0] * (len(matrices) + 1) + [3.5] * has_frontier
        figure = new_figure(sum(widths), 4)
        panels = iter(figure.subplots(1, len(widths), width_ratios=widths, squeeze=False)[0])
        if has_spectrum:
            _draw_spectrum(next(panels), values, chosen.terms)
        if has_history:
            _draw_history(next(panels), history, stages)
        _draw_images([next(panels) for _ in (*matrices, approximation)], matrices, approximation, chosen, quantity)
        if has_frontier:
            _draw_frontier(next(panels), candidates, chosen)
        return figure


def _draw_history(axes: "Axes", history: Sequence[float], stages: str) -> None:
    """Draw the error after each sweep, or each term."""
    axes.plot(np.arange(1, len(history) + 1), history, "o-", color=COLOURS[0], markersize=4, linewidth=0.9)
    _scale_errors(axes, history)
    axes.set_title("Error of the iteration" if stages == "sweeps" else "Error of so many terms")
    axes.set_xlabel(stages)
    axes.set_ylabel("relative error, Frobenius norm")
    axes.locator_params(axis="x", integer=True)
    axes.grid(axis="y")


def _draw_spectrum(axes: "Axes", values: np.ndarray, terms: int) -> None:
    """Draw the singular values on a logarithmic scale, those kept filled; of a train, which keeps parts, none is."""
    order = np.arange(1, len(values) + 1)
    shown = values > 0
    axes.semilogy(order[shown], values[shown], color=QUIET, linewidth=0.9, zorder=1)
    left_out = "left out" if terms else "at the cut in the middle"
    for mask, face, label in [(order <= terms, COLOURS[0], f"kept: {terms}"), (order > terms, "white", left_out)]:
        points = order[mask & shown], values[mask & shown]
        if len(points[0]):
            axes.scatter(*points, s=26, facecolor=face, edgecolor=COLOURS[0], zorder=2, label=label)
    axes.set_title("Singular values")
    axes.set_xlabel("term r")
    axes.set_ylabel("σᵣ of the rearranged matrix")
    axes.locator_params(axis="x", integer=True)
    axes.grid(axis="y")
    axes.legend()


def _draw_images(panels: list["Axes"], originals: list[Any], approximation: Any, chosen: Any, quantity: str) -> None:
    """Draw the matrices with one colour scale, symmetric about zero where there are both signs."""
    images = [thumbnail(matrix) for matrix in (*originals, approximation)]
    if any(map(np.iscomplexobj, images)):
        images, quantity = [np.abs(image) for image in images], f"|{quantity}|"
    scale = _colour_scale(images[0])
    rows, columns = approximation.shape
    form = {0: "Train", 1: "1 term"}.get(chosen.terms, f"{chosen.terms} terms")
    titles = [f"Original, {rows}×{columns}"] * len(originals) + [f"{form}, error {chosen.error:.3g}"]
    for axes, image, title in zip(panels, images, titles, strict=True):
        drawn = axes.imshow(image, extent=(0, columns, rows, 0), interpolation="nearest", aspect="auto", **scale)
        axes.set_title(title)
        axes.spines[:].set_visible(True)
        axes.set_box_aspect(min(max(rows / columns, 0.5), 2))
        axes.set_xlabel("column")
    panels[0].set_ylabel("row")
    for axes in panels[1:]:
        axes.tick_params(labelleft=False)
    panels[0].figure.colorbar(drawn, ax=panels, location="bottom", shrink=0.6, aspect=40, label=quantity, extend="both")


def _colour_scale(image: np.ndarray) -> dict[str, Any]:
    """Return the colour map and its ends, which leave out the extreme half per cent of the entries."""
    low, high = np.nanquantile(image, [0.005, 0.995])  # missing entries are NaN
    if low < 0 < high:
        limit = max(-low, high)
        return {"cmap": "RdBu_r", "vmin": -limit, "vmax": limit}
    return {"cmap": "cividis", "vmin": low, "vmax": high if high > low else low + 1}


def _scale_errors(axes: "Axes", errors: Sequence[float]) -> None:
    """Draw errors of several orders of magnitude on a logarithmic scale, others from zero on."""
    if 0 < min(errors) < max(errors) / 100:
        axes.set_yscale("log")
    else:
        axes.set_ylim(bottom=0)


def _mark_decades(axes: "Axes", numbers: Sequence[int]) -> None:
    """Write numbers on a logarithmic axis in full: 1, 2 and 5 times powers of ten, or its ends where those are few."""
    low, high = min(numbers), max(numbers)
    steps = (1, 2, 5) if high < 50 * low else (1,)
    marks = [step * 10**power for power in range(len(str(high))) for step in steps if low <= step * 10**power <= high]
    axes.set_xticks(marks if len(marks) > 1 else [low, high])
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.xaxis.set_minor_formatter("")


def _draw_frontier(axes: "Axes", candidates: Sequence[Any], chosen: Any) -> None:
    """Draw error against numbers stored, one colour a pair of shapes as far as the colours go."""
    rows = sorted(candidates, key=lambda row: row.numbers_stored)
    axes.plot([row.numbers_stored for row in rows], [row.error for row in rows], color=QUIET, linewidth=0.9)
    counts = Counter(row.shapes for row in rows)
    named = sorted(counts, key=lambda shapes: (shapes != chosen.shapes, -counts[shapes]))[: len(COLOURS)]
    for shapes in counts:
        colour, label = (COLOURS[named.index(shapes)], product_name(shapes)) if shapes in named else (QUIET, None)
        points = [(row.numbers_stored, row.error) for row in rows if row.shapes == shapes]
        axes.plot(*zip(*points, strict=True), "o", color=colour, markersize=5, label=label)
    ring: dict[str, Any] = {"markersize": 12, "markerfacecolor": "none", "markeredgecolor": INK}
    axes.plot(chosen.numbers_stored, chosen.error, "o", label="chosen", **ring)
    axes.set_xscale("log")
    _mark_decades(axes, [row.numbers_stored for row in rows])
    _scale_errors(axes, [row.error for row in rows])
    axes.set_title("Error against numbers stored")
    axes.set_xlabel("numbers stored")
    axes.set_ylabel("relative error, Frobenius norm")
    axes.grid()
    legend = axes.legend(loc="upper right", bbox_to_anchor=(1.03, -0.17), ncols=2, handlelength=1, columnspacing=1)
    legend.set_in_layout(False)  # it takes the room beside the colour bar
