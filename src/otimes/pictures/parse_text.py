"""Matrices written as text: ``"1 2; 3 4"`` as in MATLAB, ``"[[1, 2], [3, 4]]"`` as in Python."""

import re

from otimes.errors import DTypeError, ShapeError
from otimes.pictures.terms import Term, parse_term

__all__ = ["WRITE", "read_text"]

WRITE = "write numbers (2, -0.5, 1e3, 1/2, 1+2i) or symbols (a11, -x, 2b)"

_TOKEN = re.compile(r"(?P<row>[;\n]|\]\s*[,;]?\s*\[)|(?P<comma>,)|(?P<blank>\s+|\[|\])|(?P<entry>[^\s,;\[\]]+)")
_EXCERPT = 30


def read_text(text: str, name: str) -> list[list[Term]]:
    """Read the rows of a matrix: entries part at blanks or commas, rows at semicolons, new lines or ``],[``.

    Raises
    ------
    DTypeError
        An entry that cannot be read, or is missing between two commas; shows the text and the position (from 0).
    ShapeError
        Brackets that do not close.
    """
    if text.count("[") != text.count("]"):
        raise ShapeError(f'show(): the brackets of {name} = "{_excerpt(text, len(text))}" do not close')
    rows: list[list[Term]] = [[]]
    after_comma = False
    for token in _TOKEN.finditer(text):
        kind, position = token.lastgroup, token.start()
        if kind == "entry":
            rows[-1].append(_read_entry(token.group(), f"{name}[{_place(rows)}]", text, position))
        elif (kind == "comma" and not rows[-1]) or (token.group() in (",", ";") and after_comma):
            raise DTypeError(
                f'show(): {name}[{_place(rows)}] is missing at position {position} of "{_excerpt(text, position)}"'
            )
        elif kind == "row" and rows[-1]:
            rows.append([])
        if kind != "blank":
            after_comma = kind == "comma"
    return rows if rows[-1] else rows[:-1]


def _place(rows: list[list[Term]]) -> str:
    return f"{len(rows) - 1},{len(rows[-1])}"


def _read_entry(entry: str, place: str, text: str, position: int) -> Term:
    try:
        return parse_term(entry)
    except ValueError:
        shown = _excerpt(text, position)
        raise DTypeError(
            f'show(): cannot read {place} = "{entry}" at position {position} of "{shown}"; {WRITE}'
        ) from None


def _excerpt(text: str, position: int) -> str:
    start, stop = max(0, position - _EXCERPT), position + _EXCERPT
    excerpt = text[start:stop].replace("\n", " ⏎ ")
    return f"{'…' if start > 0 else ''}{excerpt}{'…' if stop < len(text) else ''}"
