"""Numbers in text files: comma, semicolon, tab or blanks between them, with or without one line of names."""

from pathlib import Path

import numpy as np

from otimes.errors import FileFormatError

__all__ = ["load_text"]

DELIMITERS = {"\t": "tab", ";": "semicolon", ",": "comma"}


def load_text(path: Path, name: str) -> np.ndarray:
    """Read a rectangle of numbers; the delimiter is the first of tab, semicolon, comma, blanks found in line one.

    Lines that are empty or start with ``#`` are passed over; a first line without any number is taken for names.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise FileFormatError(f"{name}: not a text file (byte {error.start} is not UTF-8)") from error
    numbered = [(number, line) for number, line in enumerate(lines, 1) if line.split("#")[0].strip()]
    if not numbered:
        raise FileFormatError(f"{name}: no numbers in it")
    delimiter = next((mark for mark in DELIMITERS if mark in numbered[0][1]), None)
    _refuse_index_column(numbered[0], delimiter, name)
    if not any(_is_number(field) for field in _fields(numbered[0][1], delimiter)):
        numbered = numbered[1:]
    if not numbered:
        raise FileFormatError(f"{name}: line 1: {_shorten(lines[0])} holds no numbers")
    rows = [line for _, line in numbered]
    for dtype in (float, complex):
        try:
            return np.loadtxt(rows, dtype=dtype, delimiter=delimiter, ndmin=2)
        except ValueError:
            continue
    raise FileFormatError(f"{name}: {_first_fault(numbered, delimiter)}")


def _refuse_index_column(numbered_line: tuple[int, str], delimiter: str | None, name: str) -> None:
    """Raise where line one starts with an empty field: its names leave out the column of row names or numbers."""
    number, line = numbered_line
    first, *others = _fields(line, delimiter)
    if others and not first.strip("\"'"):
        raise FileFormatError(
            f"{name}: line {number} starts with an empty field, as above a column of row names; save the table without "
            "its index (pandas: to_csv(..., index=False), R: row.names = FALSE)"
        )


def _first_fault(numbered: list[tuple[int, str]], delimiter: str | None) -> str:
    """Name the first line that breaks the rectangle, and what is wrong with it."""
    first_number, first_line = numbered[0]
    width = len(_fields(first_line, delimiter))
    for number, line in numbered:
        fields = _fields(line, delimiter)
        for field in fields:
            if not _is_number(field):
                return f"line {number}: {_shorten(field) if field else 'an empty field'} is not a number"
        if len(fields) != width:
            return f"line {number}: {_shorten(line)} has {len(fields)} numbers, line {first_number} has {width}"
    return "the numbers cannot be read"


def _fields(line: str, delimiter: str | None) -> list[str]:
    return [field.strip() for field in line.split("#")[0].split(delimiter)]


def _is_number(field: str) -> bool:
    try:
        complex(field)
    except ValueError:
        return False
    return True


def _shorten(text: str, length: int = 40) -> str:
    """Quote a piece of the user's file, cut where it is long."""
    return repr(text if len(text) <= length else text[: length - 1] + "…")
