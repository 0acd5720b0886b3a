"""``otimes factor``: find Σ A_r ⊗ B_r close to a matrix, show the price of accuracy, save the factors."""

from pathlib import Path
from typing import Annotated, Any

import typer

from otimes.cli.arguments import parse_shapes, refuse_clash, refuse_overwriting
from otimes.cli.console import progress, say, show_json, show_table, show_text

__all__ = ["factor"]


def factor(
    matrix: Annotated[
        str, typer.Argument(metavar="MATRIX", help=".npy, .npz[:key], .mtx[.gz], .csv or .txt", show_default=False)
    ],
    shapes: Annotated[str | None, typer.Option(metavar="37x37,49x49", help="Shapes of the two factors.")] = None,
    terms: Annotated[int | None, typer.Option(min=1, help="Number of terms.", show_default=False)] = None,
    tol: Annotated[float | None, typer.Option(min=0, help="Relative Frobenius error to meet.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write the factors to this .npz file.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw into this .png, .pdf or .svg file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Find the Kronecker structure of a matrix.

    Without --shapes, every admissible pair of factor shapes is tried. With neither --terms nor --tol, the knee of
    error against numbers stored is chosen. The result is checked against the matrix on fresh random vectors.
    """
    refuse_clash("--terms", terms, "--tol", tol)
    pair = parse_shapes(shapes) if shapes else None
    refuse_overwriting(matrix, out, plot)
    _check_outputs(out, plot)
    import otimes as ox
    from otimes.cli.frontier import describe, frontier_table
    from otimes.cli.selfcheck import self_check
    from otimes.io import load_matrix, save_factors

    M = load_matrix(matrix)
    with progress("factorizing") as report:
        F = ox.factorize(M, shapes=pair, terms=terms, tol=tol, progress=report)
    check = self_check(M, F)
    if out:
        save_factors(out, F, source=matrix)
    if plot:
        _draw(plot, M, F)
    if as_json:
        written = {"factors": str(out) if out else None, "plot": str(plot) if plot else None}
        met = {"tolerance_met": None if tol is None else F.error <= tol}
        show_json({**describe(F, check, matrix=matrix, shape=M.shape), **met, **written})
    else:
        show_table(f"{matrix}: {M.shape[0]:,} × {M.shape[1]:,}, {M.dtype}", frontier_table(F))
        show_text(f"{F.reason}\n{check.sentence()}")
        for path in filter(None, (out, plot)):
            say(f"wrote {path}")
    if tol is not None and F.error > tol:
        say(f"otimes factor: tolerance {tol:g} not met: the error is {F.error:.4g}")


def _check_outputs(out: Path | None, plot: Path | None) -> None:
    """Raise now what writing the results would raise after the work."""
    if out:
        from otimes.io import check_factor_file

        check_factor_file(out)
    if plot:
        from otimes.plots import check_picture

        check_picture(plot)


def _draw(path: Path, M: Any, F: Any) -> None:
    from otimes.cli.frontier import chosen_row
    from otimes.plots import plot_factorization, save_figure

    rows = {"singular_values": F.singular_values, "candidates": F.candidates, "chosen": chosen_row(F)}
    save_figure(plot_factorization(original=M, approximation=F.operator, **rows), path)
