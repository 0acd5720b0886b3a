"""What is known of an operator: True, False, or None for unknown.

Facts are set once, when an operator is made. A rule whose precondition is unknown does not fire,
so a fact may be missing but must never be wrong. "Every factor has it" is sufficient for a
product, never necessary: (−A) ⊗ (−B) can be positive definite, so the answer there is None.
"""

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace

import numpy as np

from otimes.errors import StructureError

Known = bool | None


@dataclass(frozen=True, slots=True)
class Facts:
    """Three-valued facts; `square` and `real` are not here, since shape and dtype tell them."""

    symmetric: Known = None
    hermitian: Known = None
    positive_semidefinite: Known = None
    positive_definite: Known = None
    unitary: Known = None
    lower_triangular: Known = None
    upper_triangular: Known = None

    def known(self) -> tuple[str, ...]:
        """Return the names of the facts that are True."""
        return tuple(name for name in NAMES if getattr(self, name))

    def transposed(self) -> "Facts":
        """Return the facts of Aᵀ (and of Aᴴ): only the triangles change places."""
        return replace(self, lower_triangular=self.upper_triangular, upper_triangular=self.lower_triangular)


NAMES = tuple(field.name for field in fields(Facts))
UNKNOWN = Facts()


def closed(facts: Facts, real: bool) -> Facts:
    """Return the facts together with what follows from them.

    Positive definite ⇒ semidefinite ⇒ Hermitian; for real entries Hermitian ⇔ symmetric.
    """
    if facts is UNKNOWN:
        return facts
    values = {name: getattr(facts, name) for name in NAMES}
    chain = ["positive_definite", "positive_semidefinite", "hermitian"]
    if real:
        same = values["hermitian"] if values["hermitian"] is not None else values["symmetric"]
        values["hermitian"] = values["symmetric"] = same
    for stronger, weaker in itertools.pairwise(chain):
        if values[stronger]:
            values[weaker] = True
    if values["hermitian"] is False:
        values["positive_semidefinite"] = values["positive_definite"] = False
    if real and values["hermitian"] is not None:
        values["symmetric"] = values["hermitian"]
    return Facts(**values)


def every(parts: Iterable[Facts], *names: str) -> Facts:
    """Return the named facts (all if none is named) that hold for every one of `parts`."""
    parts = tuple(parts)
    chosen = [name for name in names or NAMES if all(getattr(part, name) for part in parts)]
    return Facts(**dict.fromkeys(chosen, True)) if chosen else UNKNOWN


def of_sum(parts: Iterable[Facts]) -> Facts:
    """Return the facts of a sum: what all terms have, and definite if one is and the others semidefinite."""
    parts = tuple(parts)
    known = every(parts, "symmetric", "hermitian", "positive_semidefinite", "lower_triangular", "upper_triangular")
    if known.positive_semidefinite and any(part.positive_definite for part in parts):
        return replace(known, positive_definite=True)
    return known


def either(one: Facts, other: Facts) -> Facts:
    """Return what is known from one source or the other."""
    return replace(one, **dict.fromkeys(other.known(), True))


def merged(old: Facts, new: Mapping[str, Known]) -> Facts:
    """Return `old` with `new` added; unknown names and contradictions raise `StructureError`."""
    for name, value in new.items():
        if name not in NAMES:
            raise StructureError(f"unknown fact {name!r}; the facts are {', '.join(NAMES)}")
        if value not in (True, False, None):
            raise StructureError(f"{name}={value!r}: a fact is True, False or None")
        known = getattr(old, name)
        if known is not None and value is not None and known is not value:
            raise StructureError(f"{name}={value} contradicts what is known: {name}={known}")
    return replace(old, **new)


def observed(array: object) -> Facts:
    """Return the facts that equality of entries shows, at the cost of one look at the array.

    Only NumPy arrays are looked at (other libraries may be tracing, or on a device), and only exact
    equality counts: an array that misses symmetry by rounding stays unknown, not False.
    """
    if not isinstance(array, np.ndarray) or array.shape[0] != array.shape[1] or isinstance(array, np.memmap):
        return UNKNOWN
    if _equals_transpose(array):
        hermitian = True if array.dtype.kind != "c" or _equals_transpose(array, conjugated=True) else None
        return Facts(symmetric=True, hermitian=hermitian)
    if array.dtype.kind == "c" and _equals_transpose(array, conjugated=True):
        return Facts(hermitian=True)
    return UNKNOWN


def _equals_transpose(a: np.ndarray, conjugated: bool = False, rows: int = 64) -> bool:
    """Whether a == aᵀ (aᴴ), in strips of the upper triangle, so that most are told apart by the first."""
    for start in range(0, a.shape[0], rows):
        mirrored = a[start:, start : start + rows].T
        if not (a[start : start + rows, start:] == (mirrored.conj() if conjugated else mirrored)).all():
            return False
    return True
