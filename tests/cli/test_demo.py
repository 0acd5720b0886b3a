"""``otimes demo``: the figures of the data's description, and what the factors are then good for."""

import json

import numpy as np
import pytest

from otimes.io import load_factors

FILES = ["correlation.png", "factorization.png", "factors.npz", "results.json"]


@pytest.fixture
def result(run):
    return run("demo", "--out", "demo")


def test_the_demo(result, tmp_path):
    assert result.code == 0, result.err
    assert sorted(path.name for path in (tmp_path / "demo").iterdir()) == FILES
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]
    reason = json.loads(summary(tmp_path))["reason"]
    assert all(len(line) <= 100 for line in result.out.splitlines() if reason not in line)
    for certified in ("exact: the norm of the whole residual", "four Gaussian vectors", "σ_R / σ_R+1 = 4.227"):
        assert certified in result.out
    assert "is among the suggestions" in result.out
    check_results(json.loads(summary(tmp_path)))
    assert load_factors(tmp_path / "demo" / "factors.npz").shape == (1813, 1813)


def summary(folder):
    return (folder / "demo" / "results.json").read_text()


def check_results(results):
    errors = [results["latitude_longitude"][terms] for terms in ("1", "2", "4", "8")]
    np.testing.assert_allclose(errors, [0.3815, 0.3126, 0.2160, 0.1486], atol=5e-5)
    full, dense, structured, iterated = results["solves"]
    assert structured["dense_error"] < 1e-10
    assert structured["seconds"] < dense["seconds"]
    assert structured["peak_bytes"] < dense["peak_bytes"] / 50
    assert full["field_error"] < structured["field_error"] < np.sqrt(results["noise"])
    assert structured["x_error"] == pytest.approx(dense["x_error"], rel=1e-8)
    assert 0 < iterated["x_error"] < 1


def test_a_read_only_target_is_refused_before_the_work(run, tmp_path):
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "results.json").touch(0o444)
    result = run("demo")
    assert (result.code, result.err) == (2, "otimes: demo/results.json: the file is read-only\n")


def test_the_folder_must_be_one(run, tmp_path):
    (tmp_path / "demo").write_text("a file")
    result = run("demo")
    assert (result.code, result.err) == (2, "otimes: demo: File exists\n")
