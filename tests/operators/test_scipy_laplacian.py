"""SciPy's own tests of its `LaplacianNd`, run on Kronecker sums in its place, and the grids it gets wrong."""

import numpy as np
import pytest
import scipy.sparse.linalg
from scipy.sparse.linalg.tests import test_special_sparse_arrays as shipped

import otimes as ox


def path(n, boundary):
    """Return second differences of n points at distance 1."""
    L = np.eye(n, k=1) + np.eye(n, k=-1) - 2 * np.eye(n)
    if boundary == "neumann":
        L[0, 0] += 1
        L[-1, -1] += 1
    if boundary == "periodic":
        L[0, -1] += 1
        L[-1, 0] += 1
    return L


class GridLaplacian:
    """The interface of `LaplacianNd`."""

    def __init__(self, grid_shape, *, boundary_conditions="neumann", dtype=np.int8):
        if boundary_conditions not in ("neumann", "dirichlet", "periodic"):
            raise ValueError(f"Unknown value {boundary_conditions!r}")
        factors = [path(n, boundary_conditions) for n in grid_shape]
        self.operator = ox.kronsum(*(L.astype(dtype) for L in factors))
        self.decomposed = ox.FastDiagonalization(ox.kronsum(*factors))
        self.shape, self.dtype = self.operator.shape, self.operator.dtype

    def __call__(self, x):
        return self.operator @ x

    dot = __call__

    def toarray(self):
        return np.asarray(self.operator)

    def tosparse(self):
        return ox.to_sparse(self.operator)

    def eigenvalues(self, m=None):
        return self.decomposed.eigenvalues(self.shape[0] if m is None else m, which="largest")[::-1]

    def eigenvectors(self, m=None):
        m = self.shape[0] if m is None else m
        return np.asarray(self.decomposed.eigenpairs(m, which="largest").eigenvectors)[:, ::-1]


@pytest.fixture(autouse=True)
def ours(monkeypatch):
    monkeypatch.setattr(shipped, "LaplacianNd", GridLaplacian)


class TestLaplacianNd(shipped.TestLaplacianNd):
    """Everything SciPy asks of its own."""

    def test_they_are_run_on_ours(self):
        assert isinstance(shipped.LaplacianNd((3,)), GridLaplacian)


@pytest.mark.parametrize("boundary", ["neumann", "dirichlet", "periodic"])
@pytest.mark.parametrize("grid", [(60, 2), (40, 3), (4, 3, 2)])
def test_decreasing_sizes(grid, boundary):
    """`LaplacianNd` takes the least of the sizes in lexicographic order: of (60, 2) its eigenvalues repeat."""
    m = 10
    lap = GridLaplacian(grid, boundary_conditions=boundary)
    every = np.linalg.eigvalsh(lap.toarray().astype(float))
    tiny = 100 * np.finfo(float).eps * abs(every[0])
    assert np.abs(lap.eigenvalues(m) - every[-m:]).max() < tiny
    V = lap.eigenvectors(m)
    assert np.abs(V.T @ V - np.eye(m)).max() < tiny
    if grid == (60, 2):
        theirs = scipy.sparse.linalg.LaplacianNd(grid, boundary_conditions=boundary)
        assert np.abs(theirs.eigenvalues(m) - every[-m:]).max() > 1e-3, "SciPy has mended it: drop this line"
