"""Hybrid KoPA: terms of different shapes, found and fitted to each other."""

import itertools

import numpy as np
import pytest

import otimes as ox
from otimes.errors import StructureError

FIRST, SECOND = ((4, 4), (8, 8)), ((16, 8), (2, 4))


def product(shapes, seed):
    rng = np.random.default_rng(seed)
    K = np.kron(*(rng.standard_normal(shape) for shape in shapes))
    return K / K.std()


def mixed(noise=0.0, seed=0):
    M = 2 * product(FIRST, seed) + product(SECOND, seed + 100)
    return M + noise * np.random.default_rng(seed + 200).standard_normal(M.shape)


def shapes_of(F):
    return [tuple(factor.shape for factor in term) for term in F.factors]


@pytest.mark.parametrize("noise", [0.0, 0.01, 0.3])
@pytest.mark.parametrize("criterion", [None, "bic", "ebic"])
def test_terms_of_different_shapes_are_found(noise, criterion):
    for seed in range(3):
        F = ox.factorize(mixed(noise, seed), form="hybrid", criterion=criterion)
        assert shapes_of(F) == [FIRST, SECOND]
        assert F.form == "1 term of 4×4 ⊗ 8×8 + 1 term of 16×8 ⊗ 2×4"
        assert F.reason.startswith(f"{criterion or 'bic'}: least for 2 terms")
        assert F.error <= noise / 2 + 1e-14


@pytest.mark.parametrize("scale", [1e-200, 1, 1e200])
def test_what_is_exact_is_found_to_roundoff(scale):
    F = ox.factorize(mixed() * scale, form="hybrid")
    assert F.error < 1e-14
    np.testing.assert_allclose(F.operator @ np.eye(32), mixed() * scale, rtol=0, atol=1e-13 * scale)


@pytest.mark.parametrize("dtype", [np.float32, np.complex128, np.int64])
def test_the_error_is_that_of_the_dense_matrix(dtype):
    M = (10 * mixed(1.0)).astype(dtype)
    if dtype == np.complex128:
        M += 1j * mixed(1.0, seed=5)
    F = ox.factorize(M, form="hybrid", terms=3)
    assert F.terms == 3
    assert F.factors[0][0].dtype == (np.float64 if dtype == np.int64 else dtype)
    dense = sum(np.kron(A, B) for A, B in F.factors)
    assert F.error == pytest.approx(np.linalg.norm(M - dense) / np.linalg.norm(M), rel=1e-5)
    assert F.numbers_stored == sum(A.size + B.size for A, B in F.factors)


def test_errors_fall_and_each_group_is_the_nearest_to_what_the_others_leave():
    M = mixed(0.5)
    F = ox.factorize(M, form="hybrid", terms=5)
    assert len(F.history) == 5
    assert all(later < earlier for earlier, later in itertools.pairwise(F.history))
    assert F.history[-1] == F.error
    for shapes in set(shapes_of(F)):
        own = [term for term in F.factors if (term[0].shape, term[1].shape) == shapes]
        others = [term for term in F.factors if (term[0].shape, term[1].shape) != shapes]
        rest = M - sum((np.kron(A, B) for A, B in others), np.zeros_like(M))
        nearest = ox.nearest_kronecker(rest, shapes=shapes, terms=len(own))
        assert F.error * np.linalg.norm(M) == pytest.approx(nearest.error * np.linalg.norm(rest), rel=2e-3)


def test_less_error_than_terms_that_share_their_shapes_have_with_more_numbers():
    M = mixed(0.3)
    F = ox.factorize(M, form="hybrid", terms=2)
    shared = ox.factorize(M, tol=F.error)
    assert F.numbers_stored < shared.numbers_stored


def test_tolerance_met_and_not_met():
    M = mixed(0.3)
    F = ox.factorize(M, form="hybrid", tol=0.2)
    assert F.error <= 0.2
    assert F.reason == "tolerance: 2 terms, each of its own shapes have an error of at most 0.2"
    F = ox.factorize(M, form="hybrid", tol=1e-9, max_terms=3)
    assert F.terms == 3
    assert F.reason.startswith("tolerance 1e-09 not met: 3 terms")


def test_noise_and_zeros():
    noise = np.random.default_rng(0).standard_normal((24, 24))
    assert ox.factorize(noise, form="hybrid").reason.endswith("no structure stands out from noise")
    F = ox.factorize(np.zeros((6, 6)), form="hybrid")
    assert (F.error, F.terms) == (0, 1)


def test_the_matrix_is_left_alone():
    M = mixed()
    before = M.copy()
    ox.factorize(M, form="hybrid", terms=2)
    np.testing.assert_array_equal(M, before)


@pytest.mark.parametrize(
    "options", [{"form": "sum"}, *({"form": "hybrid", **wrong} for wrong in ({"factors": 3}, {"criterion": "cv"}))]
)
def test_refused(options):
    with pytest.raises(StructureError, match="hybrid"):
        ox.factorize(np.ones((8, 8)), **options)
