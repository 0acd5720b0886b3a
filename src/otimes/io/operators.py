"""`save` and `load`: any operator in one file of plain arrays and a readable header."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from otimes.errors import FileFormatError
from otimes.io.archive import open_archive, read_header, read_member, write_archive

if TYPE_CHECKING:
    from otimes import LinearOperator

__all__ = ["load", "save"]

FORMAT = "otimes-operator"
VERSION = 1
LONGEST = 2**26  # bytes of a header: some hundred thousand operators


def save(path: str | Path, A: Any) -> None:
    """Write an operator to one ``.npz`` file, whole or not at all.

    The file holds plain arrays, one for each that the operator is made of, and ``header.json``, which says how they
    make it up; nothing is formed and nothing is pickled. What is shared is written once.

    Cost: writes the arrays once.

    Parameters
    ----------
    path : str or Path
        Name of the file, ending in ``.npz``.
    A : operator or array_like, (m, n)

    Raises
    ------
    FileFormatError
        The name does not end in ``.npz``.
    StructureError
        A contains a SciPy linear operator, which is known by its behaviour only, or is a batch.
    DTypeError
        Its arrays are of another library than NumPy, PyTorch and JAX, or have no NumPy counterpart.
    OSError
        The file cannot be written; what was there before stays whole.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import numpy as np, otimes as ox
    >>> K = ox.kron(np.eye(2), ox.permutation([2, 0, 1])) + 0.5 * ox.eye(6)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     ox.save(pathlib.Path(folder, "K.npz"), K)
    ...     ox.load(pathlib.Path(folder, "K.npz"))
    Shifted 6×6 float64, plus 0.5 I, 56 B stored (dense 288 B)
    └─ Kronecker 6×6 float64
       ├─ Dense 2×2 float64, symmetric
       └─ Permutation 3×3 float64, unitary
    """
    import otimes as ox

    if Path(path).suffix.lower() != ".npz":
        raise FileFormatError(f"{path}: the name of an operator's file ends in .npz")
    records, arrays = ox.serialize(ox.aslinearoperator(A))
    header = {"format": FORMAT, "version": VERSION, "arrays": len(arrays), "operators": records}
    write_archive(path, header, {f"array{i}": array for i, array in enumerate(arrays)})


def load(path: str | Path) -> "LinearOperator":
    """Read the operator that `save` wrote.

    The file is not trusted: sizes are checked before an array is read, checksums as it is read, every part by the
    constructor of its class; nothing is unpickled and no code in the file can run.

    Cost: reads the arrays once.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    LinearOperator
        With the facts it had, assumed ones included: they are taken on trust.

    Raises
    ------
    FileFormatError
        The file is missing, truncated, damaged, of another kind or version, or does not describe an operator.
    DTypeError
        An array in it does not hold numbers.
    MissingExtra
        Its arrays were of a library that is not installed.

    Examples
    --------
    >>> import otimes as ox
    >>> ox.load("nowhere.npz")
    Traceback (most recent call last):
        ...
    otimes.errors.FileFormatError: nowhere.npz: no such file
    """
    import otimes as ox

    name = str(path)
    with open_archive(path, "file of an operator") as archive:
        header = _checked(read_header(archive, "file of an operator", "`otimes.save`", name, LONGEST), name)
        count, members = header["arrays"], archive.namelist()
        keys = [f"array{i}" for i in range(count)] if count == len(members) - 1 else []
        if sorted(members) != sorted(["header.json", *(f"{key}.npy" for key in keys)]):
            raise FileFormatError(f"{name}: not the {count} arrays that its header announces")
        arrays = [read_member(archive, key, name) for key in keys]
    try:
        return ox.deserialize(header.get("operators", ()), arrays)
    except FileFormatError as error:
        raise FileFormatError(f"{name}: {error}") from error


def _checked(header: Any, name: str) -> dict[str, Any]:
    """Return the header once it says that it is one of this version, with a number of arrays."""
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise FileFormatError(f"{name}: not the file of an operator (its header does not say {FORMAT})")
    if header.get("version") != VERSION:
        version = header.get("version")
        raise FileFormatError(f"{name}: written in version {version!r} of the format, this otimes reads {VERSION}")
    if type(header.get("arrays")) is not int or header["arrays"] < 0:
        raise FileFormatError(f"{name}: header: arrays must be their number")
    return header
