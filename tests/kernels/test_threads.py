"""Products from many threads, across fork, under limits of threads, and with the interpreter lock let go."""

import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from kernel_operands import PRECISIONS, random
from threadpoolctl import threadpool_info, threadpool_limits

import otimes as ox
from otimes.kernels import native

compiled = pytest.mark.skipif(native.module is None, reason="it is about the threads of the compiled kernel")
forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")


def problem(seed, dtype="float64", columns=64):
    """An operator and X, small, or large enough for several threads."""
    shapes = [[(3, 5), (4, 2)], [(16, 16)] * 3, [(64, 64), (33, 31)], [(2, 2)] * 12][seed % 4]
    arrays = [random(seed + i, shape, dtype) for i, shape in enumerate(shapes)]
    K = ox.kron(*arrays)
    return K, random(seed + 9, (K.shape[1], columns), dtype)


@pytest.mark.parametrize("dtype", PRECISIONS)
def test_many_threads_on_the_same_operators(kernel, dtype):
    problems = [problem(seed, dtype) for seed in range(8)]
    wanted = [K @ X for K, X in problems]
    start = threading.Barrier(8)

    def work(place):
        start.wait()
        found = []
        for turn in range(12):
            i = (place + turn) % len(problems)
            K, X = problems[i]
            found.append(bool(np.array_equal(K @ X, wanted[i]) and np.allclose(X.T @ K.T, wanted[i].T, rtol=1e-3)))
        return found

    with ThreadPoolExecutor(8) as pool:
        assert all(all(found) for found in pool.map(work, range(8)))


def test_threads_that_begin_and_end(kernel):
    """No thread keeps what another one needs."""
    K, X = problem(1)
    wanted, found = K @ X, []
    for _ in range(20):
        threads = [threading.Thread(target=lambda: found.append(K @ X)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(found) == 60
    assert all(np.array_equal(Y, wanted) for Y in found)


def test_an_error_in_one_thread_does_not_stop_the_others(kernel):
    K, X = problem(1)
    huge = ox.kron(*[np.ones((2**20, 1))] * 2)
    wanted = K @ X

    def work(place):
        if place % 2:
            with pytest.raises(MemoryError):
                huge @ np.ones((1, 1))
            return True
        return np.array_equal(K @ X, wanted)

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, range(40)))


def test_other_threads_go_on_during_a_product(kernel):
    arrays = [random(i, (512, 512), "float32") for i in range(2)]
    K, X = ox.kron(*arrays), random(9, (512**2, 16), "float32")
    ticks, stop = [], threading.Event()

    def tick():
        while not stop.wait(1e-3):
            ticks.append(time.perf_counter())

    ticking = threading.Thread(target=tick)
    ticking.start()
    try:
        begin = time.perf_counter()
        K @ X
        end = time.perf_counter()
    finally:
        stop.set()
        ticking.join()
    inside = [t for t in ticks if begin + 0.1 * (end - begin) < t < begin + 0.9 * (end - begin)]
    assert len(inside) >= 3  # with the lock held there would be none


@compiled
class TestLimits:
    """The number of threads is that of threadpoolctl and OMP_NUM_THREADS."""

    def test_threadpoolctl(self):
        before = native.threads()
        K, X = problem(1)
        wanted = K @ X
        with threadpool_limits(1):
            assert native.threads() == 1
            np.testing.assert_allclose(K @ X, wanted, rtol=0, atol=1e-12 * abs(wanted).max())
        assert native.threads() == before
        with threadpool_limits({"otimes": 3}):
            assert native.threads() == 3
            np.testing.assert_array_equal(K @ X, wanted)
        assert [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "otimes"] == [before]

    def test_blocks_of_several_sizes(self):
        """A thread that begins with the last columns of a batch goes on with as many as a block has."""
        K = ox.kron(ox.eye(2), *[random(i, (48, 48)) for i in range(2)])
        X = random(9, (K.shape[1], 898))
        with threadpool_limits({"otimes": 1}):
            wanted = K @ X
        for _ in range(5):
            with threadpool_limits({"otimes": 2}):
                np.testing.assert_array_equal(K @ X, wanted)

    @pytest.mark.parametrize("threads", [1, 3])
    def test_environment(self, threads):
        script = "from otimes.kernels import native; print(native.threads())"
        assert python(script, OMP_NUM_THREADS=str(threads)) == str(threads)

    @pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="the threads of the process are not listed here")
    def test_one_thread_is_one(self):
        """With a limit of one no thread is started."""
        script = (
            "import os, numpy as np, otimes as ox\n"
            "K, X = ox.kron(*[np.ones((64, 64), np.float32)] * 2), np.ones((4096, 256), np.float32)\n"
            "before = len(os.listdir('/proc/self/task'))\n"
            "K @ X\n"
            "print(len(os.listdir('/proc/self/task')) - before)"
        )
        assert python(script, OMP_NUM_THREADS="1") == "0"


FORK = """
import os, sys
import numpy as np, otimes as ox
arrays = [np.random.default_rng(i).standard_normal((16, 16)) for i in range(4)]
K, X = ox.kron(*arrays), np.random.default_rng(9).standard_normal((16**4, 16))
wanted = K @ X  # by threads
children = []
for _ in range(3):
    child = os.fork()
    if child == 0:
        right = (K @ X == wanted).all() and np.allclose(X.T @ K.T, wanted.T)
        grandchild = os.fork()
        if grandchild == 0:
            os._exit(0 if (K @ X == wanted).all() else 1)
        right &= os.waitpid(grandchild, 0)[1] == 0
        os._exit(0 if right else 1)
    children.append(child)
    assert (K @ X == wanted).all()
assert all(os.waitpid(child, 0)[1] == 0 for child in children)
assert (K @ X == wanted).all()
print("right")
"""

FORK_DURING = """
import os, threading
import numpy as np, otimes as ox
K = ox.kron(*[np.ones((16, 16))] * 4)
X = np.ones((16**4, 8))
wanted = K @ X
stop = threading.Event()
def work():
    while not stop.is_set():
        K @ X
threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
codes = []
for _ in range(5):
    child = os.fork()
    if child == 0:
        os._exit(0 if (K @ X == wanted).all() else 1)
    codes.append(os.waitpid(child, 0)[1])
stop.set()
for thread in threads:
    thread.join()
assert codes == [0] * 5
print("right")
"""

PROCESSES = """
import multiprocessing
import numpy as np, otimes as ox
K = ox.kron(*[np.random.default_rng(i).standard_normal((16, 16)) for i in range(4)])
X = np.random.default_rng(9).standard_normal((16**4, 16))
wanted = K @ X
def work(scale):
    return bool(np.allclose(K @ (scale * X), scale * wanted))
if __name__ == "__main__":
    with multiprocessing.get_context("fork").Pool(3) as pool:
        assert all(pool.map(work, range(9)))
    assert (K @ X == wanted).all()
    print("right")
"""


@forks
@pytest.mark.parametrize("script", [FORK, PROCESSES], ids=["fork", "multiprocessing"])
def test_after_fork(kernel, script):
    assert python(script, OTIMES_KERNEL=kernel) == "right"


@forks
def test_fork_while_other_threads_multiply(kernel):
    if kernel == "numpy":
        pytest.skip("what BLAS does in a child that was forked in the midst of its threads is not ours")
    assert python(FORK_DURING, OTIMES_KERNEL=kernel) == "right"


def python(script, **environment):
    environment = {"OMP_NUM_THREADS": "2", **environment, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", script],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
