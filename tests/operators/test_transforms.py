"""Transforms as operators: on grids, at sizes where nothing is formed, in other libraries; what they refuse."""

import numpy as np
import pytest
import scipy.fft
import scipy.linalg

import otimes as ox
from otimes.errors import DTypeError, ShapeError

GRID = np.random.default_rng(0).standard_normal((6, 5, 4))
FAMILIES = {"dct": (ox.dct, scipy.fft.dct, scipy.fft.dctn), "dst": (ox.dst, scipy.fft.dst, scipy.fft.dstn)}


def close(got, wanted, tolerance=1e-12):
    got, wanted = np.asarray(got), np.asarray(wanted)
    assert got.shape == wanted.shape
    assert np.abs(got - wanted).max(initial=0) <= tolerance * np.abs(wanted).max(initial=0)


def test_fourier_on_a_grid_is_a_kronecker_product():
    x = GRID.reshape(-1)
    F = ox.kron(*(ox.fourier(n, norm="backward") for n in GRID.shape))
    close(F @ x, np.fft.fftn(GRID).reshape(-1))
    close(ox.solve(F, x), np.fft.ifftn(GRID).reshape(-1))
    plane = ox.kron(ox.fourier(6, norm="backward"), ox.fourier(20, norm="backward"))
    close(plane @ x, np.fft.fft2(GRID.reshape(6, 20)).reshape(-1))


@pytest.mark.parametrize("type", [1, 2, 3, 4])
@pytest.mark.parametrize("name", FAMILIES)
def test_cosines_and_sines_on_a_grid_are_kronecker_products(name, type):
    make, _, of_grid = FAMILIES[name]
    K = ox.kron(*(make(n, type) for n in GRID.shape))
    close(K @ GRID.reshape(-1), of_grid(GRID, type, norm="ortho").reshape(-1))
    close(ox.solve(K, K @ GRID.reshape(-1)), GRID.reshape(-1))


@pytest.mark.parametrize("n", [2, 3, 8, 100, 1001])
@pytest.mark.parametrize("type", [1, 2, 3, 4])
@pytest.mark.parametrize("name", FAMILIES)
def test_the_transform_by_fourier_is_scipys(name, type, n):
    """The way that other libraries go, on NumPy's arrays."""
    make, of, _ = FAMILIES[name]
    for dtype in (np.float64, np.float32):
        X = np.random.default_rng(n).standard_normal((n, 3)).astype(dtype)
        Y = make(n, type)._by_fourier(X)
        assert Y.dtype == dtype
        close(Y, of(X, type, axis=0, norm="ortho"), 1e2 * np.finfo(dtype).eps)


@pytest.mark.parametrize("library", ["torch", "jax.numpy", "array_api_strict"])
def test_in_other_libraries(library):
    xp = pytest.importorskip(library)
    x = np.random.default_rng(0).standard_normal(8).astype(np.float32)
    operators = [ox.dct(8, t) for t in (1, 2, 3, 4)] + [ox.dst(8, t) for t in (1, 2, 3, 4)]
    for A in [*operators, ox.haar(8), ox.haar(8).T, ox.hartley(8), ox.fourier(8), ox.fourier(8).H]:
        y = A @ xp.asarray(x)
        assert type(y).__module__.partition(".")[0] == type(xp.asarray(x)).__module__.partition(".")[0]
        close(y, np.asarray(A) @ x, 1e-5)


def test_single_precision_is_kept():
    x = np.ones(8, np.float32)
    for A in (ox.dct(8), ox.dst(8, 4), ox.haar(8), ox.hartley(8)):
        assert (A @ x).dtype == np.float32
    assert (ox.fourier(8) @ x).dtype == np.complex64
    assert (ox.hadamard(8, np.float32) @ x).dtype == np.float32


def test_hadamard_is_scipys():
    for n in (1, 2, 16):
        assert (np.asarray(ox.hadamard(n)) == scipy.linalg.hadamard(n)).all()
    assert np.asarray(ox.hadamard(4)).dtype.kind == "i"
    assert ox.slogdet(ox.hadamard(16)) == (1.0, pytest.approx(8 * np.log(16)))


def test_of_a_million():
    x = np.random.default_rng(0).standard_normal(2**20)
    for A in (ox.fourier(2**20), ox.dct(2**20), ox.dst(2**20, 1), ox.haar(2**20), ox.hartley(2**10, 2**10)):
        close(A.H @ (A @ x), x)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ox.fourier(2.5), "integer"),
        (lambda: ox.fourier(4, norm="unit"), "ortho, backward, forward"),
        (lambda: ox.hartley(), "no sizes"),
        (lambda: ox.hartley(4, -1), "integer"),
        (lambda: ox.dct(4, 5), "types 1, 2, 3 and 4, not 5"),
        (lambda: ox.dst(-1), "integer"),
        (lambda: ox.dct(1, 1), "n ≥ 2"),
        (lambda: ox.haar(6), "n is 6, and must be a power of two; 8 is the next"),
        (lambda: ox.hadamard(0), "power of two; 1 is the next"),
    ],
)
def test_sizes_that_are_refused(call, message):
    with pytest.raises(ShapeError, match=message):
        call()


def test_a_real_dtype_is_refused_where_entries_are_complex():
    with pytest.raises(DTypeError, match="hartley and dct are real"):
        ox.fourier(4, dtype=float)
