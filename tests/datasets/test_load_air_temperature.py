"""The air temperatures that ship with the package."""

from importlib.resources import files

import numpy as np
import pytest

import otimes as ox


@pytest.fixture(scope="module")
def air():
    return ox.datasets.load_air_temperature()


def test_content(air):
    assert (air.temperature.shape, air.temperature.dtype) == ((240, 37, 49), np.float32)
    assert (air.latitude[[0, -1]].tolist(), air.longitude[[0, -1]].tolist()) == ([15, 60], [225, 315])
    assert np.isfinite(air.temperature).all()
    assert 230 < air.temperature.min() < air.temperature.max() < 320
    assert (np.diff(air.year) == 1).all()


def test_attribution_is_kept(air):
    text = (files("otimes.datasets") / "README.md").read_text(encoding="utf-8")
    for phrase in ("Unified Model 6.05", "A1B", "iris-sample-data 2.5.2", "Open Government Licence"):
        assert phrase in air.attribution
        assert phrase in text


@pytest.mark.parametrize("degree", [0, 1, 2, 5])
def test_anomalies_have_no_trend(air, degree):
    left = air.anomalies(degree=degree)
    assert (left.shape, left.dtype) == ((240, 37, 49), np.float64)
    years = np.linspace(-1, 1, 240)
    trends = np.polynomial.polynomial.polyfit(years, left.reshape(240, -1), degree)
    assert np.abs(trends).max() < 1e-10
    if degree == 0:
        np.testing.assert_allclose(left, air.temperature - air.temperature.mean(axis=0, dtype=float), atol=1e-10)


def test_covariance(air):
    C = air.covariance()
    X = air.anomalies().reshape(240, -1)
    np.testing.assert_allclose(C, np.cov(X, rowvar=False), atol=1e-10)
    assert C.shape == (1813, 1813)
