"""Sums and extremes of large operators, of integers that would overflow, and of negative factors."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from market import matrix

import otimes as ox
from otimes.errors import DTypeError, NoRule, ShapeError, TooLarge


def test_sums_of_a_billion_rows():
    factors = [matrix(10, seed=i) for i in range(9)]
    K = ox.kron(*factors)
    assert ox.sum(K) == pytest.approx(math.prod(F.sum() for F in factors), rel=1e-12)
    rows = ox.sum(K, axis=1)
    assert rows.shape == (10**9,)
    assert rows[123_456_789] == pytest.approx(
        math.prod(F[i].sum() for F, i in zip(factors, range(1, 10), strict=True)), rel=1e-10
    )
    assert ox.sum(ox.kronsum(*factors)) == pytest.approx(10**8 * sum(F.sum() for F in factors), rel=1e-12)
    assert ox.sum(K + 2.0 * ox.eye(10**9)) == pytest.approx(ox.sum(K) + 2e9, rel=1e-12)
    with pytest.raises(TooLarge, match="by a product with ones"):
        ox.sum(K @ ox.permute_slots(range(8, -1, -1), [10] * 9))


def test_totals_of_integers_do_not_overflow():
    K = ox.kron(*[np.full((10, 10), 9, np.int8)] * 25)
    assert ox.sum(K) == 900**25
    assert ox.sum(ox.kron(np.eye(3, dtype=int), ox.eye(3**40))) == 3**41
    assert ox.sum(ox.kron(np.ones((3, 3), np.int8), np.ones((50, 50), np.int8)), axis=0).dtype == np.int64


@given(st.lists(st.lists(st.integers(-3, 3), min_size=1, max_size=3), min_size=1, max_size=4))
def test_extremes_of_products_with_negative_entries(rows):
    factors = [np.array([row], dtype=float) for row in rows]
    dense = np.asarray(ox.kron(*factors))
    assert ox.max(ox.kron(*factors)) == dense.max()
    assert ox.min(-2.0 * ox.kron(*factors)) == (-2 * dense).min()


def test_extremes_of_large_operators():
    assert ox.max(ox.kron(*[np.array([[1.0, -2.0], [0.5, 1.0]])] * 30)) == 2.0**30
    assert ox.min(ox.diag(np.ones(3))) == 0
    assert ox.min(ox.diag(np.ones(1))) == 1
    with pytest.raises(NoRule):
        ox.max(ox.kronsum(*[matrix(100)] * 4))


def test_numpy_finds_them():
    A, B = matrix(3, 2), matrix(2, 4)
    K, k = ox.kron(A, B), np.kron(A, B)
    assert np.sum(K) == pytest.approx(k.sum())
    np.testing.assert_allclose(np.asarray(np.sum(K, axis=0)), k.sum(0), rtol=1e-13)
    assert (np.max(K), np.min(K)) == (pytest.approx(k.max()), pytest.approx(k.min()))


@pytest.mark.parametrize("function", [ox.max, ox.min])
def test_extremes_are_refused(function):
    with pytest.raises(ShapeError, match="no entries"):
        function(np.zeros((0, 3)))
    with pytest.raises(DTypeError, match="no order"):
        function(np.eye(2) * 1j)
    with pytest.raises(ShapeError, match="axis=2"):
        ox.sum(np.eye(2), axis=2)
