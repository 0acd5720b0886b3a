"""Indexing and submatrices: NumPy's meaning, structure that stays, sizes beyond 64 bits, refusals."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from market import definite, kron, matrix

import otimes as ox
from otimes.errors import InvalidIndex, ShapeError, TooLarge
from otimes.operators.index_maps.submatrix_structure import along_factors

A, B = matrix(4, 3), matrix(3, 5)
K, k = ox.kron(A, B), kron(A, B)
MASK = np.arange(12) % 3 == 0


def test_integers_give_scalars_and_lines():
    assert K[3, -4] == pytest.approx(k[3, -4], rel=1e-14)
    assert np.ndim(K[3, -4]) == 0
    for got, wanted in ((K[5], k[5]), (K[-1, :], k[-1]), (K[:, 2], k[:, 2]), (K[..., 2], k[..., 2])):
        assert type(got) is np.ndarray
        np.testing.assert_allclose(got, wanted, rtol=1e-14)
    np.testing.assert_allclose(K[5, 1:4], k[5, 1:4], rtol=1e-14)
    for key in ((np.array(5),), (..., np.array(-2)), (slice(1, 4), np.array(2)), (np.array(3), np.array(1))):
        np.testing.assert_allclose(K[key], k[key], rtol=1e-14)
    np.testing.assert_allclose(list(K), k, rtol=1e-14)


@pytest.mark.parametrize(
    "key",
    [
        (slice(2, 5), slice(None, None, 2)),
        (slice(None), [3, 1, 1]),
        ([0, -1],),
        np.ix_([0, 3], [4, 4, 1]),
        (MASK,),
        (MASK, slice(1, 4)),
        (slice(None, None, -1),),
        (slice(7, 2),),
    ],
    ids=str,
)
def test_slices_masks_and_grids_give_operators(key):
    part = K[key]
    assert isinstance(part, ox.LinearOperator)
    np.testing.assert_allclose(np.asarray(part), k[key], rtol=1e-14)


def test_pairs_of_index_arrays_give_entries():
    rows, columns = np.array([[1], [-2]]), [3, 4, -1]
    np.testing.assert_allclose(K[rows, columns], k[rows, columns], rtol=1e-14)
    np.testing.assert_allclose(K[2, columns], k[2, columns], rtol=1e-14)
    np.testing.assert_allclose(K[MASK, 0], k[MASK, 0], rtol=1e-14)
    assert K[...] is K


def test_entries_beyond_64_bits_are_exact():
    factor = np.array([[1, 2], [3, 5]])
    huge = ox.kron(*[factor] * 100)
    row, column = 2**99 + 5, 2**100 - 1
    bits = zip(f"{row:0100b}", f"{column:0100b}", strict=True)
    wanted = float(np.prod([factor.astype(float)[int(i), int(j)] for i, j in bits]))
    assert ox.entries(ox.kron(*[factor.astype(float)] * 100), row, column) == wanted
    assert huge[-(2**100), 0] == 1
    with pytest.raises(InvalidIndex, match=f"index {2**100} is out of bounds for axis 0"):
        huge[2**100, 0]


def test_singular_values_one_by_one():
    """Of factors tall and wide by turns the last values are zeros; none but those asked for is formed."""
    factors = [matrix(5, 2), matrix(3, 4)]
    values, every = ox.svdvals(ox.kron(*factors)), np.asarray(ox.svdvals(ox.kron(*factors)))
    assert [values[i] for i in range(8)] == every.tolist()
    np.testing.assert_array_equal(values[[7, 0, -1, 5]], every[[7, 0, -1, 5]])
    values = ox.svdvals(ox.kron(*[matrix(100, 50), matrix(50, 100)] * 6))
    assert values[0] > values[50**12 - 1] > 0
    assert values[-1] == values[50**12] == 0


def test_bad_indices_of_lazy_vectors():
    values = ox.svdvals(ox.kron(matrix(3, 2), matrix(2)))
    assert values[[]].shape == (0,)
    for key in (1.5, [0.5], "a", None, ..., [4]):
        with pytest.raises(InvalidIndex, match="axis 0"):
            values[key]


def test_slices_along_factors_stay_kronecker_products():
    K = ox.kron(matrix(4), matrix(3), matrix(5))
    k = np.asarray(K)
    for rows, columns in itertools.product(
        [slice(15, 45), slice(17, 18), slice(16, 20, 2), slice(7, None, 15)], repeat=2
    ):
        part = K[rows, columns]
        assert isinstance(part, (ox.Kronecker, ox.Dense))
        np.testing.assert_allclose(np.asarray(part), k[rows, columns], rtol=1e-13)
    grid = np.ravel_multi_index(np.ix_([3, 0], [1, 1], [4, 2, 0]), (4, 3, 5)).reshape(-1)
    assert isinstance(K[grid], ox.Kronecker)
    np.testing.assert_allclose(np.asarray(K[grid]), k[grid], rtol=1e-13)
    assert isinstance(K[1:7], ox.FaceSplitting)  # few rows
    assert isinstance(K[1:7, 1:], ox.Submatrix)


@given(st.lists(st.integers(1, 4), min_size=1, max_size=4), st.data())
def test_along_factors_is_the_grid_it_says(sizes, data):
    parts = [data.draw(st.lists(st.integers(0, n - 1), min_size=1, max_size=3, unique=True)) for n in sizes]
    flat = np.ravel_multi_index(np.ix_(*parts), sizes).reshape(-1)
    found = along_factors(flat, sizes)
    assert found is not None
    assert np.array_equal(np.ravel_multi_index(np.ix_(*(list(f) for f in found)), sizes).reshape(-1), flat)


@given(st.lists(st.integers(1, 4), min_size=1, max_size=4), st.integers(0, 40), st.integers(0, 40), st.integers(1, 9))
def test_ranges_along_factors(sizes, start, stop, step):
    n = int(np.prod(sizes))
    chosen = range(n)[start:stop:step]
    found = along_factors(chosen, sizes)
    if found is not None and len(chosen):
        grid = np.ravel_multi_index(np.ix_(*(list(f) for f in found)), sizes).reshape(-1)
        assert grid.tolist() == list(chosen)


def test_structure_is_kept():
    keep = np.array([True, False, True, True, True, False])
    L = ox.kronsum(matrix(3), matrix(4))
    assert isinstance(L[4:8, 4:8], ox.KroneckerSum | ox.Shifted | ox.Dense)
    assert isinstance(L[::4, ::4], ox.KroneckerSum | ox.Shifted | ox.Dense)
    assert isinstance(ox.eye(6)[keep][:, keep], ox.Identity)
    assert isinstance(ox.diag(np.arange(6.0))[np.ix_(keep.nonzero()[0], keep.nonzero()[0])], ox.Diagonal)
    noisy = ox.kron(*[ox.assume(definite(n), "positive_definite") for n in (2, 3)]) + 0.1 * ox.eye(6)
    S = ox.selection(keep, 6)
    observed = S @ noisy @ S.T
    assert isinstance(observed, ox.Shifted)
    assert observed.facts.positive_definite
    assert not noisy[[0, 0]][:, [0, 0]].facts.positive_definite


def test_selections_put_back_what_they_take():
    S = ox.selection([4, 1, 4, 4], 6)
    x = np.arange(4.0) + 1
    assert np.array_equal(S.T @ x, [0, 2, 0, 0, 8, 0])
    assert np.array_equal(S @ np.arange(6.0), [4, 1, 4, 4])
    assert S.dtype == float
    assert (S @ np.ones(6, np.float32)).dtype == np.float32


def test_a_billion_rows_are_sliced_without_being_listed():
    factors = [matrix(10, seed=i) for i in range(9)]
    K = ox.kron(*factors)
    assert K[10**8 : 3 * 10**8].shape == (2 * 10**8, 10**9)
    assert K[::2].shape == (5 * 10**8, 10**9)
    assert K[123_456_789, 987_654_321] == pytest.approx(
        np.prod([F[i, j] for F, i, j in zip(factors, range(1, 10), range(9, 0, -1), strict=True)]), rel=1e-12
    )
    with pytest.raises(TooLarge, match="1×1000000000"):
        K[5]


@pytest.mark.parametrize(
    ("key", "message"),
    [
        (12, "index 12 is out of bounds for axis 0 of size 12"),
        ((0, -16), "index -16 is out of bounds for axis 1 of size 15"),
        (1.5, "indices are integers, and these are float64"),
        ("a", "indices are integers"),
        (None, "would add an axis"),
        ((1, 2, 3), r"A\[1, 2, 3\]: these are 3 indices"),
        ((..., ...), "two axes"),
        ([True] * 3, r"the mask has shape \(3,\), and the axis has size 12"),
        (([1, 2], [1, 2, 3]), "do not broadcast"),
        (([[1, 2]],), "are 1-D"),
    ],
    ids=str,
)
def test_bad_indices_are_refused(key, message):
    with pytest.raises(InvalidIndex, match=message):
        K[key]
    with pytest.raises(IndexError):
        K[key]


def test_bad_selections_are_refused():
    with pytest.raises(InvalidIndex, match="size 3"):
        ox.selection([0, 3], 3)
    with pytest.raises(ShapeError, match="n must be an integer"):
        ox.selection([0], -1)


def test_entries_of_thin_products_of_a_billion_rows():
    U, V = (ox.kron(*[np.ones((10, 1))] * 8, matrix(10, 2, seed=i)) for i in (0, 1))
    A = U @ ox.kron(matrix(2)) @ V.T
    wanted = matrix(10, 2, seed=0)[7] @ matrix(2) @ matrix(10, 2, seed=1)[3]
    assert A[10**8 + 7, 5 * 10**8 + 3] == pytest.approx(wanted, rel=1e-12)
