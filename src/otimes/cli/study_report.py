"""The tables, pictures and files of the demo."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from otimes.cli.console import new_table
from otimes.cli.frontier import chosen_row
from otimes.cli.study import CELL, GRID, Solve, correlation_maps
from otimes.io import atomic_write, save_factors
from otimes.plots import plot_correlation_maps, plot_factorization, product_name, save_figure

if TYPE_CHECKING:
    from rich.table import Table

CORRELATION = "correlation.png"
NAMES = ("factors.npz", "factorization.png", CORRELATION, "results.json")

__all__ = ["errors_table", "solves_sentences", "solves_table", "suggestion_sentence", "write_all"]


def suggestion_sentence(F: Any) -> str:
    """Say whether latitude ⊗ longitude is among the suggestions, and with how many terms."""
    terms = [row.terms for row in F.candidates if row.shapes == GRID]
    name = f"Latitude ⊗ longitude, {product_name(GRID)},"
    if not terms:
        return f"{name} is not among the suggestions."
    count = f"{min(terms)} to {max(terms)}" if len(terms) > 1 else str(terms[0])
    return f"{name} is among the suggestions, terms: {count}{'; it was chosen' if F.shapes == GRID else ''}."


def errors_table(approximations: dict[int, Any]) -> "Table":
    """Return error against numbers stored for latitude ⊗ longitude."""
    table = new_table("terms", "error", "numbers stored", "compression")
    for terms, F in approximations.items():
        table.add_row(str(terms), f"{F.error:.4f}", f"{F.numbers_stored:,}", f"{F.compression:.0f}×")
    return table


def solves_table(solves: list[Solve]) -> "Table":
    """Return the ways to solve side by side."""
    table = new_table("C", "solved", "time", "memory", "x off by", "Cx off by", words=("C", "solved"))
    for row in solves:
        cells = (f"{1e3 * row.seconds:,.1f} ms", f"{row.peak_bytes / 1e6:,.2f} MB", f"{row.x_error:.3f}")
        table.add_row(row.matrix, row.method, *cells, f"{row.field_error:.3f} K")
    return table


def solves_sentences(solves: list[Solve], smallest_eigenvalue: float) -> str:
    """Say what solving through the factors saves, and what more terms do."""
    dense, structured = (row for row in solves if row.matrix == "1 term")
    faster, smaller = dense.seconds / structured.seconds, dense.peak_bytes / structured.peak_bytes
    lines = [
        f"Through the factors: {faster:,.0f} times faster than dense, in {smaller:,.0f} times less memory;",
        f"the two solutions with 1 term differ by {structured.dense_error:.0e}, relative to x.",
    ]
    if smallest_eigenvalue < 0:
        lines += [
            "The nearest single product of a covariance is a covariance itself. Four terms are",
            f"closer to C, but not positive: their smallest eigenvalue is {smallest_eigenvalue:.2g} K², and the",
            "recovered field shows it.",
        ]
    return "\n".join(lines)


def write_all(folder: Path, air: Any, C: np.ndarray, F: Any, approximations: dict, results: dict) -> list[Path]:
    """Write factors, pictures and results, and return their names."""
    factors, picture, maps, summary = paths = [folder / name for name in NAMES]
    save_factors(factors, F, source="covariance of ox.datasets.load_air_temperature()")
    drawn = {"singular_values": F.singular_values, "candidates": F.candidates, "chosen": chosen_row(F)}
    figure = plot_factorization(original=C, approximation=F.operator, quantity="covariance (K²)", **drawn)
    save_figure(figure, picture)
    place = {"latitude": air.latitude, "longitude": air.longitude, "cell": CELL}
    save_figure(plot_correlation_maps(correlation_maps(C, approximations), **place), maps)
    with atomic_write(summary) as file:
        file.write(json.dumps(results, indent=1, ensure_ascii=False, allow_nan=False).encode())
    return paths
