"""Bad input gets a clear error: the user's own shapes, the factor's position, and what would have worked."""

import datetime
import fractions
import re

import numpy as np
import pytest
import scipy.linalg
import scipy.sparse
import torch

import otimes as ox

E = ox.errors


def random(seed, *shape):
    return np.random.default_rng(seed).standard_normal(shape)


def positive(seed, n):
    a = random(seed, n, n)
    return a @ a.T + n * np.eye(n)


K = ox.kron(random(0, 3, 2), random(1, 2, 4))  # 6×8
S = ox.kron(positive(2, 3), positive(3, 2))  # 6×6

NOT_NUMBERS = {
    "objects": np.array([[1, None], [2, 3]], dtype=object),
    "fractions": [[fractions.Fraction(1, 2)]],
    "strings": np.array([["1", "2"]]),
    "a list of strings": [["a", "b"]],
    "bytes": np.array([[b"1"]]),
    "dates": np.array([["2020-01-01"]], dtype="datetime64[D]"),
    "durations": np.array([[datetime.timedelta(1)]], dtype="timedelta64[D]"),
    "records": np.zeros((2, 2), dtype=[("a", float)]),
}
NOT_MATRICES = {
    "a scalar array": np.array(3.0),
    "a NumPy scalar": np.float64(3),
    "a scalar tensor": torch.tensor(2.0),
}
NOT_ARRAYS = {"None": None, "text": "1 2; 3 4", "a number": 3.0, "a dict": {1: 2}, "a set": {1, 2}, "a function": len}
RAGGED = {"rows": [[1, 2], [3]], "nesting": [[1, 2], 3], "arrays": [np.ones(2), np.ones(3)]}


def each(table):
    return pytest.mark.parametrize("x", list(table.values()), ids=list(table))


class TestWhatIsNoMatrix:
    """Where a matrix is due: objects, strings, ragged lists, wrong numbers of axes."""

    @each(NOT_NUMBERS)
    def test_entries_that_are_no_numbers(self, x):
        with pytest.raises(E.DTypeError, match=r"dtype.*numbers"):
            ox.aslinearoperator(x)
        with pytest.raises(E.DTypeError, match=r"kron: factor 1: .*dtype"):
            ox.kron(np.eye(2), x)

    @each(NOT_MATRICES)
    def test_wrong_number_of_axes(self, x):
        with pytest.raises(E.ShapeError, match=r"two axes.*shape"):
            ox.aslinearoperator(x)
        with pytest.raises(E.ShapeError, match=r"kronsum: factor 1: .*axes"):
            ox.kronsum(np.eye(2), x)

    @each(NOT_ARRAYS)
    def test_what_is_no_array(self, x):
        with pytest.raises(E.DTypeError, match=f"cannot read {type(x).__name__} as a matrix"):
            ox.aslinearoperator(x)
        with pytest.raises(E.DTypeError, match="factor 0"):
            ox.kron(x, np.eye(2))
        for function in (ox.inv, ox.trace, ox.svd, ox.plan):
            with pytest.raises(E.DTypeError, match="cannot read"):
                function(x)

    @each(RAGGED)
    def test_ragged_lists(self, x):
        with pytest.raises(E.ShapeError, match="ragged"):
            ox.aslinearoperator(x)
        with pytest.raises(E.ShapeError, match=r"factor 2: .*ragged"):
            ox.kron(np.eye(2), np.eye(2), x)
        with pytest.raises(E.ShapeError, match="ragged"):
            K @ x

    def test_errors_are_those_a_numpy_user_would_catch(self):
        assert issubclass(E.ShapeError, ValueError)
        assert issubclass(E.DTypeError, TypeError)
        assert issubclass(E.SingularError, np.linalg.LinAlgError)
        assert issubclass(E.TooLarge, MemoryError)
        assert issubclass(E.MissingExtra, ImportError)
        for name in E.__all__:
            assert issubclass(getattr(E, name), E.OtimesError)

    def test_masked_entries_are_not_dropped_silently(self):
        masked = np.ma.masked_array(np.eye(2), mask=np.eye(2, dtype=bool))
        with pytest.raises(E.DTypeError, match=r"factor 1.*mask"):
            ox.kron(np.eye(2), masked)


class TestEmptyProducts:
    """A product of nothing is refused; sizes of zero are not."""

    def test_no_factors(self):
        with pytest.raises(E.ShapeError, match=r"kron\(\).*eye\(1\)"):
            ox.kron()
        with pytest.raises(E.ShapeError, match=r"kronsum\(\).*zeros\(1\)"):
            ox.kronsum()

    def test_sizes_of_zero_are_matrices(self):
        assert ox.kron(np.ones((0, 3)), np.ones((2, 2))).shape == (0, 6)
        assert ox.kron([], np.eye(2)).shape == np.kron([], np.eye(2)).shape
        assert ox.slogdet(ox.kron(np.ones((0, 0)), np.eye(2))) == (1, 0)
        assert ox.solve(ox.kronsum(np.ones((0, 0)), np.eye(3)), np.ones((0, 2))).shape == (0, 2)


class TestShapes:
    """Both shapes are in the message, the factors of the product, and what would conform."""

    @pytest.mark.parametrize(
        ("x", "found", "hint"),
        [
            (np.ones(5), "(5,)", "8 entries"),
            (np.ones((5, 2)), "5×2", "8 rows"),
            (np.ones((3, 8)), "3×8", "x.T has them"),
            (np.ones((2, 4)), "2×4", "x.reshape(-1) has them"),
            (np.ones((7, 5, 2)), "7×5×2", "8 rows"),
        ],
        ids=lambda v: v if isinstance(v, str) else str(v.shape),
    )
    def test_products_with_arrays(self, x, found, hint):
        with pytest.raises(E.ShapeError) as caught:
            K @ x
        message = str(caught.value)
        assert message.startswith("A @ x: A is 6×8 (3×2 ⊗ 2×4)")
        assert f"x is {found}" in message
        assert hint in message

    @pytest.mark.parametrize("x", [np.ones(5), np.ones((2, 5)), np.ones((8, 8))], ids=lambda x: str(x.shape))
    def test_products_from_the_left(self, x):
        with pytest.raises(E.ShapeError) as caught:
            x @ K
        message = str(caught.value)
        assert message.startswith("x @ A: A is 6×8 (3×2 ⊗ 2×4)")
        assert "6" in message.partition("x must have")[2]

    def test_scalars_are_not_multiplied_with_at(self):
        for x in (3.0, np.float64(3), np.array(3.0)):
            with pytest.raises(E.ShapeError, match=r"c \* A"):
                K @ x
            with pytest.raises((E.ShapeError, TypeError), match=r"c \* A|matmul"):
                x @ K

    def test_products_of_operators(self):
        with pytest.raises(E.ShapeError, match=r"A is 6×8 and B is 6×8.*8 columns.*6 rows.*A @ B\.T would conform"):
            K @ K
        with pytest.raises(E.ShapeError, match=r"A\.T @ B would conform"):
            K @ ox.eye(6)

    def test_sums(self):
        with pytest.raises(E.ShapeError, match=r"A is 6×8 and B is 8×6"):
            K + K.T
        with pytest.raises(E.ShapeError, match=r"6×8.*1×8"):
            K + np.ones((1, 8))
        with pytest.raises(E.DTypeError, match=r"eye\(n\)"):
            K + 1
        with pytest.raises(E.DTypeError, match=r"eye\(n\)"):
            1 - K

    @pytest.mark.parametrize(
        ("name", "instead"),
        [
            ("inv", "pinv"),
            ("solve", "lstsq"),
            ("det", ""),
            ("slogdet", ""),
            ("trace", "diagonal"),
            ("eig", "svd"),
            ("eigh", "svd"),
            ("eigvals", "svdvals"),
            ("eigvalsh", "svdvals"),
            ("cholesky", ""),
        ],
    )
    def test_functions_of_square_operators(self, name, instead):
        for A in (K, np.ones((6, 8))):
            with pytest.raises(E.ShapeError, match=rf"{name}\(A\): A is 6×8.*square.*{instead}"):
                getattr(ox, name)(A, *([np.ones(6)] if name == "solve" else []))

    def test_right_hand_sides(self):
        for b in (np.ones(5), np.ones((5, 2))):
            with pytest.raises(E.ShapeError, match=r"solve\(A, b\): A is 6×6 \(3×3 ⊗ 2×2\)"):
                ox.solve(S, b)
            with pytest.raises(E.ShapeError, match=r"lstsq\(A, b\): A is 6×8"):
                ox.lstsq(K, b)
        with pytest.raises(E.ShapeError, match=r"6×6.*5×5"):
            ox.solve(S, ox.eye(5))

    def test_kronecker_sums_are_of_square_matrices(self):
        with pytest.raises(E.ShapeError, match="kronsum: factor 1 is 2×3"):
            ox.kronsum(np.eye(2), np.ones((2, 3)), np.eye(4))

    def test_vec_and_unvec(self):
        with pytest.raises(E.ShapeError, match=r"shape \(3,\).*matrix"):
            ox.vec(np.ones(3))
        with pytest.raises(E.ShapeError, match=r"\(2, 3\).*shape \(5,\).*2·3 = 6"):
            ox.unvec(np.ones(5), (2, 3))
        with pytest.raises(E.ShapeError, match=r"2×3"):
            ox.unvec(np.ones((2, 3)), (2, 3))
        for call in (lambda: ox.vec(np.eye(2), order="A"), lambda: ox.unvec(np.ones(4), (2, 2), order="f")):
            with pytest.raises(E.ShapeError, match='neither "F"'):
                call()

    def test_diag_is_of_a_vector(self):
        with pytest.raises(E.ShapeError, match=r"2×2.*diagonal\(A\)"):
            ox.diag(np.eye(2))
        with pytest.raises(E.DTypeError, match="object"):
            ox.diag(np.array([None]))


class TestX:
    """What is multiplied or solved for is checked like the factors."""

    @each(NOT_NUMBERS)
    def test_no_numbers(self, x):
        for call in (lambda: K @ x, lambda: ox.solve(S, x), lambda: ox.lstsq(K, x)):
            with pytest.raises(E.DTypeError, match="dtype"):
                call()

    @each(NOT_ARRAYS)
    def test_no_array(self, x):
        with pytest.raises((E.DTypeError, E.ShapeError)):
            K @ x

    def test_a_number_for_a_matrix(self):
        with pytest.raises(E.DTypeError, match="A @ x"):
            K * np.ones((8, 2))
        with pytest.raises(E.DTypeError, match=r"solve\(A, x\)"):
            K / np.ones(8)
        with pytest.raises(E.DTypeError, match="str"):
            K * "2"


class TestMixedLibraries:
    """Both libraries and both positions are named."""

    def test_factors(self):
        with pytest.raises(E.ArrayMixError, match=r"factor 0 .*numpy float64.*factor 2 .*torch float32.*convert"):
            ox.kron(np.eye(2), ox.eye(3), torch.eye(2))

    def test_factors_that_are_products_keep_the_users_positions(self):
        with pytest.raises(E.ArrayMixError, match=r"factor 0 .*numpy.*factor 1 .*torch"):
            ox.kron(ox.kron(np.eye(2), np.eye(2)), torch.eye(2))

    def test_x(self):
        with pytest.raises(E.ArrayMixError, match=r"numpy float64.*torch float32"):
            K @ torch.ones(8)
        with pytest.raises(E.ArrayMixError, match=r"torch float32"):
            torch.ones(6) @ K


class TestTooLarge:
    """Dense requests over the limit say how much they need and what to call instead."""

    @pytest.fixture
    def huge(self):
        return ox.kron(*[positive(i, 10) for i in range(6)])  # 10⁶ rows

    @pytest.mark.parametrize(
        "form", [np.asarray, np.array, ox.to_dense], ids=lambda f: f.__name__ if callable(f) else f
    )
    def test_dense_forms(self, huge, form):
        with pytest.raises(E.TooLarge, match=r"1000000×1000000.*7\.28 TiB.*limit of 2 GiB.*A @ x"):
            form(huge)

    def test_the_limit_is_an_argument(self):
        with pytest.raises(E.TooLarge, match=r"288 B.*limit of 100 B"):
            ox.to_dense(S, max_bytes=100)
        assert ox.to_dense(S, max_bytes=288).shape == (6, 6)
        assert ox.to_dense(S, max_bytes=None).shape == (6, 6)

    def test_lazy_vectors(self, huge):
        values = ox.eigvalsh(ox.kron(huge, huge))
        with pytest.raises(E.TooLarge, match=r"7\.28 TiB.*slice"):
            np.asarray(values)
        assert len(values[:5]) == 5

    def test_no_identity_for_a_large_operator(self, huge):
        with pytest.raises(E.NoRule) as caught:
            ox.inv(huge + ox.kron(np.eye(10**3), np.ones((10**3, 10**3))))
        message = str(caught.value)
        assert "inv(Sum 1000000×1000000)" in message
        assert "dense_limit" in message
        assert "assume" in message

    def test_nearest_rules_and_their_preconditions_are_listed(self, huge):
        S = ox.kronsum(*[random(i, 10, 10) for i in range(6)])
        with pytest.raises(E.NoRule, match="every summand is known to be Hermitian"):
            ox.inv(S)
        with pytest.raises(E.NoRule, match="positive number"):
            ox.cholesky(-1 * huge)

    def test_the_dense_limit_is_an_argument(self):
        A = ox.kron(np.eye(2), np.ones((2, 2))) + ox.commutation(2, 2)
        with pytest.raises(E.NoRule, match="dense_limit=3"):
            ox.svd(A, dense_limit=3)
        assert ox.svd(A, dense_limit=4).S.shape == (4,)

    def test_diagonals_of_rectangular_factors(self):
        R = ox.kron(*[np.ones((2, 3)), np.ones((3, 2))] * 30)
        for function in (ox.diagonal, ox.trace):
            with pytest.raises(E.TooLarge, match="2 GiB"):
                function(R)


class TestSizes:
    """Sizes are Python integers: without bound, never negative, never fractions."""

    @pytest.mark.parametrize("size", [-1, 2.0, "3", None, True, np.float64(2), [2]], ids=repr)
    def test_sizes_that_are_none(self, size):
        for make in (ox.eye, ox.zeros, lambda n: ox.commutation(n, 2), lambda n: ox.commutation(2, n)):
            with pytest.raises(E.ShapeError, match=r"must be an integer ≥ 0"):
                make(size)
        with pytest.raises(E.ShapeError, match="integer"):
            ox.unvec(np.ones(4), (size, 2))

    def test_numpy_integers_are_sizes(self):
        assert ox.eye(np.int32(3)).shape == (3, 3)
        assert ox.commutation(np.uint8(200), np.uint8(200)).shape == (40000, 40000)

    def test_sizes_beyond_64_bits(self):
        huge = ox.eye(2**70)
        A = ox.kron(huge, positive(0, 3), huge)
        assert A.shape == (3 * 2**140,) * 2
        assert A.T.shape == A.shape
        assert ox.inv(A).shape == A.shape
        assert (A @ A).shape == A.shape
        assert ox.trace(huge) == 2.0**70
        assert ox.slogdet(A).logabsdet == pytest.approx(2.0**140 * np.linalg.slogdet(positive(0, 3)).logabsdet)
        with pytest.raises(E.TooLarge, match="EiB"):
            np.asarray(A)
        with pytest.raises(E.ShapeError, match=str(3 * 2**140)):
            A @ np.ones(3)
        for function in (ox.svdvals, ox.eigvalsh, ox.diagonal):
            with pytest.raises(E.TooLarge):
                function(huge)

    def test_sizes_beyond_floating_point(self):
        A = ox.kron(*[positive(0, 10)] * 400)
        assert A.shape == (10**400, 10**400)
        assert "Kronecker" in repr(A)
        assert "10×10" in str(ox.plan(A))
        with pytest.raises(E.TooLarge):
            np.asarray(A)
        with pytest.raises(E.ShapeError, match="x must have"):
            A @ np.ones(3)

    def test_vectors_that_would_not_fit_are_not_allocated(self):
        large = ox.kron(ox.eye(10**10), positive(0, 3))
        for function in (ox.svdvals, ox.eigvalsh, ox.diagonal):
            values = function(large)
            with pytest.raises(E.TooLarge):
                np.asarray(values)
        assert ox.eigvalsh(large, k=2) == pytest.approx(np.linalg.eigvalsh(positive(0, 3))[[-1, -1]])
        assert ox.cond(large) == pytest.approx(np.linalg.cond(positive(0, 3)))

    @pytest.mark.parametrize("dtype", ["nonsense", object, str, "datetime64", 3.5, np.dtype([("a", int)])], ids=repr)
    def test_dtypes(self, dtype):
        for make in (ox.eye, ox.zeros, lambda n, dtype: ox.permutation(range(n), dtype)):
            with pytest.raises(E.DTypeError, match="dtype"):
                make(3, dtype=dtype)


class TestPermutations:
    """The message gives a number that is missing."""

    @pytest.mark.parametrize(
        ("index", "missing"),
        [([0, 0, 1], 2), ([1, 2, 3], 0), ([0, 1, 5], 2), ([0, -1, 1], 2), ([-1, -2, -3], 0)],
        ids=str,
    )
    def test_not_each_once(self, index, missing):
        with pytest.raises(E.ShapeError, match=f"0, …, 2: {missing} is missing"):
            ox.permutation(index)

    def test_not_integers(self):
        for index in ([0.0, 1.0], [True, False], ["0", "1"], [None, 1]):
            with pytest.raises(E.DTypeError, match=r"integers|plain numbers"):
                ox.permutation(index)

    def test_not_a_vector(self):
        for index in ([[0, 1]], 3, np.array(0)):
            with pytest.raises(E.ShapeError, match="1-D"):
                ox.permutation(index)
        with pytest.raises(E.ShapeError, match="ragged"):
            ox.permutation([[0, 1], [2]])

    def test_an_empty_one_is_fine(self):
        assert ox.permutation([]).shape == (0, 0)


SINGULAR = np.array([[1.0, 2.0], [2.0, 4.0]])


class TestSingular:
    """Exactly singular factors are named by position; nearly singular ones warn as in SciPy."""

    @pytest.mark.parametrize("position", [0, 1, 2])
    @pytest.mark.parametrize(
        "singular",
        [SINGULAR, ox.diag([1.0, 0.0]), scipy.sparse.csr_array(SINGULAR), np.zeros((2, 2)), np.zeros((2, 2), int)],
        ids=["dense", "diagonal", "sparse", "zeros", "integer zeros"],
    )
    def test_solve_and_inv(self, position, singular):
        factors = [positive(0, 3), positive(1, 3)]
        factors.insert(position, singular)
        A = ox.kron(*factors)
        with pytest.raises(E.SingularError, match=f"factor {position}.*singular"):
            ox.solve(A, np.ones(18))
        with pytest.raises(E.SingularError, match=f"factor {position}.*singular"):
            ox.inv(A)
        assert ox.slogdet(A).sign == 0
        assert ox.slogdet(A).logabsdet == -np.inf

    def test_what_takes_singular_operators_is_named(self):
        for A in (SINGULAR, ox.diag([0.0]), ox.kron(SINGULAR, np.eye(2)), 0 * S, ox.kronsum(SINGULAR, -SINGULAR)):
            with pytest.raises(E.SingularError, match=r"lstsq|pinv"):
                ox.solve(A, np.ones(A.shape[0]))

    def test_diagonals_name_the_place(self):
        with pytest.raises(E.SingularError, match=r"d\[2\] = 0 of 4"):
            ox.inv(ox.diag([1.0, 2.0, 0.0, 0.0]))

    def test_shifts_onto_an_eigenvalue(self):
        A = ox.kron(np.diag([1.0, 2.0]), np.diag([1.0, 3.0])) - 2 * ox.eye(4)
        with pytest.raises(E.SingularError, match="eigenvalue"):
            ox.solve(A, np.ones(4))

    def test_nearly_singular_warns_as_scipy_does(self):
        A = np.array([[1.0, 1.0], [1.0, 1.0 + 1e-16 * 4]])
        with pytest.warns(scipy.linalg.LinAlgWarning, match="ll-conditioned"):
            ox.solve(ox.kron(positive(0, 2), A), np.ones(4))

    def test_zero_size_is_regular(self):
        assert ox.inv(np.ones((0, 0))).shape == (0, 0)


class TestStructure:
    """Hermitian and positive definite operators that are neither."""

    @pytest.mark.parametrize("name", ["eigh", "eigvalsh", "cholesky"])
    def test_not_hermitian(self, name):
        A = random(0, 3, 3)
        with pytest.raises(E.StructureError, match=rf"{name}: the 3×3 array is not Hermitian: \|A − Aᴴ\| reaches"):
            getattr(ox, name)(A)
        with pytest.raises(E.StructureError, match=r"factor 1: .*3×3"):
            getattr(ox, name)(ox.kron(positive(1, 2), A))
        with pytest.raises(E.StructureError, match=r"not Hermitian"):
            getattr(ox, name)(positive(0, 3) + 1j * positive(1, 3))

    def test_rounding_is_not_asymmetry(self):
        A = positive(0, 5)
        A[0, 1] *= 1 + 1e-15
        assert np.asarray(ox.eigvalsh(A)) == pytest.approx(np.linalg.eigvalsh(A))

    @pytest.mark.parametrize(
        "A",
        [np.diag([1.0, -1.0]), SINGULAR, ox.diag([1.0, -2.0]), ox.diag([1.0, 0.0]), -1 * ox.eye(2), ox.zeros(2)],
        ids=["indefinite", "semidefinite", "diagonal", "diagonal with zero", "minus I", "zero"],
    )
    def test_not_positive_definite(self, A):
        with pytest.raises(E.NotPositiveDefinite, match="cholesky"):
            ox.cholesky(A)
        with pytest.raises(E.NotPositiveDefinite, match="cholesky"):
            ox.cholesky(ox.kron(positive(0, 2), A))

    def test_the_factor_that_is_not_positive_definite_is_named(self):
        with pytest.raises(E.NotPositiveDefinite, match="factor 2"):
            ox.cholesky(ox.kron(positive(0, 2), positive(1, 2), np.diag([1.0, -1.0])))

    def test_facts_that_are_unknown_contradict_or_need_a_square(self):
        with pytest.raises(E.StructureError, match=r"unknown fact 'psd'.*positive_definite"):
            ox.assume(np.eye(2), "psd")
        with pytest.raises(E.StructureError, match=r"symmetric=False contradicts.*symmetric=True"):
            ox.assume(np.eye(2), symmetric=False)
        with pytest.raises(E.StructureError, match=r"6×8.*positive definite"):
            ox.assume(K, "positive_definite")
        with pytest.raises(E.StructureError, match=r"6×8.*symmetric"):
            ox.assume(K, symmetric=True)


class TestNotFinite:
    """NaN and inf are counted and placed where something is decomposed, and propagate in products."""

    @pytest.fixture
    def spoilt(self):
        A = positive(0, 3)
        A[1, 2] = A[2, 1] = np.nan
        return A

    @pytest.mark.parametrize(
        "call",
        [ox.inv, ox.eig, ox.eigh, ox.eigvals, ox.eigvalsh, ox.svd, ox.svdvals, ox.cholesky, ox.pinv, ox.qr, ox.lu],
        ids=lambda f: f.name,
    )
    def test_decompositions(self, call, spoilt):
        with pytest.raises(E.NonFiniteError, match=r"2 entries .*first at \(1, 2\)"):
            call(spoilt)
        with pytest.raises(E.NonFiniteError, match=r"factor 1"):
            call(ox.kron(positive(1, 2), spoilt))

    def test_solve_and_lstsq(self, spoilt):
        for call in (ox.solve, ox.lstsq):
            with pytest.raises(E.NonFiniteError, match=r"\(1, 2\)"):
                call(spoilt, np.ones(3))

    def test_infinity(self):
        with pytest.raises(E.NonFiniteError, match=r"\(0, 0\)"):
            ox.svd(np.array([[np.inf, 1.0]]))

    def test_products_propagate(self, spoilt):
        found = ox.kron(spoilt, np.eye(2)) @ np.ones(6)
        assert np.isnan(found).sum() == 4
        assert np.isnan(ox.trace(ox.kron(spoilt * np.nan, np.eye(2))))


class TestArguments:
    """Wrong k, which, norms, tolerances, functions."""

    values = ox.kron(np.diag([1.0, 2.0]), np.diag([1.0, 3.0, 4.0]))
    padded = ox.kron(np.ones((1, 3)), np.ones((4, 1)))
    spectra = pytest.mark.parametrize(
        "call",
        [
            lambda **options: ox.eigvalsh(TestArguments.values, **options),
            lambda **options: ox.svdvals(TestArguments.values, **options),
            lambda **options: ox.svdvals(np.diag(np.arange(6.0)), **options),
            lambda **options: ox.eigvalsh(ox.kronsum(np.eye(2), np.eye(3)), **options),
            lambda **options: ox.svdvals(ox.kron(np.ones((1, 6)), np.ones((6, 1))), **options),
        ],
        ids=["eigvalsh", "svdvals", "svdvals of an array", "eigvalsh of a sum", "svdvals of a wide and a tall factor"],
    )

    @spectra
    @pytest.mark.parametrize("k", [-1, 7, 1.5, "2", True], ids=repr)
    def test_wrong_k(self, call, k):
        with pytest.raises(E.ShapeError, match="k"):
            call(k=k)

    @spectra
    def test_the_range_of_k_is_given(self, call):
        with pytest.raises(E.ShapeError, match=r"k=7 .*of 6: .*between 0 and 6"):
            call(k=7)
        assert len(call(k=0)) == 0
        assert len(call(k=6)) == 6

    @spectra
    @pytest.mark.parametrize("which", ["LM", "biggest", None, 1], ids=repr)
    def test_wrong_which(self, call, which):
        with pytest.raises(E.ShapeError, match="largest, smallest, magnitude"):
            call(k=2, which=which)

    @pytest.mark.parametrize("order", ["frobenius", 3, 0, -3, (1, 2)], ids=repr)
    def test_wrong_norms(self, order):
        with pytest.raises(E.ShapeError, match=re.escape(f"{order!r} is not one of 'fro'")):
            ox.norm(S, order)
        with pytest.raises(E.ShapeError, match=re.escape(f"{order!r} is not one of 'fro'")):
            ox.cond(S, order)

    def test_condition_numbers_of_rectangles(self):
        tall = ox.kron(random(0, 3, 2), random(1, 4, 3))
        assert ox.cond(tall) == pytest.approx(np.linalg.cond(np.asarray(tall)))
        assert ox.cond(K) == np.inf  # wide and tall: of rank 4 at most, in 6×8
        with pytest.raises(E.ShapeError, match="p=2 takes any shape"):
            ox.cond(K, 1)

    def test_indices_of_lazy_vectors(self):
        values = ox.eigvalsh(self.values)
        for index in (6, -7, [0, 6], 10**30):
            with pytest.raises(IndexError, match="6"):
                values[index]

    def test_explain_and_rules(self):
        with pytest.raises(E.OtimesError, match=r"function with rules.*otimes\.inv"):
            ox.explain(np.linalg.inv, S)
        with pytest.raises(E.OtimesError, match=r"no function and no operator 'inverse'.*cholesky, .*Kronecker, "):
            ox.rules("inverse")

    def test_operands_by_keyword(self):
        assert ox.trace(A=np.eye(3)) == 3
        assert ox.solve(A=2 * np.eye(3), b=np.ones(3)) == pytest.approx([0.5] * 3)
        with pytest.raises(TypeError):
            ox.trace()
        with pytest.raises(TypeError):
            ox.solve(np.eye(2))
        with pytest.raises(TypeError):
            ox.inv(np.eye(2), nonsense=3)

    def test_options_are_keywords(self):
        with pytest.raises(TypeError):
            ox.pinv(S, 1e-3)
        with pytest.raises(TypeError):
            ox.svdvals(S, 3)


class TestFrozen:
    """Operators do not change."""

    @pytest.mark.parametrize("name", ["shape", "facts", "factors", "spec", "anything"])
    def test_attributes_are_not_set_or_deleted(self, name):
        with pytest.raises(AttributeError, match=r"values and do not change.*new Kronecker"):
            setattr(S, name, 1)
        with pytest.raises(AttributeError):
            delattr(S, name)

    def test_the_factors_are_a_tuple(self):
        assert isinstance(S.factors, tuple)
        assert isinstance((S + K @ K.T).terms, tuple)

    def test_in_place_operators_make_new_ones(self):
        A = S
        A += S
        assert A is not S
        B = S
        B *= 2
        assert B is not S
        assert np.asarray(S) == pytest.approx(np.asarray(B) / 2)

    def test_arrays_are_not_multiplied_in_place(self):
        x = np.ones((6, 6))
        with pytest.raises(TypeError):
            np.multiply(x, S, out=x)
        assert (x == 1).all()

    def test_assume_leaves_its_operand_as_it_was(self):
        A = ox.aslinearoperator(random(0, 2, 2))
        before = A.facts
        assert ox.assume(A, "unitary").facts.unitary is True
        assert A.facts is before
