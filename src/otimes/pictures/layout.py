"""What every rendering shares: how much is shown, where the block rules run, which colour is whose."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from otimes.pictures.cells import Cell, Provenance
from otimes.pictures.matrix import Matrix
from otimes.pictures.notation import TEXT
from otimes.pictures.palette import Colour, entry_colours
from otimes.pictures.terms import Term

__all__ = ["Layout", "Rule", "lay_out"]


class Rule(Enum):
    """The line before a row or a column: round a block of A, round one of a middle factor, or none."""

    BLOCK = "block"
    SUBBLOCK = "subblock"
    CELL = "cell"


@dataclass(frozen=True, eq=False)
class Layout:
    """The leading rows and columns of a product, with their colours."""

    provenance: Provenance
    rows: int
    columns: int
    limits: tuple[int, int]
    colours: Mapping[tuple[int, int], Colour]

    def cell(self, row: int, column: int) -> Cell:
        """Return a cell of the product."""
        return self.provenance.cell(row, column)

    def colour(self, cell: Cell) -> Colour | None:
        """Return the colour of the entry of A behind the cell; none where that is zero."""
        return self.colours.get(cell.places[0])

    def row_rule(self, row: int) -> Rule:
        """Return the rule above a row."""
        return self._rule(row, self.provenance.row_strides)

    def column_rule(self, column: int) -> Rule:
        """Return the rule before a column."""
        return self._rule(column, self.provenance.column_strides)

    def factor_rule(self, position: int) -> Rule:
        """Return the rule between the entries of a factor: that of the blocks they make."""
        if position == 0:
            return Rule.BLOCK
        return Rule.CELL if position == len(self.provenance.factors) - 1 else Rule.SUBBLOCK

    def factor_window(self, factor: Matrix) -> tuple[int, int]:
        """Return how many rows and columns of a factor are shown."""
        return min(factor.shape[0], self.limits[0]), min(factor.shape[1], self.limits[1])

    def block_label(self, entry: Term) -> str:
        """Return the block in the notation of the definition: ``2·B``, ``2·(B ⊗ C)``."""
        rest = " ⊗ ".join(factor.name for factor in self.provenance.factors[1:])
        return f"{TEXT.product([entry])}·" + (f"({rest})" if len(self.provenance.factors) > 2 else rest)

    def note(self, *, columns: int) -> str:
        """Return what is left out of a rendering of so many columns, and how to see it; empty where all is there."""
        total_rows, total_columns = self.provenance.shape
        shown, keywords = [], []
        if self.rows < total_rows:
            shown.append(f"{self.rows} of {total_rows} rows")
            keywords.append(f"max_rows={min(total_rows, 2 * self.rows)}")
        if columns < total_columns:
            shown.append(f"{columns} of {total_columns} columns")
        if self.columns < total_columns:
            keywords.append(f"max_columns={min(total_columns, 2 * self.columns)}")
        ways = [f"show(…, {', '.join(keywords)})"] * bool(keywords) + [".text(width=…)"] * (columns < self.columns)
        return f"… {' and '.join(shown)} shown; for more: {' and '.join(ways)}" if shown else ""

    def _rule(self, place: int, strides: tuple[int, ...]) -> Rule:
        level = next(position for position, stride in enumerate(strides) if place % stride == 0)
        return self.factor_rule(level)


def lay_out(provenance: Provenance, *, max_rows: int, max_columns: int) -> Layout:
    """Choose the leading rows and columns within the limits, and the colours of the entries of A among them."""
    rows, columns = provenance.shape
    first = provenance.factors[0]
    window = {"rows": min(first.shape[0], max_rows), "columns": min(first.shape[1], max_columns)}
    return Layout(
        provenance,
        rows=min(rows, max_rows),
        columns=min(columns, max_columns),
        limits=(max_rows, max_columns),
        colours=entry_colours(first, **window),
    )
