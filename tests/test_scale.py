"""Large products: what must not depend on the size of the product, only on its factors."""

import math

import numpy as np
import pytest

import otimes as ox

A = np.array([[2.0, 1.0], [1.0, 3.0]])


def power(factor, N):
    return ox.kron(*[factor] * N)


def test_the_default_cut_does_not_grow_with_the_product():
    assert ox.matrix_rank(power(A, 20)) == 2**20
    assert ox.matrix_rank(power(A, 55)) > 2**40


def test_a_cut_between_products_too_many_to_list_is_refused():
    with pytest.raises(ox.errors.TooLarge, match="rtol=0"):
        ox.pinv(power(A, 55))
    assert isinstance(ox.pinv(power(A, 55), rtol=0), ox.Kronecker)


def test_the_phase_of_a_determinant_stays_on_the_unit_circle():
    K = power(A * np.exp(0.3j) + 0.1j, 60)
    assert abs(abs(ox.slogdet(K).sign) - 1) < 1e-12
    assert ox.slogdet(power(1j * np.eye(2), 3)).sign == (1j) ** 8


def test_the_sign_of_a_real_kronecker_sum_is_exact():
    rng = np.random.default_rng(0)
    F, G = rng.standard_normal((2, 20, 20))
    assert ox.slogdet(ox.kronsum(F, G)).sign in (1.0, -1.0)


def test_traces_of_integers_do_not_wrap():
    assert ox.trace(power(A.astype(int), 30)) == 5**30


@pytest.mark.parametrize("call", [ox.norm, lambda K: ox.slogdet(K).logabsdet])
def test_what_is_beyond_floats_is_infinite(call):
    assert call(power(1e200 * A, 1100)) == math.inf


def test_entries_of_a_vector_longer_than_an_index():
    spectrum = ox.eigvalsh(power(np.diag([1.0, 2.0]), 70))
    assert spectrum[2**70 - 1] == 2.0**70
    assert spectrum[-(2**70)] == 1.0


def test_a_determinant_that_fits_is_not_rounded_through_its_logarithm():
    assert ox.det(ox.kron(np.diag([3, 2]).astype("f4"), np.diag([5, 7]).astype("f4"))) == 44100


def test_small_hermitian_products_of_skew_factors():
    S = np.array([[0.0, 1.0], [-1.0, 0.0]])
    np.testing.assert_allclose(ox.eigvalsh(ox.kron(S, S)), [-1, -1, 1, 1])


def test_asserted_facts_survive_the_next_operation():
    K = ox.assume(ox.kron(A, A.T), "positive_definite")
    for L in (K.T, K.H, ox.inv(K), ox.kron(K, ox.eye(2))):
        assert L.facts.positive_definite
    assert ox.eigh(K).eigenvectors.facts.unitary


def test_triangular_factors_are_solved_by_substitution():
    L = ox.cholesky(ox.kron(A, A))
    b = np.arange(4.0)
    np.testing.assert_allclose(L @ ox.solve(L, b), b, atol=1e-12)
    assert "substitution" in repr(ox.explain(ox.solve, L, b))


def test_a_shifted_kronecker_sum_stays_one():
    K = ox.kronsum(A, [[1.0, 5.0], [0.0, 2.0]]) + 100 * ox.eye(4)
    assert isinstance(K, ox.KroneckerSum)
    np.testing.assert_allclose(K @ ox.solve(K, np.ones(4), dense_limit=0), np.ones(4))


def test_products_are_formed_within_bounds():
    tall, wide = ox.kron(*[np.ones((2, 1))] * 18), ox.kron(*[np.ones((1, 4))] * 9)
    assert ox.to_dense(wide @ tall, max_bytes=1000) == [[2.0**18]]
