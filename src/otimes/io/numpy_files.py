"""NumPy's own files: ``.npy`` mapped into memory, members of ``.npz``, SciPy's sparse ``.npz``; no pickles."""

import math
import zipfile
import zlib
from pathlib import Path
from typing import IO

import numpy as np
from scipy import sparse

from otimes.errors import DTypeError, FileFormatError, OtimesError
from otimes.io.checks import check_numeric

__all__ = ["DAMAGED", "load_npy", "load_npz", "read_npy_header"]

DAMAGED = (ValueError, OSError, EOFError, KeyError, zipfile.BadZipFile, zlib.error, NotImplementedError)


def load_npy(path: Path, name: str) -> np.ndarray:
    """Map a ``.npy`` file into memory, read-only; its header is checked against the length of the file first."""
    with path.open("rb") as file:
        shape, dtype = read_npy_header(file, name)
        offset = file.tell()
    due, found = offset + math.prod(shape) * dtype.itemsize, path.stat().st_size
    if found < due:
        raise FileFormatError(f"{name}: truncated, {found:,} of {due:,} bytes are there")
    return np.load(path, mmap_mode="r" if math.prod(shape) else None, allow_pickle=False)


def read_npy_header(file: IO[bytes], name: str) -> tuple[tuple[int, ...], np.dtype]:
    """Return shape and dtype from the start of a ``.npy`` stream, without reading or unpickling data."""
    try:
        version = np.lib.format.read_magic(file)
        read = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}[version]
        shape, _, dtype = read(file)
        if any(length < 0 for length in shape):
            raise ValueError("negative length")
    except Exception as error:  # NumPy reads the header as Python text and lets every error of that parser through
        raise FileFormatError(f"{name}: {_what_it_is(file)}") from error
    check_numeric(dtype, name)
    return shape, dtype


def _what_it_is(file: IO[bytes]) -> str:
    """Say why a stream is not a ``.npy`` file, from its first bytes."""
    file.seek(0)
    start = file.read(6)
    if not start:
        return "an empty file"
    if start[:1] == b"\x80":
        return "a pickle, which is never unpickled; save the array with numpy.save"
    if start == b"\x93NUMPY":
        return "its .npy header is damaged"
    return f"not a .npy file (it starts with {start!r})"


def load_npz(path: Path, key: str | None, name: str) -> np.ndarray | sparse.csr_array:
    """Return the array ``key``, or the only array, or the SciPy sparse matrix of a ``.npz`` file."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = [entry.removesuffix(".npy") for entry in archive.namelist() if entry.endswith(".npy")]
            if key is None and {"format", "shape", "data"} <= set(members):
                return _load_sparse(path, name)
            return _load_member(archive, _choose(archive, members, key, name), name)
    except OtimesError:
        raise
    except DAMAGED as error:
        raise FileFormatError(f"{name}: a truncated or damaged .npz file ({error})") from error


def _load_sparse(path: Path, name: str) -> sparse.csr_array:
    """Load what ``scipy.sparse.save_npz`` wrote."""
    try:
        matrix = sparse.load_npz(path)
        check_numeric(matrix.dtype, name)
        matrix = sparse.csr_array(matrix)
        matrix.check_format(full_check=True)
    except OtimesError:
        raise
    except (TypeError, IndexError, AttributeError) as error:  # SciPy trusts the arrays to be of the right kind
        raise FileFormatError(f"{name}: its arrays make no sparse matrix ({error})") from error
    return matrix


def _choose(archive: zipfile.ZipFile, members: list[str], key: str | None, name: str) -> str:
    """Return the member asked for, or the only one; otherwise say which there are."""
    if key in members:
        return str(key)
    if key is None and len(members) == 1:
        return members[0]
    listed = ", ".join(f"{member} {_shape_text(archive, member)}" for member in members) or "no arrays"
    if key is None:
        raise FileFormatError(f"{name}: holds {listed}; name one, as in {name}:{members[0] if members else 'key'}")
    raise FileFormatError(f"{name}: no array '{key}'; it holds {listed}")


def _shape_text(archive: zipfile.ZipFile, member: str) -> str:
    """Return the shape of a member as text, from its header alone."""
    with archive.open(f"{member}.npy") as file:
        try:
            shape = read_npy_header(file, member)[0]
        except (FileFormatError, DTypeError):
            return "(not numbers)"
    return "×".join(map(str, shape)) or "scalar"


def _load_member(archive: zipfile.ZipFile, member: str, name: str) -> np.ndarray:
    """Read one array of an open ``.npz`` file."""
    with archive.open(f"{member}.npy") as file:
        read_npy_header(file, f"{name}:{member}")
        file.seek(0)
        return np.lib.format.read_array(file, allow_pickle=False)
