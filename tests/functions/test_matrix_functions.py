"""Functions of matrices: branches (T9), facts of results, sizes beyond forming, accuracy, and what is refused."""

import warnings

import numpy as np
import pytest
import scipy.linalg
import torch
from hypothesis import given
from hypothesis import strategies as st
from market import agree, definite, hermitian, kron, kronsum, matrix

import otimes as ox
from otimes.errors import DTypeError, NonFiniteError, NoRule, NotConverged, ShapeError, SingularError

MINUS = np.array([[-1.0]])


class TestBranches:
    """Powers, roots and logarithms do not distribute where arguments add up beyond π."""

    def test_minus_one_squared(self):
        K = ox.kron(-np.eye(1), -np.eye(2))  # the identity of two rows
        agree(ox.to_dense(ox.sqrtm(K)), np.eye(2), 1e-16)
        agree(ox.to_dense(ox.logm(K)), np.zeros((2, 2)), 1e-16, scale=1.0)
        agree(ox.to_dense(ox.fractional_matrix_power(K, 0.25)), np.eye(2), 1e-16)

    def test_rotations_whose_angles_add_up(self):
        R = scipy.linalg.expm(2.0 * np.array([[0.0, 1.0], [-1.0, 0.0]]))  # 2 + 2 > π
        K = ox.kron(R, R)
        for function, reference in ((ox.sqrtm, scipy.linalg.sqrtm), (ox.logm, scipy.linalg.logm)):
            agree(ox.to_dense(function(K)), reference(kron(R, R)), 1e-15, growth=10)
            separate = kron(reference(R), reference(R)) if function is ox.sqrtm else kronsum(*[reference(R)] * 2)
            assert np.abs(separate - np.asarray(function(K))).max() > 0.1

    def test_integer_powers_distribute_always(self):
        R = scipy.linalg.expm(2.0 * np.array([[0.0, 1.0], [-1.0, 0.0]]))
        for p in (-3, 0, 4):
            got = ox.matrix_power(ox.kron(R, MINUS, R), p)
            agree(ox.to_dense(got), np.linalg.matrix_power(kron(R, MINUS, R), p), 1e-15)

    def test_real_stays_real_and_negative_becomes_complex(self):
        S = ox.assume(definite(3), "positive_definite")
        assert ox.sqrtm(ox.kron(S, S)).dtype == float
        assert ox.sqrtm(ox.kron(hermitian(2), hermitian(3))).dtype == complex
        assert ox.sqrtm(ox.diag(np.array([-4.0, 1.0]))).dtype == complex
        assert ox.logm(-np.eye(2)).dtype == complex

    def test_rounding_of_zero_eigenvalues_is_no_negative_root(self):
        A = np.ones((4, 4))  # eigenvalues 4 and three that are 0 but for rounding
        for p in (A, ox.kron(A[:2, :2], A[:2, :2])):
            X = ox.sqrtm(p)
            assert X.dtype == float
            agree(ox.to_dense(X), A / 2, 1e-15)


class TestFacts:
    def test_facts_of_the_results(self):
        S = ox.assume(definite(3), "positive_definite")
        H = ox.kron(hermitian(2), hermitian(3))
        assert ox.expm(H).facts.positive_definite
        assert ox.expm(-1j * H).facts.unitary
        assert ox.expm(np.triu(matrix(3)) + 0 * H.shape[0]).facts.positive_definite is None
        assert ox.sqrtm(S).facts.positive_definite
        assert ox.logm(S).facts.hermitian
        assert ox.logm(S).facts.positive_definite is None
        assert ox.fractional_matrix_power(S, -0.5).facts.positive_definite
        assert ox.matrix_power(ox.permutation([1, 2, 0]), 5).facts.unitary
        assert ox.matrix_power(ox.assume(np.eye(2, dtype=np.int8) * 100, "positive_definite"), 2).facts.hermitian
        assert ox.matrix_power(ox.assume(np.eye(2, dtype=np.int8) * 100, "positive_definite"), 2).facts.known() == (
            "symmetric",
            "hermitian",
        )


class TestLarge:
    def test_exponentials_of_sums_are_products(self):
        L = ox.kronsum(*[hermitian(10, seed=i) for i in range(9)])
        E = ox.expm(-0.5 * L)
        assert isinstance(E, ox.Kronecker)
        assert E.shape[0] == 10**9
        agree(ox.to_dense(E.factors[3]), scipy.linalg.expm(-0.5 * hermitian(10, seed=3)), 1e-15, growth=100)

    def test_roots_and_logarithms_of_known_definite_factors(self):
        S = [ox.assume(definite(10, seed=i), "positive_definite") for i in range(9)]
        assert isinstance(ox.sqrtm(ox.kron(*S)), ox.Kronecker)
        assert isinstance(ox.logm(ox.kron(*S)), ox.KroneckerSum)
        assert isinstance(ox.fractional_matrix_power(4.0 * ox.kron(*S), 0.3), ox.ScalarMultiple)

    def test_a_spectrum_keeps_the_vectors_as_products(self):
        H = ox.kron(hermitian(40), hermitian(60, seed=1))
        E, x = ox.expm(H / 100), np.random.default_rng(0).standard_normal(2400)
        with pytest.raises(NoRule):
            ox.expm(ox.kron(matrix(50), matrix(60)))
        w, Q = ox.eigh(H)
        agree(E @ x, Q @ (np.exp(np.asarray(w) / 100) * (Q.H @ x)), 1e-14)

    def test_permutations_by_squaring(self):
        order = np.random.default_rng(0).permutation(1000)
        P = ox.permutation(order)
        assert isinstance(ox.matrix_power(P, 10**18), ox.Permutation)
        cycle = ox.permutation(np.roll(np.arange(1000), 1))
        assert np.array_equal(ox.matrix_power(cycle, 10**18).index, np.arange(1000))

    def test_commutation_is_its_own_inverse(self):
        K = ox.commutation(1000, 1000)
        assert ox.matrix_power(K, 10**9 + 1) is not None
        assert isinstance(ox.matrix_power(K, -4), ox.Identity)


class TestExpmMultiply:
    @given(st.floats(-30, 30), st.integers(0, 5))
    def test_taylor_series_against_the_exponential(self, t, seed):
        A = matrix(6, seed=seed) / 3
        b = np.random.default_rng(seed).standard_normal((6, 2))
        operator = ox.kron(A[:2, :2], A[:3, :3]) + ox.permutation([1, 2, 0, 4, 5, 3])
        dense = np.asarray(operator)
        if abs(t) * np.linalg.norm(dense, 2) > 40:
            t = 40 * np.sign(t) / np.linalg.norm(dense, 2)
        wanted = scipy.linalg.expm(t * dense) @ b
        size = np.linalg.norm(scipy.linalg.expm(t * dense), 2) * np.abs(b).max()
        agree(ox.expm_multiply(operator, b, t), wanted, 1e-15, growth=50, scale=size)

    def test_stiff_heat_equation_by_products_alone(self):
        T = 40.0**2 * (np.eye(40, k=1) + np.eye(40, k=-1) - 2 * np.eye(40))
        flow = ox.kron(T, np.eye(3)) + ox.kron(np.eye(40), np.diag([0.0, -1.0, -5.0]) + np.eye(3, k=1))
        b = np.random.default_rng(1).standard_normal(120)
        agree(ox.expm_multiply(flow, b, 0.05), scipy.linalg.expm(0.05 * np.asarray(flow)) @ b, 1e-13)

    def test_columns_of_different_sizes_keep_their_digits(self):
        A = ox.kron(matrix(2), matrix(3)) + ox.permutation([1, 2, 0, 4, 5, 3])
        B = np.ones((6, 2)) * [1e12, 1e-12]
        E = ox.expm_multiply(A, B, 0.1)
        np.testing.assert_allclose(E[:, 0] * 1e-24, E[:, 1], rtol=1e-13)

    def test_a_quantum_state_keeps_its_norm(self):
        H = ox.kronsum(*[hermitian(4, seed=i) for i in range(5)])
        state = np.zeros(4**5)
        state[0] = 1
        assert np.linalg.norm(ox.expm_multiply(H, state, -3j)) == pytest.approx(1, abs=1e-12)

    def test_torch_by_products(self):
        A, B = (torch.asarray(matrix(n)) for n in (2, 3))
        operator = ox.kron(A, B) + ox.permutation([1, 2, 0, 4, 5, 3])
        b = torch.ones(6, dtype=torch.float64)
        agree(ox.expm_multiply(operator, b, 0.3), torch.linalg.matrix_exp(0.3 * ox.to_dense(operator)) @ b, 1e-15)

    def test_refusals(self):
        A = ox.kron(matrix(2), matrix(3)) + ox.kron(matrix(2, seed=1), matrix(3, seed=1))
        with pytest.raises(ShapeError, match="b must have 6 entries"):
            ox.expm_multiply(A, np.ones(5))
        with pytest.raises(DTypeError, match="t must be a scalar"):
            ox.expm_multiply(A, np.ones(6), [0.0, 1.0])
        with pytest.raises(NonFiniteError, match="b in expm_multiply"):
            ox.expm_multiply(A, np.full(6, np.nan))
        broken = ox.kron(np.full((2, 2), np.nan), matrix(3)) + ox.permutation([1, 2, 0, 4, 5, 3])
        with pytest.raises(NotConverged, match="is A finite"), warnings.catch_warnings(action="ignore"):
            ox.expm_multiply(broken, np.ones(6))


class TestRefusals:
    @pytest.mark.parametrize("p", [0.5, "2", None, True, 1j])
    def test_powers_that_are_no_integers(self, p):
        with pytest.raises(DTypeError, match="is not an integer"):
            ox.matrix_power(np.eye(2), p)

    def test_singular_matrices(self):
        for call in (
            lambda: ox.logm(np.zeros((2, 2))),
            lambda: ox.logm(ox.zeros(10**9)),
            lambda: ox.logm(ox.diag([1.0, 0.0])),
            lambda: ox.sqrtm(np.array([[0.0, 1.0], [0.0, 0.0]])),
            lambda: ox.fractional_matrix_power(ox.diag([0.0, 1.0]), -0.5),
            lambda: ox.matrix_power(np.ones((2, 2)), -1),
        ):
            with pytest.raises(SingularError):
                call()

    def test_functions_that_are_none(self):
        with pytest.raises(DTypeError, match="must be a function"):
            ox.funm(np.eye(2), 3)
        for wrong in (lambda values: 1.0, lambda values: values[:-1], lambda values: values[:, None]):
            with pytest.raises(ShapeError, match="f of 6 eigenvalues"):
                ox.funm(ox.kron(matrix(2), matrix(3)), wrong)

    def test_rectangles(self):
        for name in ("expm", "logm", "sqrtm", "schur"):
            with pytest.raises(ShapeError, match="2×3"):
                getattr(ox, name)(np.ones((2, 3)))

    def test_what_torch_has_not(self):
        with pytest.raises(DTypeError, match=r"torch has no linalg\.logm"):
            ox.logm(torch.ones((2, 2), dtype=torch.float64) + torch.eye(2, dtype=torch.float64))


def test_gradients_of_exponentials_pass_through():
    a = torch.tensor([[0.0, 1.0], [-2.0, 0.5]], dtype=torch.float64, requires_grad=True)
    x = torch.ones(4, dtype=torch.float64)
    (ox.expm(ox.kronsum(a, a)) @ x).sum().backward()
    found = a.grad.clone()
    a.grad = None
    eye = torch.eye(2, dtype=torch.float64)
    torch.linalg.matrix_exp(torch.kron(a, eye) + torch.kron(eye, a)).sum().backward()
    agree(found.numpy(), a.grad.numpy(), 1e-15, growth=10)


def test_what_is_no_number_is_named():
    """NaN is not called singular, nor infinity an integer, nor an array an order."""
    for function in (ox.logm, ox.sqrtm):
        with pytest.raises(NonFiniteError, match="NaN"):
            function(np.full((2, 2), np.nan) * [[1, 1], [2, 1]])
    for p in (np.inf, np.nan):
        with pytest.raises(DTypeError, match="is not finite"):
            ox.fractional_matrix_power(np.eye(2), p)
    with pytest.raises(ShapeError, match="is not one of 'fro'"):
        ox.norm(np.eye(2), np.array([1, 2]))
    with pytest.raises(ShapeError, match=r"axis=1\.0"):
        ox.sum(np.eye(2), axis=1.0)


@pytest.mark.parametrize("dtype", [np.float32, float])
def test_powers_of_factors_at_both_ends_of_the_range(dtype):
    """The scale that takes one to the other is out of range itself."""
    ends = np.finfo(dtype).max / 4, np.finfo(dtype).smallest_subnormal * 7
    K = ox.kron(*(np.array([[x]], dtype) for x in ends))
    wanted = (float(ends[0]) * float(ends[1])) ** 2
    np.testing.assert_allclose(np.asarray(ox.matrix_power(K, 2)), wanted, rtol=1e-6)
