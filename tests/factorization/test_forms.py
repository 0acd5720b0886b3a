"""Orthogonal terms and tensor trains of three and more factors against their dense constructions."""

import functools
import math

import numpy as np
import pytest
from scipy import linalg

import otimes as ox
from otimes.errors import ShapeError
from otimes.factorization.multiway import cut

SHAPES = [
    ((2, 3), (3, 2), (4, 4)),
    ((4, 4), (2, 2), (1, 3)),
    ((3, 3), (2, 2), (3, 2), (1, 4)),
    ((2, 2),) * 5,
    ((1, 1), (3, 4), (2, 2)),
]
DTYPES = ["float32", "float64", "complex64", "complex128"]


def random(shape, dtype="float64", seed=0):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(shape)
    return (x + 1j * rng.standard_normal(shape)).astype(dtype) if "complex" in dtype else x.astype(dtype)


def matrix_for(shapes, dtype="float64", seed=0):
    """Return a matrix whose unfoldings have falling singular values, so that every truncation is a choice."""
    size = [math.prod(n) for n in zip(*shapes, strict=True)]
    rows, columns = (np.arange(1.0, n + 1) for n in size)
    return (random(size, dtype, seed) / np.add.outer(rows, 2 * columns)).astype(dtype)


def product(*factors):
    return functools.reduce(np.kron, factors)


def tensor(M, shapes):
    d = len(shapes)
    split = M.reshape(*(m for m, _ in shapes), *(n for _, n in shapes))
    axes = [axis for k in range(d) for axis in (k, d + k)]
    return split.transpose(axes).reshape([m * n for m, n in shapes])


def leaves(T, value=1.0, leading=()):
    """Return all terms of the tree of singular value decompositions, each as (value, unit vectors)."""
    if T.ndim == 1:
        size = np.linalg.norm(T)
        return [(value * size, (*leading, T / size))] if size else []
    U, values, Vh = np.linalg.svd(T.reshape(len(T), -1), full_matrices=False)
    branches = zip(U.T, values, Vh, strict=True)
    return [leaf for u, s, v in branches for leaf in leaves(v.reshape(T.shape[1:]), value * s, (*leading, u))]


def dense(F):
    return F.operator @ np.eye(F.shape[1])


def error_of(M, F):
    return np.linalg.norm(M - dense(F)) / np.linalg.norm(M)


def tails(M, shapes, ranks):
    """Return for each cut the norm of all singular values beyond the rank."""
    T, found = tensor(M, shapes), []
    for k, rank in enumerate(ranks, 1):
        values = np.linalg.svd(T.reshape(math.prod(T.shape[:k]), -1), compute_uv=False)
        found.append(np.linalg.norm(values[rank:]) / np.linalg.norm(values))
    return found


class TestOrthogonalTerms:
    @pytest.mark.parametrize("dtype", DTYPES)
    @pytest.mark.parametrize("shapes", SHAPES)
    def test_are_the_largest_leaves_of_the_tree(self, shapes, dtype):
        M = matrix_for(shapes, dtype)
        wide = np.result_type(dtype, np.float64)
        values = np.sort([value for value, _ in leaves(tensor(M.astype(wide), shapes))])[::-1]
        F = ox.nearest_kronecker(M, shapes=shapes, terms=4, form="orthogonal")
        rounding = 1e-5 if np.finfo(dtype).bits == 32 else 1e-12
        np.testing.assert_allclose(F.singular_values[:4], values[:4], rtol=rounding)
        assert F.error == pytest.approx(np.linalg.norm(values[4:]) / np.linalg.norm(values), abs=rounding)
        assert error_of(M, F) == pytest.approx(F.error, abs=rounding)
        assert all(factor.dtype == dtype for term in F.factors for factor in term)

    @pytest.mark.parametrize("dtype", ["float64", "complex128"])
    def test_are_orthogonal(self, dtype):
        M = matrix_for(SHAPES[2], dtype)
        F = ox.nearest_kronecker(M, shapes=SHAPES[2], terms=6, form="orthogonal")
        products = np.array([product(*term).ravel() for term in F.factors])
        np.testing.assert_allclose(products.conj() @ products.T, np.diag(F.singular_values[:6] ** 2), atol=1e-13)

    def test_more_branches_are_looked_at_while_one_of_them_may_hold_a_larger_term(self):
        """The largest branch for the first factor falls apart into small terms, the others are terms themselves."""
        shapes = ((5, 5), (6, 6), (6, 6))
        rng = np.random.default_rng(0)
        first = np.linalg.qr(rng.standard_normal((25, 25)))[0]
        rest = [np.linalg.qr(rng.standard_normal((36, 36)))[0] / 6]  # 36 equal singular values
        rest += [np.outer(rng.standard_normal(36), rng.standard_normal(36)) for _ in range(24)]
        T = sum(
            weight * np.multiply.outer(u, B / np.linalg.norm(B))
            for weight, u, B in zip([5.0, *np.linspace(2, 1, 24)], first.T, rest, strict=True)
        )
        M = T.reshape(5, 5, 6, 6, 6, 6).transpose(0, 2, 4, 1, 3, 5).reshape(180, 180)
        values = np.sort([value for value, _ in leaves(T)])[::-1]
        F = ox.nearest_kronecker(M, shapes=shapes, terms=10, form="orthogonal")
        np.testing.assert_allclose(F.singular_values, values[:10], rtol=1e-10)
        assert error_of(M, F) == pytest.approx(np.linalg.norm(values[10:]) / np.linalg.norm(values), rel=1e-10)

    def test_all_of_them_are_the_matrix(self):
        M = matrix_for(SHAPES[0])
        F = ox.nearest_kronecker(M, shapes=SHAPES[0], form="orthogonal", tol=0)
        assert F.error < 1e-14
        assert F.terms == 36

    @pytest.mark.parametrize("tol", [0.5, 1e-2, 1e-9])
    def test_the_fewest_that_meet_a_tolerance(self, tol):
        shapes = ((2, 2), (2, 3), (3, 2))
        A, B, C = (random(s, seed=k) for k, s in enumerate(shapes))
        D, E, G = (random(s, seed=k + 9) for k, s in enumerate(shapes))
        M = product(A, B, C) + 1e-3 * product(D, E, G) + 1e-7 * matrix_for(shapes)
        F = ox.nearest_kronecker(M, shapes=shapes, tol=tol, form="orthogonal")
        values = np.sort([value for value, _ in leaves(tensor(M, shapes))])[::-1]
        errors = np.sqrt(np.cumsum(values[::-1] ** 2))[::-1] / np.linalg.norm(values)
        assert F.terms == max(1, int((errors > tol).sum()))
        assert F.error <= tol

    def test_a_tolerance_that_is_not_met(self):
        F = ox.nearest_kronecker(random((24, 24)), shapes=SHAPES[0], terms=2, tol=1e-3, form="orthogonal")
        assert F.terms == 2
        assert F.reason.startswith("tolerance 0.001 not met: the error of 2 terms is 0.")

    def test_symmetric_factors_of_a_symmetric_matrix(self):
        shapes = ((3, 3), (2, 2), (4, 4))
        M = random((24, 24))
        F = ox.nearest_kronecker(M + M.T, shapes=shapes, terms=3, form="orthogonal")
        skew = [[np.linalg.norm(factor - factor.T) / np.linalg.norm(factor) for factor in term] for term in F.factors]
        either = np.minimum(skew, np.abs(2 - np.array(skew)))  # symmetric, or skew in pairs
        assert either.max() < 1e-12

    def test_hankel_of_the_paper(self):
        M = linalg.hankel(np.arange(1.0, 28), np.arange(27.0, 54))
        F = ox.nearest_kronecker(M, shapes=((3, 3),) * 3, tol=1e-13, form="orthogonal")
        values = np.sort([value for value, _ in leaves(tensor(M, ((3, 3),) * 3))])[::-1]
        np.testing.assert_allclose(F.singular_values[:3], values[:3], rtol=1e-12)
        assert F.singular_values[0] < 786.5468860398 < np.hypot(*F.singular_values[:2]) + 1e-8
        assert F.terms == 4
        assert F.error < 1e-13

    def test_more_than_there_are(self):
        with pytest.raises(ShapeError, match=r"terms=49: 4×4 ⊗ 2×2 ⊗ 1×3 admits 1 to 36 orthogonal terms"):
            ox.nearest_kronecker(random((8, 24)), shapes=SHAPES[1], terms=49, form="orthogonal")


class TestTrains:
    @pytest.mark.parametrize("dtype", DTYPES)
    @pytest.mark.parametrize("shapes", SHAPES)
    def test_errors_are_within_what_the_ranks_allow(self, shapes, dtype):
        M = matrix_for(shapes, dtype)
        F = ox.nearest_kronecker(M, shapes=shapes, terms=3, form="train")
        least = tails(M, shapes, F.train.ranks[1:-1])
        rounding = 1e-5 if np.finfo(dtype).bits == 32 else 1e-12
        assert max(F.train.ranks) <= 3
        assert max(least) - rounding <= F.error <= np.linalg.norm(least) + rounding
        assert error_of(M, F) == pytest.approx(F.error, abs=rounding)
        assert (F.train.partition, F.train.dtype) == (shapes, dtype)

    @pytest.mark.parametrize("tol", [0.3, 1e-2, 1e-6])
    @pytest.mark.parametrize("shapes", SHAPES)
    def test_tolerance(self, shapes, tol):
        M = matrix_for(shapes)
        F = ox.nearest_kronecker(M, shapes=shapes, tol=tol, form="train")
        assert F.error <= tol
        assert error_of(M, F) == pytest.approx(F.error, rel=1e-9)
        assert F.reason.startswith("tolerance: the ranks")
        T = tensor(M, shapes)
        for k, rank in enumerate(F.train.ranks[1:-1], 1):  # at least half of the square goes to all cuts alike
            values = np.linalg.svd(T.reshape(math.prod(T.shape[:k]), -1), compute_uv=False)
            share = tol / math.sqrt(2 * (len(shapes) - 1))
            assert rank <= max(1, int((np.sqrt(np.cumsum(values[::-1] ** 2))[::-1] > share * linalg.norm(M)).sum()))

    def test_a_tolerance_that_is_not_met(self):
        F = ox.nearest_kronecker(random((24, 24)), shapes=SHAPES[0], terms=2, tol=1e-3, form="train")
        assert F.train.ranks == (1, 2, 2, 1)
        assert F.reason.startswith("tolerance 0.001 not met with ranks up to 2: the error is 0.")

    def test_a_chain_of_neighbours_has_the_ranks_of_its_interaction(self):
        X, Z = np.array([[0.0, 1], [1, 0]]), np.diag([1.0, -1])
        sites = 6
        ising = sum(
            product(*(Z if j in (k, k + 1) else np.eye(2) for j in range(sites))) for k in range(sites - 1)
        ) + 0.5 * sum(product(*(X if j == k else np.eye(2) for j in range(sites))) for k in range(sites))
        F = ox.nearest_kronecker(ising, shapes=((2, 2),) * sites, tol=1e-12, form="train")
        assert F.train.ranks == (1, 3, 3, 3, 3, 3, 1)
        assert F.error < 1e-14

    def test_noise_below_the_tolerance_takes_no_ranks(self):
        shapes = ((2, 2),) * 8
        M = sum(product(*(random(s, seed=(r, k)) for k, s in enumerate(shapes))) for r in range(3))
        noise = random(M.shape)
        M = M + 0.1 * np.linalg.norm(M) / np.linalg.norm(noise) * noise
        F = ox.nearest_kronecker(M, shapes=shapes, tol=0.2, form="train")
        assert max(F.train.ranks) <= 3
        assert F.error <= 0.2

    def test_zeros(self):
        F = ox.nearest_kronecker(np.zeros((24, 24)), shapes=SHAPES[0], form="train", tol=1e-3)
        assert F.error == 0
        assert not dense(F).any()

    @pytest.mark.parametrize("scale", [1e200, 1e-200, 1e300])
    @pytest.mark.parametrize("form", ["train", "orthogonal"])
    def test_scales_far_from_one(self, form, scale):
        M = matrix_for(SHAPES[0])
        F = ox.nearest_kronecker(M * scale, shapes=SHAPES[0], terms=3, form=form)
        reference = ox.nearest_kronecker(M, shapes=SHAPES[0], terms=3, form=form)
        assert F.error == pytest.approx(reference.error, rel=1e-10)
        np.testing.assert_allclose(dense(F) / scale, dense(reference), rtol=1e-9, atol=1e-12)

    def test_rank(self):
        with pytest.raises(ShapeError, match="terms=0"):
            ox.nearest_kronecker(np.eye(24), shapes=SHAPES[0], terms=0, form="train")


def test_forms_of_two_factors_are_one():
    M, shapes = random((12, 12)), ((3, 4), (4, 3))
    terms, orthogonal, train = (
        ox.nearest_kronecker(M, shapes=shapes, terms=3, form=form) for form in ("terms", "orthogonal", "train")
    )
    np.testing.assert_allclose(dense(terms), dense(orthogonal), atol=1e-12)
    np.testing.assert_allclose(dense(terms), dense(train), atol=1e-12)


def test_no_such_form():
    with pytest.raises(ShapeError, match="form='tucker' is none of 'terms', 'train' and 'orthogonal'"):
        ox.nearest_kronecker(np.eye(8), shapes=((2, 2),) * 3, form="tucker")


def test_iteration_beats_orthogonal_terms():
    shapes = SHAPES[2]
    M = matrix_for(shapes, seed=4)
    orthogonal = ox.nearest_kronecker(M, shapes=shapes, terms=4, form="orthogonal")
    assert ox.nearest_kronecker(M, shapes=shapes, terms=4).error < orthogonal.error
    assert cut.Cut.balanced(shapes).pair == ((6, 6), (3, 8))
