"""What an approximation says of itself, against the dense matrix it stands for."""

import numpy as np
import pytest

import otimes as ox
from otimes.factorization.certificate import probe_residual
from otimes.factorization.operand import read_operand
from otimes.factorization.rearrangement import Rearrangement
from otimes.factorization.triplets import full_accuracy, krylov_triplets

SHAPES = ((9, 8), (10, 11))


def random_matrix(dtype="float64", seed=0):
    rng = np.random.default_rng(seed)
    M = rng.standard_normal((90, 88))
    return (M + 1j * rng.standard_normal(M.shape)).astype(dtype) if "complex" in dtype else M.astype(dtype)


class TestGap:
    def test_is_that_of_the_rearranged_matrix(self):
        M = random_matrix()
        values = np.linalg.svd(ox.rearrange(M, shapes=SHAPES), compute_uv=False)
        for terms in (1, 5, 71):
            F = ox.nearest_kronecker(M, shapes=SHAPES, terms=terms)
            assert F.certificate.gap == pytest.approx(values[terms - 1] / values[terms], rel=1e-10)

    def test_of_a_subspace_is_an_estimate_from_above(self):
        rng = np.random.default_rng(0)
        M = sum(np.kron(*map(rng.standard_normal, SHAPES)) / 2**r for r in range(12))
        values = np.linalg.svd(ox.rearrange(M, shapes=SHAPES), compute_uv=False)
        R = Rearrangement.of(read_operand(M), SHAPES)
        found = krylov_triplets(R, 4, tolerance=full_accuracy, seed=0)
        assert found.following == pytest.approx(values[4], rel=1e-3)
        assert found.following <= values[4] * (1 + 1e-12)

    def test_is_infinite_where_nothing_is_left_out(self):
        assert ox.nearest_kronecker(random_matrix(), shapes=SHAPES, terms=72).certificate.gap == np.inf


class TestProbe:
    @pytest.mark.parametrize("dtype", ["float32", "float64", "complex128", "int32"])
    def test_is_close_to_the_error(self, dtype):
        M = (10 * random_matrix("float64" if dtype == "int32" else dtype)).astype(dtype)
        F = ox.nearest_kronecker(M, shapes=SHAPES, terms=3)
        assert F.certificate.kind == "exact"
        assert F.certificate.probe_residual == pytest.approx(F.error, rel=0.05)

    @pytest.mark.parametrize("scale", [1e200, 1e-200, 1e300, 1e-310])
    def test_does_not_know_the_scale(self, scale):
        M = random_matrix()
        unit, scaled = (ox.nearest_kronecker(s * M, shapes=SHAPES, terms=3).certificate for s in (1.0, scale))
        assert scaled.probe_residual == pytest.approx(unit.probe_residual, rel=1e-3)

    def test_is_reproduced_by_its_seed(self):
        M = random_matrix()
        first, again, other = (ox.nearest_kronecker(M, shapes=SHAPES, seed=seed).certificate for seed in (1, 1, 2))
        assert first == again
        assert first.seed == 1
        assert first.probe_residual != other.probe_residual

    def test_of_zeros_is_zero(self):
        assert ox.nearest_kronecker(np.zeros((4, 4)), shapes=((2, 2), (2, 2))).certificate.probe_residual == 0

    def test_finds_what_the_error_does_not(self):
        """Of an approximation of another matrix it is the relative distance of the two."""
        M, other = random_matrix(), ox.nearest_kronecker(random_matrix(seed=1), shapes=SHAPES, terms=72)
        expected = np.linalg.norm(M - np.asarray(other.operator)) / np.linalg.norm(M)
        assert probe_residual(read_operand(M), other.operator, seed=0) == pytest.approx(expected, rel=0.1)


class TestThreeFactors:
    """The result holds terms of any number of factors, of different shapes, and trains."""

    CERTIFICATE = ox.Certificate("estimate", standard_error=0.01, seed=3)

    def approximation(self, *terms, **fields):
        return ox.KroneckerApproximation(terms, np.empty(0), 0.5, (), "by hand", self.CERTIFICATE, **fields)

    def test_terms_of_three_factors(self):
        rng = np.random.default_rng(0)
        terms = [tuple(map(rng.standard_normal, ((2, 3), (4, 1), (2, 2)))) for _ in range(2)]
        F = self.approximation(*terms)
        expected = sum(np.kron(np.kron(A, B), C) for A, B, C in terms)
        np.testing.assert_allclose(np.asarray(F.operator), expected)
        assert (F.shape, F.shapes, F.terms, F.numbers_stored) == ((16, 6), ((2, 3), (4, 1), (2, 2)), 2, 28)
        assert "2 terms of 2×3 ⊗ 4×1 ⊗ 2×2" in repr(F)

    def test_terms_of_different_shapes(self):
        rng = np.random.default_rng(0)
        shapes = (((2, 2), (6, 6)), ((3, 3), (4, 4)), ((2, 2), (6, 6)))
        terms = [tuple(map(rng.standard_normal, pair)) for pair in shapes]
        F = self.approximation(*terms)
        np.testing.assert_allclose(np.asarray(F.operator), sum(np.kron(A, B) for A, B in terms))
        assert F.numbers_stored == 2 * 40 + 25
        assert "2 terms of 2×2 ⊗ 6×6 + 1 term of 3×3 ⊗ 4×4" in repr(F)

    def test_a_train(self):
        rng = np.random.default_rng(0)
        train = ox.tensor_train([rng.standard_normal((1, 2, 3, 4)), rng.standard_normal((4, 5, 5, 1))])
        F = self.approximation(train=train)
        assert (F.shape, F.shapes, F.terms, F.numbers_stored) == ((10, 15), ((2, 3), (5, 5)), 0, 124)
        assert F.operator is train
        assert "a train of 2×3 ⊗ 5×5 with ranks 4" in repr(F)


def test_the_report_of_a_rectangular_matrix_has_no_condition():
    M = np.random.default_rng(0).standard_normal((12, 6))
    F = ox.nearest_kronecker(M, shapes=((4, 3), (3, 2)))
    assert str(F.report(M)) == str(F.report())
