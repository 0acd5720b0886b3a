"""`show`: a Kronecker product in which every cell says where it came from."""

from dataclasses import dataclass
from operator import index
from typing import Any

from otimes.errors import ShapeError
from otimes.pictures.cells import Provenance
from otimes.pictures.html import render_html
from otimes.pictures.latex import render_latex
from otimes.pictures.layout import Layout, lay_out
from otimes.pictures.parse import read_factors
from otimes.pictures.text import render_text

__all__ = ["Picture", "show"]

_WIDTH = 100


@dataclass(frozen=True, eq=False)
class Picture:
    """A product A ⊗ B ⊗ ... to be seen: prints as text, shows itself in a notebook, writes its LaTeX."""

    provenance: Provenance
    layout: Layout

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the whole product, of which the leading ones are shown."""
        return self.provenance.shape

    def cell(self, i: int, j: int) -> str:
        """Say where the cell of row i and column j (from 0) came from, shown or not.

        Raises
        ------
        IndexError
            Outside the product.

        Examples
        --------
        >>> import otimes as ox
        >>> ox.show([[1, 2], [3, 4]], [[5, 6], [7, 8]]).cell(2, 3)
        'K[2,3] = A[1,1]·B[0,1] = 4·6 = 24 (row 2 = 1·2+0, column 3 = 1·2+1)'
        """
        return self.provenance.sentence(self.provenance.cell(i, j))

    def text(self, *, color: bool = False, width: int = _WIDTH) -> str:
        """Return the picture for a terminal of so many characters; with 256-colour escapes where asked for."""
        return render_text(self.layout, color=color, width=width)

    def html(self) -> str:
        """Return one HTML element with inline styles, for light and dark pages; no script, nothing remote."""
        return render_html(self.layout)

    def latex(self) -> str:
        """Return the equation for LaTeX's math mode; needs the package xcolor and no other."""
        return render_latex(self.layout)

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        return self.html()


def show(*matrices: Any, max_rows: int = 12, max_columns: int = 12) -> Picture:
    """Show A ⊗ B ⊗ ... with every block in the colour of the a_ij that made it and every cell as a_ij·b_kl.

    K[i·p + k, j·q + l] = A[i, j]·B[k, l] for B of p × q. Indices count from 0; blocks of zeros are dimmed. With
    three factors and more the colour is that of the first, and dotted rules part the blocks within its blocks.

    Parameters
    ----------
    *matrices
        Two factors or more, each m × n numbers or symbols: nested lists, arrays, text (``"1 2; 3 4"``,
        ``"a11 a12; a21 a22"``), operators; a vector is a row and a number 1 × 1. A Kronecker operator stands for its
        factors. Arrays are not copied.
    max_rows, max_columns
        How many leading rows and columns of the product and of each factor are shown.

    Returns
    -------
    Picture
        Prints as text, shows itself in notebooks; ``.text(color=True)``, ``.html()``, ``.latex()``, ``.cell(i, j)``.

    Raises
    ------
    ShapeError
        Fewer than two factors; a factor that is ragged, empty, or of three dimensions; a limit below one.
    DTypeError
        An entry that is neither a number nor a symbol, with its text and position.
    TooLarge
        A factor that is no array and has more than 10⁶ entries.

    Notes
    -----
    Cost: time and memory of the cells shown; the product is never formed.

    Examples
    --------
    >>> import otimes as ox
    >>> print(ox.show("1 0; 0 1", "5 6; 7 8"))
    K = A ⊗ B   (2×2 ⊗ 2×2 = 4×4)
    <BLANKLINE>
     A             B
    ┌───┬───┐     ┌──────┐
    │ 1 │ 0 │     │ 5  6 │
    ├───┼───┤  ⊗  │ 7  8 │
    │ 0 │ 1 │     └──────┘
    └───┴───┘
    <BLANKLINE>
    K       0        1         2        3
       ┌─ 1·B ────────────┬─ 0·B ────────────┐
     0 │ 1·5 = 5  1·6 = 6 │       0        0 │
     1 │ 1·7 = 7  1·8 = 8 │       0        0 │
       ├─ 0·B ────────────┼─ 1·B ────────────┤
     2 │       0        0 │ 1·5 = 5  1·6 = 6 │
     3 │       0        0 │ 1·7 = 7  1·8 = 8 │
       └──────────────────┴──────────────────┘
    """
    for keyword, limit in (("max_rows", max_rows), ("max_columns", max_columns)):
        if index(limit) < 1:
            raise ShapeError(f"show(): {keyword}={limit} shows nothing; give 1 or more")
    provenance = Provenance(read_factors(matrices))
    return Picture(provenance, lay_out(provenance, max_rows=max_rows, max_columns=max_columns))
