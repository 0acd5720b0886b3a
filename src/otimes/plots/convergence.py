"""Errors against steps or mesh widths, with the orders that are observed; and spectra."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from otimes.errors import ShapeError
from otimes.plots.style import COLOURS, INK, QUIET, drawing, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["plot_convergence", "plot_spectrum"]

MARKERS = "osD^vP*"


def plot_convergence(
    errors: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    *,
    width: str = "step h",
    norm: str = "relative error",
) -> "Figure":
    """Draw errors against widths on logarithmic scales; the legend has the slope of each, the observed order.

    Shapes: two sequences of equal length for each method.

    Cost: drawing only.

    Parameters
    ----------
    errors : mapping of str to (widths, errors)
        Of each method: steps or mesh widths, and positive errors.
    width : str
        What the widths are, with their unit.
    norm : str
        What the errors are.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ShapeError
        Widths and errors are not equally many, fewer than two, or not positive.
    MissingExtra
        matplotlib is not installed.

    Examples
    --------
    >>> from otimes.plots import plot_convergence
    >>> figure = plot_convergence({"ETD2RK": ([0.1, 0.05, 0.025], [1e-2, 2.5e-3, 6.25e-4])})
    >>> figure.axes[0].get_legend().get_texts()[0].get_text()
    'ETD2RK, order 2.00'
    """
    with drawing():
        figure = new_figure(7.2, 4)
        axes = figure.subplots()
        for i, (name, (widths, values)) in enumerate(errors.items()):
            h, e = np.asarray(widths, float), np.asarray(values, float)
            if h.shape != e.shape or h.ndim != 1 or len(h) < 2 or not (min(h.min(), e.min()) > 0):
                raise ShapeError(
                    f"plot_convergence: {name!r} has {h.size} widths and {e.size} errors; give as many, "
                    "at least two, all > 0"
                )
            order = np.polyfit(np.log(h), np.log(e), 1)[0]
            axes.loglog(
                h, e, f"{MARKERS[i % len(MARKERS)]}-", color=COLOURS[i % len(COLOURS)], markersize=5, linewidth=1
            )
            axes.lines[-1].set_label(f"{name}, order {order:.2f}")
        axes.set_xlabel(width)
        axes.set_ylabel(norm)
        axes.grid(which="major")
        axes.legend(loc="upper left", bbox_to_anchor=(1, 1))
        return figure


def plot_spectrum(
    values: Mapping[str, Sequence[complex]], *, exact: Sequence[float] | None = None, quantity: str = "eigenvalue"
) -> "Figure":
    """Draw eigenvalues in increasing order, or in the plane if some are complex.

    Shapes: any number for each operator.

    Cost: drawing only.

    Parameters
    ----------
    values : mapping of str to sequence of numbers
        The eigenvalues of each operator.
    exact : sequence of float, optional
        Those of the continuous operator, real, in increasing order: lines behind the others.
    quantity : str
        What an eigenvalue is, with its unit.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    MissingExtra
        matplotlib is not installed.

    Examples
    --------
    >>> from otimes.plots import plot_spectrum
    >>> figure = plot_spectrum({"oscillator": [1.5, 2.5, 2.5, 2.5]}, exact=[1.5, 2.5, 2.5, 2.5], quantity="E / ħω")
    >>> figure.axes[0].get_ylabel()
    'E / ħω'
    """
    with drawing():
        figure = new_figure(5.2, 4)
        axes = figure.subplots()
        complex_ones = any(np.iscomplexobj(np.asarray(found)) for found in values.values())
        if exact is not None:
            for level in np.unique(np.asarray(exact, float)):
                axes.axhline(level, color=QUIET, linewidth=0.7, zorder=0)
        for i, (name, found) in enumerate(values.items()):
            array = np.asarray(found)
            x, y = (array.real, array.imag) if complex_ones else (np.arange(len(array)), np.sort(array))
            axes.plot(x, y, MARKERS[i % len(MARKERS)], markersize=4, color=COLOURS[i % len(COLOURS)], label=name)
        axes.set_xlabel(f"real part of the {quantity}" if complex_ones else "index")
        axes.set_ylabel("imaginary part" if complex_ones else quantity)
        axes.tick_params(color=INK)
        axes.legend()
        return figure
