"""Products through the public names, on either kernel, against NumPy in extended precision."""

import hypothesis.strategies as st
import numpy as np
import pytest
import scipy.sparse
from hypothesis import given, settings
from kernel_operands import COLUMNS, LAYOUTS, PRECISIONS, assert_product, kron, random, sizes

import otimes as ox

pytestmark = pytest.mark.usefixtures("kernel")

thorough = settings(deadline=None, max_examples=100, derandomize=True)
LIMIT = 600  # rows and columns of a formed product
SIZES = (0, 1, 2, 3, 4, 5, 7, 8, 9, 11, 13, 16, 17, 31, 32, 33, 64, 101)
DTYPES = (*PRECISIONS, "bool", "int8", "uint16", "int64", "float16", "longdouble", "clongdouble")
seeds = st.integers(0, 2**32 - 1)
precisions = st.sampled_from(PRECISIONS)
layouts = st.sampled_from(list(LAYOUTS))


@st.composite
def shapes(draw):
    """Shapes of 1 to 5 factors; sizes of 0 and primes among them."""
    rows = columns = LIMIT
    found = []
    for _ in range(draw(st.integers(1, 5))):
        m = draw(st.sampled_from([size for size in SIZES if size <= rows]))
        n = draw(st.sampled_from([size for size in SIZES if size <= columns]))
        rows, columns = rows // max(m, 1), columns // max(n, 1)
        found.append((m, n))
    return found


@st.composite
def factors(draw, dtypes=precisions, mixed=False):
    """Arrays of those shapes, of one dtype or `mixed` ones, in any memory order."""
    dtype = draw(dtypes)
    return [
        LAYOUTS[draw(layouts)](random(draw(seeds), shape, draw(dtypes) if mixed else dtype)) for shape in draw(shapes())
    ]


@st.composite
def operands(draw, dtype, rows, axis):
    """A vector, a matrix or a batch of them with this many rows (columns, if the axis is the last), in any order."""
    columns, batch = draw(st.sampled_from(COLUMNS)), draw(st.sampled_from([(), (), (1,), (3,), (2, 2)]))
    shape = (rows,) if draw(st.booleans()) and not batch else (*batch, rows, columns)
    X = random(draw(seeds), shape, dtype)
    return LAYOUTS[draw(layouts)](X if axis == -2 or X.ndim == 1 else np.swapaxes(X, -1, -2))


def check(arrays, X, axis):
    K, before = ox.kron(*arrays), X.copy()
    found = K @ X if axis == -2 else X @ K
    assert_product(found, arrays, X, axis=axis)
    np.testing.assert_array_equal(X, before)
    assert not np.shares_memory(found, X)


@pytest.mark.parametrize("axis", [-2, -1], ids=["K X", "X K"])
@thorough
@given(st.data())
def test_any_shape_order_and_precision(axis, data):
    arrays = data.draw(factors())
    check(arrays, data.draw(operands(arrays[0].dtype, sizes(arrays)[1 if axis == -2 else 0], axis)), axis)


@pytest.mark.parametrize("axis", [-2, -1], ids=["K X", "X K"])
@thorough
@given(st.data())
def test_any_dtypes_that_meet(axis, data):
    arrays = data.draw(factors(st.sampled_from(DTYPES), mixed=True))
    dtype = data.draw(st.sampled_from(DTYPES))
    check(arrays, data.draw(operands(dtype, sizes(arrays)[1 if axis == -2 else 0], axis)), axis)


def structured(kind, a):
    """A factor of this kind made of a square array, and its entries."""
    n = len(a)
    order = np.argsort(a[:, 0]) if n else np.arange(0)
    return {
        "dense": lambda: (a, a),
        "tall": lambda: (a[:, : (n + 1) // 2],) * 2,
        "wide": lambda: (a[: (n + 1) // 2],) * 2,
        "transposed": lambda: (ox.aslinearoperator(a).T, a.T),
        "adjoint": lambda: (ox.aslinearoperator(a).H, a.conj().T),
        "identity": lambda: (ox.eye(n), np.eye(n, dtype=a.dtype)),
        "diagonal": lambda: (ox.diag(a[0]), np.diag(a[0])),
        "permutation": lambda: (ox.permutation(order), np.eye(n, dtype=a.dtype)[order]),
        "sparse": lambda: (scipy.sparse.csr_array(np.triu(a)), np.triu(a)),
        "multiple": lambda: (2 * ox.aslinearoperator(a), 2 * a),
    }[kind]()


KINDS = ("dense", "tall", "wide", "transposed", "adjoint", "identity", "diagonal", "permutation", "sparse", "multiple")


@pytest.mark.parametrize("axis", [-2, -1], ids=["K X", "X K"])
@thorough
@given(st.data())
def test_factors_of_every_kind_among_dense_ones(axis, data):
    dtype, room = data.draw(precisions), LIMIT
    pairs = []
    for kind in data.draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=5)):
        n = data.draw(st.sampled_from([size for size in SIZES if 0 < size <= room]))
        pairs.append(structured(kind, random(data.draw(seeds), (n, n), dtype)))
        room //= n
    operators, arrays = zip(*pairs, strict=True)
    X = data.draw(operands(dtype, sizes(arrays)[1 if axis == -2 else 0], axis))
    K = ox.kron(*operators)
    assert_product(K @ X if axis == -2 else X @ K, arrays, X, axis=axis)


@pytest.mark.parametrize("columns", [1, 5])
def test_operators_between_factors_that_grow_and_shrink(columns):
    """Those that shrink are applied before the operators, those that grow after them."""
    P, Q = np.eye(3)[[2, 0, 1]], np.eye(4)[[1, 3, 0, 2]]
    A, B = random(1, (5, 2)), random(2, (2, 5))
    X = random(3, (3 * 2 * 4 * 5, columns))
    K = ox.kron(ox.permutation([2, 0, 1]), A, ox.permutation([1, 3, 0, 2]), B)
    assert_product(K @ X, [P, A, Q, B], X)


@pytest.mark.parametrize("columns", [1, 3, 16, 35])
@pytest.mark.parametrize("dtype", PRECISIONS)
def test_sparse_factors_with_empty_rows_and_entries_in_parts(columns, dtype):
    rows, places, entries = [0, 0, 0, 3, 3, 3], [4, 1, 4, 6, 0, 0], random(7, (6,), dtype)
    A = scipy.sparse.csr_array((entries, places, np.searchsorted(rows, range(6))), shape=(5, 7))
    factors, B = [A, random(8, (3, 4), dtype), A.T.tocsr()], random(8, (3, 4), dtype)
    X = random(9, (7 * 4 * 5, columns), dtype)
    arrays = [A.toarray(), B, A.toarray().T]
    assert_product(ox.kron(*factors) @ X, arrays, X)
    assert_product(X[: 5 * 3 * 7].T @ ox.kron(*factors), arrays, X[: 5 * 3 * 7].T, axis=-1)


def test_a_sparse_factor_whose_indices_lead_out_of_it_is_refused(kernel):
    if kernel == "numpy":
        pytest.skip("SciPy multiplies, and does not look")
    A = scipy.sparse.csr_array(np.eye(3))
    K = ox.kron(A, np.ones((2, 2)))
    K.factors[0].matrix.indices[1] = 1000
    with pytest.raises(ValueError, match="compressed rows of the program's sizes"):
        K @ np.ones((6, 2))


class Fortran(ox.LinearOperator):
    """A matrix whose products are F-ordered, as those of LAPACK are."""

    def __init__(self, array):
        super().__init__(array.shape, ox.aslinearoperator(array).spec, array=array)

    def _matmat(self, X):
        return np.asfortranarray(self.array @ X)


@pytest.mark.parametrize("columns", [3, 1])  # of one column, the next pass is given what the operator returned as it is
@pytest.mark.parametrize(("front", "behind"), [((), ()), ((), (3,)), ((1,), (3,)), ((2,), (3,))])
def test_an_operator_with_results_in_the_other_order(front, behind, columns):
    arrays = [random(1, (2, 4)), random(2, (3, columns))]  # the operator is applied first, since it shrinks X
    X = random(3, (*front, 4 * columns, *behind))
    assert_product(ox.kron(Fortran(arrays[0]), arrays[1]) @ X, arrays, X)


@pytest.mark.parametrize("dtype", PRECISIONS)
@pytest.mark.parametrize(
    "shapes",
    [
        [(256, 256), (3, 3)],
        [(2, 2)] * 11,
        [(1, 5), (400, 2), (1, 3)],
        [(127, 127), (13, 17)],
        [(4, 8), (8, 4), (4, 8), (8, 4)],
        [(1024, 1), (1, 1024)],
        [(7, 7), (11, 11), (13, 13)],
        [(1, 1)] * 9,
    ],
    ids=str,
)
def test_the_bound_holds_on_larger_products(dtype, shapes):
    arrays = [random(i, shape, dtype) for i, shape in enumerate(shapes)]
    X = random(9, (sizes(arrays)[1], 5), dtype)
    assert_product(ox.kron(*arrays) @ X, arrays, X)


@pytest.mark.parametrize("dtype", PRECISIONS)
@pytest.mark.parametrize(("size", "columns"), [(4, 257), (4, 513), (3, 601), (3, 1201)])
def test_a_tile_of_one_column(size, columns, dtype):
    """What is left of the columns after whole tiles, where two factors are applied at a time."""
    arrays = [random(i, (size, size), dtype) for i in range(3)]
    X = random(9, (size**3, columns), dtype)
    assert_product(ox.kron(*arrays) @ X, arrays, X)


@pytest.mark.parametrize("columns", [1, 3, 40])
@pytest.mark.parametrize("dtype", PRECISIONS)
def test_results_repeat_bit_for_bit(dtype, columns):
    arrays = [random(i, shape, dtype) for i, shape in enumerate([(16, 16), (9, 11), (24, 20), (2, 2)])]
    X = random(9, (sizes(arrays)[1], columns), dtype)
    K = ox.kron(*arrays)
    first = K @ X
    for _ in range(5):
        np.testing.assert_array_equal(K @ X, first)
        np.testing.assert_array_equal(ox.kron(*arrays) @ X.copy(), first)


@pytest.mark.parametrize("columns", [1, 3, 40])
@pytest.mark.parametrize("dtype", PRECISIONS)
def test_results_do_not_depend_on_where_x_begins(dtype, columns):
    arrays = [random(i, shape, dtype) for i, shape in enumerate([(16, 16), (9, 11), (24, 20)])]
    X = random(9, (sizes(arrays)[1], columns), dtype)
    K = ox.kron(*arrays)
    first = K @ X
    room = np.empty(X.size + 64, dtype)
    for shift in (1, 2, 3, 5, 8, 13, 31):
        moved = room[shift : shift + X.size].reshape(X.shape)
        moved[...] = X
        np.testing.assert_array_equal(K @ moved, first)


@pytest.mark.parametrize("size", [16, 32, 64, 128])
@pytest.mark.parametrize("dtype", PRECISIONS)
def test_rows_of_x_that_overlap(dtype, size):
    lines = 2**17 // np.dtype(dtype).itemsize // size  # such that a tile has half of what is behind the axis
    windows = np.lib.stride_tricks.sliding_window_view(random(9, size * lines + 1, dtype), 2)
    K = ox.kron(random(1, (size, size), dtype), ox.eye(lines))
    np.testing.assert_array_equal(K @ windows, K @ windows.copy())


def test_a_product_of_a_product():
    arrays = [random(i, (n, n)) for i, n in enumerate((5, 6, 7))]
    X = random(9, (210, 4))
    K = ox.kron(*arrays)
    dense = kron(*arrays)
    np.testing.assert_allclose(K @ (K @ X), dense @ (dense @ X), rtol=0, atol=1e-9 * abs(dense @ (dense @ X)).max())
    np.testing.assert_allclose((K @ X).T @ K, (dense @ X).T @ dense, rtol=0, atol=1e-9 * abs(dense @ dense).max())


def test_one_row_of_complex_numbers_is_both_c_and_f_ordered(kernel):
    K = ox.kron(np.arange(2.0)[:, None], np.arange(3.0)[:, None])
    X = np.array([[1 - 2j]])
    np.testing.assert_array_equal(K @ X, ox.to_dense(K) @ X)
    np.testing.assert_array_equal(K @ np.array([[1j, 2]]), ox.to_dense(K) @ np.array([[1j, 2]]))
