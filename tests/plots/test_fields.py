"""Pictures of fields, of errors and of spectra draw the numbers they are given, on axes that are named."""

import numpy as np
import pytest

from otimes.errors import ShapeError
from otimes.plots import plot_convergence, plot_slices, plot_spectrum, save_figure

x, y, z = np.linspace(0, 1, 5), np.array([0.0, 0.1, 0.4, 1.0]), np.linspace(-1, 1, 7)


def maps_of(figure):
    return [axes.collections[0] for axes in figure.axes if axes.get_xlabel() in ("x", "y")]


def test_a_map_has_x_to_the_right_and_one_scale_for_all_times():
    u = np.add.outer(10 * x, y)
    figure = plot_slices({"first": u, "second": -u / 2}, coordinates=(x, y), quantity="u (K)")
    left, right = maps_of(figure)
    np.testing.assert_array_equal(np.asarray(left.get_array()).reshape(4, 5), u.T)
    assert left.get_clim() == right.get_clim() == (-11, 11)
    assert [axes.get_title(loc="left") for axes in figure.axes[:2]] == ["first", "second"]
    assert figure.axes[-1].get_ylabel() == "u (K)"


def test_a_box_is_cut_at_the_nearest_points(tmp_path):
    u = np.einsum("i,j,k->ijk", 1 + x, 1 + y, 2 + z)
    figure = plot_slices({"u": u}, coordinates=(x, y, z), at=(0.3, 0.45, 0.9))
    titles = [axes.get_title(loc="left") for axes in figure.axes[:3]]
    assert titles == ["u, z = 1", "u, y = 0.4", "u, x = 0.25"]
    planes = [np.asarray(plane.get_array()).reshape(-1) for plane in maps_of(figure)]
    for plane, wanted in zip(planes, (u[:, :, 6], u[:, 2], u[1]), strict=True):
        np.testing.assert_array_equal(plane, wanted.T.reshape(-1))
    assert [axes.get_ylabel() for axes in figure.axes[:3]] == ["y", "z", "z"]
    save_figure(figure, tmp_path / "box.png")
    assert (tmp_path / "box.png").stat().st_size > 10_000


def test_lines_and_magnitudes():
    figure = plot_slices({"ψ": (3 + 4j) * x}, coordinates=[x], quantity="ψ")
    np.testing.assert_allclose(figure.axes[0].lines[0].get_ydata(), 5 * x)
    assert figure.axes[0].get_ylabel() == "|ψ|"


@pytest.mark.parametrize(
    ("fields", "coordinates", "message"),
    [
        ({"u": np.ones((4, 5))}, (x, y), r"'u' is \(4, 5\), and the coordinates are of \(5, 4\)"),
        ({}, (x, y), "0 fields"),
        ({"u": np.ones((1, 1, 1, 1))}, [np.ones(1)] * 4, "one to three axes"),
    ],
)
def test_fields_that_are_not_on_the_grid(fields, coordinates, message):
    with pytest.raises(ShapeError, match=message):
        plot_slices(fields, coordinates=coordinates)


def test_convergence_names_the_order_that_is_seen():
    h = np.array([0.1, 0.05, 0.025])
    figure = plot_convergence({"a": (h, 3 * h**4), "b": (h, h)}, width="h (s)")
    assert [text.get_text() for text in figure.axes[0].get_legend().get_texts()] == ["a, order 4.00", "b, order 1.00"]
    np.testing.assert_allclose(figure.axes[0].lines[0].get_ydata(), 3 * h**4)
    with pytest.raises(ShapeError, match="'a' has 3 widths and 2 errors"):
        plot_convergence({"a": (h, h[:2])})


def test_spectra_in_order_and_in_the_plane():
    figure = plot_spectrum({"levels": [3.0, 1.0, 2.0]}, exact=[1.0, 2.0])
    np.testing.assert_array_equal(figure.axes[0].lines[-1].get_ydata(), [1.0, 2.0, 3.0])
    assert len(figure.axes[0].lines) == 3
    plane = plot_spectrum({"waves": np.array([1j, -1j])})
    np.testing.assert_array_equal(plane.axes[0].lines[0].get_ydata(), [1.0, -1.0])
    assert plane.axes[0].get_xlabel() == "real part of the eigenvalue"
