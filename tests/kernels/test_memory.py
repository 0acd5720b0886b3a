"""What a product holds beside X: on the compiled kernel the result, on NumPy's one more array of that size."""

import concurrent.futures
import gc
import os
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
from kernel_operands import random

import otimes as ox
from otimes.kernels import memory

E = ox.errors
TILES = 4 << 20  # bytes that may be held beside arrays of the size of X

LAYOUTS = {
    "C": lambda X: X,
    "F": np.asfortranarray,
    "stepping": lambda X: np.repeat(X, 2, axis=0)[::2],
    "a part": lambda X: np.concatenate([X, X], axis=1)[:, : X.shape[1]],
    "read-only": lambda X: np.broadcast_to(X, X.shape),
}


def peak(multiply):
    """The most bytes that were held at a time above those held before."""
    gc.collect()
    tracemalloc.start()
    try:
        multiply()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    ("shapes", "columns"),
    [([(64, 64), (64, 64)], 512), ([(8, 8)] * 5, 64), ([(2, 2)] * 17, 16), ([(128, 128)] * 3, 1), ([(13, 13)] * 4, 70)],
    ids=str,
)
def test_what_is_held(kernel, shapes, columns, layout):
    arrays = [random(i, shape, "float32") for i, shape in enumerate(shapes)]
    K = ox.kron(*arrays)
    X = LAYOUTS[layout](random(9, (K.shape[1], columns), "float32"))
    K @ X[:, :1]  # what is made once
    result = K.shape[0] * columns * 4
    assert peak(lambda: K @ X) <= (result if kernel == "native" else 3 * result) + TILES
    assert peak(lambda: X.T @ K.T) <= (result if kernel == "native" else 3 * result) + TILES


@pytest.mark.parametrize("turned", [False, True])
def test_batches_are_not_copied(kernel, turned):
    if kernel == "numpy":
        pytest.skip("NumPy's kernel turns the batches so that all are columns of one matrix")
    K = ox.kron(*[random(i, (64, 64), "float32") for i in range(2)])
    X = random(9, (3, 2, 64, K.shape[1]), "float32")
    X = X.mT if turned else X.mT.copy()
    result = X.size * 4
    assert peak(lambda: K @ X) <= result + TILES
    assert peak(lambda: X.mT @ K) <= result + TILES


RESIDENT = """
import resource, sys
import numpy as np, otimes as ox
K = ox.kron(*[np.ones((64, 64), np.float32)] * 3)
X = np.ones((K.shape[1], {columns}), np.float32, order="{order}")
K @ X[:, :16]
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
Y = K @ X
grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * (1 if sys.platform == "darwin" else 1024)
print(grown - Y.nbytes)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the system does not tell the most memory a process had")
@pytest.mark.parametrize("order", ["C", "F"])
def test_what_the_process_holds(kernel, order):
    """The compiled kernel's own memory too, which Python does not count."""
    if kernel == "numpy":
        pytest.skip("NumPy's kernel holds a work array of the size of X")
    script = RESIDENT.format(columns=128, order=order)
    assert int(python(script).stdout) < 32 << 20  # X and the result have 128 MiB each


def python(script, **environment):
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path), **environment)
    return subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=120, env=environment
    )


class TestTooLarge:
    """More than there is raises MemoryError; more than can be counted is said before anything is allocated."""

    def test_out_of_memory(self, kernel):
        K = ox.kron(*[np.ones((2**20, 1))] * 2)
        with pytest.raises(MemoryError):  # 8 TiB
            K @ np.ones((1, 1))
        with pytest.raises(MemoryError):
            np.ones((1, 1)) @ K.T
        np.testing.assert_array_equal(ox.kron(np.ones((3, 1)), np.ones((2, 1))) @ np.ones(1), np.ones(6))

    @pytest.mark.parametrize("columns", [1, 3])
    @pytest.mark.parametrize("rows", [[2**16] * 4, [2**20] * 4, [2**21] * 3, [2**16] * 9], ids=str)
    def test_sizes_that_cannot_be_counted(self, kernel, rows, columns):
        K = ox.kron(*[np.broadcast_to(np.ones((1, 1)), (m, 1)) for m in rows])
        X = np.ones((1, columns))

        def multiply():
            with pytest.raises(E.TooLarge, match=r"65536×1 ⊗|1048576×1 ⊗|2097152×1 ⊗"):
                K @ X

        assert peak(multiply) < TILES

    def test_a_size_of_zero_makes_it_countable(self, kernel):
        K = ox.kron(*[np.broadcast_to(np.ones((1, 1)), (2**20, 1))] * 4, np.ones((0, 1)))
        assert (K @ np.ones((1, 3))).shape == (0, 3)

    def test_sizes_that_cannot_be_counted_on_the_way(self, kernel):
        """A product that is small at both ends and not in between is taken in the other order, or refused."""
        wide, tall = np.broadcast_to(np.ones((1, 1)), (1, 4)), np.broadcast_to(np.ones((1, 1)), (4, 1))
        K = ox.kron(*[tall] * 9, *[wide] * 9)
        np.testing.assert_array_equal(K @ np.ones((4**9, 1)), np.full((4**9, 1), 4.0**9))


class TestResultsThatWent:
    """Their pages are taken for the next ones, as long as nobody sees them any more."""

    K, X = ox.kron(*[random(i, (8, 8), "float64") for i in range(4)]), random(9, (8**4, 1000), "float64")

    @pytest.fixture(autouse=True)
    def compiled(self, kernel):
        if kernel == "numpy":
            pytest.skip("NumPy's kernel takes NumPy's memory")

    def test_the_next_result_lies_there(self):
        first = self.K @ self.X
        expected, address = first.copy(), first.ctypes.data
        del first
        again = self.K @ self.X
        assert again.ctypes.data == address
        np.testing.assert_array_equal(again, expected)

    def test_another_result_does_not_while_a_part_is_seen(self):
        part = (self.K @ self.X)[5:, 1]
        before = part.copy()
        assert not np.shares_memory(2 * self.K @ self.X, part)
        np.testing.assert_array_equal(part, before)

    def test_not_for_much_smaller_ones(self):
        address = (self.K @ self.X).ctypes.data
        smaller = self.X[:, :600]
        found = self.K @ smaller
        assert found.nbytes >= memory.KEPT_BYTES
        assert found.ctypes.data != address

    def test_formed_products_too(self):
        A, B = random(1, (64, 64), "float64"), random(2, (40, 40), "float64")
        first = ox.kron_dense(A, B)
        expected, address = first.copy(), first.ctypes.data
        del first
        assert ox.kron_dense(A, B).ctypes.data == address
        np.testing.assert_array_equal(ox.kron_dense(A, B), expected)

    def test_they_are_counted(self):
        held = peak(lambda: self.K @ self.X)
        assert self.X.nbytes <= held <= self.X.nbytes + TILES

    def test_in_threads(self):
        expected = self.K @ self.X
        with concurrent.futures.ThreadPoolExecutor(4) as threads:
            for found in threads.map(lambda _: self.K @ self.X, range(12)):
                np.testing.assert_array_equal(found, expected)

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
    def test_after_fork(self):
        assert python(FORK).stdout == "right\n"


FORK = """
import os
import numpy as np, otimes as ox
K, X = ox.kron(*[np.random.default_rng(0).standard_normal((8, 8))] * 4), np.ones((8**4, 600))
wanted = (K @ X).copy()
if not (child := os.fork()):
    os._exit(not (K @ -X == -wanted).all())
assert (K @ X == wanted).all() and os.waitpid(child, 0)[1] == 0
print("right")
"""
