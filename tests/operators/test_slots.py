"""Slots of a product: permutations of axes, embedded operators, partial traces and transposes."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from market import definite, kron, matrix

import otimes as ox
from otimes.core.partitions import common_blocks
from otimes.errors import ShapeError

SIZES = (2, 3, 4)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
def test_conjugation_reorders_the_factors(order):
    factors = [matrix(n, seed=n) for n in SIZES]
    P = ox.permute_slots(order, SIZES)
    conjugated = P @ ox.kron(*factors) @ P.T
    assert isinstance(conjugated, ox.Kronecker)
    np.testing.assert_allclose(np.asarray(conjugated), kron(*(factors[k] for k in order)), rtol=1e-13)
    other_way = P @ (ox.kron(*factors) @ P.T)
    np.testing.assert_allclose(np.asarray(other_way), kron(*(factors[k] for k in order)), rtol=1e-13)


def test_rectangular_factors_take_the_permutation_of_their_columns():
    A, B, C = matrix(2, 5), matrix(3, 2), matrix(4, 1)
    moved = ox.permute_slots((2, 0, 1), SIZES) @ ox.kron(A, B, C)
    wanted = kron(C, A, B) @ np.asarray(ox.permute_slots((2, 0, 1), (5, 2, 1)))
    np.testing.assert_allclose(np.asarray(moved), wanted, rtol=1e-13)
    swapped = ox.commutation(3, 2) @ ox.kron(A, B) @ ox.commutation(5, 2)
    np.testing.assert_allclose(np.asarray(swapped), kron(B, A), rtol=1e-13)
    assert isinstance(swapped, ox.Kronecker)


@given(st.permutations(range(4)), st.permutations(range(4)), st.lists(st.integers(1, 3), min_size=4, max_size=4))
def test_permutations_compose(first, second, sizes):
    P = ox.permute_slots(first, sizes)
    Q = ox.permute_slots(second, [sizes[k] for k in first])
    index = np.arange(math.prod(sizes)).reshape(sizes).transpose(first).transpose(second).reshape(-1)
    both = Q @ P
    assert not isinstance(both, ox.Product)
    assert np.array_equal(np.asarray(both), np.eye(len(index))[index])
    assert isinstance(P.T @ P, ox.Identity)
    if len(index):
        assert ox.slogdet(P).sign == round(np.linalg.det(np.asarray(P)))
        assert ox.trace(P) == np.trace(np.asarray(P))


@given(st.permutations(range(3)))
def test_a_permutation_of_pairs_meets_one_of_single_slots(order):
    pairs = ox.permute_slots((1, 0), (6, 4))
    singles = ox.permute_slots(order, (4, 2, 3))
    both = singles @ pairs
    assert not isinstance(both, ox.Product)
    np.testing.assert_array_equal(np.asarray(both), np.asarray(singles) @ np.asarray(pairs))


def test_slots_of_a_billion():
    P = ox.permute_slots(range(8, -1, -1), [10] * 9)
    assert ox.trace(P) == 10**5
    assert ox.slogdet(P).sign == 1
    assert P[123_456_789, 987_654_321] == 1
    assert isinstance(P @ P, ox.Identity)


def dense_embedding(a, slots, sizes):
    """Return the operator by einsum over the axes."""
    d, k = len(sizes), len(slots)
    n = math.prod(sizes)
    x = np.eye(n).reshape(*sizes, n)
    inner = [sizes[slot] for slot in slots]
    y = np.tensordot(a.reshape(inner + inner), x, (list(range(k, 2 * k)), list(slots)))
    return np.moveaxis(y, range(k), slots).reshape(n, n) if d else a


@pytest.mark.parametrize(
    "slots", [(0,), (1,), (2,), (0, 1), (1, 2), (2, 0), (1, 0), (0, 2), (2, 1, 0), (0, 1, 2), ()], ids=str
)
def test_embedded_operators(slots):
    n = math.prod(SIZES[slot] for slot in slots)
    a = definite(n)
    for A in (ox.assume(a, "positive_definite"), ox.kron(*(definite(SIZES[slot]) for slot in slots)) if slots else a):
        E = ox.embed(A, slots, SIZES)
        np.testing.assert_allclose(np.asarray(E), dense_embedding(np.asarray(A), slots, SIZES), rtol=1e-13, atol=1e-13)
    assert ox.embed(ox.assume(a, "positive_definite"), slots, SIZES).facts.positive_definite


def test_every_operator_of_a_batch_is_embedded():
    a = np.stack([matrix(8, seed=seed) for seed in range(3)])
    batch = ox.embed(a, (2, 0), SIZES)
    assert batch.shape == (3, 24, 24)
    for seed in range(3):
        np.testing.assert_allclose(np.asarray(batch[seed]), dense_embedding(a[seed], (2, 0), SIZES), rtol=1e-13)


def test_products_of_factors_are_put_in_place():
    A, C = matrix(2), matrix(4)
    assert isinstance(ox.embed(ox.kron(C, A), (2, 0), SIZES), ox.Kronecker)
    np.testing.assert_allclose(np.asarray(ox.embed(ox.kron(C, A), (2, 0), SIZES)), kron(A, np.eye(3), C), rtol=1e-13)
    tall = ox.embed(matrix(7, 12), (1, 2), SIZES)
    np.testing.assert_allclose(np.asarray(tall), kron(np.eye(2), matrix(7, 12)), rtol=1e-13)


def test_partial_traces_regroup_the_factors():
    A, B, C = matrix(4), matrix(3), matrix(6)
    K, k = ox.kron(A, B, C), kron(A, B, C)
    for slots, sizes in (
        ((1,), (4, 3, 6)),
        ((0, 2), (4, 3, 6)),
        ((1, 3), (2, 2, 3, 6)),
        ((0,), (12, 6)),
        ((2, 0), (2, 6, 6)),
    ):
        traced, turned = ox.partial_trace(K, slots, sizes), ox.partial_transpose(K, slots, sizes)
        dense = ox.aslinearoperator(k)
        np.testing.assert_allclose(np.asarray(traced), np.asarray(ox.partial_trace(dense, slots, sizes)), rtol=1e-12)
        np.testing.assert_allclose(
            np.asarray(turned), np.asarray(ox.partial_transpose(dense, slots, sizes)), rtol=1e-12
        )
    assert ox.trace(ox.partial_trace(K, 1, (4, 3, 6))) == pytest.approx(np.trace(k))


def test_a_billion_rows_are_traced_in_place():
    factors = [matrix(10, seed=i) for i in range(9)]
    left = ox.partial_trace(ox.kron(*factors), range(1, 9), [10] * 9)
    np.testing.assert_allclose(np.asarray(left), factors[0] * math.prod(map(np.trace, factors[1:])), rtol=1e-12)
    noisy = ox.kron(*factors) + 2.0 * ox.eye(10**9)
    np.testing.assert_allclose(
        np.asarray(ox.partial_trace(noisy, range(1, 9), [10] * 9)), np.asarray(left) + 2e8 * np.eye(10)
    )


def test_diagonals_of_a_million_are_traced_by_sums():
    d = np.arange(10.0**6)
    left = ox.partial_trace(ox.diag(d), (0, 2), (10, 100, 1000))
    assert isinstance(left, ox.Diagonal)
    np.testing.assert_allclose(ox.diagonal(left), d.reshape(10, 100, 1000).sum((0, 2)), rtol=1e-13)


@given(st.lists(st.integers(1, 4), min_size=1, max_size=5), st.integers(0, 4), st.integers(0, 4))
def test_common_blocks_agree(sizes, start, stop):
    merged = [*sizes[:start], math.prod(sizes[start : start + stop]), *sizes[start + stop :]] if stop else sizes
    blocks = common_blocks(sizes, merged)
    assert [k for one, _ in blocks for k in range(one.start, one.stop)] == list(range(len(sizes)))
    assert [k for _, two in blocks for k in range(two.start, two.stop)] == list(range(len(merged)))
    for one, two in blocks:
        assert math.prod(sizes[one]) == math.prod(merged[two])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ox.permute_slots((0, 0), (2, 3)), "slot 0 is given more than once"),
        (lambda: ox.permute_slots((0, 2), (2, 3)), "slot 2 is out of range: there are 2 slots"),
        (lambda: ox.permute_slots((0,), (2, 3)), "1 is missing"),
        (lambda: ox.permute_slots((0, 1), (2, -3)), "integer ≥ 0"),
        (lambda: ox.permute_slots((0, 1), 6), "sizes is 6"),
        (lambda: ox.permute_slots("ab", (2, 3)), "slots is 'ab'"),
        (lambda: ox.embed(np.eye(2), np.array([0]), (2, 3)), "slots is array"),
        (lambda: ox.embed(np.eye(2), 1, (2, 3)), "A is 2×2, and the slots .* have 3 entries"),
        (lambda: ox.embed(np.ones((5, 8)), (0, 2), SIZES), "not neighbours"),
        (lambda: ox.partial_trace(np.eye(6), 0, (2, 4)), "multiply to 8, and the operator has 6 rows"),
        (lambda: ox.partial_trace(np.eye(6), 2, (2, 3)), "slot 2 is out of range"),
        (lambda: ox.partial_trace(np.ones((2, 3)), 0, (2,)), "square"),
        (lambda: ox.partial_transpose(np.eye(6), (1, -1), (2, 3)), "slot 1 is given more than once"),
    ],
)
def test_bad_slots_are_refused(call, message):
    with pytest.raises(ShapeError, match=message):
        call()
