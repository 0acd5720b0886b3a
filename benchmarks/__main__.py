"""Run the benchmarks named on the command line, or all; write the results as JSON, then pages and pictures."""

import importlib
import json
import sys

from benchmarks import report
from benchmarks.machine import machine

NAMES = (
    "overhead",
    "products",
    "threads",
    "eager",
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
)


def main(names: list[str]) -> None:
    report.RESULTS.mkdir(exist_ok=True)
    for name in names or NAMES:
        module = importlib.import_module(f"benchmarks.{name}")
        print(f"{name}: {module.TITLE}", flush=True)
        measured = module.run()
        result = {"title": module.TITLE, "claim": module.CLAIM, "machine": machine()}
        result |= measured if isinstance(measured, dict) else {"records": measured}
        (report.RESULTS / f"{name}.json").write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")
        report.write()
    print("pages and pictures written to docs")


if __name__ == "__main__":
    main(sys.argv[1:])
