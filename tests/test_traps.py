"""The known traps of Kronecker libraries, each against dense NumPy.

T1 … T25 are numbered as in the list the project keeps. Of T20 (three and more factors at once) and
T22 (batches of factors) only what exists now is here; they belong to parts that follow.
"""

import functools
import math

import numpy as np
import pytest
import scipy.sparse
import torch

import otimes as ox

E = ox.errors


def dense_kron(*arrays):
    return functools.reduce(np.kron, arrays)


def random(seed, *shape, dtype=float):
    rng = np.random.default_rng(seed)
    values = rng.standard_normal(shape)
    return (values + 1j * rng.standard_normal(shape) if np.dtype(dtype).kind == "c" else values).astype(dtype)


def positive(seed, n, dtype=float):
    a = random(seed, n, n, dtype=dtype)
    return a @ a.conj().T + n * np.eye(n)


def assert_same(found, wanted, rtol=1e-9):
    wanted = np.asarray(wanted)
    np.testing.assert_allclose(np.asarray(found), wanted, rtol=rtol, atol=rtol * float(np.abs(wanted).max(initial=1)))


def sorted_complex(values):
    values = np.asarray(values, dtype=complex)
    return values[np.lexsort((values.imag.round(8), values.real.round(8)))]


# T1: det(A ⊗ B) = det(A)ᵐ det(B)ⁿ, each exponent the size of the OTHER factor


@pytest.mark.parametrize("sizes", [(2, 3), (3, 2), (1, 4), (2, 3, 4), (4, 1, 2, 3)], ids=str)
def test_t01_exponents_of_the_determinant(sizes):
    arrays = [random(n, n, n) + np.eye(n) for n in sizes]
    K, dense = ox.kron(*arrays), dense_kron(*arrays)
    sign, log = np.linalg.slogdet(dense)
    assert ox.slogdet(K).sign == pytest.approx(sign)
    assert ox.slogdet(K).logabsdet == pytest.approx(log)
    assert ox.det(K) == pytest.approx(np.linalg.det(dense))


# T2: a Kronecker power has exponent p nᵖ⁻¹


@pytest.mark.parametrize("power", [1, 2, 3, 4])
def test_t02_determinant_of_a_power(power):
    K = ox.kron(*[np.diag([2.0, 1.0])] * power)
    assert ox.det(K) == pytest.approx(2.0 ** (power * 2 ** (power - 1)))
    assert ox.slogdet(K).logabsdet == pytest.approx(power * 2 ** (power - 1) * math.log(2))


# T3: det(c A) = cⁿ det(A), and log|c| counts n times


@pytest.mark.parametrize("c", [2.0, -2.0, 0.5, -1, 3j, 1 - 1j, 0], ids=str)
def test_t03_determinant_of_a_multiple(c):
    A, B = random(0, 3, 3), random(1, 2, 2)
    for K, dense in ((c * ox.kron(A, B), c * np.kron(A, B)), (c * ox.eye(3), c * np.eye(3))):
        sign, log = ox.slogdet(K)
        assert_same(sign, np.linalg.slogdet(dense).sign)
        assert log == pytest.approx(np.linalg.slogdet(dense).logabsdet)
        assert_same(ox.det(K), np.linalg.det(dense))


# T4: signs, small determinants, singular and indefinite factors


def test_t04_determinants_below_one_have_negative_logarithms():
    K = ox.kron(1e-3 * np.eye(3), 1e-4 * np.eye(2))
    sign, log = ox.slogdet(K)
    assert sign == 1
    assert log == pytest.approx(6 * math.log(1e-7))


@pytest.mark.parametrize("sizes", [(2, 2), (3, 3), (3, 2), (2, 3), (3, 3, 3)], ids=str)
def test_t04_negative_determinants_of_the_factors(sizes):
    arrays = [np.diag([-1.0] + [2.0] * (n - 1)) for n in sizes]
    assert ox.slogdet(ox.kron(*arrays)).sign == np.linalg.slogdet(dense_kron(*arrays)).sign


def test_t04_permutations_have_a_sign():
    for n in range(1, 5):
        order = np.roll(np.arange(n), 1)
        assert ox.slogdet(ox.permutation(order)).sign == round(np.linalg.det(np.eye(n)[order]))
    for m in range(5):
        for n in range(5):
            K = ox.commutation(m, n)
            assert ox.slogdet(K).sign == (round(np.linalg.det(np.asarray(K))) if m * n else 1)


def test_t04_singular_is_singular():
    K = ox.kron(np.array([[1.0, 2.0], [2.0, 4.0]]), np.eye(3))
    assert tuple(ox.slogdet(K)) == (0, -math.inf)
    assert ox.det(K) == 0


def test_t04_small_eigenvalues_are_not_clamped():
    K = ox.kron(np.diag([1e-12, 1.0]), np.diag([1.0, 1e-9, 1.0]))
    assert ox.slogdet(K).logabsdet == pytest.approx(3 * math.log(1e-12) + 2 * math.log(1e-9))


# T5: "every factor has it" is sufficient, never necessary


def test_t05_negative_definite_in_pairs():
    A, B, C = positive(0, 2), positive(1, 3), positive(2, 2)
    K = ox.kron(-A, B, -C)
    assert K.facts.positive_definite is not False
    L = np.asarray(ox.cholesky(K))
    assert_same(L, np.linalg.cholesky(dense_kron(-A, B, -C)))
    with pytest.raises(E.NotPositiveDefinite):
        ox.cholesky(ox.kron(-A, B))


def test_t05_skew_times_skew_is_symmetric():
    S = np.array([[0.0, 2.0], [-2.0, 0.0]])
    K = ox.kron(S, S)
    assert K.facts.symmetric is not False
    assert K.facts.hermitian is not False
    assert_same(np.asarray(K), np.asarray(K).T)
    assert_same(np.sort(np.linalg.eigvalsh(np.asarray(K))), np.sort(np.real(np.asarray(ox.eigvals(K)))))


def test_t05_scales_that_cancel():
    Q = np.linalg.qr(random(0, 3, 3))[0]
    K = ox.kron(4 * Q, Q / 4)
    assert K.facts.unitary is not False
    assert_same(np.asarray(K.H @ K), np.eye(9))


def test_t05_unknown_is_not_false():
    facts = ox.kron(random(0, 2, 2), random(1, 2, 2)).facts
    assert facts.known() == ()
    assert facts.positive_definite is None


# T6: eigenvectors of a matrix that is not normal are not orthogonal; some matrices have too few


@pytest.mark.parametrize("dtype", [float, complex])
def test_t06_eigenvectors_of_factors_that_are_not_normal(dtype):
    A, B = random(0, 3, 3, dtype=dtype), random(1, 2, 2, dtype=dtype)
    for K, dense in (
        (ox.kron(A, B), np.kron(A, B)),
        (ox.kronsum(A, B), np.kron(A, np.eye(2)) + np.kron(np.eye(3), B)),
    ):
        w, V = map(np.asarray, ox.eig(K))
        assert_same(dense @ V, V * w)
        assert_same(V @ np.diag(w) @ np.linalg.inv(V), dense)
        assert_same(sorted_complex(ox.eigvals(K)), sorted_complex(np.linalg.eigvals(dense)))


def test_t06_defective_factors_solve_without_eigenvectors():
    J = np.array([[2.0, 1.0], [0.0, 2.0]])
    b = random(0, 4)
    assert_same(ox.solve(ox.kron(J, J), b), np.linalg.solve(np.kron(J, J), b))
    S = np.kron(J, np.eye(2)) + np.kron(np.eye(2), J)
    assert_same(ox.solve(ox.kronsum(J, J), b), np.linalg.solve(S, b))
    w, V = map(np.asarray, ox.eig(ox.kron(J, J)))
    assert_same(np.kron(J, J) @ V, V * w, rtol=1e-7)


# T7: rectangular factors whose product is square


@pytest.mark.parametrize("shapes", [[(2, 3), (3, 2)], [(3, 2), (2, 3)], [(1, 2), (4, 1), (1, 2)]], ids=str)
def test_t07_square_products_of_rectangular_factors(shapes):
    arrays = [random(i, *s) for i, s in enumerate(shapes)]
    K, dense = ox.kron(*arrays), dense_kron(*arrays)
    n = len(dense)
    assert ox.det(K) == 0
    assert tuple(ox.slogdet(K)) == (0, -math.inf)
    assert_same(ox.trace(K), np.trace(dense))
    assert_same(ox.diagonal(K), np.diagonal(dense))
    assert ox.matrix_rank(K) == np.linalg.matrix_rank(dense) < n
    assert_same(np.sort(np.asarray(ox.svdvals(K))), np.sort(np.linalg.svd(dense, compute_uv=False)), rtol=1e-8)
    for name in ("inv", "solve"):
        with pytest.raises(E.SingularError, match="⊗"):
            getattr(ox, name)(K, *([np.ones(n)] if name == "solve" else []))
    assert_same(ox.pinv(K), np.linalg.pinv(dense))
    b = random(9, n)
    assert_same(ox.lstsq(K, b).x, np.linalg.lstsq(dense, b)[0])


def test_t07_diagonals_of_rectangles():
    for shapes in ([(2, 3), (4, 2)], [(3, 2), (1, 5)], [(2, 1), (2, 1)]):
        arrays = [random(i, *s) for i, s in enumerate(shapes)]
        assert_same(ox.diagonal(ox.kron(*arrays)), np.diagonal(dense_kron(*arrays)))


# T8: A ⊕ B = A ⊗ I + I ⊗ B, which is scipy.sparse.kronsum(B, A)


def test_t08_order_of_the_kronecker_sum():
    A, B = random(0, 2, 2), random(1, 3, 3)
    S = np.asarray(ox.kronsum(A, B))
    assert_same(S, np.kron(A, np.eye(3)) + np.kron(np.eye(2), B))
    assert_same(S, scipy.sparse.kronsum(scipy.sparse.csr_array(B), scipy.sparse.csr_array(A)).toarray())
    X = random(2, 2, 3)
    assert_same(ox.kronsum(A, B) @ ox.vec(X, order="C"), ox.vec(A @ X + X @ B.T, order="C"))
    assert_same(ox.kronsum(B.T, A) @ ox.vec(X), ox.vec(A @ X + X @ B))


# T9: roots and powers do not distribute over factors


def test_t09_no_power_is_taken_of_the_factors_where_branches_are_not_known():
    K = ox.kron([[-1.0]], [[-1.0]])  # 1, and i · i = −1
    assert_same(K, [[1.0]])
    for power in (0.5, 2):
        with pytest.raises(TypeError):
            K**power
    assert_same(ox.sqrtm(K), [[1.0]])
    assert_same(ox.fractional_matrix_power(K, 0.5), [[1.0]])
    assert_same(ox.logm(K), [[0.0]])
    assert_same(ox.matrix_power(K, 3), [[1.0]])


# T10: where conjugates belong


def test_t10_the_vec_formula_has_a_transpose_not_an_adjoint():
    A, B, X = (random(i, *s, dtype=complex) for i, s in enumerate([(2, 3), (4, 2), (3, 2)]))
    assert_same(ox.kron(A, B) @ ox.vec(X, order="C"), ox.vec(A @ X @ B.T, order="C"))


def test_t10_adjoint_products_agree_with_the_adjoint():
    A, B = random(0, 2, 3, dtype=complex), random(1, 4, 2, dtype=complex)
    K, dense = ox.kron(A, B), np.kron(A, B)
    Y = random(2, 8, 3, dtype=complex)
    for found in (K.H @ Y, K.rmatmat(Y), np.stack([K.rmatvec(y) for y in Y.T], axis=1), np.asarray(K.H) @ Y):
        assert_same(found, dense.conj().T @ Y)


def test_t10_the_nearest_product_of_a_complex_matrix():
    A, B = random(0, 3, 2, dtype=complex), random(1, 2, 4, dtype=complex)
    F = ox.nearest_kronecker(np.kron(A, B), shapes=((3, 2), (2, 4)))
    assert_same(F.operator, np.kron(A, B))
    assert F.error < 1e-12


# T11: equal total sizes are not equal partitions


def test_t11_factors_of_other_sizes_are_not_paired():
    A, B, C, D = random(0, 2, 2), random(1, 6, 6), random(2, 3, 3), random(3, 4, 4)
    K, L = ox.kron(A, B), ox.kron(C, D)
    assert_same(K @ L, np.kron(A, B) @ np.kron(C, D))
    assert_same(K + L, np.kron(A, B) + np.kron(C, D))
    assert_same(K - L, np.kron(A, B) - np.kron(C, D))


def test_t11_trailing_factors_of_size_one_are_kept():
    A, B = random(0, 2, 2), random(1, 3, 3)
    K, L = ox.kron(A, B, [[5.0]]), ox.kron(A, B)
    assert_same(K @ L, np.kron(A, B) @ np.kron(A, B) * 5)
    assert_same(L @ K, np.kron(A, B) @ np.kron(A, B) * 5)
    assert_same(K + L, np.kron(A, B) * 6)


def test_t11_a_leading_factor_of_size_one_shifts_the_others():
    A, B = random(0, 2, 2), random(1, 3, 3)
    assert_same(ox.kron(A, B) @ ox.Kronecker(*map(ox.Dense, (np.eye(1), A, B))), np.kron(A, B) @ np.kron(A, B))
    with pytest.raises(E.ShapeError, match=r"6 columns.*4 rows"):
        ox.kron(A, B) @ ox.kron(A, A)


# T12: accumulation into memory nobody has set (every branch of the kernel is in test_kernel)


@pytest.mark.parametrize("columns", [1, 3, 40])
def test_t12_sums_start_from_zero(columns):
    arrays = [random(i, n, n) for i, n in enumerate((3, 4, 2))]
    S = ox.kronsum(*arrays)
    X = random(9, 24, columns)
    wanted = np.asarray(S) @ X
    for _ in range(3):
        np.full(X.shape, np.nan)  # leaves NaN in memory that is handed out again
        assert_same(S @ X, wanted)
        assert_same(ox.kron(*arrays) @ X, dense_kron(*arrays) @ X)


# T13: by rows or by columns, said each time


def test_t13_both_orders_of_vec():
    A, X, B = random(0, 2, 3), random(1, 3, 4), random(2, 5, 4)
    assert_same(ox.kron(A, B) @ ox.vec(X, order="C"), ox.vec(A @ X @ B.T, order="C"))
    assert_same(ox.kron(B, A) @ ox.vec(X), ox.vec(A @ X @ B.T))
    assert_same(ox.vec(X), X.ravel("F"))
    assert_same(ox.vec(X, order="C"), X.ravel())
    with pytest.raises(E.ShapeError, match=r'"F".*"C"'):
        ox.vec(X, order="K")


# T14: the numerical rank is of the product, not the product of the ranks


def test_t14_rank_counts_products_of_singular_values():
    A = np.diag([1.0, 1e-10])
    K = ox.kron(A, A)
    assert ox.matrix_rank(A) == 2
    assert ox.matrix_rank(K) == np.linalg.matrix_rank(np.kron(A, A)) == 3
    for rtol in (1e-25, 1e-15, 1e-5, 0.5):
        assert ox.matrix_rank(K, rtol=rtol) == np.linalg.matrix_rank(np.kron(A, A), rtol=rtol)


def test_t14_pinv_cuts_products_of_singular_values():
    A = np.diag([1.0, 1e-10])
    assert_same(ox.pinv(ox.kron(A, A)), np.linalg.pinv(np.kron(A, A), rcond=4 * np.finfo(float).eps))
    for rtol in (1e-25, 1e-15, 1e-5):
        found = np.asarray(ox.pinv(ox.kron(A, A), rtol=rtol))
        assert_same(found, np.linalg.pinv(np.kron(A, A), rcond=rtol))
        x = ox.lstsq(ox.kron(A, A), np.ones(4), rtol=rtol)
        assert_same(x.x, found @ np.ones(4))


def test_t14_adding_to_the_factors_is_not_adding_to_the_product():
    A, B = positive(0, 2), positive(1, 3)
    damped = ox.kron(A, B) + 0.5 * ox.eye(6)
    assert_same(damped, np.kron(A, B) + 0.5 * np.eye(6))
    b = random(2, 6)
    assert_same(ox.solve(damped, b), np.linalg.solve(np.kron(A, B) + 0.5 * np.eye(6), b))


# T15: what Kronecker products of sorted, diagonal and triangular things are not


def test_t15_eigenvalues_are_in_the_order_of_the_vectors():
    A, B = np.diag([-3.0, 1.0, 2.0]), positive(0, 2) - 3 * np.eye(2)
    w, Q = ox.eigh(ox.kron(A, B))
    w, Q = np.asarray(w), np.asarray(Q)
    assert_same(np.kron(A, B) @ Q, Q * w)
    assert_same(np.sort(w), np.linalg.eigvalsh(np.kron(A, B)))
    for which, wanted in (("largest", np.sort(w)[::-1]), ("smallest", np.sort(w))):
        assert_same(ox.eigvalsh(ox.kron(A, B), k=4, which=which), wanted[:4])
    assert_same(np.abs(ox.eigvalsh(ox.kron(A, B), k=4, which="magnitude")), np.sort(np.abs(w))[::-1][:4])


@pytest.mark.parametrize("shapes", [[(3, 2), (2, 3)], [(4, 2), (3, 1)], [(2, 3), (1, 3)], [(2, 2), (3, 2)]], ids=str)
def test_t15_svd_of_rectangular_factors(shapes):
    arrays = [random(i, *s) for i, s in enumerate(shapes)]
    K, dense = ox.kron(*arrays), dense_kron(*arrays)
    U, S, Vh = (np.asarray(part) for part in ox.svd(K))
    assert_same(U @ np.diag(S) @ Vh, dense)
    assert_same(U.T @ U, np.eye(U.shape[1]))
    assert_same(Vh @ Vh.T, np.eye(Vh.shape[0]))
    values = np.linalg.svd(dense, compute_uv=False)
    assert_same(np.sort(np.asarray(ox.svdvals(K)))[::-1], values, rtol=1e-8)
    k = min(3, len(values))
    assert_same(ox.svdvals(K, k=k), values[:k], rtol=1e-8)


@pytest.mark.parametrize("shapes", [[(4, 2), (3, 2)], [(2, 3), (2, 2)], [(3, 3), (2, 4)], [(4, 2), (2, 3)]], ids=str)
def test_t15_qr_and_lu_stay_triangular(shapes):
    arrays = [random(i, *s) for i, s in enumerate(shapes)]
    K, dense = ox.kron(*arrays), dense_kron(*arrays)
    Q, R = map(np.asarray, ox.qr(K))
    assert_same(Q @ R, dense)
    assert_same(Q.T @ Q, np.eye(Q.shape[1]))
    P, L, U = map(np.asarray, ox.lu(K))
    assert_same(P @ L @ U, dense)
    for name, upper in (("R", R), ("U", U), ("Lᵀ", L.T)):
        if upper.shape[0] <= upper.shape[1] and all(m >= n for m, n in shapes):
            assert_same(upper, np.triu(upper)), name


def test_t15_complex_schur_forms_solve_kronecker_sums_with_complex_pairs():
    A = np.array([[0.0, 3.0], [-3.0, 0.0]])  # real, with eigenvalues ±3i
    B = np.array([[1.0, 2.0, 0.0], [-2.0, 1.0, 1.0], [0.0, 0.0, 4.0]])
    dense = np.kron(A, np.eye(3)) + np.kron(np.eye(2), B)
    for b in (random(0, 6), random(1, 6, 2), random(2, 6, dtype=complex)):
        found = ox.solve(ox.kronsum(A, B), b)
        assert_same(found, np.linalg.solve(dense, b))
        assert found.dtype == np.linalg.solve(dense, b).dtype


# T16: A ⊕ B is singular where eigenvalues cancel, however regular A and B are


def test_t16_kronecker_sums_of_regular_matrices_can_be_singular():
    A = positive(0, 3)
    for S in (ox.kronsum(A, -A), ox.kronsum(A, -A.T), ox.kronsum(np.triu(A), -np.triu(A).T)):
        with pytest.raises(E.SingularError, match="eigenvalue"):
            ox.solve(S, np.ones(9))
    with pytest.raises(E.SingularError, match="singular"):
        ox.inv(ox.kronsum(np.diag([1.0, 2.0]), np.diag([-2.0, 5.0])))


def test_t16_singular_summands_can_have_a_regular_sum():
    A, B = np.diag([0.0, 1.0]), np.diag([1.0, 2.0, 3.0])
    b = random(0, 6)
    dense = np.kron(A, np.eye(3)) + np.kron(np.eye(2), B)
    assert_same(ox.solve(ox.kronsum(A, B), b), np.linalg.solve(dense, b))
    assert ox.cond(ox.kronsum(A, B)) == pytest.approx(np.linalg.cond(dense))


def test_t16_nearly_singular_sums_are_solved_as_well_as_they_can_be():
    A = np.array([[1.0, 2.0], [0.0, 3.0]])
    close = ox.kronsum(A, -A.T + 1e-6 * np.eye(2))
    assert np.abs(close @ ox.solve(close, np.ones(4)) - 1).max() < 1e-8


# T17: overflow of powers, norms, signs and sizes


def test_t17_determinants_that_overflow_have_logarithms():
    K = ox.kron(10 * np.eye(30), 10 * np.eye(40))
    assert ox.slogdet(K).logabsdet == pytest.approx(1200 * math.log(100))
    assert ox.det(K) == math.inf
    assert ox.det(ox.kron(0.01 * np.eye(30), 0.01 * np.eye(40))) == 0
    assert ox.slogdet(ox.diag([1e200, 1e200, 0.0])) == (0, -math.inf)


def test_t17_scales_that_cancel_between_factors():
    arrays = [1e-200 * np.eye(5), 1e200 * np.eye(4), 1e-200 * np.eye(2), 1e200 * np.eye(3)]
    K = ox.kron(*arrays)
    assert ox.norm(K) == pytest.approx(math.sqrt(120))
    assert ox.norm(K, 2) == pytest.approx(1)
    assert ox.cond(K) == pytest.approx(1)
    assert ox.matrix_rank(K) == 120
    assert ox.trace(K) == pytest.approx(120)
    assert_same(ox.solve(K, np.ones(120)), np.ones(120))
    assert ox.slogdet(K).logabsdet == pytest.approx(0, abs=1e-9)


def test_t17_norms_of_large_scales_do_not_overflow_on_the_way():
    K = ox.kron(1e200 * np.eye(2), 1e200 * np.eye(2), 1e-300 * np.eye(2))
    assert ox.norm(K, 2) == pytest.approx(1e100)
    assert ox.norm(K, "nuc") == pytest.approx(8e100)


def test_t17_signs_of_exponents_beyond_2_to_53():
    huge = ox.eye(2**60)
    for exponent, sign in ((2**60, 1), (2**60 + 1, -1), (3**40, -1)):
        K = ox.kron([[-1.0]], ox.eye(exponent))
        assert ox.slogdet(K).sign == sign
        assert ox.slogdet(-1 * ox.eye(exponent)).sign == sign
    assert ox.slogdet(ox.kron(np.diag([-1.0, 1.0, 1.0]), huge)).sign == 1


def test_t17_a_phase_to_a_large_power_keeps_its_digits():
    sign, log = ox.slogdet(ox.kron([[np.exp(0.3j)]], *[np.eye(10)] * 6))
    assert_same(sign, np.exp(1j * math.fmod(0.3 * 10**6, 2 * math.pi)), rtol=1e-8)
    assert log == pytest.approx(0, abs=1e-8)


def test_t17_sizes_are_integers_without_bound():
    K = ox.kron(*[ox.eye(2**40)] * 3, np.ones((2, 3), np.int32))
    assert K.shape == (2**121, 3 * 2**120)
    assert K.size == K.shape[0] * K.shape[1]
    assert K.T.shape == (3 * 2**120, 2**121)
    assert ox.kronsum(np.eye(3), ox.eye(2**70)).shape == (3 * 2**70,) * 2
    assert "1.6e+" not in repr(ox.eye(2**70)).split(",")[0]


def test_t17_index_sizes_of_sparse_factors():
    S = scipy.sparse.csr_array(np.eye(4, dtype=np.int8))
    K = ox.kron(*[S] * 17)  # 2³⁴ rows: beyond 32-bit indices
    assert K.shape == (2**34, 2**34)
    assert ox.trace(ox.kron(*[scipy.sparse.csr_array(np.eye(4))] * 17)) == 2.0**34


# T18, T19: errors and gauge of nearest products (more in the tests of factorize)


def test_t18_small_errors_are_not_lost_to_cancellation():
    M = np.kron(random(0, 3, 3), random(1, 4, 4))
    M = M / np.linalg.norm(M)
    E = random(2, 12, 12)
    noisy = M + 1e-11 * E / np.linalg.norm(E)
    F = ox.nearest_kronecker(noisy, shapes=((3, 3), (4, 4)))
    assert F.error == pytest.approx(np.linalg.norm(noisy - np.asarray(F.operator)), rel=1e-2)
    assert 0 < F.error < 2e-11


def test_t19_repeated_singular_values_have_no_unique_factors():
    swap = np.asarray(ox.commutation(2, 2))
    F = ox.nearest_kronecker(swap, shapes=((2, 2), (2, 2)), terms=4)
    assert_same(F.operator, swap)
    assert_same(F.singular_values, [1, 1, 1, 1])


# T20 (three and more factors found at once): bounds on the error of rounding are in operators/test_tensor_train.py and
# operators/test_tucker_cp.py, which also sees that CP operators of three slots are refused.


# T21: dtypes


@pytest.mark.parametrize("dtype", ["float32", "complex64", "int64"])
def test_t21_identities_do_not_change_the_dtype(dtype):
    A = np.ones((2, 2), dtype)
    x = np.ones(6, dtype)
    for K in (
        ox.kron(ox.eye(3), A),
        ox.kron(A, ox.eye(3)),
        ox.kronsum(A, ox.eye(3)),
        ox.kron(A, ox.permutation([2, 0, 1])),
        ox.kron(A, np.ones((3, 3), dtype)) + ox.eye(6),
        ox.kron(A, np.ones((3, 3), dtype)) @ ox.commutation(2, 3),
        ox.kron(A, np.ones((3, 3), dtype)) + ox.zeros(6),
        2 * ox.kron(A, ox.eye(3)),
    ):
        assert K.dtype == dtype
        assert (K @ x).dtype == dtype
        assert np.asarray(K).dtype == dtype
        assert np.asarray(ox.diagonal(K)).dtype == dtype


@pytest.mark.parametrize("dtype", ["float32", "complex64"])
def test_t21_single_precision_stays_in_every_decomposition(dtype):
    real = "float32"
    K = ox.kron(ox.eye(2), positive(0, 3, dtype).astype(dtype), positive(1, 2, dtype).astype(dtype))
    b = np.ones(12, dtype)
    assert ox.solve(K, b).dtype == dtype
    assert ox.inv(K).dtype == ox.pinv(K).dtype == ox.cholesky(K).dtype == dtype
    assert np.asarray(ox.eigh(K).eigenvalues).dtype == real
    assert ox.eigh(K).eigenvectors.dtype == dtype
    assert np.asarray(ox.eigvalsh(K)).dtype == ox.eigvalsh(K, k=2).dtype == real
    assert np.asarray(ox.svdvals(K)).dtype == np.asarray(ox.svd(K).S).dtype == real
    assert ox.lstsq(K, b).x.dtype == dtype
    assert all(part.dtype == dtype for part in (*ox.qr(K), *ox.lu(K)[1:]))


def test_t21_the_dtype_is_not_that_of_the_first_operand():
    A, C = np.ones((2, 2), np.float32), 1j * np.ones((2, 2), np.complex64)
    for K in (
        ox.kron(A, C),
        ox.kron(C, A),
        ox.aslinearoperator(A) + C,
        ox.kronsum(A, C),
        ox.kron(A, A) @ ox.kron(C, C),
    ):
        assert K.dtype == np.complex64
        assert np.asarray(K).dtype == np.complex64
        assert (K @ np.ones(K.shape[1], np.float32)).dtype == np.complex64


def test_t21_stated_dtypes_are_kept():
    B, x = np.ones((2, 2)), np.ones(2)
    I, Z = ox.eye(2, dtype=complex), ox.zeros(2, dtype=complex)  # noqa: E741  the name of the book
    P = ox.permutation([1, 0], dtype=complex)
    for K in (I, Z, P, I @ ox.Dense(B), ox.Dense(B) @ I, Z + ox.Dense(B), ox.kron(ox.eye(1, dtype=complex), B)):
        assert K.dtype == complex
        assert (K @ x).dtype == complex
        assert np.asarray(K).dtype == complex
    assert (ox.kron(I, B) @ np.ones(4)).dtype == complex
    assert (2.5 * ox.zeros(2, dtype=int)).dtype == float
    assert (2.5 * ox.eye(2, dtype=int)).dtype == float


def test_t21_complex_scalars_of_any_precision_count():
    for c in (1j, np.complex64(1j), np.complex128(1j), np.array(1j)):
        K = c * ox.eye(2)
        assert K.dtype.kind == "c"
        assert_same(K.conj(), -1j * np.eye(2))
        assert_same(K.H, -1j * np.eye(2))
        assert_same(ox.kron(K, np.eye(2)).H, -1j * np.eye(4))


def test_t21_integers_promote_as_in_numpy():
    A = np.array([[2, 1], [1, 1]])
    K = ox.kron(A, A)
    assert K.dtype == (K @ np.ones(4, int)).dtype == int
    assert ox.inv(K).dtype == float
    assert_same(ox.inv(K), np.linalg.inv(np.kron(A, A)))
    assert_same(ox.solve(K, np.arange(4)), np.linalg.solve(np.kron(A, A), np.arange(4)))
    assert ox.det(K) == pytest.approx(1)
    assert (K / 2).dtype == float
    assert_same(K / 2, np.kron(A, A) / 2)


def test_t21_narrow_integers_and_booleans_are_promoted_before_they_are_multiplied():
    for A, B, x in (
        (np.full((2, 2), 100, np.int8), np.ones((2, 2), np.int64), np.full(4, 100, np.int8)),
        (np.full((2, 2), True), np.ones((2, 2), np.int64), np.full(4, True)),
        (np.full((2, 2), 200, np.uint8), np.ones((2, 2)), np.full(4, 200, np.uint8)),
    ):
        for K, dense in (
            (ox.kron(A, B), np.kron(A, B)),
            (ox.kron(B, A), np.kron(B, A)),
            (ox.kron(A, B) + ox.kron(B, A), np.kron(A, B) + np.kron(B, A)),
        ):
            np.testing.assert_array_equal(K @ x, dense @ x)
            assert (K @ x).dtype == (dense @ x).dtype


def test_t21_mixed_precision_is_as_good_as_its_dtype():
    A, B = random(0, 5, 5, dtype="float32"), random(1, 4, 4)
    x = random(2, 20, dtype="float32")
    for K, dense in ((ox.kron(A, B), np.kron(A, B)), (ox.kron(B, A), np.kron(B, A))):
        assert_same(K @ x, dense @ x.astype(float), rtol=1e-14)
    S = scipy.sparse.csr_array(A + 10 * np.eye(5, dtype="float32"))
    b = random(3, 5)
    assert_same(ox.solve(S, b), np.linalg.solve(S.toarray().astype(float), b), rtol=1e-13)


def test_t21_a_sum_of_integers_and_a_permutation():
    K = ox.aslinearoperator(np.array([[1, 2], [3, 4]])) + ox.permutation([1, 0])
    assert_same(K, [[1, 3], [4, 4]])
    assert_same(K @ np.array([1, 1]), [4, 8])


def test_t21_zeros_keep_their_dtype():
    K = ox.kron(np.zeros((2, 2), np.int64), np.ones((2, 2), np.int64))
    assert np.asarray(K).dtype == np.int64
    assert np.asarray(ox.kron(ox.zeros(2), np.ones((2, 2), np.float32))).dtype == np.float32
    assert ox.kron(ox.zeros(2), np.ones((2, 2), np.float32)).dtype == np.float32


# T22: the product is over the last two axes; those of a batch broadcast (tests/test_batch.py).


def test_t22_a_batch_of_x_is_not_a_factor():
    A, B = random(0, 2, 3), random(1, 4, 2)
    X = random(2, 5, 7, 6, 2)
    assert_same(ox.kron(A, B) @ X, np.kron(A, B) @ X)
    Y = random(3, 5, 2, 8)
    assert_same(Y @ ox.kron(A, B), Y @ np.kron(A, B))
    S, b = ox.kron(positive(4, 2), positive(5, 3)), random(6, 4, 1, 6, 5)
    assert_same(S @ ox.solve(S, b), b)
    with pytest.raises(E.ShapeError, match="vector or a matrix"):
        ox.lstsq(S, b)


# T23: * is for scalars, @ for products, and there is no elementwise power


def test_t23_no_elementwise_products_or_powers():
    K = ox.kron(random(0, 2, 2), random(1, 2, 2))
    with pytest.raises(TypeError):
        K**2
    for other in (K, np.ones((4, 4)), np.ones(4), [1, 2]):
        with pytest.raises(E.DTypeError, match="scalar"):
            K * other
    with pytest.raises(E.DTypeError, match="scalar"):
        K / K
    assert_same(K @ K, np.asarray(K) @ np.asarray(K))


# T24: a vector is a vector, a column a column, whatever their sizes


@pytest.mark.parametrize("shapes", [[(1, 1), (1, 1)], [(2, 1), (1, 1)], [(1, 2), (1, 1)], [(3, 1), (2, 1)]], ids=str)
def test_t24_axes_of_size_one_are_kept(shapes):
    arrays = [random(i, *s) for i, s in enumerate(shapes)]
    K, dense = ox.kron(*arrays), dense_kron(*arrays)
    m, n = dense.shape
    for shape in ((n,), (n, 1), (1, n, 1), (n, n), (1, 1, n, 2)):
        x = random(7, *shape)
        found = K @ x
        assert found.shape == (dense @ x).shape
        assert_same(found, dense @ x)
    for shape in ((m,), (1, m), (1, 1, m)):
        x = random(8, *shape)
        found = x @ K
        assert found.shape == (x @ dense).shape
        assert_same(found, x @ dense)


def test_t24_a_grid_is_not_read_as_columns():
    K = ox.kron(np.ones((2, 2)), np.ones((3, 3)))
    with pytest.raises(E.ShapeError, match="6 rows"):
        K @ np.ones((2, 3))
    assert (K @ ox.vec(np.ones((2, 3)), order="C")).shape == (6,)


# T25: documents that are not run drift; test_docs runs them. Here: names that are promised exist.


def test_t25_every_public_name_exists_and_is_documented():
    for name in ox.__all__:
        assert getattr(ox, name).__doc__, name


# Beyond the list: what else went wrong elsewhere


def test_results_never_share_memory_with_what_was_given():
    x = np.ones(6)
    for K in (ox.eye(6), ox.commutation(1, 6), ox.kron(ox.eye(2), ox.eye(3)), ox.permutation(np.arange(6))):
        for found in (K @ x, x @ K, ox.solve(K, x), K @ x[:, None]):
            assert not np.shares_memory(found, x)


def test_infinite_entries_stay_where_they_are():
    assert_same(ox.to_dense(ox.diag([2.0, 3.0])), np.diag([2.0, 3.0]))
    np.testing.assert_array_equal(ox.to_dense(ox.diag([np.inf, 1.0])), np.diag([np.inf, 1.0]))


def test_the_condition_number_of_a_singular_operator_is_infinite():
    for p in (None, 1, 2, "fro", np.inf):
        assert ox.cond(ox.diag([1.0, 0.0]), p) == math.inf
        assert ox.cond(ox.kron(np.eye(2), np.diag([1.0, 0.0])), p) == math.inf
        assert ox.cond(ox.kron(np.eye(2), ox.diag([1.0, 0.0])), p) == math.inf


def test_unsigned_integers_are_subtracted_as_in_numpy():
    A, B = np.array([[5, 6], [7, 8]], np.uint8), np.array([[1, 2], [3, 4]], np.uint8)
    found = ox.aslinearoperator(A) - ox.aslinearoperator(B)
    np.testing.assert_array_equal(np.asarray(found), A - B)
    np.testing.assert_array_equal(np.asarray(ox.kron(A, B) - ox.kron(A, B)), 0)


def test_transposed_tensors_are_no_special_case():
    A, B = torch.tensor(random(0, 3, 2)).T, torch.tensor(random(1, 4, 5))[:, ::2]
    np.testing.assert_allclose(np.asarray(ox.kron(A, B)), np.kron(A.numpy(), B.numpy()))
