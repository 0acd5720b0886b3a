"""One quiet style for every picture, and the only place that imports matplotlib."""

import importlib.util
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from otimes.errors import FileFormatError, MissingExtra
from otimes.io import atomic_write, check_writable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["COLOURS", "INK", "QUIET", "check_picture", "drawing", "new_figure", "product_name", "save_figure"]

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00")
INK = "#333333"
QUIET = "#9A9A9A"

PARAMETERS: Any = {
    "axes.edgecolor": QUIET,
    "axes.grid": False,
    "axes.labelcolor": INK,
    "axes.labelsize": 10,
    "axes.linewidth": 0.8,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": INK,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "figure.facecolor": "white",
    "figure.titlesize": 12,
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "grid.color": "#E4E4E4",
    "grid.linewidth": 0.7,
    "legend.fontsize": 9,
    "legend.edgecolor": "none",
    "legend.framealpha": 0.8,
    "savefig.dpi": 150,
    "svg.hashsalt": "otimes",
    "text.color": INK,
    "xtick.color": INK,
    "xtick.labelsize": 9,
    "ytick.color": INK,
    "ytick.labelsize": 9,
}


@contextmanager
def drawing() -> Iterator[None]:
    """Draw in the house style inside the block, and leave the caller's settings as they were."""
    _require_matplotlib()
    import matplotlib

    with matplotlib.rc_context(PARAMETERS):
        yield


def new_figure(width: float, height: float) -> "Figure":
    """Return an empty figure of that many inches, outside pyplot: it needs no display and leaves no global state."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def product_name(shapes: Sequence[Sequence[int]]) -> str:
    """Write factor shapes as the product they make, ``37×37 ⊗ 49×49``.

    Parameters
    ----------
    shapes : sequence of (m, n)

    Returns
    -------
    str

    Examples
    --------
    >>> from otimes.plots import product_name
    >>> product_name([(37, 37), (49, 49)])
    '37×37 ⊗ 49×49'
    """
    return " ⊗ ".join("×".join(map(str, shape)) for shape in shapes)


def save_figure(figure: "Figure", path: str | Path) -> None:
    r"""Write a figure as ``.png``, ``.pdf`` or ``.svg``, whole or not at all.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    path : str or Path
        Ending in .png, .pdf or .svg.

    Raises
    ------
    FileFormatError
        The name ends in something else.
    OSError
        The file cannot be written; what was there before stays whole.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from matplotlib.figure import Figure
    >>> from otimes.plots import save_figure
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "empty.png")
    ...     save_figure(Figure((2, 1)), path)
    ...     path.read_bytes()[:4]
    b'\x89PNG'
    """
    check_picture(path)
    with atomic_write(path) as file, drawing():
        figure.savefig(file, format=Path(path).suffix[1:].lower())


def check_picture(path: str | Path) -> None:
    """Raise unless a picture of this name can be drawn and written, as far as it can be known before.

    Parameters
    ----------
    path : str or Path

    Raises
    ------
    FileFormatError
        The name ends in something other than ``.png``, ``.pdf`` or ``.svg``.
    MissingExtra
        matplotlib is not installed.
    OSError
        The folder is missing or not writable.

    Examples
    --------
    >>> from otimes.plots import check_picture
    >>> check_picture("spectrum.bmp")
    Traceback (most recent call last):
        ...
    otimes.errors.FileFormatError: spectrum.bmp: unknown kind of picture; known endings are .png, .pdf, .svg
    """
    if Path(path).suffix.lower() not in {".png", ".pdf", ".svg"}:
        raise FileFormatError(f"{path}: unknown kind of picture; known endings are .png, .pdf, .svg")
    _require_matplotlib()
    check_writable(path)


def _require_matplotlib() -> None:
    if importlib.util.find_spec("matplotlib") is None:
        raise MissingExtra('pictures need matplotlib: pip install "otimes[plot]"')
