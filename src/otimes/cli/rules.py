"""``otimes rules``: the identities the library knows."""

from typing import Annotated, Any

import typer

from otimes.cli.console import show_json, show_text

__all__ = ["rules"]


def rules(
    function: Annotated[
        str | None, typer.Argument(metavar="FUNCTION", help="A function, as in: otimes rules inv", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """List the identities of one function, or of all."""
    import otimes as ox

    listed = ox.rules(function)
    if as_json:
        show_json({"rules": [_fields(rule) for rule in listed]})
    else:
        show_text(str(listed))


def _fields(rule: Any) -> dict[str, str | None]:
    when = rule.when.says if rule.when else None
    return {
        "function": rule.function.name,
        "operands": rule.operands,
        "says": rule.says,
        "when": when,
        "cite": rule.cite,
    }
