"""Spectra from shared Gram matrices: those of the dense rearrangement, for every shape they serve."""

import math

import numpy as np
import pytest

import otimes as ox
from otimes.factorization import admissible_shapes
from otimes.factorization.goal import Goal
from otimes.factorization.gram import Family, families, gram_spectra, partial_trace
from otimes.factorization.operand import read_operand
from otimes.factorization.steps import Steps
from otimes.factorization.sweep import sweep


def matrix(kind):
    rng = np.random.default_rng(2)
    M = np.kron(rng.standard_normal((4, 3)), rng.standard_normal((6, 10))) + rng.standard_normal((24, 30)) / 3
    if kind in ("complex128", "complex64"):
        M = M + 1j * rng.standard_normal(M.shape)
    if kind == "transposed":
        return np.asfortranarray(M)
    return M * 1e200 if kind == "huge" else M.astype(kind if kind != "integer" else int)


@pytest.mark.parametrize("kind", ["float64", "float32", "complex128", "complex64", "transposed", "huge", "integer"])
def test_against_dense(kind):
    M = matrix(kind)
    wanted = dict.fromkeys(admissible_shapes(M.shape), 5)
    found = dict(gram_spectra(read_operand(M), wanted))
    assert found.keys() == wanted.keys()
    for pair, spectrum in found.items():
        R = ox.rearrange(M.astype(np.result_type(M, float)) / np.abs(M).max(), shapes=pair)
        values = np.linalg.svd(R, compute_uv=False)
        expected = np.sqrt([(values[k:] ** 2).sum() for k in range(len(values) + 1)]) / np.linalg.norm(values)
        known = len(spectrum.errors)
        np.testing.assert_allclose(spectrum.errors, expected[:known], rtol=1e-8, atol=1e-12)
        assert known >= min(6, len(expected))


@pytest.mark.parametrize("side", [0, 1])
def test_partial_traces(side):
    rng = np.random.default_rng(0)
    M = rng.standard_normal((24, 30)) + 1j * rng.standard_normal((24, 30))

    def gram(shape):
        other = 24 // shape[0], 30 // shape[1]
        R = ox.rearrange(M, shapes=(shape, other) if side == 0 else (other, shape))
        return R @ R.conj().T if side == 0 else R.T @ R.conj()

    for divisor in ((4, 5), (2, 15), (1, 1), (12, 1), (12, 15)):
        np.testing.assert_allclose(partial_trace(gram((12, 15)), (12, 15), divisor, side), gram(divisor))


def test_each_shape_comes_once_from_the_smallest_it_divides():
    found = families([(1, 2), (2, 2), (4, 4), (4, 2), (3, 1), (2, 1)])
    assert found == [
        Family((4, 4), (Family((4, 2), (Family((2, 2), (Family((1, 2), ()), Family((2, 1), ()))),)),)),
        Family((3, 1), ()),
    ]


def test_what_squares_cannot_tell_is_left_to_others():
    rng = np.random.default_rng(1)
    M = np.kron(rng.standard_normal((4, 3)), rng.standard_normal((6, 10)))
    M += 1e-7 * rng.standard_normal(M.shape)
    goal = Goal(M.shape)
    shared = dict(gram_spectra(read_operand(M), dict.fromkeys(goal.candidates(), 1)))
    assert ((4, 3), (6, 10)) not in shared
    assert ((6, 10), (4, 3)) in shared
    swept = sweep(read_operand(M), goal, goal.candidates(), Steps(None), seed=0)
    assert swept.keys() == set(goal.candidates())
    values = np.linalg.svd(ox.rearrange(M, shapes=((4, 3), (6, 10))), compute_uv=False)
    error = math.sqrt((values[1:] ** 2).sum()) / np.linalg.norm(values)
    assert swept[(4, 3), (6, 10)].error(1) == pytest.approx(error, rel=1e-6)
