"""What the user typed, read into values."""

import math
import re
from pathlib import Path

from otimes.errors import OtimesError, ShapeError

__all__ = ["UsageFault", "parse_shapes", "refuse_clash", "refuse_non_finite", "refuse_overwriting"]

Shapes = tuple[tuple[int, int], ...]


class UsageFault(OtimesError, ValueError):
    """Options that do not go together."""


def parse_shapes(text: str) -> Shapes:
    """Read ``37x37,49x49`` as ((37, 37), (49, 49)), and so on for more factors; ``×`` may stand for ``x``.

    Examples
    --------
    >>> from otimes.cli.arguments import parse_shapes
    >>> parse_shapes("37x37,49x49")
    ((37, 37), (49, 49))
    """
    example = "write two shapes or more as in --shapes 37x37,49x49"
    shapes = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*(\d+)\s*[xX×]\s*(\d+)\s*", part)
        if match is None:
            raise ShapeError(f"--shapes {text}: '{part.strip()}' is not rows x columns; {example}")
        shapes.append((int(match[1]), int(match[2])))
    if len(shapes) < 2:
        raise ShapeError(f"--shapes {text}: one shape; {example}")
    if any(0 in shape for shape in shapes):
        raise ShapeError(f"--shapes {text}: a factor without rows or columns; {example}")
    return tuple(shapes)


def refuse_clash(first: str, value: object, second: str, other: object) -> None:
    """Raise ``UsageFault`` when both of two options were given."""
    if value is not None and other is not None:
        raise UsageFault(f"{first} and {second} exclude each other: give the one or the other")


def refuse_non_finite(option: str, value: float) -> None:
    """Raise ``UsageFault`` unless the value of an option is a finite number."""
    if not math.isfinite(value):
        raise UsageFault(f"{option} {value}: a finite number is due")


def refuse_overwriting(source: str, *outputs: Path | None) -> None:
    """Raise ``UsageFault`` when an output is the very file that is read."""
    read = Path(re.sub(r"(\.npz):.+$", r"\1", source, flags=re.IGNORECASE)).resolve()
    for output in outputs:
        if output is not None and output.resolve() == read:
            raise UsageFault(f"{output}: is the file being read; give the output another name")
