"""`factorize` for three and more factors: bounds, and the choices that they leave to few fits."""

import functools
import itertools
import math

import numpy as np
import pytest

import otimes as ox
from otimes.errors import ShapeError, StructureError
from otimes.factorization import admissible_shapes
from otimes.factorization.bounds import Fits, cuts, least_error
from otimes.factorization.criterion import Information
from otimes.factorization.frontier import Frontier
from otimes.factorization.goal import Goal
from otimes.factorization.operand import read_operand
from otimes.factorization.shapes import most_factors, ordered_products
from otimes.factorization.steps import Steps
from otimes.factorization.sweep import sweep


def sample(shapes, terms=1, noise=0.0, seed=0):
    rng = np.random.default_rng(seed)
    M = sum(functools.reduce(np.kron, [rng.standard_normal(shape) for shape in shapes]) for _ in range(terms))
    return M / M.std() + noise * rng.standard_normal(M.shape)


def every_row(M, goal):
    """All candidates, each fitted."""
    fits = Fits(read_operand(M), Steps(None), 0)
    return [
        fits.fitted(ox.Candidate(shapes, terms, 0.0)) for shapes in goal.candidates() for terms in goal.allowed(shapes)
    ]


class TestShapes:
    @pytest.mark.parametrize(("n", "count"), [(1, 3), (7, 2), (12, 3), (36, 4), (1024, 2)])
    def test_ordered_products(self, n, count):
        divisors = [d for d in range(1, n + 1) if n % d == 0]
        expected = [found for found in itertools.product(divisors, repeat=count) if math.prod(found) == n]
        assert list(ordered_products(n, count)) == expected

    def test_none_is_trivial_and_none_comes_twice(self):
        found = admissible_shapes((12, 8), factors=3)
        assert len(found) == len(set(found))
        assert all((1, 1) not in shapes for shapes in found)
        assert all(math.prod(m for m, _ in s) == 12 and math.prod(n for _, n in s) == 8 for s in found)

    def test_a_column_before_a_row_is_left_out(self):
        found = Goal((6, 6), factors=(3,)).candidates()
        assert ((2, 1), (3, 1), (1, 6)) not in found
        assert ((1, 6), (2, 1), (3, 1)) in found

    @pytest.mark.parametrize("shape", [(4, 3), (1, 8), (2, 2), (12, 10)])
    def test_the_most_factors(self, shape):
        most = most_factors(shape)
        assert admissible_shapes(shape, factors=most)
        with pytest.raises(ShapeError, match="has no"):
            admissible_shapes(shape, factors=most + 1)

    def test_too_many_or_none(self):
        with pytest.raises(ShapeError, match=r"6 factors of a 1024×1024 matrix may have 9,018,009 shapes"):
            admissible_shapes((1024, 1024), factors=6)
        with pytest.raises(ShapeError, match=r"5×3 matrix has no 3 factors .*5 is prime; 3 is prime"):
            ox.factorize(np.ones((5, 3)), factors=3)


def test_bounds_are_below_every_fit_and_the_root_of_their_squares_above():
    M = sample(((2, 3), (3, 2), (2, 2)), noise=1.0)
    operand, goal = read_operand(M), Goal(M.shape, factors=(2, 3))
    pairs = [pair for pair in goal.candidates() if len(pair) == 2]
    spectra = sweep(operand, goal, pairs, Steps(None), seed=0)
    some = [shapes for shapes in goal.candidates() if len(shapes) == 3][::5]
    fits = Fits(operand, Steps(None), 0)
    for shapes, terms in itertools.product(some, (1, 2)):
        error = fits.fitted(ox.Candidate(shapes, terms, 0.0)).error
        assert least_error(shapes, terms, spectra) <= error * (1 + 1e-4)
        if terms == 1:
            assert error <= math.hypot(*(spectra[pair].error(1) for pair in cuts(shapes))) * (1 + 1e-4)


def test_numbers_of_factors_that_cannot_be_do_not_compete():
    assert len(ox.factorize(np.arange(15.0).reshape(5, 3), factors=(2, 3)).shapes) == 2


class TestChoices:
    """Those of a search in which every candidate is fitted."""

    M = sample(((2, 1), (2, 2), (2, 3)), noise=0.3)

    def test_knee(self):
        goal = Goal(self.M.shape, max_terms=2, factors=(3,))
        expected = Frontier.of(every_row(self.M, goal), floor=1e-14).knee(self.M.size)
        F = ox.factorize(self.M, factors=3, max_terms=2)
        assert (F.shapes, F.terms) == (expected.shapes, expected.terms)

    @pytest.mark.parametrize("tol", [0.5, 0.3])
    def test_tolerance(self, tol):
        goal = Goal(self.M.shape, tol, max_terms=2, factors=(2, 3))
        expected = Frontier.of(every_row(self.M, goal), floor=1e-14).within(tol)
        F = ox.factorize(self.M, tol=tol, factors=(2, 3), max_terms=2)
        assert F.numbers_stored == expected.numbers_stored
        assert F.error <= tol

    @pytest.mark.parametrize("criterion", ["bic", "ebic"])
    def test_criterion(self, criterion):
        goal = Goal(self.M.shape, max_terms=2, criterion=criterion, factors=(2, 3))
        rows = every_row(self.M, goal)
        information = Information.of(criterion, read_operand(self.M), rows, floor=1e-14)
        expected = min(map(information.scored, rows), key=lambda row: row.score)
        F = ox.factorize(self.M, criterion=criterion, factors=(2, 3), max_terms=2)
        assert (F.shapes, F.terms) == (expected.shapes, expected.terms)
        assert f"{expected.score:.4g}"[:4] in F.reason


@pytest.mark.parametrize(
    "shapes", [((4, 2), (2, 4), (3, 3)), ((2, 2), (4, 1), (2, 3), (2, 4)), ((6, 9), (5, 3))], ids=["3", "4", "2"]
)
def test_the_number_of_factors_is_found_too(shapes):
    F = ox.factorize(sample(shapes, noise=0.5), factors=(2, 3, 4), criterion="bic", max_terms=2)
    assert (F.shapes, F.terms) == (shapes, 1)
    assert len(F.factors[0]) == len(shapes)
    assert any(row.score is not None and row.shapes == shapes for row in F.candidates)


def test_terms_of_three_factors():
    shapes = ((4, 4), (3, 3), (4, 4))
    M = sample(shapes, terms=2, noise=0.05)
    assert ox.factorize(M, factors=3, criterion="bic", max_terms=3).terms == 2
    F = ox.factorize(M, shapes=shapes, terms=2)
    assert (F.shapes, F.terms) == (shapes, 2)
    assert F.reason.startswith("given: 2 terms of 4×4 ⊗ 3×3 ⊗ 4×4")


@pytest.mark.parametrize("M", [np.zeros((8, 8)), np.eye(8), np.ones((8, 8))])
def test_matrices_that_are_exact(M):
    F = ox.factorize(M, factors=3)
    assert F.terms == 1
    assert F.error < 1e-14
    assert len(F.shapes) == 3


def test_refused():
    for factors in (1, 0, (), (2, 1), True):
        with pytest.raises(ShapeError, match="factors"):
            ox.factorize(np.ones((8, 8)), factors=factors)
    with pytest.raises(ShapeError, match="factors=3, but there are 2 shapes"):
        ox.factorize(np.ones((4, 4)), factors=3, shapes=((2, 2), (2, 2)))
    with pytest.raises(StructureError, match="two factors"):
        ox.factorize(np.ones((8, 8)), factors=3, criterion="cv")
    with pytest.raises(ShapeError, match=r"terms=99: 3 factors of a 8×8 matrix admit"):
        ox.factorize(np.ones((8, 8)), factors=3, terms=99)
