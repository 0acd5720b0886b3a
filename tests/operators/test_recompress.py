"""What `recompress` promises of every format: the error made, at any scale of the entries and for any rank."""

import numpy as np
import pytest
from market import matrix
from tensor_formats import cores, stacks

import otimes as ox
from otimes.errors import DTypeError


def formats(scale=1.0):
    """Return one operator of each format, its entries multiplied by the scale."""
    shapes = ((3, 2, 2), (3, 3, 3))
    return {
        "TensorTrain": scale * ox.tensor_train(cores((1, 1, 2, 2), (2, 3, 3, 6), (6, 3, 3, 1))),
        "Tucker": scale * ox.tucker(cores((3, 3, 2))[0], stacks(*shapes, (2, 1, 2))),
        "CP": scale * ox.cp(cores((3,))[0], stacks(*shapes)),
        "KroneckerTerms": scale * ox.kron(matrix(3), matrix(2)) + ox.kron(scale * matrix(3, seed=1), matrix(2, seed=1)),
    }


every_format = pytest.mark.parametrize("name", formats())


@every_format
@pytest.mark.parametrize("scale", [1e200, 1e-200])
def test_squares_beyond_the_range_of_floats(name, scale):
    """T17: the error relative to the whole is known where the square of neither is a number."""
    A = formats(scale)[name]
    a = np.asarray(formats()[name])
    for rank in (None, 1):
        B, error = ox.recompress(A, rank=rank)
        gap = np.linalg.norm(np.asarray(B) / scale - a) / np.linalg.norm(a)
        assert error == pytest.approx(gap, rel=1e-6, abs=1e-14)
    assert ox.norm(A) / scale == pytest.approx(np.linalg.norm(a))


@every_format
@pytest.mark.parametrize("rank", [1, 2, 3, 5, 9])
def test_a_rank_that_costs_more_than_is_allowed(name, rank):
    """A first cut to the rank takes more than the tolerance; later ones keep what they have, and no more."""
    A = formats()[name]
    B, error = ox.recompress(A, rank=rank)
    gap = np.linalg.norm(np.asarray(B) - np.asarray(A)) / np.linalg.norm(np.asarray(A))
    assert error == pytest.approx(gap, rel=1e-6, abs=1e-14)


@every_format
def test_ranks_are_not_found_while_jax_traces(name):
    jax = pytest.importorskip("jax")
    A = ox.map_arrays(formats()[name], lambda a: jax.numpy.asarray(a, dtype="float32"))
    with pytest.raises(DTypeError, match="while JAX traces"):
        jax.jit(lambda A: ox.recompress(A).error)(A)


def test_a_train_of_rank_0_is_zero():
    Z = ox.tensor_train([np.ones((1, 2, 2, 0)), np.ones((0, 3, 3, 1))])
    assert ox.norm(Z) == 0
    assert ox.recompress(Z) == (Z, 0.0)
