"""``otimes demo``: the main job on real data, from the matrix to a solve through its factors."""

import textwrap
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from otimes.cli.console import progress, say, show_json, show_table, show_text

__all__ = ["demo"]

YEAR = 100  # of 240: the field to be recovered from noise


def demo(
    out: Annotated[Path, typer.Option(help="Folder for what it writes.")] = Path("demo"),
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Factor the covariance of 240 years of air temperature, and use the factors.

    Writes factors.npz, factorization.png, correlation.png and results.json.
    """
    import otimes as ox
    from otimes.cli import study, study_report
    from otimes.cli.frontier import describe, frontier_table
    from otimes.cli.selfcheck import self_check
    from otimes.io import check_writable
    from otimes.plots import check_picture

    out.mkdir(parents=True, exist_ok=True)
    check_picture(out / study_report.CORRELATION)
    for name in study_report.NAMES:
        check_writable(out / name)
    air = ox.datasets.load_air_temperature()
    C = air.covariance()
    with progress("factorizing, shapes not given") as report:
        F = ox.factorize(C, progress=report)
    check = self_check(C, F)
    with progress("latitude ⊗ longitude"):
        approximations = study.grid_errors(C)
    with progress("solving"):
        solves = study.compare_solves(C, air.anomalies()[YEAR].ravel(), approximations)
        lowest = study.smallest_eigenvalue(approximations[4].operator)
    results = {
        **describe(F, check, matrix="covariance of air temperature"),
        "latitude_longitude": {terms: float(G.error) for terms, G in approximations.items()},
        "noise": study.NOISE,
        "smallest_eigenvalue_of_4_terms": lowest,
        "solves": [asdict(row) for row in solves],
    }
    paths = study_report.write_all(out, air, C, F, approximations, results)
    if as_json:
        show_json(results)
    else:
        show_text("Yearly air temperature over North America, 1860 to 2099, less a quadratic trend")
        show_text(f"{textwrap.fill(air.attribution, 80)}\n")
        show_table("Covariance of the 37 · 49 = 1813 cells; factor shapes were not given", frontier_table(F))
        show_text(f"{F.report()}\n{check.sentence()}\n{study_report.suggestion_sentence(F)}\n")
        show_table("Latitude ⊗ longitude, 37×37 ⊗ 49×49", study_report.errors_table(approximations))
        show_text("")
        title = f"(C + σ²I)x = b, σ² = {study.NOISE:g} K²: recover a year's field Cx from its noisy b"
        show_table(title, study_report.solves_table(solves))
        show_text(study_report.solves_sentences(solves, lowest))
    say(f"wrote {', '.join(map(str, paths))}")
