"""The pictures of docs/performance.md, made from the results of the products."""

from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.grid import GROWING
from benchmarks.readings import fraction, grown, ours, peers
from otimes.plots.style import COLOURS, INK, QUIET, drawing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DRAWN = {  # of the peers, with colours that differ in lightness too and markers that differ anyway
    "pyfastkron": ("o", COLOURS[1]),
    "linear_operator": ("s", COLOURS[4]),
    "NumPy chain": ("^", COLOURS[2]),
    "NumPy einsum": ("v", COLOURS[3]),
    "torch einsum": ("D", "#56B4E9"),
    "TensorLy": ("P", "#999933"),
    "CoLA": ("X", "#882255"),
    "PyKronecker": ("*", "#666666"),
    "PyLops": ("h", "#000000"),
}
OTIMES = COLOURS[0]


def write(records: list[dict], folder: Path) -> None:
    """Write the pictures as SVG."""
    folder.mkdir(exist_ok=True)
    with drawing():
        curves(records, folder / "performance-time.svg")
        dots([r for r in records if not grown(r)], folder / "performance-ratios.svg")


def curves(records: list[dict], path: Path) -> None:
    """Draw time against size, a panel for each column count and factor size, the limit as the edge of what is grey."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 4.2), layout="constrained")
    panels = figure.subplots(1, len(GROWING))
    for axes, (columns, size, *_) in zip(panels, GROWING, strict=True):
        factor = [size, size, "dense"]
        chosen = [r for r in records if r["columns"] == columns and all(f == factor for f in r["factors"])]
        chosen = [r for r in chosen if r["dtype"] == "float64"]
        if chosen:
            _curve(axes, sorted(chosen, key=lambda r: r["result_bytes"]))
        axes.set_title(f"{size}×{size} factors, {columns} column{'s' * (columns > 1)}")
    panels[0].set_ylabel("milliseconds")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels))
    _save(figure, path)


def _curve(axes: "Axes", records: list[dict]) -> None:
    size = [r["result_bytes"] / 2**20 for r in records]
    bound = [r["limit"]["seconds_there"] * 1e3 for r in records]
    fresh = [r["limit"]["seconds_new"] * 1e3 for r in records]
    for name in ("linear_operator", "NumPy chain", "pyfastkron"):
        marker, colour = DRAWN[name]
        points = [(s, peers(r)[name] * 1e3) for s, r in zip(size, records, strict=True) if name in peers(r)]
        if points:
            axes.plot(*zip(*points, strict=True), marker=marker, markersize=4, color=colour, linewidth=1.2, label=name)
    axes.plot(
        size, [ours(r) * 1e3 for r in records], marker="o", markersize=5, color=OTIMES, linewidth=2.2, label="otimes"
    )
    axes.plot(size, fresh, color=INK, linewidth=1, linestyle="--", label="limit with a new result")
    axes.plot(size, bound, color=INK, linewidth=1, label="limit")
    axes.fill_between(size, bound, min(bound) / 2, color=QUIET, alpha=0.25, linewidth=0)
    axes.set(xscale="log", yscale="log", xlabel="result in MiB")
    axes.set_ylim(bottom=min(bound) / 2)
    axes.xaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_major_formatter("{x:g}")
    axes.grid(True, which="major")


def dots(records: list[dict], path: Path) -> None:
    """Draw for every point what each peer takes in multiples of otimes, and which part of the limit otimes reaches."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 1.6 + 0.235 * len(records)), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=(3, 1))
    places = range(len(records))
    for name, (marker, colour) in DRAWN.items():
        found = [(peers(r)[name] / ours(r), y) for y, r in zip(places, records, strict=True) if name in peers(r)]
        if found:
            left.scatter(*zip(*found, strict=True), marker=marker, s=26, color=colour, label=name, zorder=3)
    left.axvline(1, color=OTIMES, linewidth=2, label="otimes")
    left.set(xscale="log", xlabel="time of a peer / time of otimes (to the left of the line the peer is faster)")
    left.xaxis.set_major_formatter("{x:g}")
    left.set_yticks(places, [r["case"] for r in records])
    left.set_ylim(len(records) - 0.5, -0.5)
    right.barh(places, [fraction(r, "there") for r in records], height=0.55, color=OTIMES, label="limit", zorder=2)
    right.scatter(
        [fraction(r, "new") for r in records], places, marker="|", s=60, color=INK, zorder=3, label="with a new result"
    )
    right.set(xlabel="fraction of the limit")
    right.set_xlim(0, max(1.0, *(fraction(r, "new") for r in records)))
    for axes in (left, right):
        axes.grid(True, which="major", axis="both")
        axes.set_axisbelow(True)
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=5 if axes is left else 1)
    _save(figure, path)


def _save(figure: object, path: Path) -> None:
    figure.savefig(path, metadata={"Date": None})  # without the date, equal results give equal files
