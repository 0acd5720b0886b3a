"""Fusion across partitions, chains in the order of the fewest flops, and plans that say so."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from market import kron, matrix

import otimes as ox
from otimes.kernels.chain import Link, cheapest_order, right_to_left


def test_partitions_that_refine_each_other_are_fused():
    A, B, C, D, E = matrix(6), matrix(4), matrix(2), matrix(3), matrix(4, seed=1)
    for left, right in (((A, B), (C, D, E)), ((C, D, E), (A, B))):
        product = ox.kron(*left) @ ox.kron(*right)
        assert isinstance(product, ox.Kronecker)
        assert [F.shape[0] for F in product.factors] == [6, 4]
        np.testing.assert_allclose(np.asarray(product), kron(*left) @ kron(*right), rtol=1e-12, atol=1e-12)


def test_rectangular_blocks_are_fused_where_they_are_smaller():
    thin = ox.kron(matrix(2, 6), matrix(4)) @ ox.kron(matrix(2, 5), matrix(3, 1), matrix(4, 7))
    wanted = kron(matrix(2, 6), matrix(4)) @ kron(matrix(2, 5), matrix(3, 1), matrix(4, 7))
    np.testing.assert_allclose(np.asarray(thin), wanted, rtol=1e-12, atol=1e-12)
    wide = ox.kron(matrix(60, 6), matrix(4)) @ ox.kron(matrix(2, 50), matrix(3, 1), matrix(4))
    assert isinstance(wide, ox.Product)  # 60 × 50 entries in place of 60 × 6 and 2 × 50


def test_partitions_that_cross_are_left_alone():
    crossing = ox.kron(matrix(2), matrix(3)) @ ox.kron(matrix(3), matrix(2))
    assert isinstance(crossing, ox.Product)
    np.testing.assert_allclose(
        np.asarray(crossing), kron(matrix(2), matrix(3)) @ kron(matrix(3), matrix(2)), rtol=1e-13
    )


def test_identities_take_what_they_meet():
    L = ox.kron(ox.eye(6), matrix(4)) @ ox.kron(matrix(2), matrix(3), ox.eye(4))
    assert [F.shape[0] for F in L.factors] == [2, 3, 4]
    wanted = kron(np.eye(6), matrix(4)) @ kron(matrix(2), matrix(3), np.eye(4))
    np.testing.assert_allclose(np.asarray(L), wanted, rtol=1e-13)


@given(st.lists(st.integers(1, 4), min_size=1, max_size=4), st.integers(0, 3), st.integers(1, 3))
def test_fusion_is_the_product(sizes, start, count):
    merged = [*sizes[:start], int(np.prod(sizes[start : start + count])), *sizes[start + count :]]
    fine, coarse = [[matrix(n, seed=i) for i, n in enumerate(part)] for part in (sizes, merged)]
    got = np.asarray(ox.kron(*fine) @ ox.kron(*coarse))
    np.testing.assert_allclose(got, kron(*fine) @ kron(*coarse), rtol=1e-10, atol=1e-10)


def brute_force(links):
    """Return the fewest flops over all ways to put brackets."""
    if len(links) == 1:
        return 0 if links[0].formed else float("inf")
    costs = []
    for s in range(1, len(links)):
        left, right = links[:s], links[s:]
        if len(left) == 1 and not left[0].formed:
            costs.append(left[0].flops * right[-1].columns + brute_force(right))
        elif len(right) == 1 and not right[0].formed:
            costs.append(brute_force(left) + right[0].flops * left[0].rows)
        else:
            costs.append(brute_force(left) + brute_force(right) + 2 * left[0].rows * right[0].rows * right[-1].columns)
    return min(costs)


@given(st.lists(st.integers(1, 9), min_size=3, max_size=6), st.data())
def test_the_order_takes_the_fewest_flops(sizes, data):
    formed = [data.draw(st.booleans()) for _ in sizes[2:]] + [True]
    links = tuple(
        Link(m, n, array, 2 * m * n if array else data.draw(st.integers(0, 2 * m * n)))
        for (m, n), array in zip(itertools.pairwise(sizes), formed, strict=True)
    )
    assert cheapest_order(links)[0] == brute_force(links)


def test_thin_factors_are_multiplied_out_for_many_columns():
    rng = np.random.default_rng(0)
    U, V = rng.standard_normal((20, 300)), rng.standard_normal((300, 20))
    A = (
        ox.aslinearoperator(U)
        @ ox.kron(rng.standard_normal((15, 15)), rng.standard_normal((20, 20)))
        @ ox.aslinearoperator(V)
    )
    X = rng.standard_normal((20, 4000))
    planned, one = ox.plan(A, 4000), ox.plan(A, 1)
    assert "re-associated by flops, (A1 (A2 A3)) X" in planned.reason
    assert "one after another" in one.reason
    assert planned.flops < 4000 * one.flops / 4
    assert planned.reason in str(ox.explain(ox.plan, A, 4000).value)
    np.testing.assert_allclose(A @ X, np.asarray(A) @ X, rtol=1e-9, atol=1e-9)


def test_explain_shows_the_order():
    U, V, X = matrix(4, 60), matrix(60, 4, seed=1), matrix(4, 500, seed=2)
    A = ox.aslinearoperator(U) @ ox.kron(matrix(6, seed=3), matrix(10, seed=4)) @ ox.aslinearoperator(V)
    explained = ox.explain(ox.matmul, A, X)
    assert "re-associated by flops, (A1 (A2 A3)) X: " in str(explained)
    assert f"{ox.plan(A, 500).flops:,} flops against" in str(explained)
    assert "one after another, A1 (A2 X)" in str(ox.explain(ox.matmul, A, X[:, :1]))
    assert "chosen by flops for each X" in str(ox.explain(ox.matmul, A, ox.permutation([1, 0, 3, 2])))
    assert "re-associated" in str(ox.explain(ox.to_dense, explained.value))
    np.testing.assert_allclose(ox.to_dense(explained.value), np.asarray(A) @ X, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("dtype", [np.float32, complex, np.int64])
def test_a_chain_multiplied_out_has_the_dtype_of_the_result(dtype):
    U, V = matrix(2, 9, np.int64), matrix(9, 2, np.int64, seed=1)
    A = ox.aslinearoperator(U) @ ox.permutation(range(8, -1, -1)) @ ox.aslinearoperator(V)
    X = (np.arange(200) % 7).reshape(2, 100).astype(dtype)
    got = A @ X
    assert got.dtype == np.result_type(np.int64, dtype)
    np.testing.assert_allclose(got, U @ V[::-1] @ X, rtol=1e-12)


def test_one_after_another_is_as_it_reads():
    assert right_to_left(4) == (0, (1, (2, 3)))


def test_plans_add_up():
    A, B = matrix(20), matrix(30)
    K = ox.kron(A, B)
    single = ox.plan(K, 3).flops
    assert ox.plan(K + K.T @ K, 3).flops >= 2 * single
    assert ox.plan(2.0 * K, 3).flops == single + 1800
    assert ox.plan(K + 0.1 * ox.eye(600), 3).flops == single + 3600
    assert ox.plan(ox.kronsum(A, B), 3).flops == single + 1800
    text = str(ox.plan(K @ ox.permutation(range(599, -1, -1)), 3))
    assert "├─" in text
    assert "entries are moved" in text
    assert f"total {single:,} flops" in text
