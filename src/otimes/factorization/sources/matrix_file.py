"""`MatrixFile`: a matrix in a file larger than memory, read from its beginning to its end at most twice."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from otimes.core.checks import require_size
from otimes.errors import FileFormatError, ShapeError
from otimes.factorization.sources.stored import Stored, open_stored

Progress = Callable[[int, int, str], object]  # done, total, label

_UNITS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}


@dataclass(frozen=True)
class MatrixFile:
    """A matrix in a ``.npy`` file, an HDF5 dataset or a Zarr array, which is streamed and never held.

    `nearest_kronecker` of two factors reads it twice, whatever the number of terms: random sketches of the range and of
    the corange of R(M), with one step of subspace iteration taken in the same pass; then the projection on both, of
    which the error is measured exactly, and products with fresh vectors for the certificate, where the limit has room
    for these. With `tol`, the sketches are those for 16 terms unless `terms` says otherwise.
    Of more factors the sum is fitted to that projection, and the error is a bound. A search for shapes (`factorize`)
    reads it twice for each pair of them whose sketches are within the limit, and twice for the result; for that a
    checkpoint is of no use, since it keeps one pair.

    Parameters
    ----------
    path : str or Path
        Ends in ``.npy``, ``.h5``, ``.hdf5`` or ``.zarr``.
    dataset : str, optional
        The name of the dataset; without it the file holds one matrix only.
    memory : int or str
        Limit of what is held at a time, in bytes, or as "500 MiB" or "2GiB".
    checkpoint : str or Path, optional
        Where to keep what was computed, now and then and when interrupted. The same call then goes on where it was,
        after a kill where it was seconds before; the file is removed when the result is there.
    progress : callable, optional
        Called as ``progress(done, total, label)`` with the slabs read so far, of both passes.

    Raises
    ------
    FileFormatError
        The file is missing, truncated, of another kind, or has no such dataset; or the checkpoint has no folder.
    ShapeError
        It holds no matrix, or `memory` is no size.
    DTypeError
        It does not hold numbers.
    MissingExtra
        h5py or zarr is not installed.

    References
    ----------
    N. Halko, P. G. Martinsson, J. A. Tropp, Finding structure with randomness, SIAM Review 53 (2011) 217-288.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import numpy as np, otimes as ox
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "M.npy")
    ...     np.save(path, np.kron(np.ones((20, 20)), np.eye(30)))
    ...     F = ox.nearest_kronecker(ox.MatrixFile(path, memory="2MiB"), shapes=((20, 20), (30, 30)))
    >>> F.error < 1e-14, F.certificate.kind
    (True, 'exact')
    """

    path: str | Path
    dataset: str | None = None
    memory: int | str = "1GiB"
    checkpoint: str | Path | None = None
    progress: Progress | None = None

    def __post_init__(self) -> None:
        _ = self.bytes_allowed, self.stored
        if self.checkpoint is not None and not Path(self.checkpoint).parent.is_dir():
            raise FileFormatError(f"checkpoint={str(self.checkpoint)!r}: its folder does not exist")

    @cached_property
    def bytes_allowed(self) -> int:
        """The limit in bytes."""
        if not isinstance(self.memory, str):
            return require_size(self.memory, "memory")
        match = re.fullmatch(r"(\d+(?:\.\d+)?) ?([kmgt]?)(i?)b?", self.memory.strip().lower())
        if match is None:
            raise ShapeError(f"memory={self.memory!r} is no size; give bytes, or a text such as '2GiB' or '500 MB'")
        number, unit, binary = match.groups()
        return int(float(number) * (1024 if binary else 1000) ** _UNITS[unit])

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.stored.shape

    @cached_property
    def stored(self) -> Stored:
        """The matrix on disk."""
        return open_stored(Path(self.path), self.dataset)
