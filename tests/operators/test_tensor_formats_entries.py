"""Entries of tensor formats: gathered block by block, so that they take little more than themselves."""

import tracemalloc

import numpy as np
import pytest
from tensor_formats import cores, cp_twin, stacks, twin

import otimes as ox


def formats():
    """Return operators whose ranks are high beside their sizes."""
    shapes = ((20, 10, 10),) * 3
    return {
        "TensorTrain": ox.tensor_train(cores((1, 10, 5, 20), (20, 10, 20, 20), (20, 10, 10, 1))),
        "Tucker": ox.tucker(cores((20, 20, 20))[0], stacks(*shapes)),
        "CP": ox.cp(None, stacks(*shapes)),
    }


@pytest.mark.parametrize("name", formats())
@pytest.mark.parametrize("limit", [2**20, 7])
def test_entries_and_diagonals_in_blocks(name, limit, monkeypatch):
    monkeypatch.setattr("otimes.operators.slots.slots.GATHERED_ENTRIES", limit)
    A = formats()[name]
    a = np.asarray(A)
    rows, columns = np.random.default_rng(0).integers(0, 1000, (2, 50))
    assert np.allclose(A[rows, columns], a[rows, columns])
    assert np.allclose(ox.diagonal(A), a.diagonal())
    assert np.allclose(A[7], a[7])


def test_many_terms_are_formed_in_blocks(monkeypatch):
    A = ox.cp(cores((200,))[0], stacks((200, 20, 20), (200, 20, 20), (200, 2, 2)))
    tracemalloc.start()
    try:
        a = np.asarray(A)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4 * a.nbytes  # 200 products 400×400 were 256 MB
    monkeypatch.setattr("otimes.operators.tensors.cp.BLOCK_ENTRIES", 1)
    assert np.allclose(np.asarray(A), a)
    assert np.allclose(a, cp_twin(A.weights, A.stacks))


def test_trains_of_high_ranks_are_formed_in_halves():
    T = ox.tensor_train(cores((1, 20, 20, 30), (30, 20, 20, 30), (30, 2, 2, 1)))
    tracemalloc.start()
    try:
        a, d = np.asarray(T), ox.diagonal(T)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 3 * a.nbytes  # the first two cores multiplied are 7.5 times as large
    assert np.allclose(a, twin(T.cores))
    assert np.allclose(d, a.diagonal())


@pytest.mark.parametrize("name", formats())
def test_they_take_megabytes(name):
    A, index = formats()[name], np.arange(10**5) % 1000
    tracemalloc.start()
    try:
        A[index, index[::-1]]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 40e6  # at once they were 10⁵ matrices 20 × 20 for each slot, 320 MB
