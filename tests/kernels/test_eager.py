"""A ⊗ B ⊗ … written out, against `numpy.kron`: shapes, strides, dtypes, special values, memory, repeatability."""

import functools
import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

import otimes as ox

E = ox.errors
COMPILED = ("float32", "float64", "complex64", "complex128")
TILES = 2**20  # bytes that may be held beside the result


def kron(*factors):
    return functools.reduce(np.kron, factors)


def random(seed, shape, dtype="float64"):
    rng = np.random.default_rng(seed)
    entries = rng.standard_normal(shape) * 8
    if np.dtype(dtype).kind == "c":
        entries = entries + 1j * rng.standard_normal(shape)
    return entries.astype(dtype)


def fields(F):
    """The same entries as a field of packed structures: strides that no entry divides, addresses that are odd."""
    packed = np.zeros(F.shape, np.dtype([("flag", "i1"), ("entry", F.dtype)]))
    packed["entry"] = F
    return packed["entry"]


def read_only(F):
    F = F.copy()
    F.flags.writeable = False
    return F


LAYOUTS = {
    "C": lambda F: F,
    "F": np.asfortranarray,
    "reversed": lambda F: F[::-1, ::-1].copy()[::-1, ::-1],
    "stepping": lambda F: np.repeat(np.repeat(F, 2, 0), 3, 1)[::2, ::3],
    "broadcast": lambda F: np.broadcast_to(F[:1, :1], F.shape),
    "read-only": read_only,
    "fields": fields,
}


def assert_products_agree(found, wanted):
    """Real products are one multiplication in one order; of complex ones a fused multiplication rounds less often."""
    assert found.dtype == wanted.dtype
    assert found.shape == wanted.shape
    if wanted.dtype.kind == "c":
        scale = np.abs(wanted).max(initial=0)
        np.testing.assert_allclose(found, wanted, rtol=0, atol=16 * np.finfo(wanted.dtype).eps * scale)
    else:
        np.testing.assert_array_equal(found, wanted)


@st.composite
def factor_lists(draw):
    count = draw(st.integers(1, 6))
    sizes = st.sampled_from([0, 1, 1, 2, 3, 4, 5, 7, 8] + [13, 16, 33] * (count < 4) + [64, 130] * (count < 3))
    dtype = draw(st.sampled_from([*COMPILED, "int32", "bool", "longdouble"]))
    factors = []
    for _ in range(count):
        F = random(draw(st.integers(0, 99)), (draw(sizes), draw(sizes)), dtype)
        layout = draw(st.sampled_from([name for name in LAYOUTS if F.size or name != "broadcast"]))
        factors.append(LAYOUTS[layout](F))
    return factors


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(factors=factor_lists())
def test_any_factors(kernel, factors):
    if math.prod(F.size for F in factors) <= 2**20:
        assert_products_agree(ox.kron_dense(*factors), kron(*factors))


@pytest.mark.parametrize("dtype", COMPILED)
@pytest.mark.parametrize(
    "shapes",
    [
        [(3, 1000), (2, 900)],  # runs longer than a piece
        [(1, 5000), (1, 1), (1, 300)],
        [(1000, 1), (3, 1), (200, 1)],
        [(1, 2), (1, 40000), (3, 2)],
        [(30000, 3), (5, 2)],
        [(300, 200), (2, 2), (3, 5)],
        [(2, 2)] * 10,
        [(1, 1), (700, 900), (1, 1)],
        [(40, 1), (30, 1000)],
        [(64, 64), (40, 40)],  # past the caches, by two threads
    ],
    ids=str,
)
def test_large_products(kernel, shapes, dtype):
    factors = [random(i, shape, dtype) for i, shape in enumerate(shapes)]
    assert_products_agree(ox.kron_dense(*factors), kron(*factors))
    assert_products_agree(ox.to_dense(ox.kron(*factors)), kron(*factors))


def test_libraries_and_dtypes_promote_before_the_product(kernel):
    A, B, C = np.full((1, 2), 100, "int8"), np.full((2, 1), 100, "int8"), np.eye(2, dtype="float32")
    np.testing.assert_array_equal(ox.kron_dense(A, B, C), np.kron(np.full((2, 2), 1e4, "float32"), C))
    torch = pytest.importorskip("torch")
    a = torch.ones(2, 2, requires_grad=True)
    ox.kron_dense(a, torch.arange(3.0)).sum().backward()
    assert (a.grad == 3).all()
    with pytest.raises(E.ArrayMixError, match="factor 0 holds torch float32 arrays and factor 1 holds numpy float64"):
        ox.kron_dense(a, np.eye(2))


@pytest.mark.parametrize(
    "factors",
    [([1.0, 2.0], [1.0, 10.0]), ([1.0, 2.0], [[1.0], [10.0]]), (2.0, [[1.0, 2.0]]), (2.0, 3.0), ([[2]], [1, 2])],
    ids=str,
)
def test_vectors_and_scalars_are_as_in_numpy(kernel, factors):
    found, wanted = ox.kron_dense(*factors), np.kron(*factors)
    np.testing.assert_array_equal(found, wanted)
    assert found.shape == wanted.shape


def test_the_result_is_a_new_array(kernel):
    A = np.eye(3)
    assert not np.shares_memory(ox.kron_dense(A), A)


@pytest.mark.parametrize("dtype", COMPILED)
def test_special_values_pass_through(kernel, dtype):
    special = np.array([[0.0, -0.0, 1.0, np.inf, -np.inf, np.nan, 1e-320, 3e38]])
    with np.errstate(all="ignore"):
        A = (special + (1j * special[:, ::-1] if dtype[0] == "c" else 0)).astype(dtype)
        wanted, found = kron(A, A.T, A), ox.kron_dense(A, A.T, A)
    np.testing.assert_array_equal(np.isnan(found), np.isnan(wanted))
    np.testing.assert_array_equal(np.isinf(found), np.isinf(wanted))
    if dtype[0] == "f":
        np.testing.assert_array_equal(found, wanted)
        numbers = ~np.isnan(wanted)
        np.testing.assert_array_equal(np.signbit(found[numbers]), np.signbit(wanted[numbers]))


@pytest.mark.parametrize("shapes", [[(64, 64), (40, 40)], [(900, 900), (2, 2)], [(2, 2)] * 11], ids=str)
def test_nothing_of_the_size_of_the_result_is_held_beside_it(kernel, shapes):
    if kernel == "numpy":
        pytest.skip("array operations hold the product of all factors but one as well")
    factors = [random(i, shape) for i, shape in enumerate(shapes)]
    ox.kron_dense(*factors)
    tracemalloc.start()
    try:
        result = ox.kron_dense(*factors)
        assert tracemalloc.get_traced_memory()[1] <= result.nbytes + TILES
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("dtype", COMPILED)
def test_results_repeat_bit_for_bit_whatever_the_threads(kernel, dtype):
    factors = [random(i, shape, dtype) for i, shape in enumerate([(31, 30), (33, 3), (5, 7), (2, 1)])]
    with threadpool_limits(1, user_api="otimes"):
        one = ox.kron_dense(*factors)
    for _ in range(3):
        assert ox.kron_dense(*factors).tobytes() == one.tobytes()


def test_errors():
    with pytest.raises(E.ShapeError, match="of no factors"):
        ox.kron_dense()
    with pytest.raises(E.ShapeError, match=r"factors are 2×2, 1×2×3; give matrices or vectors, or otimes.kron"):
        ox.kron_dense(np.eye(2), np.ones((1, 2, 3)))
    with pytest.raises(E.TooLarge, match=r"2000×2000 ⊗ 2000×2000 needs 116 TiB .* above the limit of 2 GiB"):
        ox.kron_dense(np.ones((2000, 2000)), np.ones((2000, 2000)))
    with pytest.raises(E.TooLarge, match="above the limit of 8 EiB"):
        ox.kron_dense(*[np.ones((1, 2**16))] * 4, max_bytes=None)
    with pytest.raises(MemoryError):  # of the machine, before anything is written
        ox.kron_dense(*[np.ones((1, 2**15))] * 3, np.ones((1, 2**12)), max_bytes=None)
    with pytest.raises(E.DTypeError, match="factor 1 in kron_dense has dtype"):
        ox.kron_dense([1.0], ["a"])
