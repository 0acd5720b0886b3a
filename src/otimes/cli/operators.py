"""The operator that a file holds, whichever of the two formats it has."""

from pathlib import Path
from typing import Any

from otimes.errors import FileFormatError

__all__ = ["load_operator"]


def load_operator(path: Path) -> Any:
    """Return the operator of a factor file, or of a file that ``otimes.save`` wrote.

    ``otimes factor`` writes the first kind where all terms share their shapes, and otherwise the second.
    """
    from otimes.io import load, load_factors

    try:
        return load_factors(path).operator
    except FileFormatError as no_factors:
        try:
            return load(path)
        except FileFormatError:
            raise no_factors from None
