"""NaN and infinity go through a product, on either kernel.

What is promised is that none of X or of a factor is lost, and that none appears where NumPy's product with the formed
matrix has finite entries. Which of NaN and infinity comes out may differ where several meet, since ∞ − ∞ depends on
the order of the sums. An identity, a diagonal or a permutation multiplies by no zero, so that NaN stays in its block.
"""

import numpy as np
import pytest
from kernel_operands import PRECISIONS, kron, random

import otimes as ox

pytestmark = pytest.mark.usefixtures("kernel")

SHAPES = [
    [(3, 3)],
    [(4, 8), (8, 4)],
    [(2, 2)] * 7,
    [(16, 16), (5, 7)],
    [(3, 3), (2, 5), (7, 1)],
    [(31, 33), (40, 2)],
    [(8, 8), (4, 4), (16, 16)],  # with many columns NumPy's kernel multiplies neighbours out
]
shapes_and_dtypes = pytest.mark.parametrize(
    ("shapes", "dtype"), [(shapes, dtype) for shapes in SHAPES for dtype in PRECISIONS], ids=str
)
BAD = {"nan": np.nan, "inf": np.inf, "-inf": -np.inf}


@pytest.fixture(autouse=True)
def quiet():
    with np.errstate(all="ignore"):
        yield


def places(seed, shape, count=5):
    rng = np.random.default_rng(seed)
    return [tuple(int(rng.integers(size)) for size in shape) for _ in range(count)]


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
@pytest.mark.parametrize("columns", [1, 3, 70])
@shapes_and_dtypes
def test_one_in_x_fills_its_column_and_no_other(shapes, dtype, columns, bad):
    arrays = [random(i, shape, dtype) for i, shape in enumerate(shapes)]
    K, dense = ox.kron(*arrays), kron(*arrays)
    X = random(9, (dense.shape[1], columns), dtype)
    clean = K @ X
    for row, column in places(1, X.shape):
        Z = X.copy()
        Z[row, column] = bad
        found = K @ Z
        assert not np.isfinite(found[:, column]).any()
        others = np.arange(columns) != column
        np.testing.assert_array_equal(found[:, others], clean[:, others])
        if found.dtype.kind == "f":  # of one number the sign is known
            np.testing.assert_array_equal(found[:, column], (dense @ Z)[:, column])


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
@pytest.mark.parametrize("columns", [1, 3, 70])
@shapes_and_dtypes
def test_one_in_a_factor_fills_its_rows_and_no_other(shapes, dtype, columns, bad):
    arrays = [random(i, shape, dtype) for i, shape in enumerate(shapes)]
    X = random(9, (kron(*arrays).shape[1], columns), dtype)
    clean = ox.kron(*arrays) @ X
    for i, a in enumerate(arrays):
        for row, column in places(i, a.shape, 2):
            changed = a.copy()
            changed[row, column] = bad
            found = ox.kron(*arrays[:i], changed, *arrays[i + 1 :]) @ X
            selected = np.zeros(len(a), bool)
            selected[row] = True
            rows = kron(*(selected if j == i else np.ones(len(b), bool) for j, b in enumerate(arrays)))
            assert not np.isfinite(found[rows]).any()
            tolerance = 1e3 * np.finfo(dtype).eps * abs(clean).max()
            np.testing.assert_allclose(found[~rows], clean[~rows], rtol=0, atol=tolerance)


@pytest.mark.parametrize("dtype", PRECISIONS)
def test_zero_times_infinity_is_nan(dtype):
    zeros, ones = np.zeros((3, 3), dtype), np.ones((4, 4), dtype)
    for columns in (1, 5):
        X = np.full((12, columns), np.inf, dtype)
        assert np.isnan(ox.kron(zeros, ones) @ X).all()
        assert np.isnan(ox.kron(ones, zeros) @ X).all()
        assert np.isnan(ox.kron(zeros, np.full((4, 4), np.inf, dtype)) @ np.ones_like(X)).all()


@shapes_and_dtypes
def test_none_of_many_is_lost_or_invented(shapes, dtype):
    rng = np.random.default_rng(4)
    for seed in range(10):
        arrays = [random(seed + i, shape, dtype) for i, shape in enumerate(shapes)]
        X = random(9, (kron(*arrays).shape[1], 4), dtype)
        for a in (*arrays, X):
            chosen = rng.random(a.shape) < 0.5 / max(a.shape)
            a[chosen] = rng.choice([np.nan, np.inf, -np.inf, 0.0], int(chosen.sum()))
        found = ox.kron(*arrays) @ X
        np.testing.assert_array_equal(np.isfinite(found), np.isfinite(kron(*arrays) @ X))


@pytest.mark.parametrize("dtype", PRECISIONS)
def test_factors_without_zeros_to_multiply_by_keep_it_in_its_block(dtype):
    A, d, order = random(1, (3, 3), dtype), random(2, 4, dtype), [2, 0, 3, 1]
    X = random(3, (12, 2), dtype)
    X[5, 1] = np.nan  # row 1 of the second factor's axis, row 1 of the first's
    for F, row in ((ox.eye(4), 1), (ox.diag(d), 1), (ox.permutation(order), order.index(1))):
        bad = np.isnan(ox.kron(A, F) @ X)
        assert bad[row::4, 1].all()
        assert bad.sum() == 3


@pytest.mark.parametrize("value", [np.nan, np.inf, 5.0])
@pytest.mark.parametrize("shapes", SHAPES, ids=str)
def test_what_lies_around_x_does_not_matter(shapes, value):
    arrays = [random(i, shape) for i, shape in enumerate(shapes)]
    K = ox.kron(*arrays)
    for columns in (1, 2, 9):
        X = random(9, (K.shape[1], columns))
        room = np.full((K.shape[1] + 2, columns + 3), value)
        room[1:-1, 2:-1] = X
        np.testing.assert_allclose(K @ room[1:-1, 2:-1], K @ X, rtol=0, atol=1e-12 * abs(K @ X).max())


@pytest.mark.parametrize("dtype", PRECISIONS)
def test_numbers_below_and_above_the_normal_range(dtype):
    info = np.finfo(dtype)
    A, B = np.eye(4, dtype=dtype), random(1, (3, 3), dtype)
    small = np.full((12, 2), info.smallest_normal / 8, dtype)  # subnormal: it is not flushed to zero
    np.testing.assert_array_equal(ox.kron(A, A[:3, :3]) @ small, small)
    large = np.full((12, 2), info.max / 64, dtype)
    np.testing.assert_allclose(ox.kron(A, B) @ large, np.kron(A, B) @ large, rtol=100 * info.eps)
