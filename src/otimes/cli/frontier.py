"""The frontier of error against numbers stored, as a table and as JSON."""

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from otimes.cli.console import new_table, plain_numbers
from otimes.cli.selfcheck import SelfCheck
from otimes.plots import product_name

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["chosen_row", "describe", "frontier_table"]


def frontier_table(F: Any) -> "Table":
    """Return the candidates as a table, the chosen one marked."""
    table = new_table("", "shapes", "terms", "error", "numbers stored", "compression", words=("", "shapes"))
    chosen = chosen_row(F)
    rows = sorted({*F.candidates, chosen}, key=lambda row: (row.numbers_stored, row.error))
    for row in rows:
        marked = row is chosen
        table.add_row("→" if marked else "", *_cells(F if marked else row), style="bold green" if marked else None)
    return table


def chosen_row(F: Any) -> Any:
    """Return the candidate that was chosen, that of the same shapes and terms; else the approximation itself."""
    chosen = F.shapes, F.terms, F.numbers_stored
    return next((row for row in F.candidates if (row.shapes, row.terms, row.numbers_stored) == chosen), F)


def describe(F: Any, check: SelfCheck | None, *, matrix: str) -> dict[str, Any]:
    """Return the whole result as plain values."""
    return {
        "matrix": matrix,
        "shape": list(F.shape),
        **_fields(F),
        "reason": F.reason,
        "certificate": _certificate(F.certificate),
        "measured": asdict(check) if check else None,
        "singular_values": plain_numbers(F.singular_values),
        "candidates": [_fields(row) for row in F.candidates],
    }


def _certificate(certificate: Any) -> dict[str, Any]:
    gap = certificate.gap
    return {**asdict(certificate), "gap": gap if gap is not None and math.isfinite(gap) else None}


def _fields(row: Any) -> dict[str, Any]:
    return {
        "shapes": [list(shape) for shape in row.shapes],
        "terms": int(row.terms),
        "error": float(row.error),
        "numbers_stored": int(row.numbers_stored),
        "compression": float(row.compression),
    }


def _cells(row: Any) -> tuple[str, ...]:
    compression = f"{row.compression:,.0f}×" if row.compression >= 10 else f"{row.compression:.2g}×"
    return (
        _names(row),
        str(row.terms or "train"),
        f"{row.error:.4g}",
        f"{row.numbers_stored:,}",
        compression,
    )


def _names(row: Any) -> str:
    """Return '37×37 ⊗ 49×49', or the products of all terms where they have shapes of their own."""
    shapes = [tuple(factor.shape for factor in term) for term in getattr(row, "factors", ())] or [row.shapes]
    return " + ".join(dict.fromkeys(map(product_name, shapes)))
