"""What the options of ``otimes factor`` ask for, and the calls that answer it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from otimes.cli.arguments import Shapes, UsageFault, parse_shapes, refuse_clash

__all__ = ["Request", "checkpoint_of"]

_TERMS = "terms"  # all terms share their shapes
_HYBRID = "hybrid"  # each term has shapes of its own

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
        of_given_shapes = {"--structure": self.structure, "--weights": self.weights, "--form": self._form}
        for option, value in of_given_shapes.items():
            refuse_clash("--criterion", self.criterion, option, value)
        refuse_clash("--criterion", self.criterion, "--tol", self.tol)
        refuse_clash("--stream", self.stream or None, "--weights", self.weights)
        refuse_clash("--stream", self.stream or None, "--criterion", self.criterion)
        refuse_clash("--form hybrid", self.form == _HYBRID or None, "--shapes", self.shapes)
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
        asked = {"form": self._form, "structure": self._structures, "weights": self._weights}
        return {name: value for name, value in asked.items() if value is not None}

    def approximation(self, M: Any, progress: Progress) -> Any:
        """Return the approximation of M that was asked for; its shapes are found first if they are not given."""
        if self.given_shapes is not None and (self.constraints or self.stream):
            return self._nearest(M, self.given_shapes, self.terms)
        F = self._found(M, progress)
        if self._form is None:
            return F
        fitted = self._nearest(M, F.shapes, F.terms if self.tol is None else None)
        return replace(fitted, reason=f"shapes found ({F.reason}); then {fitted.reason}")

    def _found(self, M: Any, progress: Progress) -> Any:
        import otimes as ox

        goal: dict[str, Any] = {"terms": self.terms, "tol": self.tol, "criterion": self.criterion}
        goal |= {} if self.factors is None else {"factors": self.factors}
        goal |= {"form": self.form} if self.form == _HYBRID else {}
        goal |= {"structure": self._structures} if self._form is None and self.structure else {}
        return ox.factorize(M, shapes=self.given_shapes, progress=progress, seed=self.seed, **goal)

    def _nearest(self, M: Any, shapes: Shapes, terms: int | None) -> Any:
        import otimes as ox

        return ox.nearest_kronecker(M, shapes=shapes, terms=terms, tol=self.tol, seed=self.seed, **self.constraints)

    def is_missed_by(self, F: Any) -> bool:
        """Whether a tolerance was given that the approximation does not meet."""
        return self.tol is not None and F.error > self.tol

    @property
    def _form(self) -> str | None:
        """The form, unless it is one of which the shapes are searched for."""
        return None if self.form in (_TERMS, _HYBRID) else self.form

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
