"""PyTorch tensors: the same results, dtypes and gradients as NumPy, and no library mixed with another."""

import functools
import os
import subprocess
import sys

import numpy as np
import pytest
import torch
from torch.autograd import gradcheck

import otimes as ox

E = ox.errors


def tensor(seed, *shape, dtype=torch.float64, grad=False):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, dtype=dtype, generator=generator).requires_grad_(grad)


def positive(seed, n, dtype=torch.float64):
    a = tensor(seed, n, n, dtype=dtype)
    return a @ a.mH + n * torch.eye(n, dtype=dtype)


def numpy(x):
    """Whatever it is, as a NumPy array."""
    return x.detach().resolve_conj().numpy() if isinstance(x, torch.Tensor) else np.asarray(x)


def dense(*tensors):
    return functools.reduce(np.kron, map(numpy, tensors))


def assert_same(found, wanted, rtol=1e-9):
    found, wanted = numpy(found), numpy(wanted)
    assert found.shape == wanted.shape
    np.testing.assert_allclose(found, wanted, rtol=rtol, atol=rtol * float(np.abs(wanted).max(initial=1)))


def assert_tensor(x, dtype=torch.float64):
    assert isinstance(x, torch.Tensor)
    assert x.dtype == dtype


REAL_AND_COMPLEX = pytest.mark.parametrize("dtype", [torch.float64, torch.complex128], ids=["real", "complex"])


class TestValues:
    """Every function on tensors against NumPy on the formed product."""

    @pytest.fixture(params=[torch.float64, torch.complex128], ids=["real", "complex"])
    def factors(self, request):
        return tensor(0, 3, 3, dtype=request.param), tensor(1, 2, 2, dtype=request.param)

    @pytest.fixture(params=[torch.float64, torch.complex128], ids=["real", "complex"])
    def definite(self, request):
        return positive(0, 3, request.param), positive(1, 2, request.param)

    @REAL_AND_COMPLEX
    @pytest.mark.parametrize("columns", [1, 3, 40])
    def test_products_from_both_sides(self, dtype, columns):
        factors = [tensor(i, *s, dtype=dtype) for i, s in enumerate([(3, 2), (2, 4), (1, 3)])]
        K, D = ox.kron(*factors), dense(*factors)
        X, Y = tensor(8, 24, columns, dtype=dtype), tensor(9, columns, 6, dtype=dtype)
        assert_same(K @ X, D @ numpy(X))
        assert_same(K @ X[:, 0], D @ numpy(X[:, 0]))
        assert_same(Y @ K, numpy(Y) @ D)
        assert_same(Y[0] @ K, numpy(Y[0]) @ D)
        assert_same(K.H @ Y.mH, D.conj().T @ numpy(Y).conj().T)
        assert_tensor(K @ X, dtype)
        assert_tensor(Y @ K, dtype)

    def test_memory_orders(self):
        A, B = tensor(0, 4, 3).T, tensor(1, 6, 4)[::2]
        X = tensor(2, 5, 16).T
        assert not X.is_contiguous()
        assert_same(ox.kron(A, B) @ X, dense(A, B) @ numpy(X))
        assert_same(ox.kron(A, B) @ X[:, ::2], dense(A, B) @ numpy(X[:, ::2]))
        assert_same(ox.kron(A, B) @ X[:, :1].expand(16, 3), dense(A, B) @ numpy(X[:, :1].expand(16, 3)))

    def test_batches(self):
        A, B, X = tensor(0, 3, 2), tensor(1, 2, 2), tensor(2, 5, 2, 4, 3)
        assert_same(ox.kron(A, B) @ X, dense(A, B) @ numpy(X))

    def test_solve(self, factors):
        K, D = ox.kron(*factors), dense(*factors)
        b = tensor(5, 6, 2, dtype=factors[0].dtype)
        for x in (b, b[:, 0]):
            assert_same(ox.solve(K, x), np.linalg.solve(D, numpy(x)))
            assert_tensor(ox.solve(K, x), factors[0].dtype)
        assert_same(ox.inv(K), np.linalg.inv(D))

    def test_scalars(self, factors):
        K, D = ox.kron(*factors), dense(*factors)
        sign, log = np.linalg.slogdet(D)
        assert_same(ox.slogdet(K).sign, sign)
        assert_same(ox.slogdet(K).logabsdet, log)
        assert_same(ox.det(K), np.linalg.det(D))
        assert_same(ox.trace(K), np.trace(D))
        assert_same(ox.diagonal(K), np.diagonal(D))
        for order in ("fro", "nuc", 2, -2, 1, np.inf):
            assert_same(ox.norm(K, order), np.linalg.norm(D, order))
        assert_same(ox.cond(K), np.linalg.cond(D))
        assert ox.matrix_rank(K) == 6

    def test_eigenvalues(self, factors, definite):
        w, V = ox.eig(ox.kron(*factors))
        assert_same(dense(*factors) @ numpy(V), numpy(V) * numpy(w))
        found = np.sort_complex(np.asarray(ox.eigvals(ox.kron(*factors))))
        assert_same(found, np.sort_complex(np.asarray(w)))
        K, D = ox.kron(*definite), dense(*definite)
        w, Q = ox.eigh(K)
        assert_same(Q @ ox.diag(w) @ Q.H, D)
        assert_same(np.sort(np.asarray(ox.eigvalsh(K))), np.linalg.eigvalsh(D))
        assert_same(ox.eigvalsh(K, k=2), np.linalg.eigvalsh(D)[::-1][:2])

    @REAL_AND_COMPLEX
    def test_singular_values(self, dtype):
        factors = tensor(0, 3, 2, dtype=dtype), tensor(1, 2, 4, dtype=dtype)
        K, D = ox.kron(*factors), dense(*factors)
        U, S, Vh = ox.svd(K)
        assert_same(U @ ox.diag(S) @ Vh, D)
        values = np.linalg.svd(D, compute_uv=False)
        assert_same(np.sort(np.asarray(ox.svdvals(K)))[::-1], values)
        assert_same(ox.svdvals(K, k=2), values[:2])
        assert_same(ox.pinv(K), np.linalg.pinv(D))
        b = tensor(5, 6, dtype=dtype)
        assert_same(ox.lstsq(K, b).x, np.linalg.lstsq(D, numpy(b))[0])

    def test_triangular_factors(self, factors, definite):
        assert_same(ox.cholesky(ox.kron(*definite)), np.linalg.cholesky(dense(*definite)))
        K, D = ox.kron(*factors), dense(*factors)
        Q, R = ox.qr(K)
        assert_same(Q @ R, D)
        P, L, U = ox.lu(K)
        assert_same(P @ L @ U, D)

    def test_algebra(self, factors):
        (A, B), x = factors, tensor(4, 6, dtype=factors[0].dtype)
        K, D = ox.kron(A, B), dense(A, B)
        swap = numpy(torch.eye(6)[[0, 2, 4, 1, 3, 5]])
        for L, wanted in (
            (K + K, 2 * D),
            (K - 2 * K, -D),
            (K @ K, D @ D),
            (K.H, D.conj().T),
            (K / 2, D / 2),
            (K + 3 * ox.eye(6), D + 3 * np.eye(6)),
            (K + ox.zeros(6), D),
            (K @ ox.commutation(2, 3), D @ np.asarray(ox.commutation(2, 3))),
            (ox.permutation([0, 2, 4, 1, 3, 5]) @ K, swap @ D),
            (ox.permutation([0, 2, 4, 1, 3, 5]) + K, swap + D),
            (K @ ox.diag(x), D * numpy(x)),
            (K + torch.ones(6, 6, dtype=x.dtype), D + 1),
        ):
            assert_same(ox.to_dense(L), wanted)
            assert_same(L @ x, wanted @ numpy(x))
            assert_tensor(ox.to_dense(L), x.dtype)
            assert_tensor(L @ x, x.dtype)

    def test_kronecker_sums(self):
        A, B = positive(0, 3), positive(1, 2)
        S, D = ox.kronsum(A, B), np.kron(numpy(A), np.eye(2)) + np.kron(np.eye(3), numpy(B))
        b = tensor(3, 6, 2)
        assert_same(S @ b, D @ numpy(b))
        assert_same(S, D)
        assert_same(ox.solve(S, b), np.linalg.solve(D, numpy(b)))
        assert_same(ox.solve(ox.assume(S, "hermitian"), b), np.linalg.solve(D, numpy(b)))
        assert_same(ox.slogdet(S).logabsdet, np.linalg.slogdet(D).logabsdet)
        assert_same(ox.trace(S), np.trace(D))

    def test_sizes_of_zero(self):
        K = ox.kron(torch.ones(2, 0), torch.ones(3, 3))
        assert tuple((K @ torch.ones(0, 4)).shape) == (6, 4)
        assert tuple(ox.to_dense(K).shape) == (6, 0)

    def test_vec(self):
        A, X, B = tensor(0, 2, 3), tensor(1, 3, 4), tensor(2, 4, 2)
        assert_same(ox.kron(B.T, A) @ ox.vec(X), ox.vec(A @ X @ B))
        assert_same(ox.unvec(ox.vec(X), (3, 4)), X)
        assert_tensor(ox.vec(X))

    def test_lazy_vectors(self):
        w = ox.eigh(ox.kron(positive(0, 3), positive(1, 2))).eigenvalues
        formed = np.asarray(w)
        assert_same(w[2], formed[2])
        assert_same(w[1:4], formed[1:4])
        assert_same(w[-1], formed[-1])
        assert_tensor(w.form())


class TestDTypes:
    """float32 stays, integers become float64 where NumPy makes them so, complex meets real."""

    def test_single_precision_stays(self):
        K = ox.kron(positive(0, 3, torch.float32), ox.eye(2), positive(1, 2, torch.float32))
        b = tensor(2, 12, dtype=torch.float32)
        assert K.dtype == torch.float32
        for x in (K @ b, b @ K, ox.solve(K, b), ox.lstsq(K, b).x, ox.to_dense(K), ox.to_dense(ox.inv(K))):
            assert_tensor(x, torch.float32)
        assert_tensor(ox.slogdet(K).logabsdet, torch.float32)
        assert_tensor(ox.eigvalsh(K).form(), torch.float32)
        assert_tensor(ox.svdvals(K).form(), torch.float32)
        assert (2 * K).dtype == (K / 3).dtype == torch.float32

    def test_real_and_complex_factors(self):
        A, B = tensor(0, 3, 3), tensor(1, 2, 2, dtype=torch.complex128)
        K, D = ox.kron(A, B), dense(A, B)
        assert K.dtype == torch.complex128
        for b in (tensor(2, 6), tensor(2, 6, dtype=torch.complex128)):
            assert_same(K @ b, D @ numpy(b))
            assert_same(ox.solve(K, b), np.linalg.solve(D, numpy(b)))
            assert_same(ox.lstsq(K, b).x, np.linalg.solve(D, numpy(b)))
        assert_same(ox.kronsum(A, B) @ b, np.asarray(ox.kronsum(A, B)) @ numpy(b))
        assert_same(K + ox.kron(A, A[:2, :2]), D + dense(A, A[:2, :2]))

    def test_complex_right_hand_sides_of_real_operators(self):
        A, B = tensor(0, 3, 3), tensor(1, 2, 2)
        b = tensor(2, 6, dtype=torch.complex128)
        assert_same(ox.kron(A, B) @ b, dense(A, B) @ numpy(b))
        assert_same(ox.solve(ox.kron(A, B), b), np.linalg.solve(dense(A, B), numpy(b)))

    def test_integers(self):
        A = torch.tensor([[2, 1], [1, 1]])
        K = ox.kron(A, A)
        assert_tensor(K @ torch.arange(4), torch.int64)
        assert_tensor(ox.solve(K, torch.arange(4)), torch.float64)
        assert_same(ox.inv(K), np.linalg.inv(dense(A, A)))
        assert_tensor(K @ torch.ones(4, dtype=torch.float64), torch.float64)
        assert_tensor(ox.solve(ox.kron(A, tensor(0, 2, 2)), torch.arange(4)), torch.float64)

    def test_mixed_precision(self):
        A, B = tensor(0, 3, 3, dtype=torch.float32), tensor(1, 2, 2)
        x = tensor(2, 6, dtype=torch.float32)
        assert_tensor(ox.kron(A, B) @ x, torch.float64)
        assert_same(ox.kron(A, B) @ x, dense(A, B) @ numpy(x).astype(float), rtol=1e-14)

    def test_stated_dtypes(self):
        eye = ox.eye(3, dtype=torch.float32)
        assert eye.dtype == torch.float32
        assert_tensor(ox.to_dense(eye), torch.float32)
        assert_tensor(ox.to_dense(ox.zeros(2, 3, dtype=torch.float64)), torch.float64)
        assert_tensor(ox.to_dense(ox.permutation([1, 0], dtype=torch.float64)), torch.float64)


class TestGradients:
    """Gradients are PyTorch's own, through factors, vectors and scalars."""

    @REAL_AND_COMPLEX
    @pytest.mark.parametrize("columns", [1, 2, 20])
    def test_products(self, dtype, columns):
        A, B = tensor(0, 3, 2, dtype=dtype, grad=True), tensor(1, 2, 3, dtype=dtype, grad=True)
        X = tensor(2, 6, columns, dtype=dtype, grad=True)
        assert gradcheck(lambda A, B, X: ox.kron(A, B) @ X, (A, B, X))
        assert gradcheck(lambda A, B, X: X.T @ ox.kron(A, B).T, (A, B, X))
        assert gradcheck(lambda A, B, X: ox.kron(A, B).H @ (ox.kron(A, B) @ X), (A, B, X))

    @REAL_AND_COMPLEX
    def test_solve(self, dtype):
        A, B = (tensor(i, n, n, dtype=dtype, grad=True) for i, n in enumerate((3, 2)))
        b = tensor(2, 6, 2, dtype=dtype, grad=True)
        assert gradcheck(lambda A, B, b: ox.solve(ox.kron(A, B), b), (A, B, b))
        assert gradcheck(lambda A, B, b: ox.solve(ox.kron(A, B), b[:, 0]), (A, B, b))

    @REAL_AND_COMPLEX
    def test_slogdet(self, dtype):
        A, B = (tensor(i, n, n, dtype=dtype, grad=True) for i, n in enumerate((3, 2)))
        assert gradcheck(lambda A, B: ox.slogdet(ox.kron(A, B)).logabsdet, (A, B))
        assert gradcheck(lambda A, B: ox.slogdet(ox.kron(A, B, ox.eye(2))).logabsdet, (A, B))

    def test_scalars(self):
        A, B = tensor(0, 3, 3, grad=True), tensor(1, 2, 2, grad=True)
        assert gradcheck(lambda A, B: ox.trace(ox.kron(A, B)), (A, B))
        assert gradcheck(lambda A, B: ox.det(ox.kron(A, B)), (A, B))
        assert gradcheck(lambda A, B: ox.norm(ox.kron(A, B)), (A, B))
        assert gradcheck(lambda A, B: ox.diagonal(ox.kron(A, B)).form(), (A, B))
        assert gradcheck(lambda A, B: ox.to_dense(ox.kron(A, B)), (A, B))

    def test_a_scalar_tensor_keeps_its_gradient(self):
        A, B, x = tensor(0, 2, 2, grad=True), tensor(1, 2, 2, grad=True), tensor(2, 4)
        c = torch.tensor(1.5, dtype=torch.float64, requires_grad=True)
        assert gradcheck(lambda c, A, B: (c * ox.kron(A, B)) @ x, (c, A, B))
        assert gradcheck(lambda c, A, B: (ox.kron(A, B) * c) @ x, (c, A, B))
        assert gradcheck(lambda c, A, B: (ox.kron(A, B) / c) @ x, (c, A, B))
        assert gradcheck(lambda c, A, B: ox.slogdet(c * ox.kron(A, B)).logabsdet, (c, A, B))
        assert gradcheck(lambda c, A, B: ox.solve(c * ox.kron(A, B), x), (c, A, B))
        assert gradcheck(lambda c, A, B: (ox.kron(A, B) + c * ox.eye(4)) @ x, (c, A, B))

    def test_a_gaussian_likelihood(self):
        """log det and quadratic form of a covariance with noise, as a Gaussian process has it."""
        A, B, y = tensor(0, 3, 3, grad=True), tensor(1, 2, 2, grad=True), tensor(2, 6)
        noise = torch.tensor(0.5, dtype=torch.float64, requires_grad=True)

        def formed(A, B, noise):
            C = torch.kron(A @ A.T, B @ B.T) + noise * torch.eye(6, dtype=torch.float64)
            return y @ torch.linalg.solve(C, y) + torch.logdet(C)

        def structured(A, B, noise):
            K = ox.kron(*(ox.assume(F @ F.T, "positive_semidefinite") for F in (A, B)))
            C = K + noise * ox.eye(6)
            return y @ ox.solve(C, y) + ox.slogdet(C).logabsdet

        found = structured(A, B, noise)
        wanted = formed(A, B, noise)
        assert_same(found, wanted)
        for f, w in zip(*(torch.autograd.grad(v, (A, B, noise)) for v in (found, wanted)), strict=True):
            assert_same(f, w, rtol=1e-7)

    def test_kronecker_sums(self):
        A, B, x = tensor(0, 3, 3, grad=True), tensor(1, 2, 2, grad=True), tensor(2, 6, grad=True)
        assert gradcheck(lambda A, B, x: ox.kronsum(A, B) @ x, (A, B, x))
        assert gradcheck(lambda A, B: ox.to_dense(ox.kronsum(A, B)), (A, B))
        assert gradcheck(lambda A, B: ox.to_dense(ox.kron(A, B) + ox.kronsum(A, B)), (A, B))

    def test_decompositions_of_tensors_with_gradients(self):
        A, B = (positive(i, n).requires_grad_() for i, n in enumerate((3, 2)))
        K = ox.kron(A, B)
        for found in (
            ox.eigvalsh(K).form(),
            ox.svdvals(K).form(),
            ox.to_dense(ox.cholesky(K)),
            ox.to_dense(ox.pinv(K)),
            ox.lstsq(K, torch.ones(6, dtype=torch.float64)).x,
            ox.to_dense(ox.qr(K).R),
            ox.norm(K, 2),
            ox.slogdet(K).logabsdet,
        ):
            found.sum().backward()
            assert A.grad.isfinite().all()
        assert ox.matrix_rank(K) == 6
        assert float(ox.cond(K)) == pytest.approx(np.linalg.cond(dense(A, B)))
        assert len(ox.eigvalsh(K, k=2)) == len(ox.svdvals(K, k=2)) == 2

    def test_nothing_is_kept_from_one_call_to_the_next(self):
        A = tensor(0, 2, 2, grad=True)
        K = ox.kron(A, A)
        (K @ torch.ones(4, dtype=torch.float64)).sum().backward()
        first = A.grad.clone()
        A.grad = None
        (K @ torch.ones(4, dtype=torch.float64)).sum().backward()
        assert_same(A.grad, first)


class TestMixing:
    """Libraries and devices do not mix; what holds no numbers adapts."""

    def test_factors_of_two_libraries(self):
        for make in (ox.kron, ox.kronsum):
            with pytest.raises(E.ArrayMixError, match=r"factor 0 .*numpy float64.*factor 1 .*torch float32") as caught:
                make(np.ones((2, 2)), torch.ones(2, 2))
            assert "convert" in str(caught.value)
            with pytest.raises(E.ArrayMixError, match=r"factor 1 .*torch.*factor 2 .*numpy"):
                make(ox.eye(2), torch.ones(2, 2), np.ones((2, 2)))

    def test_terms_of_two_libraries(self):
        K, L = ox.kron(np.ones((2, 2)), np.ones((2, 2))), ox.kron(torch.ones(2, 2), torch.ones(2, 2))
        for combine in (lambda: K + L, lambda: L - K, lambda: K @ L, lambda: L @ K):
            with pytest.raises(E.ArrayMixError, match="numpy float64"):
                combine()

    def test_x_of_the_other_library(self):
        K, L = ox.kron(np.ones((2, 2)), np.ones((2, 2))), ox.kron(torch.ones(2, 2), torch.ones(2, 2))
        for multiply in (
            lambda: K @ torch.ones(4),
            lambda: torch.ones(4) @ K,
            lambda: L @ np.ones(4),
            lambda: np.ones(4) @ L,
            lambda: ox.solve(K, torch.ones(4)),
            lambda: ox.lstsq(L, np.ones(4)),
        ):
            with pytest.raises(E.ArrayMixError, match=r"numpy.*torch|torch.*numpy"):
                multiply()

    def test_sparse_matrices_are_of_numpy(self):
        import scipy.sparse

        with pytest.raises(E.ArrayMixError, match="factor 1"):
            ox.kron(scipy.sparse.csr_array(np.eye(2)), torch.eye(2))

    @pytest.mark.parametrize(
        ("weak", "array"),
        [
            (ox.eye(2), np.eye(2)),
            (ox.permutation([1, 0]), np.eye(2)[[1, 0]]),
            (ox.commutation(2, 1), np.eye(2)),
            (ox.zeros(2), np.zeros((2, 2))),
            (3 * ox.eye(2), 3 * np.eye(2)),
        ],
        ids=["identity", "permutation", "commutation", "zero", "multiple"],
    )
    def test_weak_operators_take_the_library_they_meet(self, weak, array):
        A, x = tensor(0, 3, 3, dtype=torch.float32), tensor(1, 6, dtype=torch.float32)
        for K, wanted in (
            (ox.kron(weak, A), np.kron(array, numpy(A))),
            (ox.kron(A, weak), np.kron(numpy(A), array)),
            (ox.kronsum(weak, A), np.kron(array, np.eye(3)) + np.kron(np.eye(2), numpy(A))),
        ):
            assert K.dtype == torch.float32
            assert_tensor(K @ x, torch.float32)
            assert_same(K @ x, wanted @ numpy(x), rtol=1e-5)
            assert_tensor(ox.to_dense(K), torch.float32)
            assert_same(ox.to_dense(K), wanted, rtol=1e-5)
            assert_same(ox.diagonal(K), np.diagonal(wanted), rtol=1e-5)
            assert_same(ox.trace(K), np.trace(wanted), rtol=1e-5)
            values = np.sort(np.asarray(ox.svdvals(K)))
            assert_same(values, np.sort(np.linalg.svd(wanted, compute_uv=False)), rtol=1e-4)

    @pytest.mark.parametrize("weak", [ox.eye(2), ox.permutation([1, 0]), ox.zeros(2)], ids=["I", "P", "0"])
    def test_weak_operators_meet_tensors(self, weak):
        x = tensor(1, 2, 3, dtype=torch.float32)
        assert_tensor(weak @ x, torch.float32)
        assert_same(weak @ x, np.asarray(weak) @ numpy(x))
        assert_same(x.T @ weak, numpy(x).T @ np.asarray(weak))

    def test_weak_identities_in_decompositions(self):
        A = positive(0, 3)
        K, D = ox.kron(ox.eye(2), A), dense(torch.eye(2, dtype=torch.float64), A)
        w, Q = ox.eigh(K)
        assert_same(Q @ ox.diag(w) @ Q.H, D)
        U, S, Vh = ox.svd(K)
        assert_same(U @ ox.diag(S) @ Vh, D)
        assert_same(ox.cholesky(K), np.linalg.cholesky(D))
        assert_same(ox.pinv(K), np.linalg.inv(D))
        assert_same(ox.eigvalsh(K, k=2), np.linalg.eigvalsh(D)[::-1][:2])
        assert_same(ox.solve(K, torch.ones(6, dtype=torch.float64)), np.linalg.solve(D, np.ones(6)))

    def test_lists_adapt_in_full_precision(self):
        K = ox.kron(torch.eye(2, dtype=torch.float64), torch.eye(2, dtype=torch.float64))
        x = [0.1, 0.2, 0.3, 0.4]
        for found in (K @ x, x @ K, ox.solve(K, x)):
            assert_tensor(found)
            assert_same(found, np.array(x), rtol=1e-16)

    def test_numpy_scalars_are_scalars(self):
        K = ox.kron(torch.eye(2, dtype=torch.float64), torch.eye(2, dtype=torch.float64))
        for c in (np.float64(2), np.float32(2), np.int64(2), 2, 2.0):
            assert_same((c * K) @ torch.ones(4, dtype=torch.float64), 2 * np.ones(4))
            assert_same((K * c) @ torch.ones(4, dtype=torch.float64), 2 * np.ones(4))


class TestDevices:
    """The device `meta` stands for a device that is not the host: shapes flow, entries do not."""

    def test_results_are_on_the_device(self):
        K = ox.kron(torch.ones(3, 2, device="meta"), ox.eye(2), torch.ones(2, 4, device="meta"))
        for x in (K @ torch.ones(16, 5, device="meta"), K.T @ torch.ones(12, device="meta"), ox.to_dense(K)):
            assert x.device.type == "meta"
        assert tuple((K @ torch.ones(16, 5, device="meta")).shape) == (12, 5)
        S = ox.kronsum(torch.ones(3, 3, device="meta"), torch.ones(2, 2, device="meta"))
        assert (S @ torch.ones(6, device="meta")).device.type == "meta"
        assert ox.to_dense(2 * S + ox.eye(6)).device.type == "meta"

    def test_devices_do_not_mix(self):
        here, there = torch.ones(2, 2), torch.ones(2, 2, device="meta")
        with pytest.raises(E.ArrayMixError, match=r"factor 1 .*on meta"):
            ox.kron(here, there)
        with pytest.raises(E.ArrayMixError, match="on meta"):
            ox.kron(here, here) @ torch.ones(4, device="meta")
        with pytest.raises(E.ArrayMixError, match="on meta"):
            ox.kron(here, here) + ox.kron(there, there)

    def test_it_prints(self):
        K = ox.kron(torch.ones(3, 2, device="meta"), ox.eye(1))
        assert "3×2 float32" in repr(K)


class TestErrors:
    """PyTorch's own errors become the library's."""

    def test_singular(self):
        A, S = tensor(0, 3, 3), torch.ones(2, 2, dtype=torch.float64)
        with pytest.raises(E.SingularError, match="factor 1"):
            ox.solve(ox.kron(A, S), torch.ones(6, dtype=torch.float64))
        with pytest.raises(E.SingularError, match="singular"):
            ox.inv(ox.kron(A, S))

    def test_not_positive_definite(self):
        with pytest.raises(E.NotPositiveDefinite):
            ox.cholesky(ox.kron(positive(0, 2), torch.diag(torch.tensor([1.0, -1.0], dtype=torch.float64))))

    def test_not_hermitian(self):
        with pytest.raises(E.StructureError, match="not Hermitian"):
            ox.eigh(ox.kron(positive(0, 2), tensor(1, 3, 3)))

    def test_shapes(self):
        K = ox.kron(tensor(0, 3, 2), tensor(1, 2, 2))
        with pytest.raises(E.ShapeError, match=r"6×4 \(3×2 ⊗ 2×2\).*\(5,\).*4 entries"):
            K @ tensor(0, 5)
        with pytest.raises(E.ShapeError, match="batch shapes"):
            ox.kron(tensor(0, 2, 2, 2), tensor(0, 3, 2, 2))

    def test_half_precision_has_no_decomposition(self):
        A = torch.eye(2, dtype=torch.float16)
        assert_tensor(ox.kron(A, A) @ torch.ones(4, dtype=torch.float16), torch.float16)
        with pytest.raises(E.DTypeError, match="float16"):
            ox.solve(ox.kron(A, A), torch.ones(4, dtype=torch.float16))


def test_operators_of_tensors_are_copied_and_pickled():
    import copy
    import pickle

    K = 2 * ox.kron(tensor(0, 3, 3), ox.eye(2)) + ox.eye(6)
    for other in (pickle.loads(pickle.dumps(K)), copy.copy(K), copy.deepcopy(K)):
        assert other.dtype == torch.float64
        assert_same(ox.to_dense(other), ox.to_dense(K))


def test_importing_otimes_imports_no_extra():
    heavy = ("torch", "matplotlib", "typer", "rich", "jax", "cupy", "pandas", "sklearn", "networkx", "IPython")
    code = f"import otimes, sys; print(*[name for name in {heavy!r} if name in sys.modules])"
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path))
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert found.stdout.strip() == ""


def test_numpy_work_imports_no_extra():
    code = (
        "import numpy as np, otimes as ox, sys; K = ox.kron(np.eye(2), ox.eye(3, dtype=np.float32));"
        "ox.solve(K, K @ np.ones(6)); ox.svd(K); print(ox.explain(ox.inv, K)); assert 'torch' not in sys.modules"
    )
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path))
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment)
    assert found.returncode == 0, found.stderr
