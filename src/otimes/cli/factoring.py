"""What the options of ``otimes factor`` ask for, and the call that answers it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from otimes.cli.arguments import Shapes, refuse_clash

__all__ = ["Request"]


@dataclass(frozen=True, kw_only=True)
class Request:
    """The options that decide which factorization is computed; None where nothing was said."""

    shapes: Shapes | None
    terms: int | None
    tol: float | None
    criterion: str | None
    seed: int

    def __post_init__(self) -> None:
        refuse_clash("--terms", self.terms, "--tol", self.tol)
        refuse_clash("--criterion", self.criterion, "--tol", self.tol)

    def factorization(self, M: Any, progress: Callable[[int, int, str], object]) -> Any:
        """Return the approximation of M that was asked for."""
        import otimes as ox

        if self.shapes is not None and len(self.shapes) > 2:
            return ox.nearest_kronecker(M, shapes=self.shapes, terms=self.terms, tol=self.tol, seed=self.seed)
        asked: dict[str, Any] = {"criterion": self.criterion, "tol": self.tol, "terms": self.terms, "seed": self.seed}
        return ox.factorize(M, shapes=self.shapes, progress=progress, **asked)

    def is_missed_by(self, F: Any) -> bool:
        """Whether a tolerance was given that the approximation does not meet."""
        return self.tol is not None and F.error > self.tol
