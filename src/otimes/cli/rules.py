"""``otimes rules``: the identities the library knows."""

from typing import Annotated

import typer

from otimes.cli.console import show_text

__all__ = ["rules"]


def rules(
    function: Annotated[
        str | None, typer.Argument(metavar="FUNCTION", help="A function, as in: otimes rules inv", show_default=False)
    ] = None,
) -> None:
    """List the identities of one function, or of all."""
    import otimes as ox

    show_text(str(ox.rules(function)))
