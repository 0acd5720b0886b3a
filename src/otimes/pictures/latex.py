"""The picture as an equation of coloured arrays with block rules, for LaTeX's math mode with xcolor."""

import re
from collections.abc import Callable, Sequence

from otimes.pictures.cells import Cell
from otimes.pictures.layout import Layout, Rule
from otimes.pictures.notation import Notation, split_symbol
from otimes.pictures.palette import Colour

__all__ = ["render_latex"]

_GREY = "999999"
_GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta", "η": "eta", "θ": "theta",
    "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "π": "pi", "ρ": "rho", "σ": "sigma",
    "τ": "tau", "υ": "upsilon", "φ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega", "Γ": "Gamma", "Δ": "Delta",
    "Θ": "Theta", "Λ": "Lambda", "Ξ": "Xi", "Π": "Pi", "Σ": "Sigma", "Φ": "Phi", "Ψ": "Psi", "Ω": "Omega",
}  # fmt: skip


def render_latex(layout: Layout) -> str:
    """Return ``A ⊗ B = [A] ⊗ [B] = [a_ij·b_kl] = [values]``; the last only where there is a value to work out."""
    factors = layout.provenance.factors
    names = r" \otimes ".join(_symbol(factor.name) for factor in factors)
    operands = "\n\\otimes ".join(_factor_array(layout, position) for position in range(len(factors)))
    sides = [names, operands, _product_array(layout, lambda cell: _LATEX.equation(cell.entries).written)]
    if any(_LATEX.equation(cell.entries).sign for row in _cells(layout) for cell in row):
        sides.append(_product_array(layout, lambda cell: _LATEX.term(cell.value)))
    note = layout.note(columns=layout.columns)
    return (f"% {note}\n" if note else "") + "\n= ".join(sides)


def _cells(layout: Layout) -> list[list[Cell]]:
    return [[layout.cell(i, j) for j in range(layout.columns)] for i in range(layout.rows)]


def _factor_array(layout: Layout, position: int) -> str:
    factor = layout.provenance.factors[position]
    rows, columns = layout.factor_window(factor)
    rule = layout.factor_rule(position)

    def entry(i: int, j: int) -> str:
        term = factor.entry(i, j)
        text = _LATEX.term(term)
        if term.is_zero:
            return _painted(text, None)
        return _painted(text, layout.colours[i, j]) if position == 0 else text

    body = [[entry(i, j) for j in range(columns)] for i in range(rows)]
    return _array(layout, body, [rule] * rows, [rule] * columns, factor.shape)


def _product_array(layout: Layout, write: Callable[[Cell], str]) -> str:
    body = [[_painted(write(cell), layout.colour(cell)) for cell in row] for row in _cells(layout)]
    row_rules = [layout.row_rule(i) for i in range(layout.rows)]
    column_rules = [layout.column_rule(j) for j in range(layout.columns)]
    return _array(layout, body, row_rules, column_rules, layout.provenance.shape)


def _array(
    layout: Layout,
    body: Sequence[Sequence[str]],
    row_rules: Sequence[Rule],
    column_rules: Sequence[Rule],
    shape: tuple[int, int],
) -> str:
    """Return the array with its inner rules: double round the blocks of A where there are blocks within them."""
    count = {Rule.BLOCK: 2 if len(layout.provenance.factors) > 2 else 1, Rule.SUBBLOCK: 1, Rule.CELL: 0}
    more_rows, more_columns = len(body) < shape[0], len(body[0]) < shape[1]
    columns = "c" + "".join("|" * count[rule] + "c" for rule in column_rules[1:]) + "c" * more_columns
    lines = [" & ".join([*row, r"\cdots"] if more_columns else row) for row in body]
    for i, rule in enumerate(row_rules[1:], start=1):
        lines[i] = r"\hline" * count[rule] + " " * (count[rule] > 0) + lines[i]
    if more_rows:
        lines.append(" & ".join([r"\vdots"] * len(body[0]) + [r"\ddots"] * more_columns))
    rows = " \\\\\n  ".join(lines)
    return f"\\left[\\begin{{array}}{{{columns}}}\n  {rows}\n\\end{{array}}\\right]"


def _painted(text: str, colour: Colour | None) -> str:
    return rf"\textcolor[HTML]{{{colour.ink if colour else _GREY}}}{{{text}}}"


def _number(text: str) -> str:
    text = re.sub(r"^(-?)(\d+)/(\d+)$", r"\1\\frac{\2}{\3}", text)
    text = re.sub(r"(?<=\d)e(-?\d+)", r" \\cdot 10^{\1}", re.sub(r"(?<![\d.])1e(-?\d+)", r"10^{\1}", text))
    return re.sub("nan", r"\\mathrm{nan}", re.sub("inf", r"\\infty", text))


def _symbol(name: str) -> str:
    letters, index, primes = split_symbol(name)
    if letters in _GREEK.values():
        letters = f"\\{letters}"
    elif not letters.isascii():
        letters = f"\\{_GREEK[letters]}" if letters in _GREEK else rf"\mbox{{{letters}}}"
    elif len(letters) > 1:
        letters = rf"\mathrm{{{letters}}}"
    subscript = "_{" + index.replace("_", r"\_") + "}" if index else ""
    return letters + subscript + primes


_LATEX = Notation(number=_number, symbol=_symbol, dot=r" \cdot ", almost=r"\approx")
