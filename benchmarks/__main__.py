"""Run the benchmarks named on the command line, or all; write the results as JSON and the page of tables."""

import importlib
import json
import pathlib
import sys

from benchmarks.machine import machine
from benchmarks.page import page

NAMES = ("overhead", "products", "huge", "nearest_kronecker", "terms", "toeplitz")
RESULTS = pathlib.Path(__file__).parent / "results"
PAGE = pathlib.Path(__file__).parent.parent / "docs" / "benchmarks.md"


def main(names: list[str]) -> None:
    RESULTS.mkdir(exist_ok=True)
    for name in names or NAMES:
        module = importlib.import_module(f"benchmarks.{name}")
        print(f"{name}: {module.TITLE}", flush=True)
        result = {"title": module.TITLE, "claim": module.CLAIM, "machine": machine(), "records": module.run()}
        (RESULTS / f"{name}.json").write_text(json.dumps(result, indent=1) + "\n")
    PAGE.write_text(
        page([json.loads((RESULTS / f"{n}.json").read_text()) for n in NAMES if (RESULTS / f"{n}.json").exists()])
    )
    print(f"tables written to {PAGE.relative_to(pathlib.Path.cwd())}")


if __name__ == "__main__":
    main(sys.argv[1:])
