"""Write a vector or a matrix, whole or not at all."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from otimes.errors import FileFormatError
from otimes.io.atomic import atomic_write, check_writable
from otimes.io.checks import check_numeric

__all__ = ["check_array_file", "save_array", "text_lines"]

ENDINGS = (".npy", ".csv", ".txt")


def save_array(path: str | Path, array: Any) -> None:
    r"""Write a vector or matrix as ``.npy``, or as text (``.csv``, ``.txt``) with every digit, whole or not at all.

    Shapes: n, or n × k; text has one line a row.

    Cost: one pass over the entries.

    Parameters
    ----------
    path : str or Path
        Ending in .npy, .csv or .txt.
    array : array_like, (n,) or (n, k)

    Raises
    ------
    FileFormatError
        The name ends in something else.
    DTypeError
        The entries are not numbers.
    OSError
        The file cannot be written; what was there before stays whole.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import numpy as np
    >>> from otimes.io import load_array, save_array
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "x.csv")
    ...     save_array(path, np.array([[1.0, 0.1], [2.0, 1e-17]]))
    ...     path.read_text()
    '1.0,0.1\n2.0,1e-17\n'
    """
    check_array_file(path)
    array = np.asarray(array)
    check_numeric(array.dtype, str(path))
    with atomic_write(path) as file:
        if Path(path).suffix.lower() == ".npy":
            np.save(file, array, allow_pickle=False)
        else:
            delimiter = "," if Path(path).suffix.lower() == ".csv" else " "
            file.writelines(f"{line}\n".encode() for line in text_lines(array, delimiter))


def check_array_file(path: str | Path) -> None:
    """Raise what writing an array there would raise, as far as it can be known before: the ending, then the folder.

    Parameters
    ----------
    path : str or Path

    Raises
    ------
    FileFormatError
        The name ends in something else.
    OSError
        The folder is missing or not writable, or the file there is read-only.

    Examples
    --------
    >>> from otimes.io import check_array_file
    >>> check_array_file("x.xlsx")
    Traceback (most recent call last):
        ...
    otimes.errors.FileFormatError: x.xlsx: unknown kind of file to write; known endings are .npy, .csv, .txt
    """
    if Path(path).suffix.lower() not in ENDINGS:
        raise FileFormatError(f"{path}: unknown kind of file to write; known endings are {', '.join(ENDINGS)}")
    check_writable(path)


def text_lines(array: Any, delimiter: str) -> Iterator[str]:
    """Yield the rows of a vector or matrix as text that reads back to the same numbers.

    Parameters
    ----------
    array : array_like, (n,) or (n, k)
    delimiter : str
        Between the numbers of a row.

    Yields
    ------
    str
        One row, without a line break.

    Examples
    --------
    >>> from otimes.io import text_lines
    >>> list(text_lines([[1, 2], [3, 4]], ","))
    ['1,2', '3,4']
    """
    array = np.asarray(array)
    for row in array.reshape(len(array), -1):
        yield delimiter.join(repr(value).strip("()") for value in row.tolist())
