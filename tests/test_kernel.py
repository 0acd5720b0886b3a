"""The kernel in array operations and its planner: every branch, against the formed product."""

import functools
import itertools
import math

import numpy as np
import pytest
import scipy.sparse

import otimes as ox
from otimes.kernels import native, numpy_kernel
from otimes.kernels.numpy_kernel import FEW_COLUMNS, apply_along, chain, kron_dense
from otimes.kernels.plan import MERGE_ABOVE, MERGED_SIZE, ORDER_GAIN, FactorKind, Way, plan_product

LAYOUTS = {
    "C": np.ascontiguousarray,
    "F": np.asfortranarray,
    "every second row": lambda X: np.repeat(X, 2, axis=0)[::2],
    "rows backwards": lambda X: np.ascontiguousarray(X[::-1])[::-1],
    "columns of a wider array": lambda X: np.concatenate([X, X], axis=1)[:, : X.shape[1]],
    "broadcast": lambda X: np.broadcast_to(X[:, :1], X.shape),
}


def random(rng, *shape):
    return rng.standard_normal(shape)


def dense_kron(*arrays):
    return functools.reduce(np.kron, arrays)


def kinds(*shapes, kind="dense"):
    return tuple(FactorKind(m, n, kind) for m, n in shapes)


@pytest.fixture
def rng():
    return np.random.default_rng(7)


@pytest.fixture
def numpy_multiplies(monkeypatch):
    """The compiled kernel plans otherwise: tests/kernels/test_tiles.py."""
    monkeypatch.setattr(native, "module", None)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("columns", [1, 2, 5, 40])
@pytest.mark.parametrize(
    "shapes",
    [
        [(3, 3)],
        [(3, 4), (2, 5)],
        [(2, 3), (4, 2), (3, 3)],
        [(1, 4), (4, 1), (2, 2)],
        [(7, 2), (2, 7), (1, 1), (3, 2)],
    ],
    ids=str,
)
def test_any_memory_order_of_x(rng, shapes, columns, layout):
    arrays = [random(rng, *s) for s in shapes]
    K, dense = ox.kron(*arrays), dense_kron(*arrays)
    X = LAYOUTS[layout](random(rng, dense.shape[1], columns))
    before = X.copy()
    np.testing.assert_allclose(K @ X, dense @ X, atol=1e-12)
    np.testing.assert_array_equal(X, before)  # nobody's array is written to


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("columns", [1, 2, FEW_COLUMNS - 1, FEW_COLUMNS, 40])
def test_any_memory_order_of_the_factors(rng, layout, columns):
    arrays = [LAYOUTS[layout](random(rng, m, n)) for m, n in [(3, 4), (5, 2), (2, 2)]]
    X = random(rng, 16, columns)
    np.testing.assert_allclose(ox.kron(*arrays) @ X, dense_kron(*arrays) @ X, atol=1e-12)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("columns", [1, 3])
def test_the_chain_alone(rng, order, columns):
    arrays = [random(rng, 2, 3), random(rng, 4, 5), random(rng, 3, 2)]
    X = np.asarray(random(rng, 30, columns), order=order)
    Y = chain(arrays, X)
    np.testing.assert_allclose(Y, dense_kron(*arrays) @ X, atol=1e-12)
    if columns > 1:  # the columns come out at the other side
        assert Y.flags.f_contiguous == (order == "C")


@pytest.mark.parametrize(
    ("left", "right"),
    [
        pytest.param(1, 1, id="one column"),
        pytest.param(6, 1, id="last axis"),
        pytest.param(1, 5, id="first axis, few columns"),
        pytest.param(1, FEW_COLUMNS + 3, id="first axis, many columns"),
        pytest.param(4, FEW_COLUMNS - 1, id="middle axis, few columns: turned"),
        pytest.param(4, FEW_COLUMNS, id="middle axis, many columns: stacked"),
        pytest.param(3, 2, id="middle axis, two columns"),
    ],
)
@pytest.mark.parametrize("shape", [(4, 4), (2, 5), (5, 2), (1, 3), (3, 1)], ids=str)
@pytest.mark.parametrize("kind", ["dense", "diagonal", "identity", "operator", "sparse"])
def test_one_factor_along_a_middle_axis(rng, shape, left, right, kind):
    m, n = shape
    if kind in ("diagonal", "identity"):
        m = n
    a = random(rng, m, n)
    operator = {
        "dense": lambda: ox.Dense(a),
        "diagonal": lambda: ox.diag(a[0]),
        "identity": lambda: ox.eye(n),
        "operator": lambda: ox.Product(ox.Dense(a), ox.eye(n)),
        "sparse": lambda: ox.aslinearoperator(scipy.sparse.csr_array(a)),
    }[kind]()
    a = {"diagonal": np.diag(a[0]), "identity": np.eye(n)}.get(kind, a)
    X = random(rng, left * n, right)
    found = apply_along(operator, X, left, right)
    wanted = np.einsum("mn,lnr->lmr", a, X.reshape(left, n, right))
    np.testing.assert_allclose(found.reshape(left, m, right), wanted, atol=1e-12)


@pytest.mark.parametrize("columns", [1, 3, 40])
@pytest.mark.parametrize(
    "names", list(itertools.product(["dense", "diagonal", "identity", "permutation"], repeat=3)), ids="-".join
)
def test_every_mixture_of_kinds(rng, names, columns):
    makers = {
        "dense": lambda n: (a := random(rng, n + 1, n), a),
        "diagonal": lambda n: (ox.diag(d := random(rng, n)), np.diag(d)),
        "identity": lambda n: (ox.eye(n), np.eye(n)),
        "permutation": lambda n: (ox.permutation(p := rng.permutation(n)), np.eye(n)[p]),
    }
    pairs = [makers[name](n) for name, n in zip(names, (2, 3, 4), strict=True)]
    K, dense = ox.kron(*(F for F, _ in pairs)), dense_kron(*(a for _, a in pairs))
    X = random(rng, 24, columns)
    np.testing.assert_allclose(K @ X, dense @ X, atol=1e-12)
    np.testing.assert_allclose(X.T @ K.T, X.T @ dense.T, atol=1e-12)


@pytest.mark.parametrize("columns", [0, 1, 3])
@pytest.mark.parametrize("shapes", [[(0, 0)], [(0, 2), (3, 3)], [(2, 0), (3, 3)], [(3, 3), (0, 4), (2, 2)]], ids=str)
def test_sizes_of_zero(shapes, columns):
    arrays = [np.ones(s) for s in shapes]
    K, dense = ox.kron(*arrays), dense_kron(*arrays)
    X = np.ones((dense.shape[1], columns))
    Y = K @ X
    assert Y.shape == (dense.shape[0], columns)
    assert not Y.any()
    assert Y.dtype == np.float64


def test_zero_sizes_keep_the_dtype():
    K = ox.kron(np.ones((2, 0), np.float32), np.ones((2, 2), np.float32))
    assert (K @ np.ones((0, 3), np.float32)).dtype == np.float32
    assert (K @ np.ones((0, 3), np.complex64)).dtype == np.complex64


@pytest.mark.parametrize("dtype", ["int8", "int64", "float32", "complex64", "complex128"])
@pytest.mark.parametrize("other", ["bool", "uint8", "float32", "complex128"])
def test_dtypes_promote_as_in_numpy(rng, dtype, other):
    A, B = np.full((3, 2), 100).astype(dtype), np.ones((2, 4), other)
    for x in (rng.integers(0, 2, (8, 3)).astype(other), np.full((8, 3), 100).astype(dtype)):
        found, wanted = ox.kron(A, B) @ x, np.kron(A, B) @ x
        np.testing.assert_array_equal(found, wanted)
        assert found.dtype == wanted.dtype


def test_dense_product_of_two(rng):
    A, B = random(rng, 2, 3), random(rng, 4, 5)
    np.testing.assert_array_equal(kron_dense(A, B), np.kron(A, B))


class TestThePlan:
    """Order, merging, skipping, and what is printed."""

    def test_few_columns_go_one_by_one(self):
        found = plan_product(kinds(*[(2, 2)] * 5), 1)
        assert found.way is Way.CHAIN
        assert [(s.start, s.stop) for s in found.steps] == [(i, i + 1) for i in range(5)]

    def test_small_neighbours_are_merged_where_x_is_large(self):
        found = plan_product(kinds(*[(2, 2)] * 16), 1)
        assert MERGE_ABOVE <= 2**16
        assert found.way is Way.CHAIN
        sizes = [2 ** (s.stop - s.start) for s in found.steps]
        assert all(size <= MERGED_SIZE for size in sizes)
        assert math.prod(sizes) == 2**16
        assert len(found.steps) < 16
        assert any(s.merged for s in found.steps)
        assert "merged" in str(found)

    def test_merged_groups_give_the_same_product(self, rng):
        arrays = [random(rng, 2, 2) for _ in range(5)]
        columns = MERGE_ABOVE // 32
        assert any(s.merged for s in plan_product(kinds(*[(2, 2)] * 5), columns).steps)
        X = random(rng, 32, columns)
        for layout in ("C", "F", "every second row"):
            np.testing.assert_allclose(
                ox.kron(*arrays) @ LAYOUTS[layout](X), dense_kron(*arrays) @ X, atol=1e-12, err_msg=layout
            )

    def test_rectangular_factors_are_merged_by_both_sizes(self, rng):
        shapes = [(2, 8), (8, 2), (4, 4), (1, 2), (16, 1)]
        arrays = [random(rng, *s) for s in shapes]
        columns = 1 + MERGE_ABOVE // 128
        found = plan_product(kinds(*shapes), columns)
        for step in found.steps:
            group = shapes[step.start : step.stop]
            if step.merged:
                assert max(math.prod(m for m, _ in group), math.prod(n for _, n in group)) <= MERGED_SIZE
        X = random(rng, 128, columns)
        np.testing.assert_allclose(ox.kron(*arrays) @ X, dense_kron(*arrays) @ X, atol=1e-11)

    @pytest.mark.parametrize("shape", [(2, 8), (8, 2), (8, 8)], ids=str)
    def test_neighbours_are_not_merged_beyond_the_limit_in_either_size(self, shape):
        found = plan_product(kinds(shape, shape), MERGE_ABOVE)
        assert found.way is Way.CHAIN
        assert not any(s.merged for s in found.steps)

    def test_shrinking_factors_go_first(self, rng):
        shapes = [(40, 1), (1, 40), (3, 3)]
        found = plan_product(kinds(*shapes), 2)
        assert found.way is Way.IN_PLACE
        assert [s.start for s in found.steps] == [1, 2, 0]
        arrays = [random(rng, *s) for s in shapes]
        X = random(rng, 120, 2)
        np.testing.assert_allclose(ox.kron(*arrays) @ X, dense_kron(*arrays) @ X, atol=1e-12)

    @pytest.mark.parametrize("columns", [1, 7])
    def test_the_order_is_the_cheapest_of_all(self, columns):
        rng = np.random.default_rng(1)
        for _ in range(200):
            shapes = [tuple(map(int, rng.integers(1, 9, 2))) for _ in range(rng.integers(1, 5))]
            found = plan_product(kinds(*shapes), columns)
            best = min(count_flops(shapes, columns, order) for order in itertools.permutations(range(len(shapes))))
            assert best <= found.flops or any(s.merged for s in found.steps)
            assert ORDER_GAIN * found.flops <= best
            if found.way is Way.IN_PLACE:
                assert found.flops == best

    def test_square_factors_are_a_chain(self):
        assert plan_product(kinds((3, 3), (5, 5), (4, 4)), 9).way is Way.CHAIN

    def test_identities_are_skipped(self):
        found = plan_product((FactorKind(50, 50, "identity"), FactorKind(3, 3, "dense")), 2)
        assert [s.start for s in found.steps] == [1]
        assert found.flops == 2 * 9 * 50 * 2
        assert "1 identity skipped" in str(found)
        assert "2 identities skipped" in str(plan_product((*[FactorKind(2, 2, "identity")] * 2, *kinds((3, 3))), 1))

    def test_identities_hold_no_product(self, monkeypatch):
        monkeypatch.setattr(ox.Identity, "_matmat", None)  # calling it would fail
        K = ox.kron(ox.eye(5), np.ones((2, 2)), ox.eye(3))
        assert (K @ np.ones(30) == 2).all()

    def test_diagonals_are_scalings(self):
        found = plan_product((FactorKind(4, 4, "diagonal"), FactorKind(3, 3, "dense")), 5)
        step = next(s for s in found.steps if s.start == 0)
        assert step.flops == 4 * 3 * 5
        assert found.way is Way.IN_PLACE

    def test_diagonals_hold_no_product(self, monkeypatch):
        monkeypatch.setattr(ox.Diagonal, "_matmat", None)
        K = ox.kron(np.ones((2, 2)), ox.diag([1.0, 10.0]))
        np.testing.assert_array_equal(K @ np.ones(4), [2, 20, 2, 20])

    def test_nothing_is_multiplied_where_a_size_is_zero(self):
        assert plan_product(kinds((0, 2), (3, 3)), 4).empty
        assert plan_product(kinds((3, 3)), 0).empty
        assert plan_product(kinds((3, 0)), 1).rows == 3
        assert plan_product(kinds((0, 3)), 1).flops == 0

    def test_sizes_beyond_64_bits(self):
        found = plan_product(kinds(*[(10, 10)] * 40), 1)
        assert found.rows == 10**40
        assert found.flops > 10**40
        assert "total" in str(found)

    def test_the_printed_plan_agrees_with_its_numbers(self):
        found = ox.plan(ox.kron(np.ones((20, 30)), np.ones((40, 50)), ox.eye(2)), columns=3)
        text = str(found)
        assert "(20×30 ⊗ 40×50 ⊗ 2×2) X, 3 columns" in text
        assert found.reason in text
        assert f"{found.flops:,} flops" in text
        for step in found.steps:
            assert f"{step.flops:,}" in text
        assert found.dense_flops == 2 * 1600 * 3000 * 3
        assert f"{found.dense_flops // found.flops}" in text.rpartition(" times fewer")[0]
        assert "1 column\n" in str(ox.plan(ox.kron(np.ones((2, 2)), np.ones((3, 3)))))

    def test_bytes_are_counted_in_the_dtype(self, numpy_multiplies):
        double = ox.plan(ox.kron(np.ones((4, 4)), np.ones((5, 5))), columns=2)
        single = ox.plan(ox.kron(np.ones((4, 4), np.float32), np.ones((5, 5), np.float32)), columns=2)
        assert double.bytes_moved == 2 * single.bytes_moved == 8 * 4 * 40
        assert double.peak_bytes == 2 * single.peak_bytes == 8 * 2 * 40

    def test_what_is_printed_is_what_runs(self, numpy_multiplies, monkeypatch, rng):
        asked = []

        def recording(factors, columns, *rest):
            asked.append((factors, columns))
            return plan_product(factors, columns, *rest)

        monkeypatch.setattr(numpy_kernel, "plan_product", recording)
        K = ox.kron(random(rng, 30, 2), random(rng, 2, 30), ox.eye(2))
        K @ random(rng, 120, 3)
        (factors, columns), printed = asked[0], ox.plan(K, columns=3)
        assert printed.steps == plan_product(factors, columns).steps

    def test_the_steps_are_those_that_run(self, numpy_multiplies, monkeypatch, rng):
        ran = []

        def recording(F, X, left, right):
            ran.append((F.shape, left, right))
            return apply_along(F, X, left, right)

        monkeypatch.setattr(numpy_kernel, "apply_along", recording)
        K = ox.kron(random(rng, 30, 2), random(rng, 2, 30), ox.eye(2), ox.diag([1.0, 2.0]))
        K @ random(rng, 240, 3)
        steps = ox.plan(K, columns=3).steps
        assert ran == [(K.factors[s.start].shape, s.left, s.right) for s in steps]

    def test_a_plan_of_a_dense_operator(self):
        found = ox.plan(np.ones((4, 6)), columns=5)
        assert found.flops == found.dense_flops == 2 * 4 * 6 * 5

    def test_a_sum_has_the_plans_of_its_terms(self):
        found = ox.plan(ox.kron(np.ones((2, 2)), np.eye(2)) + np.ones((4, 4)), columns=3)
        assert [part.flops for part in found.parts] == [2 * (2 * 2 * 2 * 2 * 3), 2 * 4 * 4 * 3]
        assert found.flops == 96 + 96 + 4 * 3

    def test_columns_are_a_count(self):
        with pytest.raises(ox.errors.ShapeError, match="columns"):
            ox.plan(np.eye(2), columns=-1)


def count_flops(shapes, columns, order):
    """The operations when the factors are applied one by one in this order."""
    sizes = [n for _, n in shapes]
    total = 0
    for i in order:
        m, _ = shapes[i]
        total += 2 * m * math.prod(sizes) * columns
        sizes[i] = m
    return total
