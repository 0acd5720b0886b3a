"""``otimes factor``: find Σ A_r ⊗ B_r ⊗ … close to a matrix, show the price of accuracy, save the factors."""

from pathlib import Path
from typing import Annotated, Any

import typer

from otimes.cli.arguments import refuse_clash, refuse_overwriting
from otimes.cli.console import Report, progress, say, show_json, show_table, show_text
from otimes.cli.detection import report_detection
from otimes.cli.exit_codes import NOT_MET
from otimes.cli.factoring import Request, checkpoint_of

__all__ = ["factor"]


def _option(metavar: str, help: str, **more: Any) -> Any:
    return typer.Option(metavar=metavar, help=help, show_default=False, **more)


def factor(
    matrix: Annotated[str, typer.Argument(metavar="MATRIX", help=".npy, .npz[:key], .mtx[.gz], .csv or .txt")],
    shapes: Annotated[str | None, _option("37x37,49x49", "Shapes of the factors; else all are tried.")] = None,
    factors: Annotated[int | None, _option("N", "Number of factors, else 2.", min=2)] = None,
    terms: Annotated[int | None, _option("R", "Number of terms; of a train its rank.", min=1)] = None,
    tol: Annotated[float | None, _option("ERROR", "Relative Frobenius error to meet.", min=0)] = None,
    criterion: Annotated[str | None, _option("NAME", "What chooses: aic, bic, ebic or cv.")] = None,
    form: Annotated[str | None, _option("NAME", "terms, orthogonal, train or hybrid.")] = None,
    structure: Annotated[str | None, _option("NAMES", "As spd, toeplitz, or spd,diagonal.")] = None,
    weights: Annotated[str | None, _option("W.npy", "Weights, or 1; NaN is a missing entry.")] = None,
    detect: Annotated[bool, typer.Option("--detect", help="Say which exact structure there is.")] = False,
    stream: Annotated[bool, typer.Option("--stream", help="Read .npy, .h5:name, .zarr:name in two passes.")] = False,
    memory: Annotated[str | None, _option("2GiB", "What a stream may hold at a time.")] = None,
    seed: Annotated[int, _option("N", "Of everything random, else 0.", min=0)] = 0,
    out: Annotated[Path | None, _option("F.npz", "Write the factors here.")] = None,
    plot: Annotated[Path | None, _option("FILE", "Draw here: .png, .pdf or .svg.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Find the Kronecker structure of a matrix.

    With neither --terms, --tol nor --criterion, the knee of error against numbers stored is chosen. The result is
    checked against the matrix on fresh random vectors. Exit code 3: the tolerance is not met, and this is the best.
    """
    refuse_overwriting(matrix, out, plot)
    _check_outputs(out, plot)
    if detect:
        asked: dict[str, object] = {
            "--shapes": shapes,
            "--factors": factors,
            "--terms": terms,
            "--criterion": criterion,
            "--form": form,
        }
        asked |= {"--structure": structure, "--weights": weights, "--stream": stream or None, "--plot": plot}
        for option, value in asked.items():
            refuse_clash("--detect", True, option, value)
    request = Request(
        shapes=shapes,
        factors=factors,
        terms=terms,
        tol=tol,
        criterion=criterion,
        form=form,
        structure=structure,
        weights=weights,
        stream=stream,
        memory=memory,
        seed=seed,
    )
    if detect:
        is_missed = report_detection(matrix, rtol=tol, out=out, as_json=as_json)
    else:
        is_missed = _report_approximation(matrix, request, out=out, plot=plot, as_json=as_json)
    if is_missed:
        raise typer.Exit(NOT_MET)


def _report_approximation(matrix: str, request: Request, *, out: Path | None, plot: Path | None, as_json: bool) -> bool:
    """Approximate, write and show; return whether a tolerance is missed."""
    from otimes.cli.frontier import describe, frontier_table
    from otimes.cli.selfcheck import self_check

    with progress("factorizing") as report:
        M = request.source(matrix, report)
        F = _approximation(matrix, M, request, report)
    check = self_check(M, F) if request.is_held else None
    if out:
        _save(out, F, matrix)
    if plot:
        _draw(plot, M if request.is_held else None, F)
    is_missed = request.is_missed_by(F)
    if as_json:
        written = {"factors": str(out) if out else None, "plot": str(plot) if plot else None}
        met = {"tolerance_met": None if request.tol is None else not is_missed}
        show_json({**describe(F, check, matrix=matrix), **met, **written})
    else:
        show_table(f"{matrix}: {F.shape[0]:,} × {F.shape[1]:,}", frontier_table(F))
        show_text(f"{F.reason}\n{check.sentence() if check else _certificate(F)}")
        for path in filter(None, (out, plot)):
            say(f"wrote {path}")
    if is_missed:
        say(f"otimes factor: tolerance {request.tol:g} not met: the error is {F.error:.4g}")
    return is_missed


def _approximation(matrix: str, M: Any, request: Request, report: Report) -> Any:
    try:
        return request.approximation(M, report)
    except KeyboardInterrupt:
        if request.stream:
            say(f"otimes factor: interrupted; the same command goes on from {checkpoint_of(matrix)}")
        raise


def _certificate(F: Any) -> str:
    """Say what is known of the error where it was not measured on the matrix once more."""
    if F.certificate.held_out_error is not None:
        return f"error on entries held out: {F.certificate.held_out_error:.4g}"
    return str(dict(F.report().lines)["error"])


def _check_outputs(out: Path | None, plot: Path | None) -> None:
    """Raise now what writing the results would raise after the work."""
    if out:
        from otimes.io import check_factor_file

        check_factor_file(out)
    if plot:
        from otimes.plots import check_picture

        check_picture(plot)


def _save(path: Path, F: Any, source: str) -> None:
    """Write the factors; what has no terms of common shapes is written as an operator."""
    from otimes.io import save, save_factors

    if F.train is None and len({tuple(factor.shape for factor in term) for term in F.factors}) == 1:
        save_factors(path, F, source=source)
    else:
        save(path, F.operator)


def _draw(path: Path, M: Any, F: Any) -> None:
    from otimes.plots import save_figure

    save_figure(F.plot(M), path)
