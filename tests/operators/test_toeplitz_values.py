"""What Toeplitz, circulant and transform operators say at the edges of dtypes, and of large beside small numbers."""

import numpy as np
import pytest
import scipy.linalg

import otimes as ox
from otimes.errors import DTypeError, NonFiniteError, NoRule, ShapeError, SingularError, StructureError, TooLarge


@pytest.mark.parametrize("make", [ox.toeplitz, ox.circulant])
def test_traces_of_small_integers_are_not_small(make):
    assert ox.trace(make(np.ones(200, np.int8))) == 200
    assert ox.trace(make(np.ones(3, bool))) == 3


@pytest.mark.parametrize("ord", [1, -1, np.inf, -np.inf])
def test_norms_of_small_sums_beside_large_ones(ord):
    c, r = np.array([1.0, 1e-20, 0.0, 3.0]), np.array([1.0, 3.0, 1e20, 5.0, 2.0])
    T = scipy.linalg.toeplitz(c, r)
    assert np.isclose(ox.norm(ox.toeplitz(c, r), ord), np.linalg.norm(T, ord), rtol=1e-15)
    assert np.isclose(ox.norm(ox.toeplitz(r, c), ord), np.linalg.norm(T.T, ord), rtol=1e-15)


@pytest.mark.parametrize("size", [1e200, 1e-200])
def test_frobenius_norms_do_not_overflow_on_the_way(size):
    block = np.full((2, 2), size)
    assert np.isclose(ox.norm(ox.circulant(np.full(3, size))), 3 * size)
    assert np.isclose(ox.norm(ox.toeplitz(np.full(3, size))), 3 * size)
    assert np.isclose(ox.norm(ox.block_toeplitz([block, block])), 4 * size)
    assert np.isclose(ox.norm(ox.block_circulant([block, block])), 4 * size)


@pytest.mark.parametrize("make", [ox.toeplitz, ox.circulant])
def test_entries_that_are_no_numbers_are_refused(make):
    A = make([2.0, np.nan, 1.0])
    for call in (lambda: ox.solve(A, np.ones(3)), lambda: ox.inv(A)):
        with pytest.raises(NonFiniteError, match="the first at"):
            call()


def test_the_determinant_of_a_complex_hermitian_circulant_has_a_complex_sign():
    C = ox.circulant(np.array([-2, 0.5j, -0.5j], np.complex64))
    wanted = np.linalg.slogdet(np.asarray(C))
    assert C.facts.hermitian
    assert ox.slogdet(C).sign.dtype == wanted.sign.dtype == np.complex64
    assert np.allclose(ox.slogdet(C), wanted)


def test_block_circulants_singular_up_to_rounding_are_refused():
    one = ox.kron([[1.0]], [[1.0]])  # not formed, so that its frequencies are sums of rounded roots of unity
    C = ox.block_circulant([2 * one, one, None, one])
    with pytest.raises(SingularError, match="4 blocks 1×1"):
        ox.solve(C, np.array([1.0, 2.0, 3.0, 5.0]))


def test_singular_values_are_real_for_a_complex_scalar():
    values = ox.svd((2 + 0j) * ox.kron(np.eye(2), np.eye(3))).S
    assert np.asarray(values).dtype == np.float64


def test_a_block_column_may_stand_beside_a_row_of_zeros():
    A, B = np.eye(2), np.ones((2, 2))
    zero = 0 * A
    assert (np.asarray(ox.block_toeplitz([A, B], [None, None])) == np.block([[A, zero], [B, A]])).all()
    assert (np.asarray(ox.block_toeplitz([None, None], [None, B])) == np.block([[zero, B], [zero, zero]])).all()
    with pytest.raises(ShapeError, match="row 1 is 3×3"):
        ox.block_toeplitz([A, B], [None, np.eye(3)])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ox.block_toeplitz([None, None]), "no blocks but None"),
        (lambda: ox.block_toeplitz(None), "a sequence of blocks"),
        (lambda: ox.block_circulant(5), "a sequence of blocks"),
        (lambda: ox.multilevel_toeplitz(np.ones((3, 3)), rows=2), "one size per axis"),
        (lambda: ox.dct(4, [1]), "types 1, 2, 3 and 4"),
    ],
)
def test_bad_input_is_refused_with_what_it_was(call, message):
    with pytest.raises(ShapeError, match=message):
        call()


@pytest.mark.parametrize("dtype", [bool, np.uint8])
def test_hadamard_needs_a_negative_one(dtype):
    with pytest.raises(DTypeError, match="signed"):
        ox.hadamard(4, dtype)


@pytest.mark.parametrize("n", [10**9, 10**11])
def test_entries_of_long_cosine_transforms_are_to_rounding(n):
    """Of type 2, C[k, j] = √(2/n) cos(π (2 j + 1) k / 2n), the angle reduced exactly."""
    k, j = n - 3, n - 7
    angle = (2 * j + 1) * k % (4 * n) / (2 * n) * np.pi
    C = ox.dct(n, dtype=float)
    assert np.isclose(C[k, j], (2 / n) ** 0.5 * np.cos(angle), rtol=0, atol=1e-14 * n**-0.5)


@pytest.mark.parametrize("kind", ["chan", "strang"])
def test_the_circulant_near_a_hermitian_operator_is_known_to_be_hermitian(kind):
    c = np.random.default_rng(0).standard_normal(7) * (1 + 1j)
    c[0] = 1
    P = ox.circulant_preconditioner(ox.toeplitz(c), kind)
    assert P.facts.hermitian
    assert np.allclose(np.asarray(P), np.asarray(P).conj().T, rtol=0, atol=1e-15)


@pytest.mark.parametrize("scalar", [np.int64(2), np.int8(-3), np.array(2)])
def test_determinants_of_multiples_by_numpy_integers(scalar):
    A = np.array([[4, 2, 1], [0, 6, 0], [2, 2, 4]])
    wanted = np.linalg.slogdet(scalar * A)
    assert np.allclose(ox.slogdet(scalar * ox.kron(A, [[1]])), wanted)
    assert np.allclose(ox.slogdet(ox.ScalarMultiple(scalar, ox.aslinearoperator(A))), wanted)


def test_the_determinant_of_integers_seen_as_blocks():
    A, B = np.array([[2, 0], [1, -1]]), np.array([[4, 2, 1], [0, 6, 0], [2, 2, 4]])
    assert np.allclose(ox.slogdet(ox.partition(ox.kron(A, B))), np.linalg.slogdet(np.kron(A, B)))


def test_products_of_multiples_of_integers_do_not_wrap():
    A = 0.5 * ox.kron([[3]], [[1]])
    assert np.isclose(np.asarray(ox.matrix_power(A, 41))[0, 0], 1.5**41)


@pytest.mark.parametrize("function", [ox.inv, ox.svd, ox.expm, ox.sqrtm])
def test_hermitian_circulants_by_the_array_standard_alone(function):
    xp = pytest.importorskip("array_api_strict")
    c = np.array([4.0, 1.0, 0.0, 1.0])
    got = function(ox.assume(ox.circulant(xp.asarray(c)), "hermitian"))
    wanted = function(ox.circulant(c))
    pairs = zip(got, wanted, strict=True) if isinstance(got, tuple) else [(got, wanted)]
    assert all(np.allclose(np.asarray(one), np.asarray(other)) for one, other in pairs)


def test_results_of_integers_that_are_nothing_or_zero_are_floats():
    assert ox.pinv(np.zeros((1, 0), np.int8)).dtype == np.float64
    zero = ox.zeros(2, 2, dtype=int)
    assert ox.lstsq(ox.BlockDiagonal(zero, zero), np.arange(4)).x.dtype == np.float64


@pytest.mark.parametrize("first", [np.zeros((0, 2)), np.zeros((2, 0)), ox.eye(0)])
def test_a_product_of_nothing_has_no_blocks(first):
    with pytest.raises(StructureError, match="gives no blocks"):
        ox.partition(ox.Kronecker(ox.aslinearoperator(first), ox.aslinearoperator(np.ones((2, 3)))))


def test_a_sparse_form_that_is_too_large_is_refused():
    with pytest.raises(TooLarge, match="1000000000000 entries"):
        ox.to_sparse(ox.toeplitz(np.ones(10**6)))


def test_a_large_operator_of_a_singular_leading_minor_is_refused_with_the_reason():
    c = np.cos(np.arange(60.0)) * (np.arange(60) > 0)
    T = ox.toeplitz(c, np.sin(np.arange(60.0)) * (np.arange(60) > 0))
    for call in (lambda: ox.solve(T, np.ones(60), dense_limit=50), lambda: ox.inv(T, dense_limit=50)):
        with pytest.raises(NoRule, match="a leading minor of the 60×60"):
            call()
