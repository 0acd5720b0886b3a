"""``otimes solve``: solve a system with the product whose factors a file holds."""

from pathlib import Path
from typing import Annotated

import typer

from otimes.cli.arguments import refuse_non_finite, refuse_overwriting
from otimes.cli.console import progress, say, show_array, show_json

__all__ = ["solve"]


def solve(
    factors: Annotated[Path, typer.Argument(metavar="FACTORS", help="Factor file, .npz", show_default=False)],
    b: Annotated[
        str, typer.Argument(metavar="B", help="Vector or matrix: .npy, .npz[:key], .csv, .txt", show_default=False)
    ],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write x here (.npy, .csv, .txt).")] = None,
    shift: Annotated[float, typer.Option(help="Solve (K + shift I) x = b.")] = 0.0,
    tol: Annotated[float, typer.Option(min=0, help="Relative residual to reach where iterating.")] = 1e-10,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout, x in it unless -o.")] = False,
) -> None:
    """Solve (Σ A_r ⊗ B_r + shift I) x = b.

    One term is solved factor by factor. More terms are iterated with the first as preconditioner, and exit code 2
    says that the relative residual was not reached. Without -o the numbers are printed, one line a row; in JSON a
    complex number is the pair [real, imaginary].
    """
    refuse_non_finite("--shift", shift)
    refuse_non_finite("--tol", tol)
    refuse_overwriting(b, out)
    refuse_overwriting(str(factors), out)
    from otimes.cli.systems import solve_system
    from otimes.io import check_array_file, load_array, load_factors, save_array

    if out:
        check_array_file(out)
    saved, right = load_factors(factors), load_array(b)
    with progress("solving") as report:
        solution = solve_system(saved, right, shift=shift, tol=tol, report=report)
    if out:
        save_array(out, solution.x)
    elif not as_json:
        show_array(solution.x)
    how = f"{solution.method}, {solution.iterations} iterations" if solution.iterations else solution.method
    if as_json:
        fields = {"method": solution.method, "iterations": solution.iterations, "residual": solution.residual}
        show_json({**fields, "x": str(out) if out else solution.x.tolist()})
    else:
        say(f"relative residual {solution.residual:.2g} ({how})")
    if out:
        say(f"wrote {out}: {'×'.join(map(str, solution.x.shape))}, {solution.x.dtype}")
