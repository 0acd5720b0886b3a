"""Information criteria and cross-validation: their values, and the shapes they choose under noise."""

import math

import numpy as np
import pytest

import otimes as ox
from otimes.errors import StructureError
from otimes.factorization import admissible_shapes
from otimes.factorization.operand import read_operand
from otimes.factorization.prediction import Part, prediction_errors
from otimes.factorization.rearrangement import Rearrangement
from otimes.factorization.shapes import useful_terms


def sample(shapes, terms=1, ratio=1.0, seed=0):
    """A sum of Kronecker products of variance 1, and white noise of variance 1 / ratio."""
    rng = np.random.default_rng(seed)
    M = sum(np.kron(*(rng.standard_normal(shape) for shape in shapes)) for _ in range(terms))
    return M / M.std() + rng.standard_normal(M.shape) / math.sqrt(ratio)


def chosen(shapes, seeds, **options):
    found = [ox.factorize(sample(shapes, seed=seed), **options) for seed in range(seeds)]
    return sum(F.shapes == shapes for F in found)


@pytest.mark.parametrize("shapes", [((8, 8), (8, 8)), ((2, 8), (16, 16)), ((16, 4), (2, 8)), ((12, 4), (6, 6))])
def test_shapes_under_as_much_noise_as_structure(shapes):
    assert chosen(shapes, 10, criterion="bic") == 10
    assert chosen(shapes, 5, criterion="ebic") == 5
    assert chosen(shapes, 5, criterion="aic", terms=1) == 5
    assert chosen(shapes, 5, criterion="cv") >= 4


def test_the_number_of_terms_of_given_shapes():
    M = sample(((8, 8), (8, 8)), terms=3, ratio=4.0)
    for criterion in ("bic", "ebic", "cv"):
        F = ox.factorize(M, shapes=((8, 8), (8, 8)), criterion=criterion)
        assert F.terms == 3
        assert F.reason.startswith(f"{'predicted error' if criterion == 'cv' else criterion}: least for 3 terms of 8×8")


@pytest.mark.parametrize("kind", ["real", "complex"])
def test_the_values_of_information_criteria(kind):
    M = sample(((4, 3), (6, 4)))
    entries = M.size
    if kind == "complex":
        M, entries = M + 1j * sample(((4, 3), (6, 4)), seed=9), 2 * M.size
    for criterion, price in (("aic", 2), ("bic", math.log(entries)), ("ebic", math.log(entries))):
        pairs = [pair for pair in admissible_shapes(M.shape) if pair != ((24, 1), (1, 12))]
        for row in ox.factorize(M, terms=2, criterion=criterion).candidates:
            R = ox.rearrange(M, shapes=row.shapes)
            values = np.linalg.svd(R, compute_uv=False)
            fit = entries * math.log((values[2:] ** 2).sum() / (values**2).sum())
            numbers = row.numbers_stored * entries // M.size
            rivals = sum(useful_terms(pair) >= 2 for pair in pairs)
            chance = 2 * math.log(rivals) if criterion == "ebic" else 0
            assert row.score == pytest.approx(fit + price * numbers + chance, rel=1e-6)


@pytest.mark.parametrize("criterion", ["bic", "ebic"])
def test_noise_is_said_to_be_noise(criterion):
    M = np.random.default_rng(0).standard_normal((24, 24))
    assert ox.factorize(M, criterion=criterion).reason.endswith("no structure stands out from noise")
    assert "noise" not in ox.factorize(sample(((4, 4), (6, 6))), criterion=criterion).reason


@pytest.mark.parametrize("criterion", ["aic", "bic", "ebic", "cv"])
def test_exact_structure_takes_the_fewest_numbers(criterion):
    rng = np.random.default_rng(3)
    M = np.kron(rng.standard_normal((4, 6)), rng.standard_normal((6, 4)))
    F = ox.factorize(M, criterion=criterion)
    assert (F.shapes, F.terms) == (((4, 6), (6, 4)), 1)
    assert F.error < 1e-14


def test_low_rank_competes():
    rng = np.random.default_rng(0)
    M = rng.standard_normal((32, 2)) @ rng.standard_normal((2, 32)) + rng.standard_normal((32, 32)) / 10
    F = ox.factorize(M, criterion="bic")
    assert (F.shapes, F.terms) == (((1, 32), (32, 1)), 2)


class TestPrediction:
    shapes = ((4, 3), (6, 5))

    def test_against_the_dense_formula(self):
        M = sample(self.shapes, terms=2, ratio=9.0)
        R = ox.rearrange(M, shapes=self.shapes)
        rng = np.random.default_rng(7)
        folds = [np.array_split(rng.permutation(size), 4) for size in R.shape]
        squares = np.zeros(3)
        for rows in folds[0]:
            for columns in folds[1]:
                kept = np.delete(np.arange(12), rows), np.delete(np.arange(30), columns)
                U, s, Vh = np.linalg.svd(R[np.ix_(*kept)], full_matrices=False)
                for k in (1, 2, 3):
                    inverse = Vh[:k].T @ np.diag(1 / s[:k]) @ U[:, :k].T
                    guess = R[np.ix_(rows, kept[1])] @ inverse @ R[np.ix_(kept[0], columns)]
                    squares[k - 1] += np.linalg.norm(R[np.ix_(rows, columns)] - guess) ** 2
        found = prediction_errors(read_operand(M), self.shapes, 3, seed=7)
        np.testing.assert_allclose(found, np.sqrt(squares) / np.linalg.norm(M), rtol=1e-9)

    def test_noise_predicts_worse_than_nothing(self):
        M = np.random.default_rng(1).standard_normal((24, 15))
        assert (prediction_errors(read_operand(M), self.shapes, 4, seed=0) > 1).all()

    def test_what_is_exact_is_predicted_to_roundoff(self):
        exact = sample(self.shapes, ratio=math.inf)
        for M in (np.zeros((24, 15)), exact, exact * 1e200, exact.astype(np.complex64)):
            operand = read_operand(M)
            floor = 10 * math.sqrt(np.finfo(operand.dtype).eps)
            np.testing.assert_allclose(prediction_errors(operand, self.shapes, 3, seed=0), floor, rtol=1e-6)

    @pytest.mark.parametrize("dtype", [float, complex])
    def test_parts_are_those_of_the_dense_matrix(self, dtype):
        rng = np.random.default_rng(0)
        M = rng.standard_normal((24, 15)).astype(dtype)
        if dtype is complex:
            M += 1j * rng.standard_normal(M.shape)
        rows, columns = np.array([0, 3, 4, 11]), np.array([1, 2, 8, 20, 29])
        part = Part(Rearrangement.of(read_operand(M), self.shapes), rows, columns)
        dense = ox.rearrange(M, shapes=self.shapes)[np.ix_(rows, columns)]
        V, U = rng.standard_normal((5, 2)), rng.standard_normal((4, 2))
        np.testing.assert_allclose(part.product(V), dense @ V)
        np.testing.assert_allclose(part.adjoint_product(U), dense.conj().T @ U)
        assert part.norm() == pytest.approx(np.linalg.norm(dense))
        for seen in (part, part.T):
            tiled = np.full(seen.shape, np.nan, dtype)
            for i, j, panel in seen.panels(height=3, width=4):
                tiled[i, j] = panel
            np.testing.assert_array_equal(tiled, dense if seen is part else dense.T)


@pytest.mark.parametrize("options", [{"criterion": "BIC"}, {"criterion": "bic", "tol": 0.1}])
def test_refused(options):
    with pytest.raises(StructureError, match="criterion="):
        ox.factorize(np.ones((6, 6)), **options)
