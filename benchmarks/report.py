"""Write the pages and pictures from the results, without measuring: `python -m benchmarks.report`."""

import json
from pathlib import Path

from benchmarks import page, performance, plots

ROOT = Path(__file__).parent.parent
RESULTS = Path(__file__).parent / "results"
DOCS = ROOT / "docs"
ELSEWHERE = (
    "huge",
    "nearest_kronecker",
    "factorization",
    "inputs",
    "recovery",
    "camera",
    "terms",
    "toeplitz",
    "evolution",
    "graphs",
    "kronecker_graphs",
    "poisson",
)  # what the page of the other benchmarks shows


def load(name: str) -> dict | None:
    """Return the results of a benchmark, or None if it has not been run."""
    path = RESULTS / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def write() -> None:
    """Write docs/benchmarks.md, the tables in docs/performance.md and docs/factorization.md, and pictures."""
    results = {name: found for name in (*performance.NAMES, *ELSEWHERE) if (found := load(name))}
    others = [results[name] for name in ELSEWHERE if name in results]
    (DOCS / "benchmarks.md").write_text(page.page(others), encoding="utf-8")
    for name in ("performance.md", "factorization.md"):
        text = (DOCS / name).read_text(encoding="utf-8")
        (DOCS / name).write_text(performance.filled(text, results), encoding="utf-8")
    if "products" in results:
        plots.write(results["products"]["records"], DOCS / "images")


if __name__ == "__main__":
    write()
