"""``otimes factor --detect``: which exact structure a matrix has, or what it misses by how much."""

from pathlib import Path
from typing import Any

from otimes.cli.console import new_table, say, show_json, show_table, show_text

__all__ = ["report_detection"]


def report_detection(matrix: str, *, rtol: float | None, out: Path | None, as_json: bool) -> bool:
    """Show what `otimes.detect` finds and write the operator; return whether no structure holds."""
    import otimes as ox
    from otimes.io import load_matrix

    M = load_matrix(matrix)
    found = ox.detect(M, rtol=rtol)
    if out:
        ox.save(out, found.operator)
    if as_json:
        misses = [_fields(miss) for miss in found.misses]
        about = {"matrix": matrix, "shape": list(M.shape), "holds": found.holds, "rtol": found.rtol}
        show_json({**about, **_fields(found), "misses": misses, "operator": str(out) if out else None})
        return not found.holds
    title = f"{matrix}: {M.shape[0]:,} × {M.shape[1]:,}, {M.dtype}"
    if found.holds:
        name = f"{found.structure} {found.detail}".rstrip()
        show_text(f"{title}\n{name}, {found.numbers:,} numbers, distance {found.distance:.3g}")
    else:
        table = new_table("structure", "", "numbers", "distance", words=("structure", ""))
        for miss in found.misses:
            table.add_row(miss.structure, miss.detail, f"{miss.numbers:,}", f"{miss.distance:.3g}")
        show_table(f"{title}\nno structure within {found.rtol:.2g}; the nearest of each kind:", table)
    if out:
        say(f"wrote {out}; otimes.load reads it")
    return not found.holds


def _fields(finding: Any) -> dict[str, Any]:
    return {
        "structure": finding.structure,
        "detail": finding.detail,
        "numbers": finding.numbers,
        "distance": finding.distance,
    }
