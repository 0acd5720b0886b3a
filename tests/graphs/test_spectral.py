"""Spectra, transforms and filters of product graphs beside those of the formed matrices."""

import networkx as nx
import numpy as np
import pytest
import scipy.linalg
import scipy.sparse

import otimes as ox
from otimes.errors import DTypeError, NonFiniteError, NoRule, ShapeError, StructureError, TooLarge
from otimes.graphs import ProductGraph, lines
from otimes.graphs.kinds import kind as kinds

KINDS = ("cartesian", "tensor", "strong", "lexicographic")
every_kind = pytest.mark.parametrize("kind", KINDS)
EPS = np.finfo(float).eps


def weighted_graph(n, seed):
    A = np.triu(np.random.default_rng(seed).integers(0, 4, (n, n)).astype(float), 1)
    return A + A.T


def ring(n):
    return np.roll(np.eye(n), 1, axis=0) + np.roll(np.eye(n), -1, axis=0)


FACTORED = [
    ("cartesian", "combinatorial", [weighted_graph(4, 0), weighted_graph(3, 1), weighted_graph(5, 2)]),
    ("cartesian", "adjacency", [weighted_graph(4, 0), weighted_graph(3, 1)]),
    ("cartesian", "normalized", [ring(4), ring(5), ring(3)]),
    ("tensor", "adjacency", [weighted_graph(4, 0), weighted_graph(3, 1), weighted_graph(5, 2)]),
    ("tensor", "normalized", [weighted_graph(4, 0), weighted_graph(3, 1)]),
    ("tensor", "combinatorial", [ring(4), ring(5)]),
    ("strong", "adjacency", [weighted_graph(4, 0), weighted_graph(3, 1), weighted_graph(5, 2)]),
    ("strong", "combinatorial", [ring(4), ring(5)]),
    ("strong", "normalized", [ring(4), ring(5), ring(3)]),
    ("lexicographic", "combinatorial", [weighted_graph(4, 0), weighted_graph(3, 1), weighted_graph(5, 2)]),
    ("lexicographic", "adjacency", [weighted_graph(4, 0), ring(5), ring(3)]),
    ("lexicographic", "normalized", [ring(4), ring(5)]),
]


def formed(P, matrix):
    return np.asarray(P.adjacency() if matrix == "adjacency" else P.laplacian(matrix))


@pytest.mark.parametrize(("kind", "matrix", "graphs"), FACTORED)
def test_spectra_by_the_factors(kind, matrix, graphs, monkeypatch):
    """None of these is formed: with a limit of 5 rows the product could not be."""
    monkeypatch.setattr(kinds, "DENSE_LIMIT", 5)
    P = ProductGraph(graphs, kind)
    M, F = formed(P, matrix), P.fourier(matrix)
    values, U = np.asarray(F.eigenvalues), np.asarray(F.eigenvectors)
    scale = len(M) * EPS * np.linalg.norm(M, 2)
    assert np.allclose(np.sort(values), np.linalg.eigvalsh(M), rtol=0, atol=10 * scale)
    assert np.allclose(U.T @ U, np.eye(len(M)), rtol=0, atol=10 * len(M) * EPS)
    assert np.allclose(U * values @ U.T, M, rtol=0, atol=10 * scale)


@every_kind
def test_small_products_without_such_a_spectrum(kind):
    P = ProductGraph([weighted_graph(4, 0), weighted_graph(3, 1)], kind)
    for matrix in ("combinatorial", "normalized", "adjacency"):
        M = formed(P, matrix)
        assert np.allclose(np.sort(P.fourier(matrix).eigenvalues), np.linalg.eigvalsh(M), rtol=0, atol=1e-12)


@pytest.mark.parametrize(("kind", "matrix", "graphs"), FACTORED)
def test_extremes_are_exact(kind, matrix, graphs):
    P = ProductGraph(graphs, kind)
    M, F = formed(P, matrix), P.fourier(matrix)
    every = np.linalg.eigvalsh(M)
    orders = {"smallest": every, "largest": every[::-1], "magnitude": every[np.argsort(-abs(every))]}
    for which, expected in orders.items():
        values, vectors = F.eigenpairs(6, which)
        atol = 100 * EPS * np.linalg.norm(M, 2)
        assert np.allclose(abs(values), abs(expected[:6]), rtol=0, atol=atol)
        assert np.allclose(M @ vectors, vectors * values, rtol=0, atol=atol)
        assert np.allclose(vectors.T @ vectors, np.eye(6), rtol=0, atol=atol)
        assert np.array_equal(F.extremes(6, which), values)


def test_transforms_on_all_shapes_of_signals():
    P = ProductGraph([weighted_graph(4, 0), weighted_graph(3, 1), weighted_graph(5, 2)])
    F, rng = P.fourier(), np.random.default_rng(0)
    U = np.asarray(F.eigenvectors)
    x = rng.standard_normal((4, 3, 5, 2)) + 1j * rng.standard_normal((4, 3, 5, 2))
    expected = (U.T @ x.reshape(60, 2)).reshape(x.shape)
    assert np.allclose(F.transform(x), expected, rtol=0, atol=1e-13)
    assert np.allclose(F.transform(x[..., 0]), expected[..., 0], rtol=0, atol=1e-13)
    assert np.allclose(F.transform(x.reshape(60, 2)), expected.reshape(60, 2), rtol=0, atol=1e-13)
    assert np.allclose(F.transform(x[..., 1].reshape(60)), expected[..., 1].reshape(60), rtol=0, atol=1e-13)
    assert np.allclose(F.inverse(F.transform(x)), x, rtol=0, atol=1e-13)
    assert np.isclose(np.linalg.norm(F.transform(x)), np.linalg.norm(x), rtol=1e-14)  # Parseval


@pytest.mark.parametrize(("kind", "matrix", "graphs"), [c for c in FACTORED if c[1] != "adjacency"])
def test_filters_are_functions_of_the_matrix(kind, matrix, graphs):
    P = ProductGraph(graphs, kind)
    M, F = formed(P, matrix), P.fourier(matrix)
    x = np.random.default_rng(1).standard_normal(P.shape)
    flat = x.reshape(-1)
    atol = 1e-13 * len(flat) * np.linalg.norm(flat)
    assert np.allclose(F.heat(x, 0.3).reshape(-1), scipy.linalg.expm(-0.3 * M) @ flat, rtol=0, atol=atol)
    assert np.allclose(F.heat(F.heat(x, 0.1), 0.2), F.heat(x, 0.3), rtol=0, atol=atol)  # a semigroup
    assert np.allclose(
        F.filter(x, lambda v: v**2).reshape(-1), M @ (M @ flat), rtol=0, atol=atol * np.linalg.norm(M) ** 2
    )
    t = 1e-3  # u″ = −M u by the second difference of u(−t), u(0), u(t), u being even in t
    second = 2 * (F.wave(x, t) - x).reshape(-1) / t**2
    assert np.allclose(second, -M @ flat, rtol=0, atol=np.linalg.norm(M) ** 2 * t**2 * np.linalg.norm(flat) + 1e-8)


def test_grids_are_those_of_the_literature():
    """4 sin²(π i / 2n) + 4 sin²(π j / 2m), of a grid that is longer than wide too."""
    for n, m in ((60, 2), (7, 5)):
        F = ProductGraph([nx.path_graph(n), nx.path_graph(m)]).fourier()
        sums = np.add.outer(*(4 * np.sin(np.pi * np.arange(k) / (2 * k)) ** 2 for k in (n, m)))
        assert np.allclose(F.extremes(10), np.sort(sums, axis=None)[:10], rtol=0, atol=1e-13)
        assert np.linalg.matrix_rank(F.eigenpairs(10)[1]) == 10


@pytest.mark.parametrize("n", [3, 4, 5, 8])
@pytest.mark.parametrize("matrix", ["combinatorial", "adjacency"])
def test_paths_and_rings_by_fast_transforms(n, matrix, monkeypatch):
    monkeypatch.setattr(lines, "LONG", 3)
    for line in (2.5 * (np.eye(n, k=1) + np.eye(n, k=-1)), 0.5 * ring(n)):
        P = ProductGraph([line, weighted_graph(3, 1), line])
        M, F = formed(P, matrix), P.fourier(matrix)
        values, U = np.asarray(F.eigenvalues), np.asarray(F.eigenvectors)
        assert not any(isinstance(V, ox.Dense) for V in (F.eigenvectors.factors[0], F.eigenvectors.factors[2]))
        assert np.allclose(U * values @ U.T, M, rtol=0, atol=1e-13 * np.linalg.norm(M))
        assert np.allclose(F.eigenpairs(4, "largest")[0], np.linalg.eigvalsh(M)[::-1][:4], rtol=0, atol=1e-12)


def test_what_is_nearly_a_path_or_a_ring_is_decomposed(monkeypatch):
    monkeypatch.setattr(lines, "LONG", 3)
    path = np.eye(6, k=1) + np.eye(6, k=-1)
    order = np.array([0, 2, 1, 3, 5, 4])
    heavier, open_ring, looped = path.copy(), ring(6), path + np.diag([1.0, 0, 0, 0, 0, 0])
    heavier[2, 3] = heavier[3, 2] = 2
    open_ring[2, 3] = open_ring[3, 2] = 0
    two = path.copy()
    two[2, 3] = two[3, 2] = 0
    shuffled = [A[np.ix_(order, order)] for A in (path, ring(6))]
    for A in (heavier, open_ring, looped, two, *shuffled, np.zeros((6, 6))):
        for matrix in ("combinatorial", "adjacency"):
            P = ProductGraph([A])
            F = P.fourier(matrix)
            U = np.asarray(F.eigenvectors)
            assert np.allclose(U * np.asarray(F.eigenvalues) @ U.T, formed(P, matrix), rtol=0, atol=1e-13)


@pytest.mark.parametrize("kind", ["cartesian", "tensor", "strong"])
def test_extremes_of_a_billion_nodes(kind):
    n = 1000
    factor = scipy.sparse.csr_array(ring(n))
    F = ProductGraph([factor] * 3, kind).fourier("adjacency")
    top = {"cartesian": 6.0, "tensor": 8.0, "strong": 26.0}[kind]
    assert np.isclose(F.extremes(1, "largest")[0], top, rtol=1e-13)
    assert F.eigenvectors.shape == (n**3, n**3)


def test_single_graphs_and_single_nodes():
    A = weighted_graph(5, 3)
    for kind in KINDS:
        P = ProductGraph([A, np.zeros((1, 1))], kind)
        for matrix in ("combinatorial", "adjacency"):
            M = formed(P, matrix)
            assert np.allclose(np.sort(P.fourier(matrix).eigenvalues), np.linalg.eigvalsh(M), rtol=0, atol=1e-13)
        Q = ProductGraph([A], kind)
        assert np.allclose(np.sort(Q.fourier().eigenvalues), np.linalg.eigvalsh(formed(Q, "combinatorial")), atol=1e-13)


def test_single_precision_is_kept():
    A = weighted_graph(5, 3).astype(np.float32)
    for kind in KINDS:
        F = ProductGraph([A, ring(4).astype(np.float32)], kind).fourier("adjacency")
        assert F.transform(np.ones((5, 4), np.float32)).dtype == np.float32


class TestBadInput:
    P = ProductGraph([ring(4), ring(5)])

    def test_directed(self):
        P = ProductGraph([np.eye(4, k=1) + ring(4), ring(5)])
        with pytest.raises(StructureError, match=r"otimes\.schur"):
            P.fourier()
        T, Z = ox.schur(P.adjacency())  # what the message recommends
        assert np.allclose(np.asarray(Z @ T @ Z.H), np.asarray(P.adjacency()), rtol=0, atol=1e-12)

    def test_of_signals(self):
        F = self.P.fourier()
        with pytest.raises(ShapeError, match="axis 1 has 6 entries and factor 1 has 5 nodes"):
            F.transform(np.ones((4, 6)))
        with pytest.raises(ShapeError, match=r"\(4, 5\) or \(20,\)"):
            F.transform(np.ones(19))
        with pytest.raises(NonFiniteError, match="smooth takes missing values"):
            F.transform(np.full(20, np.nan))
        with pytest.raises(DTypeError, match="numbers"):
            F.transform(np.full(20, "a"))
        for t in (np.nan, 1j, [1.0, 2.0]):
            with pytest.raises(ShapeError, match="no time"):
                F.heat(np.ones(20), t)
        with pytest.raises(ShapeError, match="a number for each"):
            F.filter(np.ones(20), lambda v: v[:3])

    def test_of_spectra(self):
        with pytest.raises(ShapeError, match="combinatorial, normalized, adjacency"):
            self.P.fourier("signed")
        with pytest.raises(ShapeError, match="no nodes"):
            ProductGraph([np.zeros((0, 0))]).fourier()
        with pytest.raises(StructureError, match="negative eigenvalues"):
            self.P.fourier("adjacency").wave(np.ones(20), 1.0)
        with pytest.raises(ShapeError, match="k=21"):
            self.P.fourier().extremes(21)
        star = nx.star_graph(60)
        with pytest.raises(NoRule, match="adjacency matrix and the normalized Laplacian"):
            ProductGraph([star, star], "tensor").fourier()
        with pytest.raises(TooLarge, match="1000000000 nodes"):
            ProductGraph([np.ones((1000, 1000))] * 3, "lexicographic").fourier()
        with pytest.raises(ShapeError, match="k=99"):
            ProductGraph([ring(4), ring(5)], "lexicographic").fourier().extremes(99)
