"""`nearest_kronecker` with `structure=`, `weights=` or both: from the request to the result."""

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar

import numpy as np

from otimes.errors import NonFiniteError
from otimes.factorization.certificate import Certificate, gap
from otimes.factorization.constrained.alternating import Fit, Sets
from otimes.factorization.constrained.observed import read_observed
from otimes.factorization.constrained.request import Structure, read_structures
from otimes.factorization.constrained.scaling import SharedScale
from otimes.factorization.constrained.structured import Structured, nearest_in_sets
from otimes.factorization.constrained.weighted import Completed, nearest_observed
from otimes.factorization.multiway.alternating import Alternating
from otimes.factorization.multiway.cut import Cut
from otimes.factorization.operand import Operand
from otimes.factorization.result import Candidate, KroneckerApproximation, sum_of, sum_text
from otimes.factorization.shapes import Shape, Shapes, most_terms, require_shapes, require_terms


@dataclass(frozen=True)
class Request:
    """What is asked for."""

    shapes: Shapes
    terms: int | None
    tol: float | None
    structure: Structure
    settings: Alternating
    seed: int

    def checked(self, shape: Shape, dtype: np.dtype) -> tuple["Request", Sets]:
        """Return the request with checked shapes, and the sets of the factors."""
        shapes = require_shapes(self.shapes, shape)
        require_terms(self.terms, shapes)
        return replace(self, shapes=shapes), read_structures(self.structure, shapes, dtype)

    @property
    def cut(self) -> Cut:
        """The factors in two groups."""
        return Cut.balanced(self.shapes)

    @property
    def most(self) -> int:
        """A number of terms that is enough for every matrix, if the factors may be any."""
        return self.terms or most_terms(self.shapes)


def nearest_structured(operand: Operand, asked: Request) -> KroneckerApproximation:
    """Return the best sum of products of structured factors that is found, of the fewest terms under a tolerance."""
    asked, sets = asked.checked(operand.shape, operand.dtype)
    shared = SharedScale.of(sets, operand.scale)
    operand = operand.prepared(asked.cut.pair, terms=asked.terms, tol=asked.tol, seed=asked.seed)
    R = operand.rearranged(asked.cut.pair)

    def fitted(count: int) -> Structured:
        return nearest_in_sets(R, asked.cut, shared.sets, count, asked.settings, seed=asked.seed)

    most = asked.most
    if len(sets) == 2:
        most = min(most, *(one.span.over_reals().shape[1] for one in sets))
    found, reason = _fewest(fitted, asked, most=most)
    factors, error, relaxed = shared.factors(found.fit), found.fit.error, found.relaxed
    last = relaxed.values[len(factors) - 1] if len(factors) <= len(relaxed.values) else 0.0
    ratio = gap(last, relaxed.following)
    certificate = operand.certificate(sum_of(factors), error=error, gap=ratio, seed=asked.seed)
    values = operand.unscaled(relaxed.values)
    candidates = (Candidate(asked.shapes, len(factors), error),)
    history = found.fit.history if found.fit.sweeps else ()
    return KroneckerApproximation(factors, values, error, candidates, reason, certificate, history)


def nearest_weighted(M: Any, asked: Request, weights: Any, *, held_out: float) -> KroneckerApproximation:
    """Return the sum of products that is nearest, of those found, to M where it is observed, by the weights."""
    if not 0 <= held_out < 1:
        raise NonFiniteError(f"held_out={held_out}: the share of the entries to keep back must be in [0, 1)")
    observed = read_observed(M, weights)
    asked, sets = asked.checked(observed.shape, observed.dtype)
    shared = SharedScale.of(sets, observed.scale)

    def fitted(count: int) -> Completed:
        return nearest_observed(
            observed, asked.cut, shared.sets, count, asked.settings, held_out=held_out, seed=asked.seed
        )

    found, reason = _fewest(fitted, asked, most=asked.most)
    factors, error = shared.factors(found.fit), found.fit.error
    certificate = Certificate("exact", seed=asked.seed, held_out_error=found.held_out_error)
    candidates = (Candidate(asked.shapes, len(factors), error),)
    return KroneckerApproximation(factors, np.empty(0), error, candidates, reason, certificate, found.fit.history)


class _Found(Protocol):
    """A fit, and a sentence that says how it came about."""

    @property
    def fit(self) -> Fit: ...

    @property
    def reason(self) -> str: ...


_F = TypeVar("_F", bound=_Found)


def _fewest(fitted: Callable[[int], _F], asked: Request, *, most: int) -> tuple[_F, str]:
    """Return the fit of as many terms as are asked for, or of the fewest that meet the tolerance, and the reason."""
    tol = asked.tol
    if tol is None:
        found = fitted(most if asked.terms else 1)
        return found, found.reason
    fit = functools.cache(fitted)
    found = fit(_least(lambda count: fit(count).fit.error <= tol, most))
    chosen = sum_text(Candidate(asked.shapes, found.fit.terms, found.fit.error))
    met = f"tolerance: {chosen}, the fewest found for an error of {tol:g}"
    not_met = f"tolerance {tol:g} not met: {chosen} have error {found.fit.error:.4g}"
    return found, f"{met if found.fit.error <= tol else not_met}; {found.reason}"


def _least(meets: Callable[[int], bool], most: int) -> int:
    """Return the least count that meets, or `most`: steps up are doubled, then what is between is halved."""
    failed, count = 0, 1
    while not meets(count):
        if count == most:
            return most
        failed, count = count, min(2 * count, most)
    while count - failed > 1:
        middle = (failed + count) // 2
        failed, count = (failed, middle) if meets(middle) else (middle, count)
    return count
