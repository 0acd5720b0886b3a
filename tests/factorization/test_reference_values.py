"""Published and computed values of others, to ten digits; each against the dense rearranged matrix too."""

import numpy as np
import pytest
from scipy import linalg

import otimes as ox


def values_of(M, shapes):
    return np.linalg.svd(ox.rearrange(M, shapes=shapes), compute_uv=False)


@pytest.mark.parametrize("gate", [np.eye(4)[[0, 1, 3, 2]], np.diag([1, 1, 1, -1])], ids=["CNOT", "CZ"])
def test_operator_schmidt_values_of_controlled_gates(gate):
    shapes = ((2, 2), (2, 2))
    F = ox.nearest_kronecker(gate, shapes=shapes, tol=1e-12)
    assert F.terms == 2
    np.testing.assert_allclose(F.singular_values, [2**0.5, 2**0.5, 0, 0], atol=1e-10)
    np.testing.assert_allclose(F.singular_values, values_of(gate, shapes), atol=1e-14)
    np.testing.assert_allclose(np.asarray(F.operator), gate, atol=1e-14)


class TestHankel:
    """The demonstration of TKPSVD: hankel(1:27, 27:53)."""

    M = linalg.hankel(np.arange(1.0, 28), np.arange(27.0, 54))
    TWO, THREE = ((3, 3), (9, 9)), ((3, 3),) * 3
    VALUES = (786.5468860398, 35.17095479258)

    def test_two_factors(self):
        F = ox.nearest_kronecker(self.M, shapes=self.TWO, terms=3)
        np.testing.assert_allclose(F.singular_values[:2], self.VALUES, rtol=1e-11)
        np.testing.assert_allclose(F.singular_values[:9], values_of(self.M, self.TWO)[:9], atol=1e-10)
        assert F.singular_values[2] < 1e-10
        assert np.linalg.norm(self.M) == pytest.approx(787.3328394015, rel=1e-11)

    def test_the_error_of_one_term_is_the_second_value(self):
        F = ox.nearest_kronecker(self.M, shapes=self.TWO)
        assert F.error == pytest.approx(35.17095479258 / 787.3328394015, rel=1e-10)
        assert F.certificate.gap == pytest.approx(786.5468860398 / 35.17095479258, rel=1e-10)

    def test_orthogonal_terms_of_three_factors_are_exact(self):
        F = ox.nearest_kronecker(self.M, shapes=self.THREE, form="orthogonal", tol=1e-12)
        dense = sum(np.kron(np.kron(A, B), C) for A, B, C in F.factors)
        np.testing.assert_allclose(dense, self.M, atol=1e-10)
        sizes = [np.prod([np.linalg.norm(A) for A in term]) for term in F.factors]
        assert np.linalg.norm(sizes) == pytest.approx(787.3328394015, rel=1e-10)

    def test_a_train_of_three_factors_is_of_rank_two(self):
        F = ox.nearest_kronecker(self.M, shapes=self.THREE, form="train", tol=1e-12)
        assert F.operator.ranks == (1, 2, 2, 1)
        np.testing.assert_allclose(np.asarray(F.operator), self.M, atol=1e-10)


def test_the_laplacian_is_of_two_terms():
    """σ = ‖T‖ √n ± tr T for T ⊕ T, here with T = tridiag(−1, 2, −1) and n = 8."""
    T = 2 * np.eye(8) - np.eye(8, k=1) - np.eye(8, k=-1)
    shapes = ((8, 8), (8, 8))
    for M in (np.kron(T, np.eye(8)) + np.kron(np.eye(8), T), ox.kronsum(T, T)):
        F = ox.nearest_kronecker(M, shapes=shapes, tol=1e-12)
        assert F.terms == 2
        np.testing.assert_allclose(F.singular_values[:2], [35.18332609325, 3.183326093251], rtol=1e-11)
        expected = np.linalg.norm(T) * 8**0.5 + np.array([1, -1]) * np.trace(T)
        np.testing.assert_allclose(F.singular_values[:2], expected, rtol=1e-12)


def test_three_prime_factors_are_detected():
    """Example 2.5 of kronfact: the Kronecker product of three matrices with zeros."""
    factors = [np.array([[1, 1], [0, 0]])] * 2 + [np.array([[1, 1, 1], [0, 0, 0], [1, 1, 1]])]
    M = np.kron(np.kron(*factors[:2]), factors[2])
    found = ox.detect(M)
    assert found
    assert found.structure == "Kronecker product"
    np.testing.assert_array_equal(np.asarray(found.operator), M)
    assert len(found.operator.factors) >= 3


def test_a_separable_blur_is_of_one_term():
    """Gaussian blur of an image, zero outside: block Toeplitz with Toeplitz blocks."""
    rows, columns = (linalg.toeplitz(np.exp(-0.5 * (np.arange(n) / width) ** 2)) for n, width in ((12, 1.5), (15, 2.5)))
    weights = np.exp(-0.5 * ((np.arange(12) / 1.5) ** 2)[:, None] - 0.5 * ((np.arange(15) / 2.5) ** 2)[None, :])
    i, j = np.indices((12 * 15, 12 * 15))
    M = weights[abs(i // 15 - j // 15), abs(i % 15 - j % 15)]
    F = ox.nearest_kronecker(M, shapes=((12, 12), (15, 15)), structure="toeplitz")
    assert F.error < 1e-14
    np.testing.assert_allclose(np.asarray(F.operator), np.kron(rows, columns), atol=1e-14)
    assert values_of(M, ((12, 12), (15, 15)))[1] < 1e-12
