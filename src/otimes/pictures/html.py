"""The picture in a notebook or a page: tables with inline styles, no script, nothing remote."""

from collections.abc import Callable, Iterable, Iterator
from html import escape

from otimes.pictures.cells import Cell
from otimes.pictures.layout import Layout, Rule
from otimes.pictures.notation import TEXT, Notation, split_symbol
from otimes.pictures.palette import Colour

__all__ = ["render_html"]

# Greys that stand out from white and from near-black pages alike; text off the fills inherits the colour of the page.
_BORDER = {Rule.BLOCK: "3px solid #666", Rule.SUBBLOCK: "1px dashed #666", Rule.CELL: "1px solid rgba(128,128,128,.3)"}
_FIGURE = "display:flex;flex-wrap:wrap;align-items:center;gap:.9em;overflow-x:auto;padding:.4em 0"
_TABLE = "border-collapse:collapse;border:none;margin:0;font-size:1em;font-variant-numeric:tabular-nums"
_CELL = "padding:.25em .6em;text-align:center;vertical-align:middle;white-space:nowrap;line-height:1.25"
_HEAD = "padding:.1em .5em;text-align:center;vertical-align:middle;border:none;background:none;font-weight:normal"
_FAINT = "opacity:.4"


def render_html(layout: Layout) -> str:
    """Return one element: the factors beside their product, in the same colours."""
    factors = layout.provenance.factors
    pieces = []
    for position, factor in enumerate(factors):
        pieces.append(_titled(factor.name, factor.shape, _factor_table(layout, position)))
        pieces.append(f'<div style="font-size:1.4em">{"=" if factor is factors[-1] else "⊗"}</div>')
    pieces.append(_titled("K", layout.provenance.shape, _product_table(layout)))
    names = " ⊗ ".join(factor.name for factor in factors)
    note = layout.note(columns=layout.columns)
    footer = f'<div style="font-size:.85em;opacity:.75">{escape(note)}</div>' if note else ""
    return f'<div><div style="{_FIGURE}" role="group" aria-label="K = {names}">{"".join(pieces)}</div>{footer}</div>'


def _titled(name: str, shape: tuple[int, int], table: str) -> str:
    title = f'<b>{name}</b> <span style="opacity:.6">{shape[0]}×{shape[1]}</span>'
    return f'<div><div style="font-size:.85em;padding-bottom:.25em">{title}</div>{table}</div>'


def _factor_table(layout: Layout, position: int) -> str:
    factor = layout.provenance.factors[position]
    rows, columns = layout.factor_window(factor)
    rule = layout.factor_rule(position)

    def cell(i: int, j: int) -> str:
        entry = factor.entry(i, j)
        edges = _edges(rule if i else Rule.BLOCK, rule if j else Rule.BLOCK, last=(i, j), shape=factor.shape)
        colour = layout.colours.get((i, j)) if position == 0 else None
        text = _faint(_HTML.term(entry)) if entry.is_zero else f"<b>{_HTML.term(entry)}</b>"
        title = f"{factor.name}[{i},{j}] = {TEXT.term(entry)}"
        if position == 0:
            title += f" makes {layout.provenance.block(i, j)} = {layout.block_label(entry)}"
        return _td(text, title, edges, colour)

    return _table(_rows(rows, columns, factor.shape, cell))


def _product_table(layout: Layout) -> str:
    def cell(i: int, j: int) -> str:
        made = layout.cell(i, j)
        edges = _edges(layout.row_rule(i), layout.column_rule(j), last=(i, j), shape=layout.provenance.shape)
        return _td(_product_text(made), layout.provenance.sentence(made), edges, layout.colour(made))

    heads = "".join(_th(str(j), "col") for j in range(layout.columns))
    rows = _rows(layout.rows, layout.columns, layout.provenance.shape, cell)
    indexed = (_th(str(i) if i < layout.rows else "", "row") + row for i, row in enumerate(rows))
    return _table([_th("", "col") + heads, *indexed])


def _rows(rows: int, columns: int, shape: tuple[int, int], cell: Callable[[int, int], str]) -> Iterator[str]:
    """Yield the cells of each row, with dots where more rows or columns follow."""
    for i in range(rows):
        yield "".join(cell(i, j) for j in range(columns)) + _dots("⋯") * (columns < shape[1])
    if rows < shape[0]:
        yield _dots("⋮") * columns + _dots("⋱") * (columns < shape[1])


def _table(rows: Iterable[str]) -> str:
    body = "".join(f'<tr style="background:none">{row}</tr>' for row in rows)
    return f'<table style="{_TABLE}"><tbody>{body}</tbody></table>'


def _product_text(cell: Cell) -> str:
    equation = _HTML.equation(cell.entries)
    if cell.entries[0].is_zero:
        return _faint(f'0<br><span style="font-size:.72em">{equation.written}</span>')
    if not equation.sign:
        return equation.written
    return f'<b>{equation.value}</b><br><span style="font-size:.72em">{equation.written}</span>'


def _td(text: str, title: str, edges: str, colour: Colour | None) -> str:
    paint = f"background:#{colour.fill};color:#111" if colour else "background:none;color:inherit"
    return f'<td title="{escape(title)}" style="{_CELL};{paint};{edges}">{text}</td>'


def _th(text: str, scope: str) -> str:
    return f'<th scope="{scope}" style="{_HEAD}"><span style="font-size:.7em;opacity:.6">{text}</span></th>'


def _dots(text: str) -> str:
    return f'<td style="{_HEAD}">{_faint(text)}</td>'


def _faint(text: str) -> str:
    return f'<span style="{_FAINT}">{text}</span>'


def _edges(row: Rule, column: Rule, *, last: tuple[int, int], shape: tuple[int, int]) -> str:
    """Return the borders of a cell: those before it, and the frame after the very last."""
    edges = ["border:none", f"border-top:{_BORDER[row]}", f"border-left:{_BORDER[column]}"]
    edges += [f"border-bottom:{_BORDER[Rule.BLOCK]}"] * (last[0] == shape[0] - 1)
    edges += [f"border-right:{_BORDER[Rule.BLOCK]}"] * (last[1] == shape[1] - 1)
    return ";".join(edges)


def _symbol(name: str) -> str:
    letters, index, primes = split_symbol(name)
    return (
        f"<i>{letters}</i>" + (f'<sub style="line-height:0">{index}</sub>' if index else "") + primes.replace("'", "′")
    )


_HTML = Notation(number=lambda text: text.replace("-", "−"), symbol=_symbol, dot="·", almost="≈")
