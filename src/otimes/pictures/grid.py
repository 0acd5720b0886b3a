"""A framed grid of tiles in box-drawing characters, with solid rules round blocks and dotted ones within."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from otimes.pictures.canvas import DIM, Canvas, Style
from otimes.pictures.layout import Rule

__all__ = ["Grid", "Tile"]

# arms of a crossing: up, right, down, left
_CROSSINGS = {
    (False, True, True, False): "┌", (False, True, True, True): "┬", (False, False, True, True): "┐",
    (True, True, True, False): "├", (True, True, True, True): "┼", (True, False, True, True): "┤",
    (True, True, False, False): "└", (True, True, False, True): "┴", (True, False, False, True): "┘",
    (True, False, True, False): "│",
}  # fmt: skip
_DASH = {Rule.BLOCK: "─", Rule.SUBBLOCK: "┈"}
_BAR = {Rule.BLOCK: "│", Rule.SUBBLOCK: "┊"}


@dataclass(frozen=True)
class Tile:
    """The lines of one cell, all tiles of a grid having as many, and their styles."""

    lines: tuple[str, ...]
    styles: tuple[Style, ...]


@dataclass(frozen=True)
class Grid:
    """Tiles under rules; ``more_rows`` and ``more_columns`` leave the frame open at the end."""

    tiles: Sequence[Sequence[Tile]]
    row_rules: Sequence[Rule]
    column_rules: Sequence[Rule]
    more_rows: bool = False
    more_columns: bool = False
    labels: Mapping[tuple[int, int], tuple[str, Style]] = field(default_factory=dict)

    @cached_property
    def column_widths(self) -> tuple[int, ...]:
        """Width of the longest line of each column."""
        return tuple(
            max(len(line) for tile in column for line in tile.lines) for column in zip(*self.tiles, strict=True)
        )

    @cached_property
    def column_starts(self) -> tuple[int, ...]:
        """Where the area of each column begins, with the place after the last bar at the end."""
        starts, at = [], 0
        for rule, width in zip(self.column_rules, self.column_widths, strict=True):
            at += rule is not Rule.CELL
            starts.append(at)
            at += width + 2
        return (*starts, at + 1)

    @cached_property
    def row_starts(self) -> tuple[int, ...]:
        """Where each row begins, with the place after the last rule at the end."""
        starts, at = [], 0
        for rule, tiles in zip(self.row_rules, self.tiles, strict=True):
            at += rule is not Rule.CELL
            starts.append(at)
            at += len(tiles[0].lines)
        return (*starts, at + 1)

    @property
    def width(self) -> int:
        """Characters across."""
        return self.column_starts[-1]

    @property
    def height(self) -> int:
        """Lines down."""
        return self.row_starts[-1]

    def fitting_columns(self, width: int) -> int:
        """Return how many leading columns fit, one at least."""
        ends = [start + across + 3 for start, across in zip(self.column_starts[:-1], self.column_widths, strict=True)]
        return max(1, sum(end <= width for end in ends))

    def draw(self, canvas: Canvas, top: int, left: int) -> None:
        """Draw the grid with its corner at a place."""
        self._draw_rules(canvas, top, left)
        self._draw_bars(canvas, top, left)
        for tiles, y in zip(self.tiles, self.row_starts[:-1], strict=True):
            for tile, x, width in zip(tiles, self.column_starts[:-1], self.column_widths, strict=True):
                side = ">" if len(tile.lines) == 1 else "^"
                for offset, (line, style) in enumerate(zip(tile.lines, tile.styles, strict=True)):
                    canvas.write(top + y + offset, left + x, f" {line:{side}{width}} ", style)
        for (row, column), (label, style) in self.labels.items():
            self._draw_label(canvas, top + self.row_starts[row] - 1, left, column, label, style)

    def _horizontals(self) -> list[tuple[int, Rule]]:
        inner = [
            (start - 1, rule) for start, rule in zip(self.row_starts, self.row_rules, strict=False) if rule in _DASH
        ]
        return inner if self.more_rows else [*inner, (self.height - 1, Rule.BLOCK)]

    def _verticals(self) -> list[tuple[int, Rule]]:
        end = self.column_starts[-1] - 1
        inner = [
            (start - 1, rule)
            for start, rule in zip(self.column_starts, self.column_rules, strict=False)
            if rule in _BAR
        ]
        return inner if self.more_columns else [*inner, (end, Rule.BLOCK)]

    def _draw_rules(self, canvas: Canvas, top: int, left: int) -> None:
        end = self.column_starts[-1] - 1
        for y, horizontal in self._horizontals():
            canvas.write(top + y, left, _DASH[horizontal] * end)
            for x, vertical in self._verticals():
                joined = horizontal is Rule.BLOCK or vertical is Rule.SUBBLOCK
                arms = (y > 0, joined and x < end, y < self.height - 1, joined and x > 0)
                canvas.write(top + y, left + x, _CROSSINGS[arms])

    def _draw_bars(self, canvas: Canvas, top: int, left: int) -> None:
        end = self.column_starts[-1] - 1
        for tiles, y in zip(self.tiles, self.row_starts[:-1], strict=True):
            for line in range(len(tiles[0].lines)):
                for x, vertical in self._verticals():
                    canvas.write(top + y + line, left + x, _BAR[vertical])
            if self.more_columns:
                canvas.write(top + y, left + end, "⋯", DIM)
        if self.more_rows:
            for x, width in zip(self.column_starts[:-1], self.column_widths, strict=True):
                canvas.write(top + self.height - 1, left + x, f"{'⋮':^{width + 2}}", DIM)

    def _draw_label(self, canvas: Canvas, y: int, left: int, column: int, label: str, style: Style) -> None:
        stops = [x for x, rule in self._verticals() if rule is Rule.BLOCK and x > self.column_starts[column]]
        room = (stops[0] if stops else self.column_starts[-1] - 1) - self.column_starts[column]
        if len(label) + 3 <= room:
            canvas.write(y, left + self.column_starts[column] + 1, f" {label} ", style)
        elif len(label) <= room:
            canvas.write(y, left + self.column_starts[column], label, style)
