"""Read a matrix or a vector from a file, by the ending of its name."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy import sparse

from otimes.errors import FileFormatError
from otimes.io.checks import Matrix, check_finite, check_numeric, check_shape
from otimes.io.matrix_market import load_matrix_market
from otimes.io.numpy_files import load_npy, load_npz
from otimes.io.text import load_text

__all__ = ["load_array", "load_matrix"]


def load_matrix(source: str | Path, *, missing: bool = False) -> Matrix:
    r"""Read a matrix M from a ``.npy``, ``.npz``, Matrix Market, ``.csv`` or ``.txt`` file, without ever unpickling.

    ======================  ==========================================================================
    ``M.npy``               mapped into memory, read-only: pages are read when they are used
    ``M.npz``               the SciPy sparse matrix (``scipy.sparse.save_npz``), or the only array
    ``M.npz:name``          the array of that name
    ``M.mtx``, ``M.mtx.gz``  Matrix Market, sparse or dense
    ``M.csv``, ``M.txt``    numbers between commas, semicolons, tabs or blanks; one line of names may lead
    ======================  ==========================================================================

    Shapes: the result is m × n with m, n ≥ 1; booleans come back as float64, every other dtype as it is.

    Cost: one pass over the entries, to look for NaN and infinity; a ``.npy`` file is not copied.

    Parameters
    ----------
    source : str or Path
        Name of the file, with ``:name`` for an array of a ``.npz`` file.
    missing : bool
        Whether NaN stands for a missing entry, and is let through.

    Returns
    -------
    numpy.ndarray or scipy.sparse.csr_array

    Raises
    ------
    FileFormatError
        The file is missing, unreadable, truncated, of another kind, ragged, or a pickle.
    DTypeError
        The entries are not numbers.
    ShapeError
        Not a matrix, or an empty one.
    NonFiniteError
        There are NaN or infinite entries; says how many, and where the first is.
    TooLarge
        A Matrix Market header announces more than the file can hold.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import numpy as np
    >>> from otimes.io import load_matrix
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "M.csv")
    ...     _ = path.write_text("first;second\n1;2\n3;4.5\n")
    ...     load_matrix(path)
    array([[1. , 2. ],
           [3. , 4.5]])
    """
    return _checked(source, dimensions=(2,), missing=missing)


def load_array(source: str | Path) -> np.ndarray:
    r"""Read a vector or a matrix from the files that ``load_matrix`` reads; a text file of one column is a vector.

    Shapes: n, or n × k. Sparse matrices come back dense.

    Cost: that of ``load_matrix``.

    Parameters
    ----------
    source : str or Path
        As for ``load_matrix``.

    Returns
    -------
    numpy.ndarray, (n,) or (n, k)

    Raises
    ------
    FileFormatError, DTypeError, ShapeError, NonFiniteError
        As ``load_matrix``.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from otimes.io import load_array
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "b.txt")
    ...     _ = path.write_text("1\n2\n3\n")
    ...     load_array(path)
    array([1., 2., 3.])
    """
    array = _checked(source, dimensions=(1, 2))
    if sparse.issparse(array):
        return array.toarray()
    is_text = str(source).lower().endswith((".csv", ".txt"))
    return array[:, 0] if is_text and array.shape[1] == 1 else array


def _checked(source: str | Path, *, dimensions: tuple[int, ...], missing: bool = False) -> Matrix:
    """Read, then check that the entries are finite numbers (or missing) in an array of one of the ``dimensions``."""
    name = str(source)
    path, key = _split_key(name)
    array = _reader(path)(path, key, name)
    check_numeric(array.dtype, name)
    check_shape(array.shape, name, dimensions=dimensions)
    check_finite(array, name, missing=missing)
    return array.astype(np.float64) if array.dtype.kind == "b" else array


def _split_key(name: str) -> tuple[Path, str | None]:
    """Split ``file.npz:name`` into the file and the name of the array in it."""
    match = re.fullmatch(r"(.+\.npz):(.+)", name, flags=re.IGNORECASE | re.DOTALL)
    return (Path(match[1]), match[2]) if match else (Path(name), None)


def _reader(path: Path) -> Callable[[Path, str | None, str], Matrix]:
    """Return the reader for the ending of the name, once there is a file that can be opened."""
    if re.search(r"\.(h5|hdf5|hdf|zarr)(:.*)?$", str(path), flags=re.IGNORECASE):
        raise FileFormatError(
            f"{path}: HDF5 and Zarr are not read at once but streamed: by otimes.MatrixFile, or otimes factor --stream"
        )
    if not path.exists():
        raise FileFormatError(f"{path}: no such file")
    if path.is_dir():
        raise FileFormatError(f"{path}: a folder, a file is due")
    if not path.is_file():
        raise FileFormatError(f"{path}: not a regular file")
    endings = ["".join(path.suffixes[-2:]).lower(), path.suffix.lower()]
    reader = next((READERS[ending] for ending in endings if ending in READERS), None)
    if reader is None:
        raise FileFormatError(f"{path}: unknown kind of file; known endings are {', '.join(READERS)}")
    try:
        path.open("rb").close()
    except OSError as error:
        raise FileFormatError(f"{path}: cannot be read ({error.strerror})") from error
    return reader


READERS: dict[str, Callable[[Path, str | None, str], Matrix]] = {
    ".npy": lambda path, _, name: load_npy(path, name),
    ".npz": load_npz,
    ".mtx": lambda path, _, name: load_matrix_market(path, name),
    ".mtx.gz": lambda path, _, name: load_matrix_market(path, name),
    ".csv": lambda path, _, name: load_text(path, name),
    ".txt": lambda path, _, name: load_text(path, name),
}
