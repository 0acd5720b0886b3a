"""``otimes apply``: multiply by the product whose factors a file holds."""

from pathlib import Path
from typing import Annotated

import typer

from otimes.cli.arguments import refuse_overwriting
from otimes.cli.console import say, show_array

__all__ = ["apply"]


def apply(
    factors: Annotated[Path, typer.Argument(metavar="FACTORS", help="Factor file, .npz", show_default=False)],
    x: Annotated[
        str, typer.Argument(metavar="X", help="Vector or matrix: .npy, .npz[:key], .csv, .txt", show_default=False)
    ],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write y here (.npy, .csv, .txt).")] = None,
) -> None:
    """Compute y = (Σ A_r ⊗ B_r) x.

    Trains, terms of their own shapes and what --detect finds are multiplied too.
    Without -o the numbers are printed, one line a row.
    """
    refuse_overwriting(x, out)
    refuse_overwriting(str(factors), out)
    from otimes.cli.operators import load_operator
    from otimes.io import check_array_file, load_array, save_array

    if out:
        check_array_file(out)
    y = load_operator(factors) @ load_array(x)
    if out is None:
        show_array(y)
        return
    save_array(out, y)
    say(f"wrote {out}: {'×'.join(map(str, y.shape))}, {y.dtype}")
