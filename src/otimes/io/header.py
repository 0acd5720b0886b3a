"""The header of a factor file: read as untrusted text, every field checked before it is used."""

import math
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from otimes.errors import FileFormatError
from otimes.io.archive import read_header
from otimes.io.operators import FORMAT as OPERATOR

__all__ = ["FORMAT", "VERSION", "Header", "parse_header"]

FORMAT = "otimes-factors"
VERSION = 1


@dataclass(frozen=True)
class Header:
    """The fields of ``header.json`` that the arrays are checked against."""

    shapes: tuple[tuple[int, int], ...]
    terms: int
    singular_values: int
    error: float | None
    source: str

    @property
    def arrays(self) -> dict[str, tuple[int, ...]]:
        """Name and shape of every array the file must hold."""
        factors = {f"term{r}_factor{i}": shape for r in range(self.terms) for i, shape in enumerate(self.shapes)}
        return {**factors, "singular_values": (self.singular_values,)}


def parse_header(archive: zipfile.ZipFile, name: str) -> Header:
    """Read and check ``header.json``, and that the archive holds exactly the arrays it announces."""
    members = archive.namelist()
    fields = read_header(archive, "factor file", "`otimes factor`", name)
    header = _checked(fields, name)
    if len(members) != header.terms * len(header.shapes) + 2 or len(set(members)) != len(members):
        count = header.terms * len(header.shapes) + 1
        raise FileFormatError(f"{name}: the header announces {count} arrays, the file has {len(members) - 1}")
    missing = [key for key in header.arrays if f"{key}.npy" not in members]
    if missing:
        raise FileFormatError(f"{name}: the array {missing[0]} is missing")
    return header


def _checked(fields: Any, name: str) -> Header:
    """Return the header once each field has its type and range and the shapes agree."""
    if isinstance(fields, dict) and fields.get("format") == OPERATOR:
        raise FileFormatError(f"{name}: holds an operator, which otimes.load reads; a factor file is due")
    if not isinstance(fields, dict) or fields.get("format") != FORMAT:
        raise FileFormatError(f"{name}: not a factor file (its header does not say {FORMAT})")
    if fields.get("version") != VERSION:
        version = fields.get("version")
        raise FileFormatError(f"{name}: written in version {version!r} of the format, this otimes reads {VERSION}")
    for key, (is_valid, due) in FIELDS.items():
        if key not in fields or not is_valid(fields[key]):
            raise FileFormatError(f"{name}: header: {key} must be {due}")
    product = [math.prod(sizes) for sizes in zip(*fields["shapes"], strict=True)]
    if fields.get("shape") != product:
        raise FileFormatError(f"{name}: header: shape {fields.get('shape')} is not the product {product} of the shapes")
    shapes = tuple((rows, columns) for rows, columns in fields["shapes"])
    return Header(shapes, fields["terms"], fields["singular_values"], fields["error"], fields["source"])


def _is_count(value: Any, *, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _is_list_of_shapes(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) > 0
        and all(isinstance(shape, list) and len(shape) == 2 for shape in value)
        and all(_is_count(size, least=1) for shape in value for size in shape)
    )


def _is_error(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isfinite(value) and value >= 0)


FIELDS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "shapes": (_is_list_of_shapes, "pairs of positive integers"),
    "terms": (partial(_is_count, least=1), "a positive integer"),
    "singular_values": (partial(_is_count, least=0), "their number"),
    "error": (_is_error, "a real number ≥ 0 or null"),
    "source": (lambda value: isinstance(value, str), "text"),
}
