"""What is refused, and what the message says would work."""

import numpy as np
import pytest

import otimes as ox
from otimes.errors import DTypeError, NonFiniteError, ShapeError

SQUARE = ((2, 2), (3, 3))


@pytest.mark.parametrize(
    ("shapes", "shape", "says"),
    [
        (((36, 37), (49, 49)), (1813, 1813), "1813 = 7·7·37; row splits 1·1813, 7·259, 37·49, 49·37, 259·7, 1813·1"),
        (((2, 2), (3, 3)), (6, 7), "7 is prime; column splits 1·7, 7·1"),
        (((2, 2),), (4, 4), "two or more pairs of positive integers"),
        (((2, 2.0), (2, 2)), (4, 4), "two or more pairs of positive integers"),
        (((0, 2), (2, 2)), (4, 4), "two or more pairs of positive integers"),
        (((2, 2), (3, 3), (2, 5)), (12, 31), r"31 columns are not 2·3·5 = 30 \(31 is prime"),
        ("2x2,2x2", (4, 4), "two or more pairs of positive integers"),
    ],
)
@pytest.mark.parametrize("function", [ox.nearest_kronecker, ox.factorize, ox.rearrange])
def test_shapes(function, shapes, shape, says):
    with pytest.raises(ShapeError, match=says):
        function(np.ones(shape), shapes=shapes)


@pytest.mark.parametrize("terms", [0, 5])
@pytest.mark.parametrize("function", [ox.nearest_kronecker, ox.factorize])
def test_terms_of_given_shapes(function, terms):
    with pytest.raises(ShapeError, match="admits 1 to 4 terms"):
        function(np.ones((6, 6)), shapes=SQUARE, terms=terms)


@pytest.mark.parametrize("terms", [-1, 1.0, True, "2"])
@pytest.mark.parametrize("shapes", [None, SQUARE])
def test_terms_that_are_no_count(terms, shapes):
    with pytest.raises(ShapeError, match="terms must be an integer"):
        ox.factorize(np.ones((6, 6)), shapes=shapes, terms=terms)


def test_terms_of_shapes_to_be_found():
    with pytest.raises(ShapeError, match=r"terms=7: .* 6×6 matrix admit 1 to 6 terms"):
        ox.factorize(np.ones((6, 6)), terms=7)
    with pytest.raises(ShapeError, match="max_terms=0"):
        ox.factorize(np.ones((6, 6)), max_terms=0)


def test_no_divisors():
    with pytest.raises(ShapeError, match=r"7×1 matrix has no two factors .*7 is prime"):
        ox.factorize(np.ones((7, 1)))


@pytest.mark.parametrize("matrix", [1.0, np.ones(6), np.ones((2, 3, 2)), np.ones((0, 6))])
@pytest.mark.parametrize("function", [ox.nearest_kronecker, ox.factorize])
def test_axes(function, matrix):
    with pytest.raises((ShapeError, DTypeError)):
        function(matrix, shapes=SQUARE)


@pytest.mark.parametrize(
    "matrix", [np.full((6, 6), None), np.full((6, 6), "a"), np.ones((6, 6), "M8[s]"), "M.npy", None]
)
@pytest.mark.parametrize("function", [ox.nearest_kronecker, ox.factorize])
def test_not_numbers(function, matrix):
    with pytest.raises(DTypeError):
        function(matrix, shapes=SQUARE)


def test_extended_precision():
    with pytest.raises(DTypeError, match=r"M\.astype\(float\)"):
        ox.nearest_kronecker(np.ones((6, 6), np.longdouble), shapes=SQUARE)


def test_ragged():
    with pytest.raises(ShapeError, match="ragged"):
        ox.nearest_kronecker([[1, 2], [3]], shapes=SQUARE)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1j * np.nan])
@pytest.mark.parametrize("order", ["C", "F"])
def test_not_finite(value, order):
    M = np.ones((600, 600), type(value), order=order)
    M[7, 3] = M[500, 1] = M[7, 5] = value
    with pytest.raises(NonFiniteError, match=r"3 entries .* first at \(row, column\) = \(7, 3\)"):
        ox.nearest_kronecker(M, shapes=((20, 20), (30, 30)))
    with pytest.raises(NonFiniteError, match="1 entry"):
        ox.factorize(np.where(np.eye(6) + np.arange(6) == 6, value, 1.0))


@pytest.mark.parametrize("tol", [-1.0, np.nan, np.inf])
@pytest.mark.parametrize("function", [ox.nearest_kronecker, ox.factorize])
def test_tolerances(function, tol):
    with pytest.raises(NonFiniteError, match="tol="):
        function(np.ones((6, 6)), shapes=SQUARE, tol=tol)


def test_restore_of_another_shape():
    with pytest.raises(ShapeError, match="have a rearrangement of 4×9"):
        ox.restore(np.ones((9, 4)), shapes=SQUARE)
