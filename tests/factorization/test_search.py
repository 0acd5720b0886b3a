"""`factorize`: the frontier, the choices, and the shapes it finds."""

import itertools
import math

import numpy as np
import pytest
from scipy.linalg import toeplitz

import otimes as ox
from otimes.errors import StructureError
from otimes.factorization import admissible_shapes
from otimes.factorization.frontier import Frontier
from otimes.factorization.operand import read_operand
from otimes.factorization.shapes import stored_numbers, useful_terms
from otimes.factorization.spectrum import spectrum_of


def random_product(*shapes, seed=0):
    rng = np.random.default_rng(seed)
    return [rng.standard_normal(shape) for shape in shapes]


def noisy(shapes, noise, seed=0):
    A, B = random_product(*shapes, seed=seed)
    M = np.kron(A, B)
    E = np.random.default_rng(seed + 1).standard_normal(M.shape)
    return M + noise * E * np.linalg.norm(M) / np.linalg.norm(E)


def dense_errors(M, shapes):
    values = np.linalg.svd(ox.rearrange(M, shapes=shapes), compute_uv=False)
    return np.append(np.sqrt(np.cumsum(values[::-1] ** 2)[::-1]), 0) / np.linalg.norm(values)


@pytest.mark.parametrize("shapes", [((3, 4), (8, 5)), ((8, 5), (3, 4)), ((6, 2), (4, 10)), ((1, 5), (24, 4))])
@pytest.mark.parametrize("noise", [0, 1e-12, 1e-3, 0.1])
def test_the_knee_finds_the_shapes_that_were_there(shapes, noise):
    F = ox.factorize(noisy(shapes, noise))
    assert (F.shapes, F.terms) == (shapes, 1)
    assert F.error == pytest.approx(noise, rel=0.2, abs=1e-14)
    assert F.reason.startswith("knee: after 1 term of ")


def test_complex_and_single_precision():
    A, B = random_product((4, 6), (9, 5))
    F = ox.factorize(np.kron(A + 1j, B - 2j).astype(np.complex64))
    assert F.shapes == ((4, 6), (9, 5))
    assert F.factors[0][0].dtype == np.complex64
    assert F.error < 1e-6


def test_two_terms():
    A, B, C, D = random_product((5, 5), (6, 6), (5, 5), (6, 6))
    F = ox.factorize(np.kron(A, B) + 0.5 * np.kron(C, D))
    assert (F.shapes, F.terms) == (((5, 5), (6, 6)), 2)


class TestErrors:
    def test_every_candidate_has_four_digits(self):
        rng = np.random.default_rng(4)
        M = noisy(((6, 6), (8, 8)), 0.3) @ np.diag(rng.random(48) + 0.1)
        for terms in (None, 2):
            for row in ox.factorize(M, terms=terms).candidates:
                assert row.error == pytest.approx(dense_errors(M, row.shapes)[row.terms], rel=1e-4)

    def test_krylov_spectra_have_four_digits(self):
        rng = np.random.default_rng(0)
        left, right = (np.linalg.qr(rng.standard_normal((400, 400)))[0] for _ in range(2))
        for decay in (np.arange(1, 401.0) ** -1, np.exp(-np.arange(400) / 3), np.ones(400)):
            M = ox.restore((left * decay) @ right.T, shapes=((20, 20), (20, 20)))
            spectrum = spectrum_of(read_operand(M), ((20, 20), (20, 20)), 12, seed=0)
            expected = np.sqrt(np.cumsum(decay[::-1] ** 2)[::-1][:13]) / np.linalg.norm(decay)
            np.testing.assert_allclose(spectrum.errors, expected, rtol=1e-4)


class TestTolerance:
    M = noisy(((4, 4), (6, 6)), 0.2)

    @pytest.mark.parametrize("tol", [0.7, 0.3, 0.15, 0.1])
    def test_the_fewest_numbers(self, tol):
        F = ox.factorize(self.M, tol=tol)
        everything = [
            terms * stored_numbers(pair)
            for pair in admissible_shapes(self.M.shape)
            for terms in range(1, useful_terms(pair) + 1)
            if dense_errors(self.M, pair)[terms] <= tol
        ]
        assert F.error <= tol
        assert F.numbers_stored == min(everything)
        assert F.reason.startswith("tolerance: ")

    def test_not_met(self):
        F = ox.factorize(self.M, tol=1e-6)
        assert F.reason.startswith("tolerance 1e-06 not met with fewer numbers than the matrix has: ")
        assert F.error == pytest.approx(min(row.error for row in F.candidates))

    def test_terms_and_max_terms_limit_it(self):
        for limits in ({"terms": 2}, {"max_terms": 2}):
            F = ox.factorize(self.M, tol=1e-6, **limits)
            assert max(row.terms for row in F.candidates) <= 2

    def test_more_than_the_first_sixteen_terms(self):
        M = ox.restore(np.diag(1.0 / np.arange(1, 145)), shapes=((12, 12), (12, 12)))
        F = ox.factorize(M, tol=0.12, shapes=((12, 12), (12, 12)))
        assert F.terms > 16
        assert dense_errors(M, F.shapes)[F.terms] <= 0.12 < dense_errors(M, F.shapes)[F.terms - 1]

    def test_low_rank_may_be_the_answer(self):
        u, v = random_product((36, 3), (3, 36))
        F = ox.factorize(u @ v, tol=1e-10)
        assert (F.shapes, F.terms) == (((1, 36), (36, 1)), 3)
        assert "a matrix of low rank" in F.reason


class TestTerms:
    def test_all_candidates_have_them(self):
        F = ox.factorize(noisy(((4, 4), (6, 6)), 0.2), terms=2)
        assert {row.terms for row in F.candidates} == {2}
        assert F.terms == 2
        assert F.reason.startswith("knee of the shapes")

    def test_with_shapes_nothing_is_left_to_find(self):
        F = ox.factorize(noisy(((4, 4), (6, 6)), 0.2), terms=3, shapes=((4, 4), (6, 6)))
        assert [row.terms for row in F.candidates] == [1, 2, 3]
        assert F.terms == 3
        assert len(F.singular_values) == 16
        assert F.reason == "given: 3 terms of 4×4 ⊗ 6×6"

    def test_more_than_an_exact_matrix_needs(self):
        M = np.kron(*random_product((4, 4), (6, 6)))
        F = ox.factorize(M, terms=3, shapes=((4, 4), (6, 6)))
        assert F.terms == 3
        assert (F.shapes, F.terms) in {(row.shapes, row.terms) for row in F.candidates}


class TestTable:
    def test_rows_trade_error_for_numbers(self):
        F = ox.factorize(noisy(((6, 6), (8, 8)), 0.3))
        assert len(F.candidates) <= 12
        for row, following in itertools.pairwise(F.candidates):
            assert row.numbers_stored < following.numbers_stored
            assert row.error > following.error
        chosen = next(row for row in F.candidates if (row.shapes, row.terms) == (F.shapes, F.terms))
        assert (chosen.error, chosen.numbers_stored, chosen.compression) == (F.error, F.numbers_stored, F.compression)

    def test_outer_products_do_not_crowd_out(self):
        F = ox.factorize(noisy(((6, 6), (8, 8)), 0.3))
        assert not [row for row in F.candidates if row.shapes == ((1, 48), (48, 1)) and row.terms > 1]

    def test_the_knee_is_as_documented(self):
        rows = [
            ox.Candidate(((2, 2), (50, 50)), terms, error) for terms, error in enumerate((0.5, 0.05, 0.04, 0.03), 1)
        ]
        frontier = Frontier.of(rows, floor=1e-14)
        x = [math.log(row.numbers_stored / 2504) / math.log(10_000 / 2504) for row in rows]
        y = [math.log(row.error) / math.log(0.03) for row in rows]
        assert frontier.knee(10_000) is rows[int(np.argmax(np.subtract(y, x)))]

    def test_a_single_row_is_its_own_knee(self):
        row = ox.Candidate(((1, 2), (2, 1)), 1, 1.0)
        assert Frontier.of([row], floor=1e-14).knee(4) is row


@pytest.mark.parametrize("options", [{"tol": 0.01}, {"factors": 3, "criterion": "bic"}, {"form": "hybrid", "terms": 2}])
def test_progress_reaches_its_end(options):
    calls = []
    ox.factorize(noisy(((4, 4), (6, 6)), 0.2), progress=lambda *call: calls.append(call), **options)
    done, total, label = zip(*calls, strict=True)
    assert list(done) == list(range(len(calls)))
    assert all(d < t for d, t in zip(done, total, strict=True))
    assert (done[-1] + 1, label[-1]) == (total[-1], "factors")
    assert "4×4 ⊗ 6×6" in label
    assert any(text.count("⊗") == 2 for text in label) == ("factors" in options)


def test_the_seed_decides():
    M = noisy(((12, 12), (13, 13)), 0.2)
    first, second = (ox.factorize(M, seed=5) for _ in range(2))
    assert first.candidates == second.candidates
    np.testing.assert_array_equal(first.factors[0][1], second.factors[0][1])


@pytest.mark.parametrize("shape", [(2, 2), (1, 6), (6, 1), (2, 7), (4, 1)])
def test_small_matrices(shape):
    F = ox.factorize(np.random.default_rng(0).standard_normal(shape))
    assert F.shape == shape
    assert 0 <= F.error <= 1


def test_zeros():
    F = ox.factorize(np.zeros((12, 12)))
    assert (F.error, F.terms) == (0, 1)


class TestStructure:
    def test_shapes_are_those_that_can_have_it(self):
        """Products of 4 × 6 with 6 × 4 are nearer, and no covariances."""
        rng = np.random.default_rng(0)
        X = rng.standard_normal((24, 100))
        M = X @ X.T / 100 + 3 * np.kron(rng.standard_normal((4, 6)), rng.standard_normal((6, 4)))
        assert ox.factorize(M, terms=1).shapes == ((4, 6), (6, 4))
        F = ox.factorize(M, terms=1, structure="spd")
        assert all(m == n for m, n in F.shapes)
        assert min(np.linalg.eigvalsh(A).min() for A in F.factors[0]) > 0
        best = ox.nearest_kronecker(M, shapes=F.shapes, structure="spd")
        assert F.error == best.error
        assert F.reason.endswith(f"; {best.reason}")

    def test_a_tolerance_is_met_with_it(self):
        T = [toeplitz(np.random.default_rng(k).standard_normal(4)) for k in range(4)]
        M = np.kron(T[0], T[1]) + 0.1 * np.kron(T[2], T[3])
        F = ox.factorize(M, tol=1e-10, structure=("toeplitz", None))
        assert (F.shapes, F.terms) == (((4, 4), (4, 4)), 2)
        assert all(np.ptp(np.diag(A, k)) < 1e-12 for A, _ in F.factors for k in range(-3, 4))

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"structure": "spd"}, "no shapes of factors of a 6×10 matrix can have it"),
            ({"structure": np.ones((4, 4), bool)}, "no shapes of factors"),
            ({"structure": "diagonal", "form": "hybrid"}, "is for terms of common shapes"),
            ({"structure": "round"}, "'round' is none of"),
        ],
    )
    def test_what_cannot_be(self, options, message):
        with pytest.raises(StructureError, match=message):
            ox.factorize(np.random.default_rng(0).standard_normal((6, 10)), **options)
