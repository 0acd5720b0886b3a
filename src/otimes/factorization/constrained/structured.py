"""Structure asked for: inherited, linear and so solved at once, or iterated for, and the sentence that says which."""

from dataclasses import dataclass, replace

import numpy as np

from otimes.factorization.constrained.alternating import Fit, Sets, alternate
from otimes.factorization.constrained.relaxed import StructuredTerms, best_in_subspaces
from otimes.factorization.constrained.starts import starts
from otimes.factorization.constrained.subspace import Subspace
from otimes.factorization.multiway.alternating import Alternating
from otimes.factorization.sources.rearranged import Rearranged


@dataclass(frozen=True)
class LeastSquares:
    """‖R − Σ vec(A_r) vec(B_r)ᵀ‖ for a rearrangement, every entry counted alike."""

    R: Rearranged

    @property
    def T(self) -> "LeastSquares":
        """The same with the factors exchanged."""
        return replace(self, R=self.R.T)

    def equations(self, fixed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the one normal matrix of all entries and their moments, by one product with R."""
        return (fixed.conj().T @ fixed)[None], self.R.product(fixed.conj())

    def error(self, left: np.ndarray, right: np.ndarray) -> float:
        """Return the relative error."""
        residual, norm = self.R.residual_norms(left, right)
        return residual / norm if norm else 0.0


@dataclass(frozen=True)
class Structured:
    """The terms found, how they were, and what the linear part of the structure allows: a bound, singular values."""

    fit: Fit
    relaxed: StructuredTerms
    reason: str


def nearest_in_sets(R: Rearranged, sets: Sets, terms: int, settings: Alternating, *, seed: int) -> Structured:
    """Return the best terms with factors in the sets that are found, and how."""
    relaxed = best_in_subspaces(R, sets[0].span, sets[1].span, terms, seed=seed)
    if all(isinstance(one, Subspace) for one in sets):
        fit = Fit(relaxed.left, relaxed.right, (relaxed.error,), converged=True)
        return Structured(fit, relaxed, _linear(sets))
    bound = relaxed.error + 8 * float(np.finfo(R.dtype).eps)
    best: Fit | None = None
    for start in starts(LeastSquares(R), sets, (relaxed.left, relaxed.right), settings.starts, seed=seed):
        fit = alternate(LeastSquares(R), sets, start, settings, bound=bound)
        if best is None or fit.error < best.error:
            best = fit
        if best.error <= bound:
            break
    assert best is not None
    inherited = best.error <= bound and best.sweeps == 0
    return Structured(
        best, relaxed, _inherited(sets, terms) if inherited else _iterated(sets, best, relaxed.error, settings)
    )


def names(sets: Sets) -> str:
    """Return 'symmetric ⊗ Toeplitz'."""
    return " ⊗ ".join(one.name for one in sets)


def _linear(sets: Sets) -> str:
    counts = "·".join(str(one.span.basis.shape[1]) for one in sets)
    return f"structure {names(sets)}: linear, so that the singular values of {counts} coefficients give the least error"


def _inherited(sets: Sets, terms: int) -> str:
    if terms > 1:
        return f"structure {names(sets)}: inherited, the best terms of {_spans(sets)} factors have it"
    causes = {one.inherited for one in sets}
    theorem = f", {causes.pop()} (Van Loan and Pitsianis 1993, §5)" if len(causes) == 1 and "" not in causes else ""
    return f"structure {names(sets)}: inherited, the best product of {_spans(sets)} factors has it{theorem}"


def _iterated(sets: Sets, fit: Fit, bound: float, settings: Alternating) -> str:
    end = "" if fit.converged else ", the most allowed, before they converged"
    return (
        f"structure {names(sets)}: {fit.sweeps} alternating sweeps{end}, the best of {settings.starts} starts; error "
        f"{fit.error:.4g}, and no terms of {_spans(sets)} factors have less than {bound:.4g}"
    )


def _spans(sets: Sets) -> str:
    spans = [one.span.name for one in sets]
    return spans[0] if len(set(spans)) == 1 else " and ".join(spans)
