"""The entries of a picture: a number, a symbol, or a number times symbols."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from operator import mul

__all__ = ["Number", "Term", "parse_term", "product"]

Number = int | float | complex | Fraction

_DIGITS = r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_REAL = re.compile(rf"[+-]?(?:{_DIGITS}|inf|nan)")
_FRACTION = re.compile(r"[+-]?\d+/0*[1-9]\d*")
_COMPLEX = re.compile(rf"(?:[+-]?{_DIGITS}(?=[+-]))?[+-]?(?:{_DIGITS})?[ij]")
_SYMBOL = re.compile(rf"([+-]?)({_DIGITS})?[*·]?([^\W\d_]\w*'*)")


@dataclass(frozen=True)
class Term:
    """A coefficient times symbols: 7 is ``Term(7)``, -2·a11 is ``Term(-2, ("a11",))``."""

    coefficient: Number
    symbols: tuple[str, ...] = ()

    @property
    def is_zero(self) -> bool:
        """Whether the term is the number zero."""
        return self.coefficient == 0

    def __mul__(self, other: "Term") -> "Term":
        coefficient = self.coefficient * other.coefficient
        return Term(coefficient, () if coefficient == 0 else self.symbols + other.symbols)


def parse_term(text: str) -> Term:
    """Read one entry: ``2``, ``-0.5``, ``1e3``, ``1/2``, ``1+2i``, ``i``, ``a11``, ``-x`` or ``2b``.

    As in MATLAB ``i`` and ``j`` alone are the imaginary unit. Raises ``ValueError`` for anything else.
    """
    text = text.replace("−", "-")
    if re.fullmatch(r"[+-]?\d{1,15}", text):
        return Term(int(text))
    if _FRACTION.fullmatch(text):
        return Term(Fraction(text))
    if _REAL.fullmatch(text):
        return Term(float(text))
    if _COMPLEX.fullmatch(text):
        return Term(complex(text.replace("i", "j")))
    if match := _SYMBOL.fullmatch(text):
        sign, digits, name = match.groups()
        return Term(parse_term(f"{sign}{digits or 1}").coefficient, (name,))
    raise ValueError(text)


def product(terms: Sequence[Term]) -> Term:
    """Return the product of the terms."""
    return reduce(mul, terms)
