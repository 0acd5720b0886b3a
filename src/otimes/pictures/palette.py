"""Eight fills that stay apart for the colour-blind, and their assignment to the entries of A.

The fills are the "light" qualitative scheme of Paul Tol (Colour Schemes, SRON/EPS/TN/09-002), made for cells with dark
labels, its four that differ most put first; each ink is a dark neighbour of its fill, to be read on white paper.
"""

from dataclasses import dataclass
from itertools import cycle, islice

from otimes.pictures.matrix import Matrix

__all__ = ["PALETTE", "Colour", "entry_colours"]


@dataclass(frozen=True)
class Colour:
    """A named fill for backgrounds and an ink of the same hue for text on white, as RRGGBB."""

    name: str
    fill: str
    ink: str

    @property
    def rgb(self) -> tuple[int, int, int]:
        """The fill as three numbers from 0 to 255."""
        red, green, blue = bytes.fromhex(self.fill)
        return red, green, blue


PALETTE = (
    Colour("blue", "77AADD", "0079B2"),
    Colour("orange", "EE8866", "8F2B24"),
    Colour("pear", "BBCC33", "807700"),
    Colour("pink", "FFAABB", "CC336D"),
    Colour("cyan", "99DDFF", "004A99"),
    Colour("olive", "AAAA00", "313B05"),
    Colour("yellow", "EEDD88", "856221"),
    Colour("mint", "44BB99", "006649"),
)


def entry_colours(matrix: Matrix, *, rows: int, columns: int) -> dict[tuple[int, int], Colour]:
    """Give each entry that is not zero, in the leading rows and columns, a colour none of its neighbours has.

    The colours are taken in turn, so up to eight entries all differ.
    """
    colours: dict[tuple[int, int], Colour] = {}
    turn = cycle(PALETTE)
    for i in range(rows):
        for j in range(columns):
            if matrix.entry(i, j).is_zero:
                continue
            neighbours = [colours.get(place) for place in ((i, j - 1), (i - 1, j - 1), (i - 1, j), (i - 1, j + 1))]
            colours[i, j] = next(colour for colour in islice(turn, len(PALETTE)) if colour not in neighbours)
    return colours
