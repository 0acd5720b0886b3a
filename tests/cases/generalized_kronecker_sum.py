"""GeneralizedKroneckerSum: Σᵢ M₁ ⊗ … ⊗ Kᵢ ⊗ … ⊗ M_N, with masses of every kind."""

import numpy as np
import scipy.sparse
from market import COARSE, case, definite, hermitian, kron, matrix, singular

import otimes as ox


def generalized(Ks, Ms):
    """Return the dense sum."""
    return sum(kron(*(K if i == j else M for j, M in enumerate(Ms))) for i, K in enumerate(Ks))


def cases():
    single = np.float32
    arrays = {
        "general": ([matrix(2), matrix(3)], [matrix(2, seed=1), matrix(3, seed=1)]),
        "three": ([matrix(2), matrix(3), matrix(4)], [matrix(n, seed=1) for n in (2, 3, 4)]),
        "hermitian pairs": ([hermitian(2), hermitian(3)], [definite(2), definite(3)]),
        "definite pairs": ([definite(n, seed=2) for n in (2, 3, 4)], [definite(n) for n in (2, 3, 4)]),
        "complex": ([matrix(2, dtype=complex), matrix(3)], [definite(2), matrix(3, dtype=complex, seed=1)]),
        "complex hermitian": ([hermitian(2, complex), hermitian(3)], [definite(2), definite(3, complex)]),
        "general in definite masses": ([matrix(2), matrix(3)], [definite(2), definite(3)]),
        "indefinite mass": ([hermitian(2), hermitian(3)], [hermitian(2, seed=3), definite(3)]),
        "float32": ([hermitian(2, single), hermitian(3, single)], [definite(2, single), definite(3, single)]),
        "integer": ([matrix(2, dtype=int), matrix(3, dtype=int)], [matrix(2, dtype=int, seed=1), np.eye(3, dtype=int)]),
        "singular mass": ([matrix(2), matrix(3)], [matrix(2, seed=1), singular(3)]),
        "singular": ([np.array([[1.0, -1], [-1, 1]]), singular(3)], [definite(2), matrix(3)]),
        "1x1": ([matrix(1), hermitian(3)], [np.array([[2.0]]), definite(3)]),
        "one axis": ([hermitian(3)], [definite(3)]),
        "size 0": ([np.zeros((0, 0)), hermitian(3)], [np.zeros((0, 0)), definite(3)]),
    }
    for name, (Ks, Ms) in arrays.items():
        yield case(name, lambda Ks=Ks, Ms=Ms: ox.kronsum(*Ks, masses=Ms), generalized(Ks, Ms))
    K, L, D, M = hermitian(2), hermitian(3), definite(2), definite(3)
    yield case("one mass", lambda: ox.kronsum(K, L, masses=(None, M)), generalized([K, L], [np.eye(2), M]))
    known = lambda n: ox.assume(definite(n), "positive_definite")  # noqa: E731
    whole = generalized([K, L], [definite(2), M])
    yield case("known definite", lambda: ox.kronsum(K, L, masses=(known(2), known(3))), whole)
    d = np.array([1.0, 5, 2])
    S = np.triu(np.tril(L, 1), -1)
    sparse = lambda: ox.kronsum(K, scipy.sparse.csr_array(S), masses=(ox.eye(2), ox.diag(d)))  # noqa: E731
    yield case("sparse and diagonal", sparse, generalized([K, S], [np.eye(2), np.diag(d)]))
    mixed = lambda: ox.kronsum(K.astype(single), L, masses=(None, M))  # noqa: E731
    yield case("float32 and float64", mixed, generalized([K.astype(single), L], [np.eye(2, dtype=single), M]), COARSE)
    pair = lambda: ox.kronsum(K, L, masses=(D, M))  # noqa: E731
    yield case("scaled", lambda: -2.0 * pair(), -2 * whole)
    yield case("shifted by the mass", lambda: pair() + 2j * pair().mass, whole + 2j * kron(D, M))
    yield case("added", lambda: pair() + pair().T, 2 * whole)
    yield case("the mass itself", lambda: ox.kron(D, M), kron(D, M))
    yield case("a multiple of the mass", lambda: 3.0 * ox.kron(D, M), 3 * kron(D, M))
