"""Which kernel is loaded and how many threads it takes: what the environment, the machine and threadpoolctl say."""

import os
import subprocess
import sys
import timeit
from importlib.util import find_spec

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

import otimes as ox
from otimes.kernels import native

BUILT = find_spec("otimes.kernels._native") is not None
needs_kernel = pytest.mark.skipif(native.module is None, reason="the compiled kernel is not in use")
needs_build = pytest.mark.skipif(not BUILT, reason="the compiled kernel was not built")

INFO = "import otimes as ox; print(ox.kernel_info())"
NOT_BUILT = "import sys; sys.modules['otimes.kernels._native'] = None; "
BROKEN = """
import sys
class Broken:
    def find_spec(name, path, target=None):
        if name == "otimes.kernels._native":
            raise ImportError("undefined symbol: _ZN6otimes")
sys.meta_path.insert(0, Broken)
"""
READ_ON_IMPORT = ("OTIMES_KERNEL", "OTIMES_INSTRUCTION_SET", "OMP_NUM_THREADS")


def python(code, **variables):
    """Run a new process; return the last line of what it printed, and of its traceback."""
    environment = {name: value for name, value in os.environ.items() if name not in READ_ON_IMPORT} | variables
    result = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60)
    return "".join(result.stdout.splitlines()[-1:]), "".join(result.stderr.splitlines()[-1:])


@needs_build
@pytest.mark.parametrize("asked", ["", "native"])
def test_the_compiled_kernel_is_used_where_it_was_built(asked):
    out, error = python(INFO, OTIMES_KERNEL=asked)
    assert out.startswith("native (")
    assert error == ""


def test_numpy_can_be_forced():
    assert python(INFO, OTIMES_KERNEL="numpy") == ("numpy (OTIMES_KERNEL=numpy)", "")
    code = "from otimes.kernels import native; print(native.module, native.threads())"
    assert python(code, OTIMES_KERNEL="numpy") == ("None 1", "")


def test_a_kernel_that_was_not_built():
    assert python(NOT_BUILT + INFO) == ("numpy (the compiled kernel was not built)", "")
    out, error = python(NOT_BUILT + INFO, OTIMES_KERNEL="native")
    assert out == ""
    assert "OTIMES_KERNEL=native, but the compiled kernel was not built; `make native` builds it" in error


def test_a_kernel_that_does_not_load():
    reason = "the compiled kernel does not load: undefined symbol: _ZN6otimes"
    assert python(BROKEN + INFO) == (f"numpy ({reason})", "")
    assert f"OTIMES_KERNEL=native, but {reason}" in python(BROKEN + INFO, OTIMES_KERNEL="native")[1]


def test_an_unknown_kernel_is_an_error_that_names_the_two():
    error = "otimes.errors.KernelUnavailable: OTIMES_KERNEL=fast: the kernels are native and numpy"
    assert python(INFO, OTIMES_KERNEL="fast") == ("", error)


def test_products_by_an_unknown_kernel_are_refused_too():
    code = "import numpy as np, otimes as ox; ox.kron(np.eye(2), np.eye(3)) @ np.ones(6)"
    assert "KernelUnavailable: OTIMES_KERNEL=fast" in python(code, OTIMES_KERNEL="fast")[1]


def test_the_command_line_tells_it_in_one_line():
    command = [sys.executable, "-m", "otimes.cli", "info"]
    result = subprocess.run(command, env=os.environ | {"OTIMES_KERNEL": "fast"}, capture_output=True, text=True)
    assert result.returncode == 2
    assert result.stderr == "otimes: OTIMES_KERNEL=fast: the kernels are native and numpy\n"


@needs_build
def test_a_lesser_instruction_set():
    code = "from otimes.kernels import native; print(*native.module.instruction_sets())"
    known = python(code)[0].split()
    assert python("import otimes as ox; print(ox.kernel_info().instruction_set)") == (known[0], "")
    for name in known:
        assert f"native ({name}, " in python(INFO, OTIMES_INSTRUCTION_SET=name)[0]
    error = f"KernelUnavailable: OTIMES_INSTRUCTION_SET=MMX: this machine runs {', '.join(known)}"
    assert python(INFO, OTIMES_INSTRUCTION_SET="MMX") == ("", f"otimes.errors.{error}")


@needs_build
@pytest.mark.parametrize(
    ("value", "threads"),
    [("3", 3), (" 3 ", 3), ("3,2,1", 3), ("03", 3), ("1", 1)]
    + [(value, None) for value in ("", "0", "-2", "many", "2 threads", "2.5", ",2", "9" * 30)],
)
def test_omp_num_threads(value, threads):
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    code = "from otimes.kernels import native; print(native.threads())"
    assert python(code, OMP_NUM_THREADS=value) == (str(threads or usable), "")


@needs_build
@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system has no affinities")
def test_the_cpus_of_the_process_are_counted():
    code = "import os; os.sched_setaffinity(0, [min(os.sched_getaffinity(0))]); " + INFO
    assert python(code)[0].endswith(", 1 thread)")


@needs_kernel
def test_threadpoolctl_limits_the_threads():
    before = native.threads()
    with threadpool_limits(1):
        assert native.threads() == ox.kernel_info().threads == 1
        with threadpool_limits({"otimes": 5}):
            assert native.threads() == 5
        with threadpool_limits(7, user_api="blas"):
            assert native.threads() == 1
    assert native.threads() == before
    [info] = [info for info in threadpool_info() if info["user_api"] == "otimes"]
    assert (info["num_threads"], info["prefix"]) == (before, "_native")


@needs_kernel
def test_a_limit_below_one_is_one():
    with threadpool_limits({"otimes": 0}):
        assert native.threads() == 1


@needs_kernel
def test_asking_for_the_threads_costs_next_to_nothing():
    assert min(timeit.repeat(native.threads, number=1000, repeat=20)) / 1000 < 1e-6  # seconds; 0.04 µs when quiet
