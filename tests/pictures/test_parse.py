import numpy as np
import pytest
import scipy.sparse

import otimes as ox
from otimes.errors import DTypeError, OtimesError, ShapeError, TooLarge
from otimes.pictures.notation import TEXT
from otimes.pictures.parse import read_factors, read_matrix


def texts(operand):
    matrix = read_matrix(operand, name="A")
    rows, columns = matrix.shape
    return [[TEXT.term(matrix.entry(i, j)) for j in range(columns)] for i in range(rows)]


@pytest.mark.parametrize(
    "operand",
    [
        [[1, 2], [3, 4]],
        ((1, 2), (3, 4)),
        [np.array([1, 2]), [3, 4.0]],
        np.array([[1, 2], [3, 4]]),
        np.array([[1, 2], [3, 4]], dtype=np.float32),
        np.array([[1, 2], [3, 4]], dtype=complex),
        np.array([["1", "2"], ["3", "4"]]),
        np.array([["1", 2], [3.0, 4 + 0j]], dtype=object),
        np.asmatrix("1 2; 3 4"),
        scipy.sparse.csr_array(np.array([[1, 2], [3, 4]])),
        "1 2; 3 4",
        "1, 2; 3, 4",
        "[1 2; 3 4]",
        "[[1, 2], [3, 4]]",
        "[[1, 2],\n [3, 4]]",
        "1 2\n3 4\n",
        " 1 2 ;3 4; ",
    ],
)
def test_one_matrix_in_many_forms(operand):
    assert texts(operand) == [["1", "2"], ["3", "4"]]


@pytest.mark.parametrize("operand", [[1, 2, 3], np.array([1, 2, 3]), "1 2 3", "[1, 2, 3]", [[1, 2, 3]]])
def test_a_vector_is_a_row(operand):
    assert texts(operand) == [["1", "2", "3"]]


@pytest.mark.parametrize("operand", [2, 2.0, "2", [2], np.float64(2), np.array(2)])
def test_a_number_is_one_by_one(operand):
    assert texts(operand) == [["2"]]


def test_symbols_and_numbers_mix():
    assert texts([["a11", 0], [True, "-b'"]]) == [["a11", "0"], ["1", "-b'"]]
    assert texts(np.array([[True, False]])) == [["1", "0"]]


def test_single_precision_reads_as_it_is_written():
    assert read_matrix(np.array([[0.1]], dtype=np.float32), name="A").entry(0, 0).coefficient == 0.1


def test_an_array_is_not_copied():
    array = np.ones((3, 3))
    assert np.shares_memory(read_matrix(array, name="A").array, array)


@pytest.mark.parametrize(
    ("operand", "error", "message"),
    [
        ([[1, 2], [3]], ShapeError, "A is ragged: row 0 has 2 entries, row 1 has 1"),
        ("1 2 3; 4 5", ShapeError, "A is ragged: row 0 has 3 entries, row 1 has 2"),
        ([[1, 2], 3], ShapeError, r"A is ragged: A\[1\] is 3"),
        (np.ones((2, 3, 4)), ShapeError, r"A has 3 dimensions \(2 × 3 × 4\)"),
        ([[[1]]], ShapeError, "A is nested three deep"),
        ([], ShapeError, "A is empty"),
        ("", ShapeError, "A is empty"),
        (np.ones((0, 3)), ShapeError, r"A is empty, shape \(0, 3\)"),
        ("[[1,2],[3,4]", ShapeError, "brackets of A .* do not close"),
        ("1 2; 3 x!", DTypeError, r'cannot read A\[1,1\] = "x!" at position 7 of "1 2; 3 x!"; write numbers'),
        ("1 + 2i", DTypeError, r'cannot read A\[0,1\] = "\+" at position 2'),
        ("1,,2", DTypeError, r'A\[0,1\] is missing at position 2 of "1,,2"'),
        (",1", DTypeError, r"A\[0,0\] is missing at position 0"),
        ("1,;2,3", DTypeError, r"A\[0,1\] is missing at position 2"),
        ("1 " * 40 + "?" + " 1" * 40, DTypeError, r'position 80 of "…[1 ]+\?[1 ]+…"'),
        ([["a", "b!"]], DTypeError, r"cannot read A\[0,1\] = 'b!'"),
        (np.array([["a"], ["b!"]]), DTypeError, r"cannot read A\[1,0\] = 'b!'"),
        ([[None]], DTypeError, r"A\[0,0\] is of type NoneType"),
        (object(), DTypeError, "A is of type object"),
        (np.array(["2020-01-01"], dtype="datetime64[D]"), DTypeError, r"A has dtype datetime64\[D\]"),
        (scipy.sparse.eye_array(2000), TooLarge, "A is an operator of 2000 × 2000"),
    ],
)
def test_what_cannot_be_a_factor_says_why(operand, error, message):
    with pytest.raises(error, match=message) as caught:
        read_matrix(operand, name="A")
    assert isinstance(caught.value, OtimesError)


def test_factors_are_named_past_the_product():
    names = [factor.name for factor in read_factors([1] * 12)]
    assert names == list("ABCDEFGHIJLM")
    assert len({factor.name for factor in read_factors([1] * 30)}) == 30


@pytest.mark.parametrize(("operands", "message"), [((), "got none"), (([1, 2],), "got one of 1 × 2")])
def test_one_factor_makes_no_product(operands, message):
    with pytest.raises(ShapeError, match=message):
        read_factors(operands)


def test_a_kronecker_operator_stands_for_its_factors():
    K = ox.kron(np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]]))
    factors = read_factors([K, [5, 6]])
    assert [factor.shape for factor in factors] == [(1, 2), (2, 1), (1, 2)]


def test_other_operators_are_one_factor():
    A, B = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[0.0, 1.0], [1.0, 0.0]])
    total, product = read_factors([ox.kronsum(A, B), ox.aslinearoperator(A) @ ox.aslinearoperator(B)])
    assert total.shape == (4, 4)
    assert product.shape == (2, 2)
    assert product.entry(0, 0).coefficient == 2
