"""Matrices in files that are larger than memory: `.npy`, HDF5 and Zarr, of which some lines at a time are read."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from otimes.core.checks import shape_text
from otimes.errors import DTypeError, FileFormatError, MissingExtra, ShapeError

HDF5, ZARR = (".h5", ".hdf5", ".hdf"), (".zarr",)


@dataclass(frozen=True)
class Stored(ABC):
    """A matrix on disk; its lines are rows, or columns where `order` is "F"."""

    shape: tuple[int, int]
    dtype: np.dtype
    order: Literal["C", "F"]

    @abstractmethod
    def lines(self, start: int, stop: int) -> np.ndarray:
        """Return some rows, or columns, as rows of an array."""


def open_stored(path: Path, dataset: str | None) -> Stored:
    """Return the matrix in a file, by the ending of its name; of its entries none is read yet."""
    if not path.exists():
        raise FileFormatError(f"{path}: no such file")
    if path.suffix == ".npy":
        return NpyFile.opened(path)
    if path.suffix in HDF5:
        return HDF5Dataset.opened(path, dataset)
    if path.suffix in ZARR:
        return ZarrArray.opened(path, dataset)
    raise FileFormatError(f"{path}: unknown kind of file; known endings are {', '.join(('.npy', *HDF5, *ZARR))}")


def checked_shape(shape: tuple[int, ...], dtype: np.dtype, name: str) -> tuple[int, int]:
    """Return the shape of a matrix of numbers."""
    if dtype.kind not in "biufc":
        raise DTypeError(f"{name} holds {dtype}, which are not plain numbers")
    if len(shape) != 2 or 0 in shape:
        raise ShapeError(f"{name} is {shape_text(shape) or 'a scalar'}; a matrix with rows and columns is due")
    return shape[0], shape[1]


@dataclass(frozen=True)
class NpyFile(Stored):
    """A ``.npy`` file, read without mapping it: pages of a map would count as memory of the process."""

    path: Path
    offset: int

    @classmethod
    def opened(cls, path: Path) -> "NpyFile":
        """Read the header, and check the length of the file."""
        if path.is_dir():
            raise FileFormatError(f"{path}: a folder, not a .npy file")
        with path.open("rb") as file:
            try:
                version = np.lib.format.read_magic(file)
                read = {1: np.lib.format.read_array_header_1_0, 2: np.lib.format.read_array_header_2_0}[version[0]]
                shape, fortran, dtype = read(file)
            except Exception as error:  # NumPy reads the header as Python text and lets every error through
                raise FileFormatError(f"{path}: not a .npy file, or its header is damaged") from error
            offset = file.tell()
        m, n = checked_shape(shape, dtype, str(path))
        due, found = offset + m * n * dtype.itemsize, path.stat().st_size
        if found < due:
            raise FileFormatError(f"{path}: truncated, {found:,} of {due:,} bytes are there")
        return cls((m, n), dtype, "F" if fortran else "C", path, offset)

    def lines(self, start: int, stop: int) -> np.ndarray:
        """Return some rows, or columns, as rows of an array."""
        length = self.shape[1] if self.order == "C" else self.shape[0]
        first = self.offset + start * length * self.dtype.itemsize
        found = np.fromfile(self.path, self.dtype, (stop - start) * length, offset=first)
        if len(found) < (stop - start) * length:
            raise FileFormatError(f"{self.path}: truncated while it was read, in line {start + len(found) // length}")
        return found.reshape(-1, length)


@dataclass(frozen=True)
class HDF5Dataset(Stored):
    """A dataset in an HDF5 file."""

    path: Path
    name: str

    @classmethod
    def opened(cls, path: Path, dataset: str | None) -> "HDF5Dataset":
        """Find the dataset, the only matrix of the file if none is named."""
        h5py = _h5py()
        try:
            with h5py.File(path, "r") as file:
                found: dict[str, Any] = {}
                file.visititems(lambda name, item: found.update({name: item}) if _has_shape(item) else None)
                name = _chosen(found, dataset, path)
                shape = checked_shape(found[name].shape, found[name].dtype, f"{path}:{name}")
                return cls(shape, found[name].dtype, "C", path, name)
        except OSError as error:
            raise FileFormatError(f"{path}: not an HDF5 file, or damaged ({error})") from error

    def lines(self, start: int, stop: int) -> np.ndarray:
        """Return some rows."""
        with _h5py().File(self.path, "r") as file:
            return file[self.name][start:stop]


@dataclass(frozen=True)
class ZarrArray(Stored):
    """An array in a Zarr store, or the store itself if it is one."""

    array: Any

    @classmethod
    def opened(cls, path: Path, dataset: str | None) -> "ZarrArray":
        """Find the array, the only matrix of the group if none is named."""
        try:
            import zarr
        except ImportError as error:
            raise MissingExtra('Zarr stores need zarr: pip install "otimes[files]"') from error
        try:
            store: Any = zarr.open(path, mode="r")
        except Exception as error:  # of many kinds, by the version of zarr and of the store
            raise FileFormatError(f"{path}: not a Zarr store, or damaged ({error})") from error
        array, name = store, str(path)
        if not hasattr(store, "dtype"):
            found = dict(store.arrays())
            key = _chosen(found, dataset, path)
            array, name = found[key], f"{path}:{key}"
        dtype = np.dtype(array.dtype)
        return cls(checked_shape(tuple(array.shape), dtype, name), dtype, "C", array)

    def lines(self, start: int, stop: int) -> np.ndarray:
        """Return some rows."""
        return np.asarray(self.array[start:stop])


def _has_shape(item: Any) -> bool:
    """Whether an item of an HDF5 file is a dataset, and no empty one."""
    return getattr(item, "shape", None) is not None


def _h5py() -> Any:
    try:
        import h5py
    except ImportError as error:
        raise MissingExtra('HDF5 files need h5py: pip install "otimes[files]"') from error
    return h5py


def _chosen(found: dict[str, Any], dataset: str | None, path: Path) -> str:
    """Return the dataset asked for, or the only matrix; otherwise say which there are."""
    name = None if dataset is None else dataset.strip("/")
    matrices = [key for key, item in found.items() if len(item.shape) == 2]
    if name is None and len(matrices) == 1:
        return matrices[0]
    if name in found:
        return str(name)
    listed = ", ".join(f"{key} {shape_text(tuple(item.shape))}" for key, item in found.items()) or "no arrays"
    if dataset is None:
        raise FileFormatError(f"{path} holds {listed}; name one by dataset=")
    raise FileFormatError(f"{path} has no dataset {dataset!r}; it holds {listed}")
