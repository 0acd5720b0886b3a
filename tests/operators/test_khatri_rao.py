"""Khatri-Rao products and extreme pairs: identities, ties, sizes beyond 64 bits, and what is refused."""

import numpy as np
import pytest
import scipy.linalg
import torch
from hypothesis import given
from hypothesis import strategies as st
from market import agree, definite, hermitian, kron, matrix

import otimes as ox
from otimes.core.vector import KroneckerSumVector, KroneckerVector
from otimes.errors import ArrayMixError, ShapeError

shapes = st.tuples(st.lists(st.integers(0, 4), min_size=1, max_size=4), st.integers(0, 5))


def entries(m, n, seed):
    return np.random.default_rng([seed, m, n]).standard_normal((m, n))


class TestIdentities:
    @given(shapes)
    def test_products_from_both_sides(self, sizes):
        rows, k = sizes
        factors = [entries(m, k, i) for i, m in enumerate(rows)]
        A = ox.khatri_rao(*factors)
        dense = factors[0]
        for F in factors[1:]:
            dense = (dense[:, None] * F).reshape(len(dense) * len(F), k)
        x, y = entries(k, 3, 7), entries(len(dense), 2, 8)
        agree(A @ x, dense @ x, 1e-15)
        agree(A.T @ y, dense.T @ y, 1e-15, scale=1.0)
        agree(y.T @ A, y.T @ dense, 1e-15, scale=1.0)

    def test_mixed_products_and_the_gram_matrix(self):
        A, B, C, D = matrix(4, 5), matrix(3, 6), matrix(5, 2), matrix(6, 2)
        fused = ox.kron(A, B) @ ox.khatri_rao(C, D)
        assert isinstance(fused, ox.KhatriRao)
        agree(ox.to_dense(fused), scipy.linalg.khatri_rao(A @ C, B @ D), 1e-15)
        gram = ox.khatri_rao(C, D).T @ ox.khatri_rao(C, D)
        assert isinstance(gram, ox.Dense)
        agree(ox.to_dense(gram), (C.T @ C) * (D.T @ D), 1e-15)
        assert isinstance(ox.khatri_rao(C, D) @ ox.diag([2.0, 3.0]), ox.KhatriRao)

    def test_least_squares_of_a_million_rows(self):
        factors = [matrix(100, 4, seed=i) for i in range(3)]
        A = ox.khatri_rao(*factors)
        x = np.array([1.0, -2.0, 3.0, 0.5])
        agree(ox.lstsq(A, A @ x)[0], x, 1e-15, growth=10)
        U, S, Vh = ox.svd(A)
        agree(ox.to_dense(Vh.T @ ox.diag(S**2) @ Vh), ox.to_dense(A.T @ A), 1e-14)
        assert ox.matrix_rank(ox.khatri_rao(*[F[:, [0, 0, 1, 2]] for F in factors])) == 3
        assert U.shape == (10**6, 4)

    def test_gradients_pass_through(self):
        a, b = (torch.asarray(matrix(n, 2)).requires_grad_() for n in (3, 4))
        x = torch.ones(2, dtype=torch.float64)
        (ox.khatri_rao(a, b) @ x).sum().backward()
        agree(a.grad.numpy(), np.tile(matrix(4, 2).sum(0), (3, 1)), 1e-15)


class TestRefusals:
    def test_sizes_that_differ(self):
        with pytest.raises(ShapeError, match="factor 1 is 4×3; they must have the same number of columns"):
            ox.khatri_rao(np.ones((2, 2)), np.ones((4, 3)))
        with pytest.raises(ShapeError, match="factor 2 is 3×2; they must have the same number of rows"):
            ox.face_splitting(np.ones((2, 2)), np.ones((2, 3)), np.ones((3, 2)))

    def test_none_and_mixed(self):
        for function in (ox.khatri_rao, ox.face_splitting):
            with pytest.raises(ShapeError, match="no factors"):
                function()
            with pytest.raises(ArrayMixError, match="factor 1"):
                function(np.ones((2, 2)), torch.ones((2, 2)))


class TestExtremePairs:
    @given(
        st.lists(st.lists(st.integers(-3, 3), min_size=1, max_size=4), min_size=1, max_size=4),
        st.integers(0, 8),
        st.sampled_from(["largest", "smallest", "magnitude"]),
        st.sampled_from([KroneckerVector, KroneckerSumVector]),
    )
    def test_indices_of_extremes_with_ties(self, parts, k, which, kind):
        vector = kind(*(np.array(part, float) for part in parts))
        k = min(k, vector.size)
        index = vector.extreme_indices(k, which)
        assert len(set(index.tolist())) == k
        found, wanted = np.asarray(vector)[index], vector.extremes(k, which)
        assert np.array_equal(*((abs(found), abs(wanted)) if which == "magnitude" else (found, wanted)))

    def test_more_rows_than_64_bits_count(self):
        factors = [hermitian(8, seed=i) for i in range(30)]
        K = ox.kron(*factors)
        assert K.shape[0] == 8**30 > 2**63
        w, V = ox.eigh(K, k=5, which="magnitude")
        assert isinstance(V, ox.KhatriRao)
        agree(abs(w), abs(ox.eigvalsh(K, k=5, which="magnitude")), 1e-15)
        columns = [np.asarray(F) for F in V.factors]
        rayleigh = np.prod([np.sum(C * (F @ C), axis=0) for F, C in zip(factors, columns, strict=True)], axis=0)
        agree(rayleigh, w, 1e-14)
        agree(ox.to_dense(V.T @ V), np.eye(5), 1e-14)

    def test_pairs_of_sums_and_shifts(self):
        A, B = hermitian(5), definite(4)
        for K in (ox.kronsum(A, B), ox.kron(A, B) + 2.0 * ox.eye(20), -3.0 * ox.kronsum(A, B)):
            dense = np.asarray(K)
            w, V = ox.eigh(K, k=3, which="smallest")
            agree(w, np.linalg.eigvalsh(dense)[:3], 1e-14, scale=np.linalg.norm(dense, 2))
            agree(dense @ np.asarray(V), np.asarray(V) * w, 1e-14, scale=np.linalg.norm(dense, 2))

    def test_best_approximation_of_given_rank(self):
        K = ox.kron(matrix(4, 3), matrix(5))
        U, S, Vh = ox.svd(K, k=4)
        assert isinstance(U, ox.KhatriRao)
        assert isinstance(Vh, ox.FaceSplitting)
        error = np.linalg.norm(kron(matrix(4, 3), matrix(5)) - np.asarray(U @ ox.diag(S) @ Vh), 2)
        assert error == pytest.approx(np.sort(ox.svdvals(K))[::-1][4], rel=1e-12)

    def test_how_many(self):
        K = ox.kron(hermitian(2), hermitian(3))
        for call in (lambda: ox.eigh(K, k=7), lambda: ox.svd(K, k=-1), lambda: ox.eigh(K, k=1, which="first")):
            with pytest.raises(ShapeError):
                call()


def test_batches():
    A, B = matrix(6, 3).reshape(2, 3, 3), matrix(3)
    for product, shape in ((ox.khatri_rao, (2, 9, 3)), (ox.face_splitting, (2, 3, 9))):
        K = product(A, B)
        assert K.shape == shape
        np.testing.assert_array_equal(np.asarray(K), [np.asarray(product(a, B)) for a in A])
