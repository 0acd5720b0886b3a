"""The grid: for each case and function, whether an identity gave the result, the formed matrix did, or nothing."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
from market import CASES, Case, operators_of

import otimes as ox
from otimes.errors import NoRule, OtimesError

GRID = Path(__file__).parent / "golden" / "grid.txt"
NOTHING = -1  # the dense_limit under which not even an operator of size 0 is formed
NAMES = (
    *("inv", "pinv", "solve", "lstsq", "det", "slogdet", "trace", "diagonal", "matrix_rank", "eig", "eigvals"),
    *("eigh", "eigvalsh", "svd", "svdvals", "cholesky", "qr", "lu", "plan", "norm fro", "norm nuc", "norm 2"),
    *("norm 1", "cond 2", "cond 1", "to_tensor_train", "recompress", "to_sparse", "kronecker_terms"),
    *("entries", "submatrix", "sum", "max", "min", "tril", "triu", "partial_trace", "partial_transpose"),
    *("expm", "sqrtm", "logm", "matrix_power", "fractional_matrix_power", "funm", "expm_multiply", "schur"),
    "multiply",
)
FORMATS = ("recompress", "kronecker_terms")  # functions of operators in some format, and of no others
LEGEND = f"""\
Where structure is kept. Written by `python tests/test_market.py --write-grid`; compared by tests/test_market.py.

S structured: the value comes from identities, and nothing that is not an array already is formed
D dense when small: the operator, or a part of it, is formed, which large operators refuse with NoRule
B both, by class: it depends on shapes and facts
N NoRule: refused at every size, which is so for {" and ".join(FORMATS)} only, outside their formats
x the function is not defined for this operator (not square, singular, not Hermitian, ...), and says so
"""


def call(name: str, A: Any, limit: int | None) -> Any:
    """Call the function of one column."""
    function, _, which = name.partition(" ")
    options = [int(which) if which.isdigit() else which] if which else []
    options += {"matrix_power": [3], "fractional_matrix_power": [0.5], "funm": [np.cos]}.get(function, [])
    options += {"entries": [[0], [0]], "submatrix": [slice(1, None, 2)]}.get(function, [])
    if function.startswith("partial"):
        options = [0, (A.shape[0], 1)]
    if function == "multiply":
        options = [A]
    if function in ("solve", "lstsq", "expm_multiply"):
        options = [np.ones(A.shape[0])]
    return getattr(ox, function)(A, *options, dense_limit=limit)


def outcome(case: Case, name: str) -> str:
    """Return the letter of one cell."""
    A = case.make()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for letter, limit in (("S", NOTHING), ("D", None)):
            try:
                call(name, A, limit)
            except NoRule:
                continue
            except OtimesError:
                return "x"
            return "D" if A.formed else letter
    return "N"


def grid() -> str:
    """Return the whole grid as text: by class, then by case."""
    cells = {case: {name: outcome(case, name) for name in NAMES} for case in CASES}
    kinds: dict[str, list[Case]] = {}
    for case in CASES:
        kinds.setdefault(type(case.make()).__name__, []).append(case)
    tens = "".join(str(i // 10 or " ") for i in range(1, len(NAMES) + 1))
    ones = "".join(str(i % 10) for i in range(1, len(NAMES) + 1))
    lines = [LEGEND, *(f"{i:2} {name}" for i, name in enumerate(NAMES, 1)), ""]
    lines += [_row("By class, for operators made of plain arrays where there are", tens), _row("", ones)]
    lines += [_row(kind, "".join(_summary(cells, kinds[kind], name) for name in NAMES)) for kind in sorted(kinds)]
    lines += ["", "By case"]
    for kind in sorted(kinds):
        lines += ["", _row(kind, tens), _row("", ones)]
        lines += [_row(f"  {case.name}", "".join(cells[case].values())) for case in kinds[kind]]
    return "\n".join(lines) + "\n"


def _row(name: str, letters: str) -> str:
    return f"{name:<64} {letters}"


def _summary(cells: dict, members: list[Case], name: str) -> str:
    plain = [case for case in members if _of_arrays(case.make())]
    found = {cells[case][name] for case in plain or members} - {"x"}
    return "B" if len(found) > 1 else "".join(found) or "x"


def _of_arrays(A: Any) -> bool:
    """Whether what the operator is made of is dense arrays, or Kronecker products of them."""
    return all(isinstance(B, (ox.Dense, ox.Kronecker)) for B in operators_of(A)[1:])
