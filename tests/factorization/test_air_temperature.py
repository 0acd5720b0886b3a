"""The real matrix: covariance of air temperatures, latitude ⊗ longitude."""

import time

import numpy as np
import pytest

import otimes as ox

GRID = ((37, 37), (49, 49))


@pytest.fixture(scope="module")
def covariance():
    return ox.datasets.load_air_temperature().covariance()


@pytest.fixture(scope="module")
def found(covariance):
    start = time.process_time()
    F = ox.factorize(covariance)
    return F, time.process_time() - start


@pytest.mark.parametrize(("terms", "error"), [(1, 0.3815), (2, 0.3126), (4, 0.2160), (8, 0.1486)])
def test_errors_of_the_readme(covariance, terms, error):
    F = ox.nearest_kronecker(covariance, shapes=GRID, terms=terms)
    assert round(F.error, 4) == error
    assert F.numbers_stored == 3770 * terms


def test_the_wrong_split(covariance):
    assert round(ox.nearest_kronecker(covariance, shapes=GRID[::-1]).error, 3) == 0.646


def test_the_grid_is_found(found):
    F, _ = found
    assert (F.shapes, F.terms) == (GRID, 1)
    assert round(F.error, 4) == 0.3815
    one_term = {row.shapes: row.error for row in F.candidates if row.terms == 1}
    assert round(one_term[GRID], 4) == 0.3815
    assert F.candidates[0].shapes == ((1, 1813), (1813, 1))


def test_the_search_takes_seconds(found):
    _, seconds = found
    assert seconds < 45  # 3 on a quiet machine


def test_the_first_factors_are_covariances(found):
    F, _ = found
    for factor in F.factors[0]:
        np.testing.assert_allclose(factor, factor.T, atol=1e-10)
        assert np.linalg.eigvalsh(factor).min() > -1e-10
