"""One ``.npz`` file of a readable header and plain arrays: written whole, read as untrusted.

It holds ``header.json`` and one ``.npy`` member an array, not compressed: ``numpy.load`` opens it, and
``unzip -p file.npz header.json`` prints the header.
"""

import json
import math
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from otimes.errors import FileFormatError, OtimesError
from otimes.io.atomic import atomic_write
from otimes.io.numpy_files import DAMAGED, read_npy_header

__all__ = ["LONGEST_HEADER", "open_archive", "read_header", "read_member", "write_archive"]

LONGEST_HEADER = 2**20


def write_archive(path: str | Path, header: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
    """Write the header and the arrays, whole or not at all."""
    with atomic_write(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo("header.json"), json.dumps(header, indent=1))
        for name, array in arrays.items():
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, version=(1, 0), allow_pickle=False)


@contextmanager
def open_archive(path: str | Path, kind: str) -> Iterator[zipfile.ZipFile]:
    """Open an archive for reading; whatever is wrong with it becomes a ``FileFormatError`` that names it."""
    name = str(path)
    if not Path(path).exists():
        raise FileFormatError(f"{name}: no such file")
    try:
        with zipfile.ZipFile(path) as archive:
            _refuse_inflation(archive, kind, name)
            yield archive
    except OtimesError:
        raise
    except IsADirectoryError as error:
        raise FileFormatError(f"{name}: a folder, a file is due") from error
    except DAMAGED as error:
        raise FileFormatError(f"{name}: not a whole {kind} ({error})") from error


def read_header(archive: zipfile.ZipFile, kind: str, writer: str, name: str, longest: int = LONGEST_HEADER) -> Any:
    """Return what ``header.json`` holds, as parsed and nothing more."""
    if "header.json" not in archive.namelist():
        raise FileFormatError(f"{name}: not a {kind} (no header.json in it); {writer} writes one")
    if archive.getinfo("header.json").file_size > longest:
        raise FileFormatError(f"{name}: a header of over {longest:,} bytes")
    try:
        return json.loads(archive.read("header.json"))
    except (ValueError, RecursionError) as error:
        raise FileFormatError(f"{name}: its header is not JSON ({error})") from error


def read_member(archive: zipfile.ZipFile, key: str, name: str, shape: tuple[int, ...] | None = None) -> np.ndarray:
    """Read one array once its own header agrees with the shape expected, if any, and with the bytes it has."""
    with archive.open(f"{key}.npy") as file:
        found, dtype = read_npy_header(file, f"{name}:{key}")
        due = file.tell() + math.prod(found) * dtype.itemsize
        if shape is not None and found != shape:
            raise FileFormatError(f"{name}: {key} has shape {found}, the header says {shape}")
        if archive.getinfo(f"{key}.npy").file_size != due:
            raise FileFormatError(f"{name}: {key} has not the {due:,} bytes its shape needs")
        file.seek(0)
        return np.lib.format.read_array(file, allow_pickle=False)


def _refuse_inflation(archive: zipfile.ZipFile, kind: str, name: str) -> None:
    """Refuse members that claim more bytes than the file holds, which includes every compressed one."""
    assert archive.fp is not None
    length = archive.fp.seek(0, 2)
    if any(member.compress_type != zipfile.ZIP_STORED for member in archive.infolist()):
        raise FileFormatError(f"{name}: has compressed members, a {kind} has none")
    if sum(member.file_size for member in archive.infolist()) > length:
        raise FileFormatError(f"{name}: its members claim more bytes than the file has ({length:,})")
