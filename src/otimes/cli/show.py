"""``otimes show``: a small Kronecker product in which every cell says where it came from."""

from enum import StrEnum
from typing import Annotated

import typer

from otimes.cli.console import show_text, terminal

__all__ = ["show"]


class Form(StrEnum):
    """How the picture is written."""

    TEXT = "text"
    HTML = "html"
    LATEX = "latex"


def show(
    matrices: Annotated[list[str], typer.Argument(metavar='"1 2; 3 4" "5 6; 7 8"', show_default=False)],
    form: Annotated[Form, typer.Option("--format", help="How the picture is written.")] = Form.TEXT,
) -> None:
    """Show A ⊗ B and where each of its cells came from.

    Every block has the colour of the entry of A that made it. Entries are numbers or symbols.
    """
    import otimes as ox

    picture = ox.show(*matrices)
    if form is Form.TEXT:
        width, color = terminal()
        show_text(picture.text(color=color, width=width))
    else:
        show_text(picture.html() if form is Form.HTML else picture.latex())
