"""The planner of the compiled kernel, and that what it prints is what runs."""

import math

import numpy as np
import pytest

import otimes as ox
from otimes.kernels import native, native_kernel
from otimes.kernels.plan import FactorKind, Way
from otimes.kernels.tiles import MERGED_LAST, MERGED_SIZE, PIECE_BYTES, TILE_BYTES, plan_tiles

needs_native = pytest.mark.skipif(native.module is None, reason="no compiled kernel was built")


def kinds(*shapes, kind="dense"):
    return tuple(FactorKind(m, n, kind) for m, n in shapes)


def factors_in_order(plan):
    return [i for step in plan.steps for i in range(step.start, step.stop)]


@pytest.mark.parametrize("columns", [1, 3, 8, 1000])
@pytest.mark.parametrize(
    "shapes",
    [
        [(2, 2)] * 14,
        [(3, 3)] * 5,
        [(1, 1), (4, 4), (1, 1)],
        [(7, 7), (11, 11), (13, 13)],
        [(8, 4)] * 4,
        [(4, 8)] * 4,
        [(1024, 1024), (2, 2)],
        [(5, 2), (2, 5), (3, 3)],
    ],
    ids=str,
)
def test_every_factor_is_applied_once_and_tiles_stay_in_cache(shapes, columns):
    plan = plan_tiles(kinds(*shapes), columns)
    assert plan.way is Way.TILES
    assert sorted(factors_in_order(plan)) == list(range(len(shapes)))
    assert plan.rows == math.prod(m for m, _ in shapes)
    sizes = [n for _, n in shapes]
    for steps in plan.passes:
        start, stop = min(s.start for s in steps), max(s.stop for s in steps)
        behind = columns * math.prod(sizes[stop:])
        most = math.prod(sizes[start:stop])
        for step in steps:
            for i in range(step.start, step.stop):
                sizes[i] = shapes[i][0]
            most = max(most, math.prod(sizes[start:stop]))
        assert len(steps) == 1 or most * min(PIECE_BYTES, behind * 8) <= TILE_BYTES


def test_passes_over_a_wide_array_share_the_factors_so_that_its_rows_stay_in_one_piece():
    assert [len(steps) for steps in plan_tiles(kinds(*[(4, 4)] * 6), 256).passes] == [3, 3]
    long = plan_tiles(kinds(*[(4, 4)] * 10), 1).passes  # of one column the last axes lie in one piece anyway
    assert len(long) == 2
    assert len(long[0]) > len(long[1])


def test_small_neighbours_are_merged_where_that_takes_no_more_flops():
    plan = plan_tiles(kinds(*[(2, 2)] * 8), 100)
    assert [step.stop - step.start for step in plan.steps] == [2] * 4
    assert MERGED_SIZE == 4  # 2 + 2 = 2 · 2
    assert plan.flops == 2 * 2**8 * 100 * 16
    assert "small neighbours merged" in plan.reason
    assert not any(step.merged for step in plan_tiles(kinds(*[(5, 5)] * 4), 100).steps)


@pytest.mark.parametrize(
    ("size", "count", "itemsize", "merged"), [(2, 8, 8, 3), (4, 5, 8, 2), (8, 3, 8, 1), (2, 9, 4, 4), (4, 3, 8, 1)]
)
def test_the_last_axis_of_one_column_fills_a_vector(size, count, itemsize, merged):
    first = plan_tiles(kinds(*[(size, size)] * count), 1, itemsize).steps[0]
    assert (first.start, first.stop) == (count - merged, count)
    assert size**merged <= MERGED_LAST


def test_what_shrinks_comes_first_where_that_pays():
    shapes = [(4, 64), (64, 4), (32, 32)]
    plan = plan_tiles(kinds(*shapes), 64)
    assert factors_in_order(plan)[0] == 0
    assert "intermediates small" in plan.reason
    assert plan.flops < plan_tiles(kinds(*shapes[::-1]), 64).dense_flops


def test_identities_are_skipped_and_operators_have_a_pass_of_their_own():
    factors = (*kinds((4, 4)), FactorKind(50, 50, "identity"), FactorKind(6, 6, "operator"), *kinds((3, 3)))
    plan = plan_tiles(factors, 10)
    assert sorted(factors_in_order(plan)) == [0, 2, 3]
    assert "1 identity skipped" in plan.reason
    assert [len(steps) for steps in plan.passes if any(s.start == 2 for s in steps)] == [1]


def test_sparse_factors_share_passes_at_the_cost_of_their_entries_while_a_tile_holds_them():
    beside = FactorKind(16, 16, "dense")
    plan = plan_tiles((FactorKind(16, 16, "sparse", 40), beside), 16)
    assert len(plan.passes) == 1
    assert plan.flops == 2 * 16 * 16 * (40 + 16 * 16)
    large = plan_tiles((FactorKind(3000, 3000, "sparse", 9000), beside), 16)
    assert [large.factors[step.start].kind for steps in large.passes for step in steps] == ["dense", "operator"]
    assert len(large.passes) == 2


def test_sizes_of_zero_and_beyond_64_bits():
    assert plan_tiles(kinds((0, 2), (3, 3)), 4).empty
    assert plan_tiles(kinds((3, 3)), 0).empty
    assert plan_tiles(kinds(*[(10, 10)] * 40), 1).rows == 10**40


def test_passes_and_what_is_held_are_printed():
    plan = plan_tiles(kinds(*[(16, 16)] * 5), 1)
    assert len(plan.passes) == 2
    assert "2 passes over memory" in str(plan)
    assert plan.bytes_moved == 4 * 8 * 16**5
    assert plan.peak_bytes == 8 * 16**5  # what lies between the passes lies in the result


def test_between_passes_of_other_sizes_two_arrays_are_held():
    plan = plan_tiles(kinds(*[(300, 200)] * 3), 1)
    first, second, result = (steps[-1].entries for steps in plan.passes)
    assert first < second < result
    assert plan.peak_bytes == 8 * (result + 2 * second)


@needs_native
@pytest.mark.parametrize("columns", [1, 5, 64])
def test_what_is_printed_is_what_runs(columns, monkeypatch):
    rng = np.random.default_rng(0)
    K = ox.kron(*(rng.standard_normal((m, n)) for m, n in [(3, 7), (7, 3), (2, 2), (2, 2)]))
    X = rng.standard_normal((K.shape[1], columns))
    plans = []
    monkeypatch.setattr(native_kernel, "plan_tiles", lambda *sizes: plans.append(plan_tiles(*sizes)) or plans[-1])
    native_kernel._call.cache_clear()
    np.testing.assert_allclose(K @ X, ox.to_dense(K) @ X, rtol=1e-12, atol=1e-12)
    assert [plan is ox.plan(K, columns) for plan in plans] == [True]


@needs_native
def test_arrays_that_the_kernel_does_not_take_have_another_plan():
    jnp, torch = pytest.importorskip("jax.numpy"), pytest.importorskip("torch")
    ones = torch.ones((3, 3), dtype=torch.float32)
    assert ox.plan(ox.kron(ones, ones), 2).way is Way.TILES
    assert ox.plan(ox.kron(ones, ox.diag(ones[0])), 2).way is Way.IN_PLACE
    assert ox.plan(ox.kron(jnp.ones((3, 3), "float32"), jnp.ones((2, 2), "float32")), 2).way is Way.CHAIN
