"""A sheet of characters, each with a style, that prints plain or with terminal colours."""

from dataclasses import dataclass
from itertools import groupby

from otimes.pictures.palette import Colour

__all__ = ["BOLD", "DIM", "PLAIN", "Canvas", "Style"]

_CUBE = (0, 95, 135, 175, 215, 255)  # the six levels of the 256-colour cube of xterm
_BLACK = 16


@dataclass(frozen=True)
class Style:
    """Weight (an SGR code, as ``"1"`` for bold) and background of a character."""

    weight: str = ""
    fill: Colour | None = None

    @property
    def codes(self) -> str:
        """The SGR codes: dark text on the fill reads on light and dark terminals alike."""
        background = [f"48;5;{_nearest(self.fill)}", f"38;5;{_BLACK}"] if self.fill else []
        return ";".join([self.weight] * bool(self.weight) + background)


PLAIN, BOLD, DIM = Style(), Style("1"), Style("2")


class Canvas:
    """Characters at rows and columns; what is never written stays blank."""

    def __init__(self) -> None:
        self._characters: dict[int, dict[int, tuple[str, Style]]] = {}

    def write(self, row: int, column: int, text: str, style: Style = PLAIN) -> None:
        """Write the text to the right of a place, over what was there."""
        line = self._characters.setdefault(row, {})
        line.update({column + offset: (character, style) for offset, character in enumerate(text)})

    def text(self, *, color: bool) -> str:
        """Return the lines, without blanks at their ends; escapes only where colour is asked for."""
        rows = range(max(self._characters, default=-1) + 1)
        return "\n".join(self._line(self._characters.get(row, {}), color=color) for row in rows)

    def _line(self, line: dict[int, tuple[str, Style]], *, color: bool) -> str:
        characters = [line.get(column, (" ", PLAIN)) for column in range(max(line, default=-1) + 1)]
        if not color:
            return "".join(character for character, _ in characters).rstrip()
        runs = [
            (style.codes, "".join(character for character, _ in run))
            for style, run in groupby(characters, key=lambda pair: pair[1])
        ]
        return "".join(f"\x1b[{codes}m{text}\x1b[0m" if codes else text for codes, text in runs).rstrip()


def _nearest(colour: Colour) -> int:
    red, green, blue = (min(range(6), key=lambda level: abs(_CUBE[level] - part)) for part in colour.rgb)
    return _BLACK + 36 * red + 6 * green + blue
