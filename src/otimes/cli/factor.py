"""``otimes factor``: find Σ A_r ⊗ B_r ⊗ … close to a matrix, show the price of accuracy, save the factors."""

from pathlib import Path
from typing import Annotated, Any

import typer

from otimes.cli.arguments import parse_shapes, refuse_overwriting
from otimes.cli.console import progress, say, show_json, show_table, show_text
from otimes.cli.exit_codes import NOT_MET
from otimes.cli.factoring import Request

__all__ = ["factor"]


def factor(
    matrix: Annotated[
        str, typer.Argument(metavar="MATRIX", help=".npy, .npz[:key], .mtx[.gz], .csv or .txt", show_default=False)
    ],
    shapes: Annotated[str | None, typer.Option(metavar="37x37,49x49", help="Shapes of the factors.")] = None,
    terms: Annotated[int | None, typer.Option(metavar="R", min=1, help="Number of terms.", show_default=False)] = None,
    tol: Annotated[float | None, typer.Option(metavar="ERROR", min=0, help="Relative Frobenius error to meet.")] = None,
    criterion: Annotated[
        str | None, typer.Option(metavar="NAME", help="What chooses: aic, bic, ebic or cv.", show_default=False)
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="Of everything random.")] = 0,
    out: Annotated[Path | None, typer.Option(metavar="F.npz", help="Write the factors here.")] = None,
    plot: Annotated[Path | None, typer.Option(metavar="FILE", help="Draw here: .png, .pdf or .svg.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Find the Kronecker structure of a matrix.

    Without --shapes, every admissible pair of factor shapes is tried. With neither --terms, --tol nor --criterion,
    the knee of error against numbers stored is chosen. The result is checked against the matrix on fresh random
    vectors. Exit code 3: the tolerance is not met, and this is the best.
    """
    pair = parse_shapes(shapes) if shapes else None
    request = Request(shapes=pair, terms=terms, tol=tol, criterion=criterion, seed=seed)
    refuse_overwriting(matrix, out, plot)
    _check_outputs(out, plot)
    from otimes.cli.frontier import describe, frontier_table
    from otimes.cli.selfcheck import self_check
    from otimes.io import load_matrix, save_factors

    M = load_matrix(matrix)
    with progress("factorizing") as report:
        F = request.factorization(M, report)
    check = self_check(M, F)
    if out:
        save_factors(out, F, source=matrix)
    if plot:
        _draw(plot, M, F)
    if as_json:
        written = {"factors": str(out) if out else None, "plot": str(plot) if plot else None}
        met = {"tolerance_met": None if tol is None else not request.is_missed_by(F)}
        show_json({**describe(F, check, matrix=matrix, shape=M.shape), **met, **written})
    else:
        show_table(f"{matrix}: {M.shape[0]:,} × {M.shape[1]:,}, {M.dtype}", frontier_table(F))
        show_text(f"{F.reason}\n{check.sentence()}")
        for path in filter(None, (out, plot)):
            say(f"wrote {path}")
    if request.is_missed_by(F):
        say(f"otimes factor: tolerance {tol:g} not met: the error is {F.error:.4g}")
        raise typer.Exit(NOT_MET)


def _check_outputs(out: Path | None, plot: Path | None) -> None:
    """Raise now what writing the results would raise after the work."""
    if out:
        from otimes.io import check_factor_file

        check_factor_file(out)
    if plot:
        from otimes.plots import check_picture

        check_picture(plot)


def _draw(path: Path, M: Any, F: Any) -> None:
    from otimes.plots import save_figure

    save_figure(F.plot(M), path)
