"""JAX: operators are pytrees, and products, solve and slogdet can be jitted, differentiated and mapped."""

import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from market import agree

import otimes as ox
from otimes.core.facts import Facts
from otimes.core.operator import LinearOperator
from otimes.errors import DTypeError

jax.config.update("jax_enable_x64", True)
EPS = 1e-15


def array(seed, *shape):
    return jnp.asarray(np.random.default_rng(seed).uniform(-1, 1, shape))


def regular(seed, n):
    return array(seed, n, n) + 3 * jnp.eye(n)


def definite(seed, n):
    a = regular(seed, n)
    return ox.assume(a @ a.T, "positive_definite")


A, B, x = regular(0, 3), regular(1, 2), array(2, 6)
OPERATORS = {
    "kron": lambda A, B: ox.kron(A, B),
    "kron of three": lambda A, B: ox.kron(A, ox.eye(1), B),
    "kronsum": lambda A, B: ox.kronsum(A, B),
    "hermitian kronsum": lambda A, B: ox.kronsum(*(ox.assume(F + F.T, "hermitian") for F in (A, B))),
    "shifted": lambda A, B: ox.kron(*(ox.assume(F @ F.T, "hermitian") for F in (A, B))) + 0.5 * ox.eye(6),
    "product": lambda A, B: ox.kron(A, B) @ ox.permutation([1, 0, 3, 2, 5, 4]) @ ox.diag(jnp.arange(1.0, 7.0)),
    "sum": lambda A, B: ox.kron(A, B) + ox.kron(B, A),
    "multiple": lambda A, B: 2.5 * ox.kron(A, B),
    "multiple by an entry": lambda A, B: A[0, 0] * ox.kron(A, B),
    "blocks": lambda A, B: ox.block_diag(A, B, B[:1, :1]),
}
every_operator = pytest.mark.parametrize("make", list(OPERATORS.values()), ids=list(OPERATORS))
FUNCTIONS = {
    "product": lambda K: K @ x,
    "product from the left": lambda K: x @ K,
    "solve": lambda K: ox.solve(K, x),
    "slogdet": lambda K: ox.slogdet(K).logabsdet,
}
every_function = pytest.mark.parametrize("call", list(FUNCTIONS.values()), ids=list(FUNCTIONS))
DENSE = {
    "product": lambda a: a @ x,
    "product from the left": lambda a: x @ a,
    "solve": lambda a: jnp.linalg.solve(a, x),
    "slogdet": lambda a: jnp.linalg.slogdet(a).logabsdet,
}


@every_operator
class TestTransformations:
    @every_function
    def test_jit_of_what_is_made_inside(self, make, call):
        agree(jax.jit(lambda A, B: call(make(A, B)))(A, B), call(make(A, B)), EPS, growth=100)

    @every_function
    def test_jit_of_an_operator(self, make, call):
        agree(jax.jit(call)(make(A, B)), call(make(A, B)), EPS, growth=100)

    @pytest.mark.parametrize("name", list(FUNCTIONS))
    def test_gradients_are_those_of_the_formed_matrix(self, make, name):
        def structured(A, B):
            return FUNCTIONS[name](make(A, B)).sum()

        def formed(A, B):
            return DENSE[name](ox.to_dense(make(A, B))).sum()

        for got, wanted in zip(jax.grad(structured, (0, 1))(A, B), jax.grad(formed, (0, 1))(A, B), strict=True):
            agree(got, wanted, EPS, growth=1e4, scale=1.0)

    @every_function
    def test_vmap(self, make, call):
        stack = jnp.stack([A, A.T, 2 * A])
        mapped = jax.vmap(lambda A: call(make(A, B)))(stack)
        agree(mapped, np.stack([np.asarray(call(make(a, B))) for a in stack]), EPS, growth=100)


class TestPytrees:
    def test_leaves_are_the_arrays(self):
        K = 2 * ox.kron(A, ox.permutation([1, 0]), B) + ox.eye(12)
        leaves, structure = jax.tree.flatten(K)
        assert [leaf.shape for leaf in leaves] == [(3, 3), (2, 2)]
        again = jax.tree.unflatten(structure, leaves)
        assert (type(again), again.shape, again.spec, again.facts) == (type(K), K.shape, K.spec, K.facts)
        agree(np.asarray(again), np.asarray(K), EPS)

    def test_structure_is_hashable_and_equal(self):
        one, other = (jax.tree.structure(ox.kron(a, ox.permutation([2, 0, 1]))) for a in (A, 2 * A))
        assert one == other
        assert hash(one) == hash(other)
        assert one != jax.tree.structure(ox.kron(A, ox.permutation([0, 2, 1])))

    def test_a_jitted_function_is_compiled_once(self):
        traces = []

        @jax.jit
        def apply(K, x):
            traces.append(K.shape)
            return K @ x

        for scale in (1, 2, 3):
            apply(ox.kron(scale * A, B), x)
        assert len(traces) == 1

    def test_specs_follow_the_leaves(self):
        K = ox.kron(A, B)
        single = jax.tree.map(lambda a: a.astype(jnp.float32), K)
        assert single.dtype == jnp.float32
        assert (single @ x.astype(jnp.float32)).dtype == jnp.float32
        of_numpy = ox.kron(np.asarray(A), np.asarray(B)) * (1 + 2j)
        got = jax.jit(lambda K: K.T)(of_numpy)
        assert got.spec == ox.map_arrays(of_numpy, jnp.asarray).spec
        agree(np.asarray(got), np.asarray(of_numpy).T, EPS)

    def test_an_operator_comes_out_of_jit(self):
        inverse = jax.jit(ox.inv)(ox.kron(A, B))
        assert isinstance(inverse, ox.Kronecker)
        agree(np.asarray(inverse), np.linalg.inv(np.asarray(ox.kron(A, B))), EPS, growth=100)

    @pytest.mark.parametrize("take", [lambda K: K[[1, 0], [3, 5]], lambda K: K[2]])
    def test_entries_inside_jit(self, take):
        for K in (ox.kron(A, B), ox.kronsum(A, B)):
            agree(jax.jit(take)(K), take(K), EPS, growth=100)

    def test_exponential_by_products_inside_jit(self):
        K = ox.kron(A, B)
        x = jnp.ones(K.shape[0])
        with pytest.raises(DTypeError, match="while JAX compiles"):
            jax.jit(lambda K: ox.expm_multiply(K, x))(K)
        agree(jax.jit(lambda K: ox.expm(K) @ x)(K), ox.expm_multiply(K, x), EPS, growth=1000)

    @pytest.mark.parametrize("make", [ox.duplication, ox.elimination])
    def test_half_vectorization_inside_jit(self, make):
        L = make(3)
        m, n = L.shape
        agree(jax.jit(lambda x: L @ x)(jnp.arange(float(n))), np.asarray(L) @ np.arange(n), EPS)
        agree(jax.jit(lambda y: L.T @ y)(jnp.arange(float(m))), np.asarray(L).T @ np.arange(m), EPS)

    def test_gradient_with_respect_to_an_operator(self):
        slope = jax.grad(lambda K: ox.slogdet(K).logabsdet)(ox.kron(A, B))
        agree(slope.factors[0].array, 2 * np.linalg.inv(A).T, EPS, growth=100)
        agree(slope.factors[1].array, 3 * np.linalg.inv(B).T, EPS, growth=100)

    def test_stacked_operators_are_mapped(self):
        stacked = jax.tree.map(lambda *leaves: jnp.stack(leaves), ox.kron(A, B), ox.kron(A.T, 2 * B))
        got = jax.vmap(lambda K: ox.slogdet(K).logabsdet)(stacked)
        agree(got[1], ox.slogdet(ox.kron(A.T, 2 * B)).logabsdet, EPS, growth=100)

    def test_classes_of_users(self):
        class Twice(LinearOperator):
            def __init__(self, array):
                super().__init__(array.shape, ox.aslinearoperator(array).spec, Facts(), array=array)

            def _matmat(self, X):
                return 2 * (self.array @ X)

        agree(jax.jit(lambda K, x: K @ x)(ox.kron(Twice(A), B), x), 2 * (ox.kron(A, B) @ x), EPS, growth=10)

    def test_importing_otimes_does_not_import_jax(self):
        code = "import sys, otimes as ox; ox.kron([[1]], [[2]]); assert 'jax' not in sys.modules"
        assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

    def test_operators_made_after_jax_is_imported(self):
        code = "import otimes as ox, jax; assert len(jax.tree.leaves(ox.kron([[1.0]], [[2.0]]))) == 2"
        assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


class TestChecks:
    """Where there are entries they are looked at; under tracing the result says what went wrong."""

    def test_singular_is_refused(self):
        with pytest.raises(ox.errors.SingularError, match="factor 1"):
            ox.solve(ox.kron(A, jnp.ones((2, 2))), x)
        with pytest.raises(ox.errors.NotPositiveDefinite):
            ox.cholesky(jnp.asarray([[1.0, 2.0], [2.0, 1.0]]))
        with pytest.raises(ox.errors.StructureError):
            ox.eigh(A)

    def test_singular_under_jit(self):
        assert not jnp.isfinite(jax.jit(ox.solve)(ox.kron(A, jnp.ones((2, 2))), x)).all()
        assert jnp.isneginf(jax.jit(ox.slogdet)(ox.diag(jnp.asarray([0.0, 1.0]))).logabsdet)

    def test_a_gaussian_likelihood(self):
        y = array(5, 6)

        def loss(A, B, noise):
            C = ox.kron(*(ox.assume(F @ F.T, "positive_semidefinite") for F in (A, B))) + noise * ox.eye(6)
            return y @ ox.solve(C, y) + ox.slogdet(C).logabsdet

        def formed(A, B, noise):
            C = jnp.kron(A @ A.T, B @ B.T) + noise * jnp.eye(6)
            return y @ jnp.linalg.solve(C, y) + jnp.linalg.slogdet(C).logabsdet

        found = jax.jit(jax.grad(loss, (0, 1, 2)))(A, B, 0.5)
        for got, wanted in zip(found, jax.grad(formed, (0, 1, 2))(A, B, 0.5), strict=True):
            agree(got, wanted, EPS, growth=1e3)
