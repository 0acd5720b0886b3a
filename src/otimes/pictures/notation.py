"""How terms, products and equations are written: the same in text, HTML and LaTeX but for the signs."""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import takewhile

from otimes.pictures.terms import Number, Term, product

__all__ = ["TEXT", "Equation", "Notation", "split_symbol"]

_LARGEST_PLAIN_INTEGER = 10**7  # above it four significant digits say more than a row of them


@dataclass(frozen=True)
class Equation:
    """The product as written, ``2·7``, and its value, ``14``; no sign and no value where they read the same."""

    written: str
    sign: str
    value: str

    def __str__(self) -> str:
        return f"{self.written} {self.sign} {self.value}".rstrip()


@dataclass(frozen=True)
class Notation:
    """The way one medium writes a number, a symbol, a product and a rounded result."""

    number: Callable[[str], str]
    symbol: Callable[[str], str]
    dot: str
    almost: str

    def term(self, term: Term) -> str:
        """Write a term: ``7``, ``-a``, ``2·a·b``."""
        number = self.number(_number_text(term.coefficient))
        symbols = self.dot.join(map(self.symbol, term.symbols))
        if not symbols:
            return number
        if term.coefficient in (1, -1):
            return number.removesuffix("1") + symbols
        return (f"({number})" if _is_sum(term.coefficient) else number) + self.dot + symbols

    def product(self, terms: Sequence[Term]) -> str:
        """Write a product before it is worked out: ``2·(-3)``."""
        return self.dot.join(
            f"({self.term(term)})" if _needs_parentheses(term, first=position == 0) else self.term(term)
            for position, term in enumerate(terms)
        )

    def equation(self, terms: Sequence[Term]) -> Equation:
        """Write a product and its value, with ``≈`` where either shows fewer digits than it has."""
        value = product(terms)
        if TEXT.product(terms) == TEXT.term(value):
            return Equation(self.product(terms), "", "")
        rounded = any(_is_rounded(term.coefficient) for term in (*terms, value))
        return Equation(self.product(terms), self.almost if rounded else "=", self.term(value))


TEXT = Notation(number=str, symbol=str, dot="·", almost="≈")


def _is_sum(value: Number) -> bool:
    return isinstance(value, complex) and value.real != 0 and value.imag != 0


def _needs_parentheses(term: Term, *, first: bool) -> bool:
    if _is_sum(term.coefficient):
        return not term.symbols
    return not first and TEXT.term(term).startswith("-")


def _is_rounded(value: Number) -> bool:
    if isinstance(value, Fraction):
        return False
    parts = (value.real, value.imag) if isinstance(value, complex) else (value,)
    return any(math.isfinite(part) and not math.isclose(float(_real_text(part)), part, rel_tol=1e-12) for part in parts)


def _number_text(value: Number) -> str:
    if isinstance(value, Fraction):
        return str(value)
    if not isinstance(value, complex):
        return _real_text(value)
    if value.imag == 0:
        return _real_text(value.real)
    size = _real_text(value.imag)
    imaginary = {"1": "i", "-1": "-i"}.get(size, f"{size}i")
    if value.real == 0:
        return imaginary
    return _real_text(value.real) + ("" if imaginary.startswith("-") else "+") + imaginary


def _real_text(value: float) -> str:
    if math.isfinite(value) and value == round(value) and abs(value) < _LARGEST_PLAIN_INTEGER:
        return str(int(value))
    return re.sub(r"e\+?(-?)0*(\d)", r"e\1\2", f"{value:.4g}")


def split_symbol(name: str) -> tuple[str, str, str]:
    """Part a symbol into its letters, its index and its primes: ``a12'`` is a, 12 and '."""
    stem = name.rstrip("'")
    letters = "".join(takewhile(str.isalpha, stem))
    return letters, stem[len(letters) :].removeprefix("_"), name[len(stem) :]
