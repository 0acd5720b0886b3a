from functools import reduce

import numpy as np
import pytest

from otimes.pictures import show

SHAPES = [
    [(2, 2), (2, 2)],
    [(1, 3), (4, 1)],
    [(3, 2), (1, 1)],
    [(2, 3), (3, 1), (2, 2)],
    [(1, 2), (2, 1), (3, 2), (2, 2)],
]
KINDS = {
    "integers": lambda rng, shape: rng.integers(-9, 10, shape),
    "floats": lambda rng, shape: rng.standard_normal(shape),
    "complex": lambda rng, shape: rng.standard_normal(shape) + 1j * rng.standard_normal(shape),
    "single": lambda rng, shape: rng.standard_normal(shape).astype(np.float32),
}


@pytest.mark.parametrize("shapes", SHAPES, ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_every_cell_is_that_of_numpy(shapes, kind):
    rng = np.random.default_rng(7)
    matrices = [KINDS[kind](rng, shape) for shape in shapes]
    expected = reduce(np.kron, matrices)
    provenance = show(*matrices).provenance
    assert provenance.shape == expected.shape
    values = [[provenance.cell(i, j).value.coefficient for j in range(expected.shape[1])] for i in range(len(expected))]
    np.testing.assert_allclose(values, expected, rtol=1e-5 if kind == "single" else 1e-14)


@pytest.mark.parametrize("shapes", SHAPES, ids=str)
def test_the_places_are_those_of_the_entries(shapes):
    symbols = [
        np.array([[f"{name}{i}{j}" for j in range(columns)] for i in range(rows)])
        for name, (rows, columns) in zip("abcd", shapes, strict=False)
    ]
    provenance = show(*symbols).provenance
    for row, column in np.ndindex(provenance.shape):
        cell = provenance.cell(row, column)
        named = tuple(f"{name}{i}{j}" for name, (i, j) in zip("abcd", cell.places, strict=False))
        assert cell.value.symbols == named


def test_the_sentence():
    picture = show([[1, 2], [3, 4]], [[5, 6], [7, 8]])
    assert picture.cell(2, 3) == "K[2,3] = A[1,1]·B[0,1] = 4·6 = 24 (row 2 = 1·2+0, column 3 = 1·2+1)"
    assert picture.cell(-2, -1) == picture.cell(2, 3)
    assert picture.cell(np.int64(2), 3) == picture.cell(2, 3)


def test_the_sentence_of_three_factors_and_of_symbols():
    assert show("1 2; 3 4", "5 6; 7 8", "a b").cell(3, 5) == (
        "K[3,5] = A[1,1]·B[1,0]·C[0,1] = 4·7·b = 28·b (row 3 = 1·2+1·1+0, column 5 = 1·4+0·2+1)"
    )
    assert " = a22·b12 (" in show("a11 a12; a21 a22", "b11 b12; b21 b22").cell(2, 3)


@pytest.mark.parametrize(
    ("place", "message"), [((4, 0), "rows run from 0 to 3, got 4"), ((0, -5), "columns run .* -5")]
)
def test_outside_the_product(place, message):
    with pytest.raises(IndexError, match=message):
        show([[1, 2], [3, 4]], [[5, 6], [7, 8]]).cell(*place)


def test_integers_do_not_overflow():
    large = np.array([[2**62]])
    assert show(large, large).provenance.cell(0, 0).value.coefficient == 2**124


def test_a_product_of_any_size_costs_the_cells_asked_for():
    large = np.broadcast_to(3.0, (10**6, 10**6))
    picture = show(large, large, large)
    assert picture.shape == (10**18, 10**18)
    assert "3·3·3 = 27" in picture.cell(-1, -1)
    assert len(picture.text()) < 10_000
    assert len(picture.html()) < 300_000
    assert len(picture.latex()) < 50_000
