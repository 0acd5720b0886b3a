"""``otimes info``: what a factor file holds, or what this installation has."""

from pathlib import Path
from typing import Annotated, Any

import typer

from otimes.cli.console import plain_numbers, show_json, show_text
from otimes.errors import FileFormatError

__all__ = ["info"]

EXTRAS = {"cli": ("typer", "rich"), "plot": ("matplotlib",), "torch": ("torch",)}


def info(
    factors: Annotated[
        Path | None, typer.Argument(metavar="FACTORS", help="Factor file, .npz", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Describe a factor file; without one, the installation."""
    fields = _installation() if factors is None else _file(factors)
    if as_json:
        show_json(fields)
        return
    width = max(map(len, fields)) + 2
    for name, value in fields.items():
        show_text(f"{name.replace('_', ' '):<{width}}{_text(value)}")


def _installation() -> dict[str, Any]:
    """Return versions of what computes, its kernel, and versions of the extras (null where one is missing)."""
    import platform
    from importlib.metadata import PackageNotFoundError, version

    import otimes as ox

    def found(package: str) -> str | None:
        try:
            return version(package)
        except PackageNotFoundError:
            return None

    extras = {package: found(package) for packages in EXTRAS.values() for package in packages}
    core = {package: found(package) for package in ("otimes", "numpy", "scipy", "array-api-compat")}
    machine = {"python": platform.python_version(), "machine": platform.platform()}
    return {**core, "kernel": ox.kernel_info(), **machine, **extras}


def _file(path: Path) -> dict[str, Any]:
    """Return what the header and the arrays of a factor file say, or which operator a file holds."""
    from otimes.cli.operators import load_operator
    from otimes.io import load_factors
    from otimes.plots import product_name

    try:
        saved = load_factors(path)
    except FileFormatError:
        operator = load_operator(path)
        shape = list(operator.shape)
        return {"file": str(path), "shape": shape, "operator": repr(operator), "dtype": str(operator.dtype)}
    return {
        "file": str(path),
        "source": saved.source,
        "shape": list(saved.shape),
        "factors": product_name(saved.shapes),
        "terms": saved.terms,
        "dtype": str(saved.factors[0][0].dtype),
        "error": saved.error,
        "numbers_stored": saved.numbers_stored,
        "compression": round(saved.compression, 2),
        "singular_values": plain_numbers(saved.singular_values),
    }


def _text(value: Any) -> str:
    """Write a value for a reader; of a long list the beginning."""
    if value is None:
        return "-"
    if isinstance(value, list):
        shown = ", ".join(_text(entry) for entry in value[:8])
        return f"{shown}, … ({len(value)})" if len(value) > 8 else shown
    return f"{value:,.6g}" if isinstance(value, int | float) else str(value)
