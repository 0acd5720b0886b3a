"""The machine of a run: processor, caches, memory, versions, and what otimes computes with."""

import importlib.metadata
import os
import platform
from pathlib import Path

import numpy as np

import otimes as ox

PEERS = ("torch", "pyfastkron", "linear_operator", "pykronecker", "pylops", "cola-ml", "tensorly", "opt_einsum")
CACHES = Path("/sys/devices/system/cpu/cpu0/cache")


def machine() -> dict:
    """Describe the machine and the software of this run."""
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    names = (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name"))
    kibibytes = (int(line.split()[1]) for line in _lines("/proc/meminfo") if line.startswith("MemTotal"))
    return {
        "processor": next(names, platform.machine()),
        "cores": cores(),
        "caches": _caches(),
        "memory_gib": round(next(kibibytes, 0) / 2**20, 1),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "blas": f"{blas['name']} {blas['version']}",
        "otimes": str(ox.kernel_info()),
        "peers": {name: version for name in PEERS if (version := _version(name))},
    }


def cores() -> int:
    """Return the number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def about(described: dict) -> str:
    """Return the description of a machine as one line of prose."""
    caches = ", ".join(f"{level} {size}" for level, size in described.get("caches", {}).items())
    parts = [
        f"{described['processor']}, {described['cores']} cores",
        *([caches] if caches else []),
        *([f"{described['memory_gib']:.0f} GiB"] if described.get("memory_gib") else []),
        f"Python {described['python']}, NumPy {described['numpy']}, {described['blas']}",
        *([f"kernel of otimes: {described['otimes']}"] if "otimes" in described else []),
    ]
    return "; ".join(parts)


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []


def _caches() -> dict:
    """Return the sizes of the data caches by level, as the system names them: {'L2': '1024K'}."""
    found = {}
    for index in sorted(CACHES.glob("index*")):
        kind, level, size = ((index / name).read_text().strip() for name in ("type", "level", "size"))
        if kind != "Instruction":
            found[f"L{level}"] = size
    return found


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None
