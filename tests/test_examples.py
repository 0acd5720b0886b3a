"""The gallery runs, on small grids, and computes what it says."""

import runpy
from pathlib import Path

import numpy as np
import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"
IMAGES = Path(__file__).parents[1] / "docs" / "images"


def run(name, tmp_path, *sizes):
    """Return what an example's main returns, with its picture written."""
    pytest.importorskip("matplotlib")
    found = runpy.run_path(str(EXAMPLES / f"{name}.py"))["main"](tmp_path / "picture.png", *sizes)
    assert (tmp_path / "picture.png").stat().st_size > 10_000
    return found


def test_every_example_has_a_test_and_a_picture():
    names = {path.stem for path in EXAMPLES.glob("*.py")}
    pde = {"poisson_stretched", "allen_cahn", "quantum_oscillator", "temporal_orders"}
    assert names == pde | {"graph_smoothing", "kronecker_as20"}
    assert {name.replace("_", "-") for name in names} <= {path.stem for path in IMAGES.glob("*.png")}


def test_poisson_on_a_stretched_grid(tmp_path):
    coarse, fine = (run("poisson_stretched", tmp_path, n) for n in (32, 44))
    assert coarse.residual < 1e-10
    assert coarse.value.shape == (32, 22, 11)  # without the points on the bottom
    assert abs(coarse.value.max() - fine.value.max()) < 0.02 * fine.value.max()


def test_allen_cahn(tmp_path):
    phases = run("allen_cahn", tmp_path, 32)
    sizes = (phases.u > 0).mean(axis=(1, 2))
    assert (np.diff(sizes[1:]) < 0).all()  # the drop shrinks
    assert abs(phases.u).max() <= 1 + 1e-6
    middle = phases.u[2, 16]
    np.testing.assert_allclose(middle, middle[::-1], atol=0.05)


def test_the_quantum_oscillator(tmp_path):
    levels, means = run("quantum_oscillator", tmp_path, 40)
    energies = np.repeat(1.5 + np.arange(4), [1, 3, 6, 10])
    np.testing.assert_allclose(levels, energies, atol=1e-7)
    np.testing.assert_allclose(means, 2 * np.cos(np.pi * np.array([0, 0.25, 0.5, 1])), atol=1e-5)


def test_temporal_orders(tmp_path):
    orders = run("temporal_orders", tmp_path, 8)
    wanted = {"ETD1": 1, "ETD2RK": 2, "ETD3RK": 3, "HochbruckOstermann4": 4}
    assert {name: round(orders[name], 1) for name in wanted} == pytest.approx(wanted, abs=0.15)
    assert 3 < orders["ETDRK4"] < 4.1


def test_graph_smoothing(tmp_path):
    off = run("graph_smoothing", tmp_path, 2)
    assert off["filled"] < 0.5 * off["means of cells and years"]


def test_kronecker_as20(tmp_path):
    counts = run("kronecker_as20", tmp_path, 10)
    assert counts["as20"] == (12572, 2059364, 674974421, 6584)
    edges = {name: found[0] / 12572 for name, found in counts.items()}
    assert abs(edges["by likelihood"] - 1) < 0.1  # which has the edges right, and moments have not
    assert edges["by moments"] > 1.5
