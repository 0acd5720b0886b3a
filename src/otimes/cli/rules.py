"""``otimes rules``: the identities the library knows."""

from typing import Annotated, Any

import typer

from otimes.cli.console import show_json, show_text

__all__ = ["rules"]


def rules(
    of: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help="A function or operator: otimes rules inv", show_default=False),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """List the identities of one function or operator, or all."""
    import otimes as ox

    listed = ox.rules(of)
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
