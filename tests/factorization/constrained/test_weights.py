"""`weights=` and missing entries, against closed forms and against minimizers that know nothing of factors."""

import itertools

import numpy as np
import pytest
from scipy import linalg, optimize

import otimes as ox
from otimes.errors import DTypeError, NonFiniteError, ShapeError, StructureError

SHAPES = ((5, 4), (3, 6))


def random_matrix(shape, dtype="float64", seed=0):
    rng = np.random.default_rng(seed)
    M = rng.standard_normal(shape)
    return (M + 1j * rng.standard_normal(shape) if "complex" in dtype else M).astype(dtype)


def sum_of_products(terms, shapes, dtype="float64"):
    return sum(np.kron(*(random_matrix(s, dtype, 10 * r + k) for k, s in enumerate(shapes))) for r in range(terms))


def dense(F):
    return sum(np.kron(A, B) for A, B in F.factors)


def weighted_error(M, W, K):
    seen = W > 0
    return np.sqrt((W * np.abs(M - K) ** 2)[seen].sum() / (W * np.abs(M) ** 2)[seen].sum())


def with_gaps(M, share, seed=3):
    gaps = np.random.default_rng(seed).random(M.shape) < share
    return np.where(gaps, np.nan, M)


class TestClosedForms:
    @pytest.mark.parametrize("dtype", ["float64", "complex128"])
    def test_weights_that_are_a_kronecker_product(self, dtype):
        """‖W^½ ∘ (M − K)‖ with W = P ⊗ Q is a low-rank problem in scaled rows and columns of the rearrangement."""
        rng = np.random.default_rng(1)
        P, Q = (rng.uniform(0.1, 2, shape) for shape in SHAPES)
        M, W = random_matrix((15, 24), dtype), np.kron(P, Q)
        p, q = np.sqrt(P).ravel(), np.sqrt(Q).ravel()
        values = np.linalg.svd(p[:, None] * ox.rearrange(M, shapes=SHAPES) * q, compute_uv=False)
        F = ox.nearest_kronecker(M, shapes=SHAPES, terms=2, weights=W, held_out=0)
        assert F.error == pytest.approx(np.linalg.norm(values[2:]) / np.linalg.norm(values), rel=1e-6)
        assert F.error == pytest.approx(weighted_error(M, W, dense(F)), rel=1e-12)

    @pytest.mark.parametrize("dtype", ["float64", "complex128"])
    @pytest.mark.parametrize("structure", [None, "toeplitz", "hermitian", ("diagonal", "hermitian & toeplitz")])
    def test_equal_weights_are_none(self, structure, dtype):
        shapes, M = ((5, 5), (4, 4)), random_matrix((20, 20), dtype)
        F = ox.nearest_kronecker(M, shapes=shapes, terms=2, structure=structure, weights=3, held_out=0)
        best = ox.nearest_kronecker(M, shapes=shapes, terms=2, structure=structure)
        assert F.error == pytest.approx(best.error, rel=1e-6)
        assert F.error >= best.error * (1 - 1e-12)


class TestMinimizers:
    @pytest.mark.parametrize("structure", [None, "nonnegative", "symmetric", "toeplitz"])
    def test_weighted_and_structured(self, structure):
        """Against L-BFGS over the entries, from many starts."""
        shapes, M = ((2, 2), (3, 3)), random_matrix((6, 6)) + 0.5
        W = np.random.default_rng(2).exponential(size=(6, 6)) * (random_matrix((6, 6), seed=9) > -0.8)
        bounds = [(0 if structure == "nonnegative" else None, None)] * 13

        def product(x):
            A, B = x[:4].reshape(2, 2), x[4:].reshape(3, 3)
            if structure == "symmetric":
                A, B = A + A.T, B + B.T
            if structure == "toeplitz":
                A, B = (
                    linalg.toeplitz(X.ravel()[n - 1 :: -1], X.ravel()[n - 1 : 2 * n - 1]) for X, n in ((A, 2), (B, 3))
                )
            return np.kron(A, B)

        def loss(x):
            return (W * (M - product(x)) ** 2).sum() / (W * M**2).sum()

        best = min(optimize.minimize(loss, np.abs(random_matrix(13, seed=k)), bounds=bounds).fun for k in range(2))
        F = ox.nearest_kronecker(M, shapes=shapes, structure=structure, weights=W, held_out=0)
        assert F.error <= np.sqrt(best) * (1 + 1e-5)
        assert F.error == pytest.approx(weighted_error(M, W, dense(F)), rel=1e-12)

    @pytest.mark.parametrize("dtype", ["float64", "complex128"])
    @pytest.mark.parametrize("structure", [None, "psd", "hermitian", "nonnegative", ("unitary", None), "stochastic"])
    def test_the_error_never_rises(self, structure, dtype):
        M = with_gaps(random_matrix((20, 20), dtype) + np.eye(20), 0.3)
        W = np.random.default_rng(2).exponential(size=M.shape)
        F = ox.nearest_kronecker(M, shapes=((5, 5), (4, 4)), terms=2, structure=structure, weights=W)
        assert all(after <= before for before, after in itertools.pairwise(F.history))
        assert (
            F.error
            == F.history[-1]
            == pytest.approx(weighted_error(M, np.where(np.isnan(M), 0, W), dense(F)), rel=1e-12)
        )


class TestMissing:
    @pytest.mark.parametrize("dtype", ["float64", "complex128"])
    def test_what_is_missing_is_found_again(self, dtype):
        truth = sum_of_products(2, ((8, 8), (9, 9)), dtype)
        F = ox.nearest_kronecker(with_gaps(truth, 0.7), shapes=((8, 8), (9, 9)), terms=2, weights=1)
        assert np.linalg.norm(dense(F) - truth) <= 1e-7 * np.linalg.norm(truth)
        assert F.certificate.held_out_error < 1e-7

    def test_nan_infinity_and_any_number_of_weight_zero_are_the_same(self):
        truth = sum_of_products(1, SHAPES)
        gaps = np.isnan(with_gaps(truth, 0.4))
        marked = [(np.nan, 1), (np.nan, ~gaps), (np.inf, ~gaps), (1e9, ~gaps * 1.0)]
        fits = [ox.nearest_kronecker(np.where(gaps, x, truth), shapes=SHAPES, weights=W) for x, W in marked]
        assert all((dense(F) == dense(fits[0])).all() for F in fits)

    def test_the_held_out_error_is_that_of_new_entries(self):
        truth = sum_of_products(2, ((8, 8), (9, 9)))
        noisy = truth + 0.2 * random_matrix(truth.shape, seed=99) * np.linalg.norm(truth) / truth.shape[0]
        M = with_gaps(noisy, 0.4)
        F = ox.nearest_kronecker(M, shapes=((8, 8), (9, 9)), terms=2, weights=1)
        unseen = np.isnan(M)
        fresh = np.linalg.norm((dense(F) - noisy)[unseen]) / np.linalg.norm(noisy[unseen])
        assert F.error < fresh
        assert F.certificate.held_out_error == pytest.approx(fresh, rel=0.15)
        assert f"they have error {F.certificate.held_out_error:.4g} on these" in F.reason
        wrong = ox.nearest_kronecker(M, shapes=((8, 8), (9, 9)), terms=5, weights=1)
        assert wrong.error < F.error
        assert wrong.certificate.held_out_error > F.certificate.held_out_error

    def test_seed_and_share(self):
        M = with_gaps(random_matrix((15, 24)), 0.2)
        first, again, other = (ox.nearest_kronecker(M, shapes=SHAPES, weights=1, seed=s) for s in (0, 0, 1))
        assert first.certificate == again.certificate != other.certificate
        assert first.error == again.error
        assert ox.nearest_kronecker(M, shapes=SHAPES, weights=1, held_out=0).certificate.held_out_error is None
        assert ox.nearest_kronecker(M, shapes=SHAPES, weights=1, held_out=1e-9).certificate.held_out_error is None

    def test_a_row_without_entries_is_left_at_zero(self):
        M = sum_of_products(1, SHAPES)
        M[6:9, :6] = np.nan  # all that holds the entry (2, 0) of A
        F = ox.nearest_kronecker(M, shapes=SHAPES, weights=1, held_out=0)
        A, B = F.factors[0]
        assert F.error < 1e-14
        assert A[2, 0] == 0
        assert np.isfinite(B).all()


class TestForms:
    @pytest.mark.parametrize("weights", [np.arange(1.0, 16)[:, None], np.arange(1, 25), np.ones((15, 24), np.float32)])
    def test_weights_are_broadcast(self, weights):
        M, W = random_matrix((15, 24)), np.broadcast_to(weights, (15, 24))
        F, full = (ox.nearest_kronecker(M, shapes=SHAPES, weights=given) for given in (weights, W.copy()))
        assert F.error == full.error == pytest.approx(weighted_error(M, W, dense(F)), rel=1e-6)

    @pytest.mark.parametrize("scale", [1e200, 1e-200])
    def test_huge_and_tiny(self, scale):
        M = with_gaps(random_matrix((15, 24)), 0.3)
        F, plain = (ox.nearest_kronecker(c * M, shapes=SHAPES, weights=w) for c, w in [(scale, 1e-290), (1, 1)])
        assert F.error == pytest.approx(plain.error, rel=1e-7)
        np.testing.assert_allclose(dense(F) / scale, dense(plain), atol=1e-5)

    def test_zero(self):
        F = ox.nearest_kronecker(with_gaps(np.zeros((15, 24)), 0.3), shapes=SHAPES, weights=1)
        assert F.error == 0
        assert not dense(F).any()

    @pytest.mark.parametrize("order", ["C", "F"])
    def test_single_precision_and_order(self, order):
        M = with_gaps(random_matrix((15, 24), "float32"), 0.2).astype("float32")
        F = ox.nearest_kronecker(np.asarray(M, order=order), shapes=SHAPES, weights=1)
        double = ox.nearest_kronecker(M.astype(float), shapes=SHAPES, weights=1)
        assert F.factors[0][0].dtype == np.float32
        assert F.error == pytest.approx(double.error, rel=1e-4)

    def test_a_tolerance(self):
        M = with_gaps(sum_of_products(3, ((8, 8), (9, 9))), 0.3)
        F = ox.nearest_kronecker(M, shapes=((8, 8), (9, 9)), weights=1, tol=1e-4)
        assert F.terms == 3
        assert "the fewest found for an error of 0.0001" in F.reason
        few = ox.nearest_kronecker(M, shapes=((8, 8), (9, 9)), weights=1, tol=1e-4, terms=2)
        assert few.terms == 2
        assert "tolerance 0.0001 not met" in few.reason


class TestBadInput:
    @pytest.mark.parametrize(
        ("change", "error", "message"),
        [
            ({"weights": -np.ones((15, 24))}, NonFiniteError, "must be finite numbers ≥ 0"),
            ({"weights": np.nan}, NonFiniteError, "must be finite numbers ≥ 0"),
            ({"weights": 0}, NonFiniteError, "nothing is observed"),
            ({"weights": 1j}, DTypeError, "weights= have dtype complex128"),
            ({"weights": np.ones((24, 15))}, ShapeError, "weights= are 24×15, for a matrix that is 15×24"),
            ({"held_out": 1.0}, NonFiniteError, "held_out=1.0"),
            ({"form": "train"}, StructureError, "are for sums of terms, and form is 'train'"),
            ({"shapes": ((5, 4), (3, 5))}, ShapeError, "24 columns are not 4·5"),
            ({"M": np.full((15, 24), np.inf)}, NonFiniteError, "infinite entries of positive weight"),
            ({"M": np.full((15, 24), np.nan)}, NonFiniteError, "nothing is observed"),
            ({"M": np.ones(15)}, ShapeError, "it must have rows and columns"),
            ({"terms": 21}, ShapeError, "terms=21"),
        ],
    )
    def test_says_what_is_wrong(self, change, error, message):
        asked = {"M": np.ones((15, 24)), "shapes": SHAPES, "weights": 1} | change
        with pytest.raises(error, match=message):
            ox.nearest_kronecker(asked.pop("M"), **asked)

    def test_nan_without_weights(self):
        with pytest.raises(NonFiniteError, match=r"nearest_kronecker\(…, weights=1\) takes NaN for missing"):
            ox.nearest_kronecker(with_gaps(np.ones((15, 24)), 0.1), shapes=SHAPES)
