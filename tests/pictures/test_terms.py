import re
from fractions import Fraction

import pytest

from otimes.pictures.notation import TEXT, split_symbol
from otimes.pictures.terms import Term, parse_term, product


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("2", Term(2)),
        ("-0", Term(0)),
        ("+7", Term(7)),
        ("−3", Term(-3)),
        ("-0.5", Term(-0.5)),
        (".5", Term(0.5)),
        ("1e3", Term(1000.0)),
        ("2E-1", Term(0.2)),
        ("1/2", Term(Fraction(1, 2))),
        ("-3/6", Term(Fraction(-1, 2))),
        ("1+2i", Term(1 + 2j)),
        ("1-j", Term(1 - 1j)),
        ("i", Term(1j)),
        ("-2.5j", Term(-2.5j)),
        ("1e2+1e1i", Term(100 + 10j)),
        ("inf", Term(float("inf"))),
        ("a11", Term(1, ("a11",))),
        ("-x", Term(-1, ("x",))),
        ("2b", Term(2, ("b",))),
        ("2*b", Term(2, ("b",))),
        ("σ_1'", Term(1, ("σ_1'",))),
        ("e", Term(1, ("e",))),
        ("index", Term(1, ("index",))),
    ],
)
def test_what_can_be_read(text, term):
    assert parse_term(text) == term


@pytest.mark.parametrize("text", ["", "x!", "1/0", "+", "1+", "a+b", "1..2", "--1", "_a", "1+2", "()", "é!"])
def test_what_cannot_be_read(text):
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        parse_term(text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2, "2"),
        (2.0, "2"),
        (-0.0, "0"),
        (1 / 3, "0.3333"),
        (12345, "12345"),
        (123456789, "1.235e8"),
        (1e-9, "1e-9"),
        (-1.5e20, "-1.5e20"),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
        (1j, "i"),
        (-1j, "-i"),
        (2 - 0.5j, "2-0.5i"),
        (3 + 0j, "3"),
        (Fraction(2, 3), "2/3"),
    ],
)
def test_numbers_are_short(value, text):
    assert TEXT.term(Term(value)) == text


@pytest.mark.parametrize(
    ("entries", "equation"),
    [
        ("2 7", "2·7 = 14"),
        ("2 -3", "2·(-3) = -6"),
        ("-2 3", "-2·3 = -6"),
        ("a b", "a·b"),
        ("1 b", "1·b = b"),
        ("-1 b", "-1·b = -b"),
        ("-a -b", "-a·(-b) = a·b"),
        ("2a 3b", "2·a·3·b = 6·a·b"),
        ("0 b", "0·b = 0"),
        ("1+2i b", "(1+2i)·b"),
        ("1+i 1-i", "(1+i)·(1-i) = 2"),
        ("0.1 3", "0.1·3 = 0.3"),
        ("0.33333 3", "0.3333·3 ≈ 1"),
        ("1/3 3", "1/3·3 = 1"),
        ("2 3 4", "2·3·4 = 24"),
    ],
)
def test_equations(entries, equation):
    assert str(TEXT.equation([parse_term(entry) for entry in entries.split()])) == equation


def test_zero_swallows_symbols():
    assert product([Term(0), Term(2, ("a",)), Term(1, ("b",))]) == Term(0)


@pytest.mark.parametrize(
    ("name", "parts"),
    [("a11", ("a", "11", "")), ("x_max'", ("x", "max", "'")), ("alpha", ("alpha", "", "")), ("b", ("b", "", ""))],
)
def test_symbols_part_into_letters_index_and_primes(name, parts):
    assert split_symbol(name) == parts
