"""The picture in a terminal: the framed factors, then the framed product, one line or two to the cell."""

from collections.abc import Callable, Sequence
from enum import Enum

from otimes.pictures.canvas import BOLD, DIM, PLAIN, Canvas, Style
from otimes.pictures.cells import Cell
from otimes.pictures.grid import Grid, Tile
from otimes.pictures.layout import Layout, Rule
from otimes.pictures.notation import TEXT, Equation

__all__ = ["render_text"]

_NARROWEST_COLUMN = 3
_BETWEEN_FACTORS = 5


class _Form(Enum):
    ONE_LINE = "2·7 = 14"
    TWO_LINES = "14 above 2·7"


def render_text(layout: Layout, *, color: bool, width: int) -> str:
    """Return the picture plain or in terminal colours, within the width as far as one column allows it."""
    canvas = Canvas()
    canvas.write(0, 0, _title(layout), BOLD)
    top = _draw_factors(canvas, layout, top=2, width=width)
    margin = len(str(layout.rows - 1)) + 2
    grid = _product_grid(layout, width - margin)
    _draw_product(canvas, grid, top=top + 1, margin=margin)
    note = layout.note(columns=len(grid.column_widths))
    return canvas.text(color=color) + (f"\n{note}" if note else "")


def _title(layout: Layout) -> str:
    factors = layout.provenance.factors
    names = " ⊗ ".join(factor.name for factor in factors)
    shapes = " ⊗ ".join("{}×{}".format(*factor.shape) for factor in factors)
    return f"K = {names}   ({shapes} = {{}}×{{}})".format(*layout.provenance.shape)


def _draw_factors(canvas: Canvas, layout: Layout, *, top: int, width: int) -> int:
    """Draw the factors in a row, or below one another where that is too wide; return the line below."""
    grids = [_factor_grid(layout, position, width) for position in range(len(layout.provenance.factors))]
    in_a_row = sum(grid.width + _BETWEEN_FACTORS for grid in grids) - _BETWEEN_FACTORS <= width
    height = max(grid.height for grid in grids)
    left = 0
    for factor, grid in zip(layout.provenance.factors, grids, strict=True):
        head = top + (height - grid.height) // 2 if in_a_row else top
        name = factor.name if in_a_row or grid is grids[0] else f"⊗ {factor.name}"
        canvas.write(head, left + 1, name, BOLD)
        grid.draw(canvas, head + 1, left)
        if not in_a_row:
            top += grid.height + 1
            continue
        left += grid.width + _BETWEEN_FACTORS
        if grid is not grids[-1]:
            canvas.write(top + 1 + (height - 1) // 2, left - 3, "⊗")
    return top + height + 1 if in_a_row else top


def _factor_grid(layout: Layout, position: int, width: int) -> Grid:
    factor = layout.provenance.factors[position]
    rows, columns = layout.factor_window(factor)
    rule = layout.factor_rule(position)

    def tile(i: int, j: int) -> Tile:
        entry = factor.entry(i, j)
        fill = layout.colours.get((i, j)) if position == 0 else None
        return Tile((TEXT.term(entry),), (DIM if entry.is_zero else Style("1", fill),))

    def grid(columns: int) -> Grid:
        return Grid(
            tiles=[[tile(i, j) for j in range(columns)] for i in range(rows)],
            row_rules=[Rule.BLOCK, *[rule] * (rows - 1)],
            column_rules=[Rule.BLOCK, *[rule] * (columns - 1)],
            more_rows=rows < factor.shape[0],
            more_columns=columns < factor.shape[1],
        )

    return _fitted(grid, columns, width)


def _product_grid(layout: Layout, width: int) -> Grid:
    columns = min(layout.columns, max(1, width // _NARROWEST_COLUMN))
    one_line = _grid_of_form(layout, _Form.ONE_LINE, columns)
    if columns == layout.columns and one_line.width <= width:
        return one_line
    return _fitted(lambda columns: _grid_of_form(layout, _Form.TWO_LINES, columns), columns, width)


def _fitted(make: Callable[[int], Grid], columns: int, width: int) -> Grid:
    grid = make(min(columns, max(1, width // _NARROWEST_COLUMN)))
    return grid if grid.width <= width else make(grid.fitting_columns(width))


def _grid_of_form(layout: Layout, form: _Form, columns: int) -> Grid:
    cells = [[layout.cell(row, column) for column in range(columns)] for row in range(layout.rows)]
    tile_columns = [_tile_column(layout, form, column) for column in zip(*cells, strict=True)]
    row_rules = [layout.row_rule(row) for row in range(layout.rows)]
    column_rules = [layout.column_rule(column) for column in range(columns)]
    labels = {
        (row, column): (layout.block_label(cells[row][column].entries[0]), _style(layout, cells[row][column], BOLD))
        for row in range(layout.rows)
        for column in range(columns)
        if row_rules[row] is Rule.BLOCK and column_rules[column] is Rule.BLOCK
    }
    return Grid(
        tiles=list(zip(*tile_columns, strict=True)),
        row_rules=row_rules,
        column_rules=column_rules,
        more_rows=layout.rows < layout.provenance.shape[0],
        more_columns=columns < layout.provenance.shape[1],
        labels=labels,
    )


def _tile_column(layout: Layout, form: _Form, cells: Sequence[Cell]) -> list[Tile]:
    """Return the tiles of one column, their equations one below the other; a block of zeros keeps the zeros alone."""
    zero = Equation("0", "", "")
    parts = [TEXT.equation(cell.entries) if layout.colour(cell) else zero for cell in cells]
    equations = [part for part in parts if part.sign]
    left = max((len(part.written) for part in equations), default=0)
    right = max((len(part.value) for part in equations), default=0)
    tiles = []
    for cell, part in zip(cells, parts, strict=True):
        if form is _Form.TWO_LINES:
            lines: tuple[str, ...] = (part.value, part.written) if part.sign else (part.written, "")
        else:
            lines = (f"{part.written:>{left}} {part.sign} {part.value:>{right}}" if part.sign else part.written,)
        styles = [_style(layout, cell, style) for style in (BOLD, PLAIN)][-len(lines) :]
        tiles.append(Tile(lines, tuple(styles)))
    return tiles


def _style(layout: Layout, cell: Cell, style: Style) -> Style:
    """Return the style on the block's fill; a block of zeros has none and is dimmed."""
    colour = layout.colour(cell)
    return Style(style.weight, colour) if colour else DIM


def _draw_product(canvas: Canvas, grid: Grid, *, top: int, margin: int) -> None:
    canvas.write(top, 0, "K", BOLD)
    for column, (start, width) in enumerate(zip(grid.column_starts[:-1], grid.column_widths, strict=True)):
        canvas.write(top, margin + start, f"{column:^{width + 2}}".rstrip(), DIM)
    for row, start in enumerate(grid.row_starts[:-1]):
        canvas.write(top + 1 + start, 0, f"{row:>{margin - 1}}", DIM)
    grid.draw(canvas, top + 1, margin)
