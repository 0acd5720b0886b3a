"""Signals on graph × time: the joint transform, its filters, and smoothing from some of the values."""

import numpy as np
import pytest
import scipy.sparse.linalg

import otimes as ox
from otimes.errors import NonFiniteError, ShapeError, StructureError
from otimes.graphs import JointFourier, ProductGraph, smooth


def path(n):
    return np.eye(n, k=1) + np.eye(n, k=-1)


def ring(n):
    return np.roll(np.eye(n), 1, axis=0) + np.roll(np.eye(n), -1, axis=0)


GRAPH = ProductGraph([path(3), ring(4) * 2.0])
TIMES = {"dct": "dct", "dft": "dft", "path": "path", "graph": path(7) + np.eye(7, k=3) + np.eye(7, k=-3)}
every_time = pytest.mark.parametrize("time", TIMES.values(), ids=TIMES)


@every_time
def test_the_transform_is_unitary_and_diagonalises_both_laplacians(time):
    J = JointFourier(GRAPH, 7, time)
    X = np.random.default_rng(0).standard_normal(J.shape)
    C = J.transform(X)
    assert np.allclose(J.inverse(C), X, rtol=0, atol=1e-13)
    assert np.isclose(np.linalg.norm(C), np.linalg.norm(X), rtol=1e-14)
    assert np.allclose(J.transform(X.reshape(12, 7)), C.reshape(12, 7))
    L = ox.kronsum(GRAPH.laplacian(), 3 * J.time_graph.laplacian())
    eigenvalues = (J.graph_frequencies + 3 * J.time_eigenvalues).reshape(-1, 1)
    LX = J.operator.H @ (eigenvalues * (J.operator @ X.reshape(-1, 1)))
    assert np.allclose(LX[:, 0], L @ X.reshape(-1), rtol=0, atol=1e-12)


@pytest.mark.parametrize("steps", [1, 2, 3, 6])
def test_dft_is_that_of_numpy(steps):
    J = JointFourier(path(4), steps, "dft")
    X = np.random.default_rng(1).standard_normal((4, steps))
    U = np.asarray(J.graph.fourier().eigenvectors)
    assert np.allclose(J.transform(X), U.T @ np.fft.fft(X, axis=1, norm="ortho"), rtol=0, atol=1e-13)
    assert np.allclose(J.time_frequencies[0], 2 * np.pi * np.fft.fftfreq(steps))
    values = np.linalg.eigvalsh(np.asarray(J.time_graph.laplacian()))
    assert np.allclose(np.sort(J.time_eigenvalues[0]), values, rtol=0, atol=1e-14)


def test_filters_in_time_alone_and_on_the_graph_alone():
    J = JointFourier(GRAPH, 7, "dft")
    X = np.random.default_rng(2).standard_normal(J.shape)
    delayed = J.filter(X, lambda λ, ω: np.exp(-1j * ω) + 0 * λ)
    assert np.allclose(delayed, np.roll(X, 1, axis=-1), rtol=0, atol=1e-13)
    heated = J.filter(X, lambda λ, ω: np.exp(-0.2 * λ))
    assert np.allclose(heated, GRAPH.fourier().heat(X, 0.2), rtol=0, atol=1e-13)


@every_time
@pytest.mark.parametrize("part", [0.4, 1.0])
def test_smoothing_solves_the_system(time, part):
    rng = np.random.default_rng(3)
    X, observed = rng.standard_normal((3, 4, 7)), rng.random((3, 4, 7)) < part
    Z = smooth(GRAPH, X, observed=observed, graph_weight=0.5, time_weight=2.0, time=time, rtol=1e-12)
    T = JointFourier(GRAPH, 7, time).time_graph
    A = np.diag(observed.reshape(-1) * 1.0)
    A += 0.5 * np.kron(np.asarray(GRAPH.laplacian()), np.eye(7)) + 2 * np.kron(np.eye(12), np.asarray(T.laplacian()))
    expected = np.linalg.solve(A, (observed * X).reshape(-1))
    assert Z.converged
    assert Z.value.shape == X.shape
    assert np.allclose(Z.value.reshape(-1), expected, rtol=0, atol=1e-11 * np.linalg.cond(A))
    if part == 1:
        assert Z.iterations == 1
    holes = np.where(observed, X, np.nan).reshape(12, 7)
    again = smooth(GRAPH, holes, graph_weight=0.5, time_weight=2.0, time=time, rtol=1e-12)
    assert np.array_equal(again.value.reshape(-1), Z.value.reshape(-1))


@pytest.mark.parametrize("kind", ["tensor", "strong", "lexicographic"])
def test_smoothing_on_other_products(kind):
    """Of which the Laplacian of the first two has not the factors' spectrum, and is decomposed as a whole."""
    rng, P = np.random.default_rng(5), ProductGraph([path(3) + np.eye(3), ring(4)], kind)
    X = np.where(rng.random((3, 4, 6)) < 0.4, np.nan, rng.standard_normal((3, 4, 6)))
    J = JointFourier(P, 6)
    assert np.allclose(J.inverse(J.transform(np.nan_to_num(X))), np.nan_to_num(X), rtol=0, atol=1e-13)
    A = np.diag(~np.isnan(X.reshape(-1)) * 1.0) + 0.3 * np.kron(np.asarray(P.laplacian()), np.eye(6))
    A += 2 * np.kron(np.eye(12), np.asarray(J.time_graph.laplacian()))
    expected = np.linalg.solve(A, np.nan_to_num(X).reshape(-1))
    Z = smooth(P, X, graph_weight=0.3, time_weight=2.0, rtol=1e-12)
    assert np.allclose(Z.value.reshape(-1), expected, rtol=0, atol=1e-11 * np.linalg.cond(A))


class TestAirTemperature:
    """Yearly means over North America, latitude × longitude × year, 40 % missing, as differences to means."""

    air = ox.datasets.load_air_temperature()
    X = np.moveaxis(air.temperature[::4, ::3, ::3], 0, -1).astype(float)
    missing = np.random.default_rng(4).random(X.shape) < 0.4
    graph = ProductGraph([path(X.shape[0]), path(X.shape[1])])

    def test_the_values_missing_are_found_better_than_by_means(self):
        seen = np.where(self.missing, np.nan, self.X)
        cell = np.nanmean(seen, axis=-1, keepdims=True)
        cell_and_year = cell + np.nanmean(seen - cell, axis=(0, 1))
        Z = smooth(self.graph, seen - cell, graph_weight=0.1, time_weight=0.1).checked()
        smoothed, *means = (self.error_of(X) for X in (cell + Z.value, cell_and_year, cell))
        assert smoothed < 0.7 * means[0] < 0.7 * means[1]

    def error_of(self, X):
        return np.sqrt(np.mean((X - self.X)[self.missing] ** 2))

    def test_the_preconditioner_saves_iterations(self):
        Z = smooth(self.graph, np.where(self.missing, np.nan, self.X), graph_weight=10, time_weight=100).checked()
        J = JointFourier(self.graph, self.X.shape[-1])
        K = ox.to_sparse(ox.kronsum(10 * self.graph.laplacian(), 100 * J.time_graph.laplacian()))
        known = ~self.missing.reshape(-1)
        A, b, count = K + scipy.sparse.diags_array(known * 1.0), known * self.X.reshape(-1), []
        scipy.sparse.linalg.cg(A, b, rtol=1e-8, callback=count.append)
        assert 5 * Z.iterations < len(count)


class TestBadInput:
    X = np.ones((3, 4, 7))

    def test_of_times(self):
        for steps in (0, 2.5, True):
            with pytest.raises(ShapeError, match="steps"):
                JointFourier(GRAPH, steps)
        with pytest.raises(ShapeError, match="dct, dft, path, or a graph"):
            JointFourier(GRAPH, 7, "dst")
        with pytest.raises(ShapeError, match="6 nodes for 7 steps"):
            JointFourier(GRAPH, 7, path(6))
        with pytest.raises(StructureError, match="directed"):
            JointFourier(GRAPH, 7, np.eye(7, k=1))
        with pytest.raises(ShapeError, match=r"\(12, 1\) and ω \(1, 7\)"):
            JointFourier(GRAPH, 7).filter(self.X, lambda λ, ω: np.ones(5))
        with pytest.raises(ShapeError, match="axis 2 has 6 entries"):
            JointFourier(GRAPH, 7).transform(np.ones((3, 4, 6)))

    def test_of_smoothing(self):
        for weight in (-1, np.nan, np.inf, [1, 2]):
            with pytest.raises(ShapeError, match="graph_weight"):
                smooth(GRAPH, self.X, graph_weight=weight)
        with pytest.raises(ShapeError, match="axis 1 has 5 entries and factor 1 has 4"):
            smooth(GRAPH, np.ones((3, 5, 7)))
        with pytest.raises(ShapeError, match="bool"):
            smooth(GRAPH, self.X, observed=np.ones((3, 4, 7)))
        with pytest.raises(ShapeError, match="one signal"):
            smooth(path(3), np.ones((3, 7, 7)))
        with pytest.raises(ShapeError, match="real numbers"):
            smooth(GRAPH, self.X * 1j)
        with pytest.raises(NonFiniteError, match="infinite"):
            smooth(GRAPH, self.X * np.inf)
        with pytest.raises(StructureError, match="negative weights"):
            smooth(-path(3), np.ones((3, 7)))

    def test_where_nothing_is_observed(self):
        two = np.kron(np.eye(2), path(2))  # two edges
        X = np.ones((4, 5))
        X[2:] = np.nan
        with pytest.raises(StructureError, match="nothing is observed"):
            smooth(two, X)
        with pytest.raises(StructureError, match="nothing is observed"):
            smooth(GRAPH, self.X * np.nan)
        for weight in (1e-14, 1e6):  # the units do not matter
            with pytest.raises(StructureError, match="nothing is observed"):
                smooth(two, X, graph_weight=weight)
        X[3, 2] = 4.0
        assert smooth(two, X, graph_weight=1e-14, time_weight=1e-14).converged
        assert np.allclose(smooth(two, X).value[2:], 4.0)
        X[:, 1] = np.nan
        with pytest.raises(StructureError, match="both weights > 0"):
            smooth(two, X, time_weight=0)
