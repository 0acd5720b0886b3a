"""Partial traces and transposes of tensor formats, on their own slots and on others, against einsum."""

import itertools

import numpy as np
import pytest
from tensor_formats import cores, stacks

import otimes as ox
from otimes.errors import NoRule

SIZES = (2, 3, 2)


def operators():
    """Return one operator of each format on the slots 2, 3, 2."""
    shapes = [(3, n, n) for n in SIZES]
    return {
        "TensorTrain": ox.tensor_train(cores((1, 2, 2, 3), (3, 3, 3, 2), (2, 2, 2, 1), dtype=complex)),
        "Tucker": ox.tucker(cores((3, 3, 3))[0], stacks(*shapes, dtype=complex)),
        "CP": ox.cp(cores((3,))[0], stacks(*shapes, dtype=complex)),
    }


@pytest.mark.parametrize("name", operators())
def test_every_choice_of_slots(name):
    A = operators()[name]
    grid = np.asarray(A).reshape(*SIZES, *SIZES)
    for count in range(1, 4):
        for slots in itertools.permutations(range(3), count):
            columns = [k if k in slots else 3 + k for k in range(3)]
            kept = [k for k in range(3) if k not in slots]
            wanted = np.einsum(grid, [0, 1, 2, *columns], [*kept, *(3 + k for k in kept)])
            got = ox.partial_trace(A, slots, SIZES)
            n = int(np.prod([SIZES[k] for k in kept]))
            assert np.allclose(np.asarray(got), wanted.reshape(n, n))
            assert not kept or type(got) is type(A)
            turned = [3 + k if k in slots else k for k in range(3)]
            axes = [*turned, *(k if k in slots else 3 + k for k in range(3))]
            partly = ox.partial_transpose(A, slots, SIZES)
            assert type(partly) is type(A)
            assert np.allclose(np.asarray(partly), grid.transpose(axes).reshape(12, 12))


@pytest.mark.parametrize("name", operators())
def test_other_slots_are_formed_or_refused(name):
    A = operators()[name]
    grid = np.asarray(A).reshape(3, 4, 3, 4)
    assert np.allclose(np.asarray(ox.partial_trace(A, 1, (3, 4))), np.einsum("ikjk->ij", grid))
    assert np.allclose(np.asarray(ox.partial_transpose(A, 1, (3, 4))), grid.transpose(0, 3, 2, 1).reshape(12, 12))
    with pytest.raises(NoRule):
        ox.partial_trace(A, 1, (3, 4), dense_limit=1)


def test_density_matrix_of_a_billion_states():
    """The slots but two of 2³⁰ states are traced out of a train."""
    pair = np.array([[0.5, 0.25], [0.25, 0.5]])
    T = ox.to_tensor_train(ox.kron(*[pair] * 30)) + ox.to_tensor_train(ox.kron(*[np.eye(2) / 2] * 30))
    left = ox.partial_trace(T, tuple(range(2, 30)), (2,) * 30)
    assert np.allclose(np.asarray(left), np.kron(pair, pair) + np.eye(4) / 4)


@pytest.mark.parametrize("name", operators())
def test_torch(name):
    torch = pytest.importorskip("torch")
    A = operators()[name]
    B = ox.map_arrays(A, torch.asarray)
    for slots in ((0,), (1,), (0, 2), (0, 1, 2)):
        assert np.allclose(
            ox.to_dense(ox.partial_trace(B, slots, SIZES)), np.asarray(ox.partial_trace(A, slots, SIZES))
        )
