"""The pictures draw the numbers they are given, name what is seen, and are written whole."""

import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

import otimes as ox
from otimes.errors import FileFormatError
from otimes.plots import plot_correlation_maps, plot_factorization, save_figure

A, B = np.random.default_rng(1).standard_normal((2, 4, 4))


def row(shapes, terms, error, numbers_stored):
    return SimpleNamespace(shapes=shapes, terms=terms, error=error, numbers_stored=numbers_stored)


SQUARE, WIDE = ((4, 4), (4, 4)), ((2, 2), (8, 8))
CANDIDATES = [row(SQUARE, 1, 0.5, 32), row(SQUARE, 2, 1e-3, 64), row(WIDE, 1, 0.7, 68)]


def factorization(**changes):
    given = {
        "original": np.kron(A, B),
        "approximation": ox.kron(A, B),
        "singular_values": [3.0, 1.0, 0.0],
        "candidates": CANDIDATES,
        "chosen": CANDIDATES[1],
        "quantity": "covariance (K²)",
    }
    return plot_factorization(**{**given, **changes})


def texts(figure):
    labels = [
        text for axes in figure.axes for text in (axes.get_title(loc="left"), axes.get_xlabel(), axes.get_ylabel())
    ]
    return " | ".join(labels)


def test_the_factorization_says_what_is_seen():
    seen = texts(factorization())
    for text in ("Original, 16×16", "2 terms, error 0.001", "numbers stored", "relative error", "covariance (K²)"):
        assert text in seen


def test_the_images_share_a_symmetric_colour_scale():
    figure = factorization()
    scales = [axes.images[0].get_clim() for axes in figure.axes if axes.images]
    assert len(scales) == 2
    assert scales[0] == scales[1]
    assert scales[0][0] == -scales[0][1]


def test_the_frontier_draws_every_candidate_and_marks_the_choice():
    frontier = next(axes for axes in factorization().axes if axes.get_xlabel() == "numbers stored")
    points = {point for line in frontier.lines for point in zip(*line.get_data(), strict=True)}
    assert points == {(candidate.numbers_stored, candidate.error) for candidate in CANDIDATES}
    assert [text.get_text() for text in frontier.get_legend().get_texts()] == ["4×4 ⊗ 4×4", "2×2 ⊗ 8×8", "chosen"]
    assert frontier.get_yscale() == "log"


@pytest.mark.parametrize(
    "changes",
    [
        {"original": np.kron(A, B) * 1j, "approximation": ox.kron(A, B) * 1j},
        {"original": np.zeros((16, 16)), "approximation": ox.zeros(16, 16)},
        {"singular_values": [2.0]},
        {"singular_values": [0.0]},
        {"candidates": CANDIDATES[1:2]},
        {"candidates": [row(SQUARE, 1, 0.0, 32)], "chosen": row(SQUARE, 1, 0.0, 32)},
        {"original": np.ones((3, 400)), "approximation": np.ones((3, 400))},
    ],
    ids=["complex", "zero", "one value", "zero value", "one candidate", "exact", "wide"],
)
def test_odd_cases_are_drawn(tmp_path, changes):
    save_figure(factorization(**changes), tmp_path / "picture.png")
    assert (tmp_path / "picture.png").stat().st_size > 10_000


def test_a_panel_that_would_show_nothing_is_left_out():
    seen = texts(factorization(singular_values=[0.0], history=[0.5], candidates=CANDIDATES[1:2]))
    for text in ("Singular values", "Error of the iteration", "numbers stored"):
        assert text not in seen


def test_numbers_stored_are_written_out():
    figure = factorization()
    figure.canvas.draw()
    frontier = next(axes for axes in figure.axes if axes.get_xlabel() == "numbers stored")
    labels = [label.get_text() for label in (*frontier.get_xticklabels(), *frontier.get_xticklabels(minor=True))]
    assert [label for label in labels if label] == ["32", "68"]


def test_what_the_errors_come_after():
    assert "Error of so many terms | terms" in texts(factorization(history=[0.5, 0.4], stages="terms"))
    assert "Error of the iteration | sweeps" in texts(factorization(history=[0.5, 0.4]))


def test_of_a_train_nothing_is_called_left_out():
    spectrum = factorization(chosen=row(SQUARE, 0, 1e-3, 64), candidates=()).axes[0]
    assert [text.get_text() for text in spectrum.get_legend().get_texts()] == ["at the cut in the middle"]


@pytest.mark.parametrize("suffix", [".png", ".pdf", ".svg", ".PNG"])
def test_kinds_of_pictures(tmp_path, suffix):
    save_figure(factorization(), tmp_path / f"picture{suffix}")
    assert [path.name for path in tmp_path.iterdir()] == [f"picture{suffix}"]


def test_a_failing_write_leaves_the_old_picture(tmp_path, monkeypatch):
    (tmp_path / "picture.png").write_bytes(b"old")
    figure = factorization()
    monkeypatch.setattr(type(figure), "savefig", lambda *arguments, **options: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        save_figure(figure, tmp_path / "picture.png")
    assert (tmp_path / "picture.png").read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 1
    with pytest.raises(FileFormatError, match="unknown kind of picture"):
        save_figure(figure, tmp_path / "picture.bmp")


def test_correlation_maps():
    latitude, longitude = np.linspace(-10, 10, 5), np.linspace(170, 190, 9)
    maps = {"one": np.zeros((5, 9)), "two": np.ones((5, 9))}
    figure = plot_correlation_maps(maps, latitude=latitude, longitude=longitude, cell=(0, 8))
    assert figure.get_suptitle() == "Correlation with the cell at 10°S 170°W"
    assert "one" in texts(figure)
    assert "two" in texts(figure)
    assert {axes.collections[0].get_clim() for axes in figure.axes[:2]} == {(-1, 1)}


def test_drawing_leaves_the_callers_settings_alone():
    import matplotlib

    before = dict(matplotlib.rcParams)
    factorization()
    assert dict(matplotlib.rcParams) == before


def test_without_matplotlib_the_extra_is_named():
    code = (
        "import sys; sys.modules['matplotlib'] = None\n"
        "from otimes.plots import plot_correlation_maps\n"
        "from otimes.errors import MissingExtra\n"
        "try:\n    plot_correlation_maps({}, latitude=None, longitude=None, cell=(0, 0))\n"
        "except MissingExtra as error:\n    print(error)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert result.stdout == 'pictures need matplotlib: pip install "otimes[plot]"\n'
