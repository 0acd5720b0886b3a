"""Operators taken apart and put together again."""

import numpy as np
import pytest
from market import CASES

import otimes as ox
from otimes.core.structure import flatten, unflatten
from otimes.errors import StructureError

every_case = pytest.mark.parametrize("case", CASES, ids=str)


@every_case
def test_what_is_taken_apart_goes_together_again(case):
    A = case.make()
    leaves, skeleton = flatten(A)
    B = unflatten(skeleton, leaves)
    assert type(B) is type(A)
    assert (B.shape, B.spec, B.facts) == (A.shape, A.spec, A.facts)
    assert repr(B) == repr(A)
    assert np.array_equal(np.asarray(B), np.asarray(A))


@every_case
def test_skeletons_are_values(case):
    (_, one), (_, other) = flatten(case.make()), flatten(case.make())
    if not any(record.kind in (ox.External, ox.Sparse) for record in one):  # SciPy's objects are equal by identity
        assert one == other
        assert hash(one) == hash(other)


def test_what_is_shared_is_listed_once_and_stays_shared():
    A = ox.aslinearoperator(np.ones((2, 2)))
    K = ox.kron(A, np.eye(3), A)
    leaves, skeleton = flatten(K)
    assert len(leaves) == 2
    assert len(skeleton) == 3
    back = unflatten(skeleton, leaves)
    assert back.factors[0] is back.factors[2]


def test_skeletons_tell_structures_apart():
    P, Q = ox.permutation([1, 0, 2]), ox.permutation([1, 2, 0])
    assert flatten(P)[1] != flatten(Q)[1]
    assert flatten(ox.kron(np.eye(2), P))[1] != flatten(ox.kron(P, np.eye(2)))[1]


def test_arrays_are_operators_and_batches_are_not():
    assert ox.map_arrays(np.eye(2), np.float32).dtype == np.float32
    with pytest.raises(StructureError, match=r"a batch \(5, 4, 4\)"):
        ox.map_arrays(ox.kron(np.ones((5, 2, 2)), np.eye(2)), np.float32)


def test_index_arrays_are_not_converted():
    K = ox.kron(ox.permutation([2, 0, 1]), np.ones((2, 2)))
    single = ox.map_arrays(K, lambda a: a.astype(np.float32))
    assert single.dtype == np.float32
    assert single.factors[0].index.dtype == np.int64
    assert np.array_equal(np.asarray(single), np.asarray(K))


def test_bytes_of_operators_that_keep_several_arrays():
    cores, core = [np.ones((1, 2, 3, 2)), np.ones((2, 4, 4, 1))], np.ones((2, 2))
    assert ox.tensor_train(cores).nbytes == 8 * (12 + 32)
    assert ox.tucker(core, [np.ones((2, 3, 3))] * 2).nbytes == 8 * (4 + 2 * 18)
