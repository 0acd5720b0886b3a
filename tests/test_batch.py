"""Batches: operators stacked as NumPy's `linalg` stacks matrices, against NumPy on the stacked dense arrays."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
from market import agree
from torch.autograd import gradcheck

import otimes as ox

E = ox.errors
jax.config.update("jax_enable_x64", True)
EPS = 1e-15


def random(seed, *shape):
    return np.random.default_rng(seed).uniform(-1, 1, shape)


def regular(seed, *shape):
    return random(seed, *shape) + 3 * np.eye(shape[-1])


def definite(seed, *shape):
    a = regular(seed, *shape)
    return a @ a.mT


def kron(*arrays):
    """The Kronecker product over the last two axes, those before broadcast."""
    whole = arrays[0]
    for a in arrays[1:]:
        whole = np.einsum("...ij,...kl->...ikjl", whole, a)
        whole = whole.reshape(*whole.shape[:-4], whole.shape[-4] * a.shape[-2], whole.shape[-2] * a.shape[-1])
    return whole


A, B = regular(0, 5, 1, 3, 3), regular(1, 4, 2, 2)
K, D = ox.kron(A, B), kron(A, B)


class TestShapes:
    def test_shapes_and_dtype(self):
        assert (K.shape, K.batch_shape, K.ndim, K.dtype, len(K)) == ((5, 4, 6, 6), (5, 4), 4, np.float64, 5)
        assert ox.kron(random(0, 2, 2, 3), random(1, 4, 5)).shape == (2, 8, 15)
        assert ox.aslinearoperator(A).shape == A.shape
        assert ox.kron(A.tolist(), B.tolist()).shape == K.shape

    def test_entries(self):
        agree(np.asarray(K), D, EPS)
        agree(np.asarray(ox.aslinearoperator(A)), A, EPS)
        agree(ox.to_dense(ox.kron(A, B[0], B)), kron(A, B[0], B), EPS)

    @pytest.mark.parametrize(
        "key", [0, -1, (2, 3), (slice(1, 4), 0), (slice(None), 2), slice(None, None, 2), [4, 0]], ids=str
    )
    def test_indexing_is_numpys(self, key):
        part = K[key]
        agree(np.asarray(part), D[key], EPS)
        assert isinstance(part, ox.Kronecker if D[key].ndim == 2 else ox.Batch)

    def test_iteration(self):
        assert [part.shape for part in K] == [(4, 6, 6)] * 5
        agree(np.asarray(list(K)[3]), D[3], EPS)

    def test_transposes(self):
        C = A + 1j * random(2, *A.shape)
        Z, dense = ox.kron(C, B), kron(C, B)
        agree(np.asarray(Z.T), dense.mT, EPS)
        agree(np.asarray(Z.H), dense.conj().mT, EPS)
        agree(np.asarray(Z.conj()), dense.conj(), EPS)
        agree(np.asarray(ox.transpose(Z)), dense.mT, EPS)


class TestProducts:
    @pytest.mark.parametrize("shape", [(6,), (6, 2), (4, 6, 2), (5, 1, 6, 2), (3, 5, 4, 6, 1), (6, 0)], ids=str)
    def test_vectors_matrices_and_batches(self, shape):
        x = random(3, *shape)
        agree(K @ x, D @ x, EPS, growth=10)
        left = x if x.ndim == 1 else x.mT
        agree(left @ K, left @ D, EPS, growth=10)

    def test_rectangles(self):
        F, G, x = random(0, 3, 2, 4), random(1, 5, 3), random(2, 3, 12, 2)
        agree(ox.kron(F, G) @ x, kron(F, G) @ x, EPS, growth=10)
        empty = ox.kron(F[:, :, :0], G)
        assert not (empty @ np.ones((0, 2))).any()
        assert (empty @ np.ones((0, 2))).shape == (3, 10, 2)

    def test_operators_beside_stacks(self):
        P = ox.permutation([2, 0, 1])
        mixed = ox.kron(ox.eye(2), A, P)
        x = random(4, 18, 2)
        wanted = kron(np.eye(2), A, np.asarray(P))
        agree(np.asarray(mixed), wanted, EPS)
        agree(mixed @ x, wanted @ x, EPS, growth=10)

    def test_results_multiply(self):
        x = random(5, 6, 3)
        agree(ox.inv(K) @ x, np.linalg.inv(D) @ x, EPS, growth=100)
        agree(ox.kronsum(A, B) @ x, np.asarray(ox.kronsum(A, B)) @ x, EPS, growth=10)

    def test_one_gemm_for_each_factor(self, monkeypatch):
        """No operator is made of a slice, whatever the length of the batch."""
        monkeypatch.setattr(ox.Batch, "operator", lambda *_: pytest.fail("an operator was made"))
        many = ox.kron(random(0, 1000, 3, 3), random(1, 1000, 2, 2))
        assert (many @ np.ones(6)).shape == (1000, 6)
        assert (many.T @ np.ones((1000, 6, 1))).shape == (1000, 6, 1)


class TestArithmetic:
    def test_sums_and_multiples(self):
        c = random(6, 5, 1, 1, 1)
        for got, wanted in (
            (K + K, D + D),
            (K - 2 * K, -D),
            (-K / 4, -D / 4),
            (c * K, c * D),
            (K @ K.T, D @ D.mT),
            (K @ ox.eye(6), D),
            (ox.eye(6) + K, np.eye(6) + D),
            (K + np.ones((6, 6)), D + 1),
            (ox.permutation([1, 0, 2, 3, 4, 5]) @ K, D[..., [1, 0, 2, 3, 4, 5], :]),
        ):
            agree(np.asarray(got), wanted, EPS, growth=10)


class TestFunctions:
    """Each result has the batch axes in front, as in NumPy."""

    def test_scalars(self):
        agree(ox.det(K), np.linalg.det(D), EPS, growth=100)
        agree(ox.trace(K), np.trace(D, axis1=-2, axis2=-1), EPS)
        agree(ox.norm(K), np.linalg.norm(D, axis=(-2, -1)), EPS)
        assert (ox.matrix_rank(K) == np.full((5, 4), 6)).all()
        sign, log = ox.slogdet(K)
        assert (sign == np.linalg.slogdet(D).sign).all()
        agree(log, np.linalg.slogdet(D).logabsdet, EPS, growth=100)
        assert isinstance(ox.slogdet(K), type(ox.slogdet(K[0, 0])))

    def test_solve(self):
        for b in (random(7, 6), random(7, 6, 2), random(7, 4, 6, 2), random(7, 3, 1, 1, 6, 2)):
            wanted = np.linalg.solve(D, b[:, None] if b.ndim == 1 else b)
            agree(ox.solve(K, b), wanted[..., 0] if b.ndim == 1 else wanted, EPS, growth=100)
        agree(ox.solve(K[0, 0], np.ones((5, 6, 1))), np.linalg.solve(D[0, 0], np.ones((5, 6, 1))), EPS, growth=100)
        agree(np.asarray(ox.solve(K[0, 0], K)), np.linalg.solve(D[0, 0], D), EPS, growth=100)
        agree(ox.lstsq(K, np.ones(6)).x, np.linalg.solve(D, np.ones((6, 1)))[..., 0], EPS, growth=100)

    def test_decompositions(self):
        P = ox.kron(definite(0, 5, 1, 3, 3), definite(1, 4, 2, 2))
        dense = np.asarray(P)
        L = ox.cholesky(P)
        agree(np.asarray(L @ L.H), dense, EPS, growth=10)
        w, Q = ox.eigh(P)
        assert w.shape == (5, 4, 6)
        agree(np.asarray(Q) * w[..., None, :] @ np.asarray(Q).mT, dense, EPS, growth=100)
        agree(ox.eigvalsh(P, k=2), np.linalg.eigvalsh(dense)[..., ::-1][..., :2], EPS, growth=10)
        assert ox.assume(P, "positive_definite")[1, 2].facts.positive_definite

    def test_arrays_are_operands(self):
        agree(np.asarray(ox.inv(A)), np.linalg.inv(A), EPS, growth=100)


class TestBadInput:
    def test_conflicting_batches(self):
        with pytest.raises(E.ShapeError, match=r"factor 0 has \(5,\) and factor 1 has \(4,\)"):
            ox.kron(A[:, 0], B)
        with pytest.raises(E.ShapeError, match=r"A has \(5, 4\) and x has \(3,\)"):
            K @ np.ones((3, 6, 1))
        with pytest.raises(E.ShapeError, match=r"\(5, 4\).*\(3,\)"):
            ox.solve(K, np.ones((3, 6, 1)))

    def test_wrong_rows(self):
        with pytest.raises(E.ShapeError, match="x must have 6 entries"):
            K @ np.ones(5)
        with pytest.raises(E.ShapeError, match="square"):
            ox.inv(random(0, 2, 3, 4))

    def test_errors_say_where(self):
        singular = B.copy()
        singular[2] = 1
        with pytest.raises(E.SingularError, match=r"at \(0, 2\) of the batch: factor 1"):
            ox.inv(ox.kron(A, singular))

    def test_scalars_of_the_wrong_shape(self):
        with pytest.raises(E.ShapeError, match="1, 1"):
            K * np.ones((5, 4))

    def test_empty(self):
        assert (ox.kron(A[:0], B) @ np.ones(6)).shape == (0, 4, 6)
        with pytest.raises(E.ShapeError, match="empty"):
            ox.inv(A[:0])

    def test_mixed_libraries(self):
        with pytest.raises(E.ArrayMixError, match=r"numpy.*torch"):
            ox.kron(A, torch.ones(2, 2))


class TestGradients:
    def test_torch(self):
        a, b = (torch.tensor(x, requires_grad=True) for x in (A[:2], B[:3]))
        x = torch.tensor(random(8, 3, 6, 2))
        assert gradcheck(lambda a, b: ox.kron(a, b) @ x, (a, b))
        assert gradcheck(lambda a, b: ox.slogdet(ox.kron(a, b)).logabsdet, (a, b))
        assert gradcheck(lambda a, b: ox.solve(ox.kron(a, b), x), (a, b))

    def test_jax(self):
        a, b = jnp.asarray(A), jnp.asarray(B)
        x = jnp.asarray(random(8, 6))
        agree(jax.jit(lambda K, x: K @ x)(ox.kron(a, b), x), D @ x, EPS, growth=10)
        agree(jax.vmap(lambda K: K @ x)(ox.kron(a[:4, 0], b)), kron(A[:4, 0], B) @ x, EPS, growth=10)
        slope = jax.grad(lambda a: ox.slogdet(ox.kron(a, b)).logabsdet.sum())(a)
        agree(slope, 8 * np.linalg.inv(A).mT, EPS, growth=100)
        inverse = jax.jit(ox.inv)(ox.kron(a[0], b))
        agree(np.asarray(inverse), np.linalg.inv(D[0]), EPS, growth=100)
