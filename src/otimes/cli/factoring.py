"""What the options of ``otimes factor`` ask for, and the calls that answer it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from otimes.cli.arguments import Shapes, UsageFault, parse_shapes, refuse_clash

__all__ = ["Request", "checkpoint_of"]

Progress = Callable[[int, int, str], object]


@dataclass(frozen=True, kw_only=True)
class Request:
    """The options that decide which approximation is computed, as they were typed; None where nothing was said."""

    shapes: str | None
    factors: int | None
    terms: int | None
    tol: float | None
    form: str | None
    structure: str | None
    weights: str | None
    criterion: str | None
    stream: bool
    memory: str | None
    seed: int

    def __post_init__(self) -> None:
        refuse_clash("--shapes", self.shapes, "--factors", self.factors)
        refuse_clash("--terms", self.terms, "--tol", self.tol)
        for option, value in {
            "--structure": self.structure,
            "--weights": self.weights,
            "--form": self.given_form,
        }.items():
            refuse_clash("--criterion", self.criterion, option, value)
        refuse_clash("--criterion", self.criterion, "--tol", self.tol)
        refuse_clash("--stream", self.stream or None, "--weights", self.weights)
        if self.memory is not None and not self.stream:
            raise UsageFault("--memory: a limit is kept by --stream only; give both")
        if self.stream and self.shapes is None:
            raise UsageFault("--stream: a search would read the file twice for every pair of shapes; give --shapes")
        if self.weights is not None and self.shapes is None:
            raise UsageFault("--weights: the shapes are not searched for under weights; give --shapes")

    @cached_property
    def given_shapes(self) -> Shapes | None:
        """The shapes that were given."""
        return None if self.shapes is None else parse_shapes(self.shapes)

    @property
    def given_form(self) -> str | None:
        """The form, unless it is the one whose shapes are always searched for."""
        return None if self.form == "hybrid" else self.form

    @property
    def is_held(self) -> bool:
        """Whether the matrix is held whole and known everywhere, so that the result can be measured on it."""
        return not self.stream and self.weights is None

    def source(self, matrix: str, progress: Progress) -> Any:
        """Return the matrix of a file, read, or to be streamed."""
        if not self.stream:
            from otimes.io import load_matrix

            return load_matrix(matrix, missing=self.weights is not None)
        import otimes as ox

        path, _, dataset = matrix.partition(":")
        limit = {} if self.memory is None else {"memory": self.memory}
        return ox.MatrixFile(path, dataset or None, checkpoint=checkpoint_of(matrix), progress=progress, **limit)

    @property
    def constraints(self) -> dict[str, Any]:
        """The options that only given shapes take."""
        asked = {"form": self.given_form, "structure": self._structures, "weights": self._weights}
        return {name: value for name, value in asked.items() if value is not None}

    def approximation(self, M: Any, progress: Progress) -> Any:
        """Return the approximation of M that was asked for; its shapes are found first if they are not given."""
        import otimes as ox

        named: dict[str, Any] = {"criterion": self.criterion, "progress": progress}
        named |= {} if self.factors is None else {"factors": self.factors}
        named |= {"form": self.form} if self.form == "hybrid" else {}
        goal: dict[str, Any] = {"terms": self.terms, "tol": self.tol, "seed": self.seed}
        shapes, constraints = self.given_shapes, self.constraints
        if shapes is None or not (constraints or self.stream):  # of a stream two passes, and no more
            F = ox.factorize(M, shapes=shapes, **goal, **named)
            if not constraints:
                return F
            shapes, goal["terms"] = F.shapes, F.terms if self.tol is None else None
        return ox.nearest_kronecker(M, shapes=shapes, **goal, **constraints)

    def is_missed_by(self, F: Any) -> bool:
        """Whether a tolerance was given that the approximation does not meet."""
        return self.tol is not None and F.error > self.tol

    @property
    def _structures(self) -> str | list[str] | None:
        """One structure for all factors, or a list of one for each; commas inside parentheses belong to a name."""
        if self.structure is None:
            return None
        names = [name.strip() for name in re.split(r",(?![^(]*\))", self.structure)]
        return names[0] if len(names) == 1 else names

    @property
    def _weights(self) -> Any:
        """The weights of the file, or the one weight that all entries have."""
        if self.weights is None:
            return None
        try:
            return float(self.weights)
        except ValueError:
            from otimes.io import load_matrix

            return load_matrix(Path(self.weights))


def checkpoint_of(matrix: str) -> Path:
    """Return where a stream keeps what it has computed: in the folder that one works in."""
    return Path(f"{Path(matrix.partition(':')[0]).name}.part")
