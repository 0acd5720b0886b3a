"""KoPA's image protocol on the camera of scikit-image: all shapes 2^a × 2^b, beside the truncated SVD."""

import math
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import otimes as ox
from otimes.factorization.frontier import Frontier
from otimes.factorization.goal import Goal
from otimes.factorization.operand import read_operand
from otimes.factorization.steps import Steps
from otimes.factorization.sweep import sweep
from otimes.plots.style import COLOURS, INK, QUIET, drawing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TITLE = "An image of 512 × 512 by Kronecker products of all shapes"
CLAIM = (
    "with as many numbers, the best shapes leave less error than the truncated SVD; terms that each have their own "
    "shapes are found one by one, and leave about as much as the best that share them"
)
PICTURE = Path(__file__).parent.parent / "docs" / "images" / "kopa-camera.png"
LOW_RANK = ((1, 512), (512, 1))
RANKS = (1, 2, 4, 8, 12, 16, 24, 32, 48, 64)
SHOWN = 12  # the rank of the truncated SVD that is shown beside others of as many numbers
HYBRID_TERMS = (1, 2, 4, 8)


def camera() -> np.ndarray:
    """Return the image, which the wheel of scikit-image holds, with a mean of zero."""
    from skimage import data

    image = data.camera().astype(float)
    return image - image.mean()


def run() -> dict:
    image = camera()
    start = time.perf_counter()
    rows = candidates(image)
    seconds = time.perf_counter() - start
    frontier = Frontier.of(rows, floor=1e-14)
    svd = {row.terms: row for row in rows if row.shapes == LOW_RANK}
    mixtures = [ox.factorize(image, form="hybrid", terms=terms) for terms in HYBRID_TERMS]
    chosen = {name: ox.factorize(image, criterion=name) for name in ("bic", "ebic", "cv")}
    chosen["aic, one term"] = ox.factorize(image, criterion="aic", terms=1)
    draw(image, rows, frontier, svd, mixtures, chosen)
    return {
        "seconds_for_all_shapes": seconds,
        "shapes": len({row.shapes for row in rows}),
        "records": [_beside(frontier, svd[rank]) for rank in RANKS],
        "hybrid": [_record(F, frontier) for F in mixtures],
        "chosen": {name: {"form": F.form, "error": F.error, "numbers": F.numbers_stored} for name, F in chosen.items()},
    }


def candidates(image: np.ndarray) -> list[ox.Candidate]:
    """Return every number of terms of every pair of shapes with its error."""
    goal = Goal(image.shape, max_terms=512, criterion="bic")  # under a criterion the low rank may have many terms too
    spectra = sweep(read_operand(image), goal, goal.candidates(), Steps(None), seed=0)
    return [ox.Candidate(pair, r, found.error(r)) for pair, found in spectra.items() for r in range(1, found.terms + 1)]


def _best_within(frontier: Frontier, numbers: int) -> ox.Candidate:
    return [row for row in frontier.rows if row.numbers_stored <= numbers][-1]


def _beside(frontier: Frontier, svd: ox.Candidate) -> dict:
    best = _best_within(frontier, svd.numbers_stored)
    return {
        "case": f"{svd.numbers_stored:,} numbers",
        "svd_rank": svd.terms,
        "svd_error": svd.error,
        "kopa_shapes": " ⊗ ".join(f"{m}×{n}" for m, n in best.shapes),
        "kopa_terms": best.terms,
        "kopa_numbers": best.numbers_stored,
        "kopa_error": best.error,
    }


def _record(F: Any, frontier: Frontier) -> dict:
    best = _best_within(frontier, F.numbers_stored)
    return {"form": F.form, "numbers": F.numbers_stored, "error": F.error, "one_pair_of_shapes_error": best.error}


def draw(image: np.ndarray, rows: list, frontier: Frontier, svd: dict, mixtures: list, chosen: dict) -> None:
    """Draw error against numbers stored, and what as many numbers show of the image."""
    with drawing():
        from matplotlib.figure import Figure

        figure = Figure(figsize=(10, 8), layout="constrained")
        curves = figure.subfigures(2, 1, height_ratios=(1.25, 1))
        _curves(curves[0].subplots(), rows, frontier, svd, mixtures, chosen)
        _images(curves[1].subplots(1, 3), image, frontier, svd[SHOWN])
        figure.savefig(PICTURE, dpi=110, metadata={"Software": None})


def _curves(axes: "Axes", rows: list, frontier: Frontier, svd: dict, mixtures: list, chosen: dict) -> None:
    single = [row for row in rows if row.terms == 1]
    axes.scatter(*_points(single), s=14, color=QUIET, label="one term, each pair of shapes 2ᵃ × 2ᵇ")
    axes.plot(*_points(svd.values()), color=COLOURS[1], label="truncated SVD")
    axes.plot(*_points(frontier.rows), color=COLOURS[0], linewidth=2, label="best shapes and terms (KoPA)")
    axes.plot(*_points(mixtures), "o-", color=COLOURS[2], markersize=5, label="each term its own shapes (hybrid)")
    markers = dict(zip(chosen, ("D", "s", "^", "P"), strict=True))
    for name, F in chosen.items():
        axes.plot(F.numbers_stored, F.error, markers[name], color=INK, markersize=7, label=f"chosen by {name}")
    axes.set(xscale="log", yscale="log", xlabel="numbers stored", ylabel="relative error", xlim=(500, image_size(rows)))
    axes.set_ylim(0.05, 1)
    axes.yaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.grid(True)
    axes.legend(ncols=2, loc="lower left")


def image_size(rows: list) -> int:
    return math.prod(m * n for m, n in rows[0].shapes)


def _points(rows: Any) -> tuple[list, list]:
    return [row.numbers_stored for row in rows], [row.error for row in rows]


def _images(panels: Any, image: np.ndarray, frontier: Frontier, svd: ox.Candidate) -> None:
    best = _best_within(frontier, svd.numbers_stored)
    shown = {
        "the image": image,
        f"SVD, {_said(svd)}": _formed(image, svd),
        f"KoPA, {_said(best)}": _formed(image, best),
    }
    for axes, (title, picture) in zip(panels, shown.items(), strict=True):
        axes.imshow(picture, cmap="gray", vmin=image.min(), vmax=image.max())
        axes.set_title(title, fontsize=9)
        axes.set_axis_off()


def _said(row: Any) -> str:
    return f"{row.numbers_stored:,} numbers, error {row.error:.3f}"


def _formed(image: np.ndarray, row: ox.Candidate) -> np.ndarray:
    return ox.nearest_kronecker(image, shapes=row.shapes, terms=row.terms).operator @ np.eye(len(image))
