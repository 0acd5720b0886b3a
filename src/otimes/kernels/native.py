"""The compiled kernel: whether it is there and used, and how many threads it takes."""

import importlib
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
from threadpoolctl import LibController, register

from otimes.errors import KernelUnavailable

COMPILED = frozenset(map(np.dtype, ("float32", "float64", "complex64", "complex128")))  # dtypes
BUILD = "`make native` builds it in a checkout, `pip install .` into an environment, with a compiler of C++17"


@dataclass(frozen=True)
class KernelInfo:
    """Which kernel multiplies, why if it is not the compiled one, and what that one runs on."""

    name: str
    reason: str | None
    instruction_set: str | None
    threads: int | None

    def __str__(self) -> str:
        if self.reason is not None:
            return f"{self.name} ({self.reason})"
        return f"{self.name} ({self.instruction_set}, {self.threads} thread{'s' * (self.threads != 1)})"


def kernel_info() -> KernelInfo:
    """Return which kernel multiplies with Kronecker products: the compiled one, "native", or "numpy".

    It is the compiled one where it was built. The environment variable OTIMES_KERNEL (native or numpy) forces one, and
    OTIMES_INSTRUCTION_SET takes a lesser instruction set than the best of the machine; both are read on import. The
    compiled kernel takes as many threads as OMP_NUM_THREADS says, or else one for each CPU that the process may use;
    `threadpoolctl.threadpool_limits` limits them.

    Returns
    -------
    KernelInfo
        `name`; `reason`, None for the compiled kernel; `instruction_set` and `threads`, None for NumPy's.

    Raises
    ------
    KernelUnavailable
        One was asked for that is not there; products that it would compute raise this too.

    Examples
    --------
    >>> import otimes as ox
    >>> ox.kernel_info().name in ("native", "numpy")
    True
    """
    if module is None:
        return KernelInfo("numpy", reason, None, None)
    return KernelInfo("native", None, module.instruction_set(), threads())


class _ThreadLimit(LibController):
    """The kernel's threads, for threadpoolctl: the limit is the process's, as it is for BLAS."""

    user_api = internal_api = "otimes"
    filename_prefixes = ("_native",)
    check_symbols = ("otimes_get_num_threads",)

    def get_num_threads(self) -> int:
        return self.dynlib.otimes_get_num_threads()

    def set_num_threads(self, num_threads: int) -> None:
        self.dynlib.otimes_set_num_threads(num_threads)

    def get_version(self) -> None:
        return None


def _load(asked: str) -> tuple[ModuleType | None, str | None]:
    """Return the extension module, or None and the reason."""
    if asked not in ("", "native", "numpy"):
        raise KernelUnavailable(f"OTIMES_KERNEL={asked}: the kernels are native and numpy")
    if asked == "numpy":
        return None, "OTIMES_KERNEL=numpy"
    try:
        found = importlib.import_module("otimes.kernels._native")
    except ImportError as error:
        missing = isinstance(error, ModuleNotFoundError)
        state = f"the compiled kernel {'was not built' if missing else f'does not load: {error}'}"
        if asked == "native":
            raise KernelUnavailable(f"OTIMES_KERNEL=native, but {state}; {BUILD}") from error
        return None, state
    return _ready(found), None


def _ready(found: ModuleType) -> ModuleType:
    """Return the module with its instruction set chosen and its threads known to threadpoolctl."""
    try:
        found.instruction_set()
    except ValueError as error:  # OTIMES_INSTRUCTION_SET
        raise KernelUnavailable(str(error)) from None
    found.set_num_threads(_default_threads())
    register(_ThreadLimit)
    return found


def _default_threads() -> int:
    """Return the number that OMP_NUM_THREADS begins with, or without one a thread for each CPU we may use."""
    number = re.match(r"\s*0*([1-9]\d{0,3})\s*(,|$)", os.environ.get("OMP_NUM_THREADS", ""))
    if number:
        return int(number[1])
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _one() -> int:
    return 1


class _Refusal:
    """In the place of the module, where what the environment asks for is not there: any use of it says so."""

    def __init__(self, error: KernelUnavailable) -> None:
        self.error = error

    def __getattr__(self, name: str) -> Any:
        raise KernelUnavailable(str(self.error)) from self.error.__cause__


module: Any
reason: str | None
try:
    module, reason = _load(os.environ.get("OTIMES_KERNEL", ""))
except KernelUnavailable as error:  # not an error of the import: a command line could not tell it in its own way
    module, reason = _Refusal(error), str(error)

#: The number of threads a product may use now; called for each product, so it is the compiled function itself.
threads: Callable[[], int] = module.get_num_threads if module and not reason else _one
