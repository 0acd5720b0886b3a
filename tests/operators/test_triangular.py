"""Triangles, and operators known to be triangular, in every library."""

import array_api_strict
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
from market import agree, definite, kron, matrix

import otimes as ox
from otimes.core.array import is_array, to_numpy
from otimes.errors import NonFiniteError, NoRule, ShapeError, SingularError

jax.config.update("jax_enable_x64", True)

EPS = np.finfo(float).eps
LIBRARIES = {"numpy": np.asarray, "torch": torch.asarray, "jax": jnp.asarray, "strict": array_api_strict.asarray}


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("name", ["tril", "triu"])
def test_known_triangles_are_used_in_every_library(library, name):
    a = matrix(4) + 0.5
    dense = getattr(np, name)(a)
    T = getattr(ox, name)(LIBRARIES[library](a))
    b = np.arange(4.0)
    assert is_array(T.array)
    agree(to_numpy(ox.solve(T, LIBRARIES[library](b))), np.linalg.solve(dense, b), EPS, growth=50)
    agree(to_numpy(ox.to_dense(ox.inv(T))), np.linalg.inv(dense), EPS, growth=50)
    agree(float(ox.det(T)), np.linalg.det(dense), EPS, growth=10)
    agree(float(ox.slogdet(T).logabsdet), np.linalg.slogdet(dense).logabsdet, EPS, growth=10)
    agree(to_numpy(ox.eigvals(T)), a.diagonal(), EPS)
    assert ox.inv(T).facts == T.facts


def test_products_of_triangles_are_triangular():
    L, M = ox.tril(matrix(3)), ox.tril(matrix(4))
    for A in (ox.kron(L, M), ox.kronsum(L, M), ox.block_diag(L, M), ox.kron(L, M) + ox.kron(M, L), L @ L, ox.inv(L)):
        assert A.facts.lower_triangular
        assert A.T.facts.upper_triangular


def test_triangles_of_large_products_are_sums_of_two():
    factors = [matrix(10, seed=i) for i in range(6)]
    K = ox.kron(*factors)
    T, strict = ox.tril(K), ox.triu(K, 1)
    x = np.random.default_rng(0).standard_normal(10**6)
    assert np.abs(T @ x + strict @ x - K @ x).max() <= 1e-12 * np.abs(K @ x).max()
    assert np.abs(ox.eigvals(T) - np.asarray(ox.diagonal(K))).max() <= 1e-13 * np.abs(np.asarray(ox.diagonal(K))).max()
    with pytest.raises(NoRule, match="dense_limit"):
        ox.tril(K, 5)


@pytest.mark.parametrize("k", range(-7, 8))
def test_every_diagonal(k):
    A, B = matrix(2), matrix(3)
    for K, dense in (
        (ox.kron(A, B), kron(A, B)),
        (ox.kronsum(A, B), kron(A, np.eye(3)) + kron(np.eye(2), B)),
        (ox.diag(np.arange(1.0, 7)), np.diag(np.arange(1.0, 7))),
        (ox.kron(matrix(2, 3), B[:, :2]), kron(matrix(2, 3), B[:, :2])),
    ):
        agree(np.asarray(ox.tril(K, k)), np.tril(dense, k), EPS)
        agree(np.asarray(ox.triu(K, k)), np.triu(dense, k), EPS)


def test_what_is_refused():
    with pytest.raises(SingularError, match="zero on its diagonal"):
        ox.solve(ox.tril(matrix(3), -1), np.ones(3))
    with pytest.raises(SingularError, match="zero on its diagonal"):
        ox.inv(ox.tril(matrix(3), -1))
    with pytest.raises(NonFiniteError):
        ox.solve(ox.tril(np.where(np.eye(3) > 0, 1.0, np.inf)), np.ones(3))
    with pytest.raises(ShapeError, match=r"tril: k=0.5 is not the number of a diagonal"):
        ox.tril(matrix(3), 0.5)


def test_elimination_and_updates_are_compiled_and_differentiated():
    A, C, u = definite(3), matrix(2, 3), matrix(3, 1)

    def bordered(C):
        return ox.block([[jnp.asarray(A), C.T], [C, -2.0 * jnp.eye(2)]])

    def updated(u):
        return ox.diag(jnp.arange(1.0, 4.0)) + ox.low_rank(u)

    for make, x, n in ((bordered, jnp.asarray(C), 5), (updated, jnp.asarray(u), 3)):
        dense = np.asarray(make(x))
        agree(
            jax.jit(lambda x, make=make, n=n: ox.solve(make(x), jnp.ones(n)))(x),
            np.linalg.solve(dense, np.ones(n)),
            EPS,
            growth=50,
        )
        gradient = jax.grad(lambda x, make=make: ox.slogdet(make(x))[1])(x)
        step = 1e-6 * jnp.ones_like(x)
        change = np.linalg.slogdet(np.asarray(make(x + step)))[1] - np.linalg.slogdet(np.asarray(make(x - step)))[1]
        assert float((gradient * 2 * step).sum()) == pytest.approx(change, rel=1e-6)
