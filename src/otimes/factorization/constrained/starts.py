"""Where the alternating iteration starts from: the best terms without the structure, and random members of the sets."""

import itertools
import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from otimes.factorization.constrained.alternating import Fit, Problem, Sets, Terms, alternate
from otimes.factorization.constrained.matrix_set import MatrixSet
from otimes.factorization.multiway.alternating import Alternating

_TRIAL = 20  # sweeps of each start


def best_fit(problem: Problem, sets: Sets, first: Terms, settings: Alternating, *, seed: int) -> Fit:
    """Return the best fit from the first start and random ones: each is given a few sweeps, and the best the rest."""
    dtype, terms = first[0].dtype, first[0].shape[1]
    rounding = 100 * float(np.finfo(dtype).eps)
    few = replace(settings, sweeps=min(settings.sweeps, _TRIAL))
    best = alternate(problem, sets, first, few, bound=rounding)
    for start in itertools.islice(_random_starts(problem, sets, terms, dtype, seed=seed), settings.starts - 1):
        if best.error <= rounding:
            break
        best = min(best, alternate(problem, sets, start, few, bound=rounding), key=lambda fit: fit.error)
    return best if best.converged else alternate(problem, sets, best.factors, settings, bound=rounding)


def brought_into(problem: Problem, sets: Sets, factors: Terms) -> Terms:
    """Return terms with factors in the sets that are close to the given ones, and of the size of M."""
    each = zip(*(F.T for F in factors), strict=True)
    terms = [_term_into(sets, [a.reshape(one.shape) for a, one in zip(term, sets, strict=True)]) for term in each]
    slots = zip(*terms, strict=True)
    return _fitted(problem, sets, tuple(np.stack([A.ravel() for A in slot], axis=1) for slot in slots))


def _term_into(sets: Sets, term: list[np.ndarray]) -> list[np.ndarray]:
    """Return each factor's nearest point in its set, for the signs (of product 1) that lose least."""

    def into(signs: tuple[int, ...]) -> list[np.ndarray]:
        return [one.nearest(one.sized(sign * A)) for one, sign, A in zip(sets, signs, term, strict=True)]

    def likeness(found: list[np.ndarray]) -> float:
        size = math.prod(float(np.linalg.norm(A)) for A in found)
        return float(np.real(math.prod(np.vdot(A, B) for A, B in zip(found, term, strict=True)))) / (size or 1.0)

    signs = (s for s in itertools.product((1, -1), repeat=len(sets)) if math.prod(s) > 0)
    return max(map(into, signs), key=likeness)


def _random_starts(problem: Problem, sets: Sets, terms: int, dtype: np.dtype, *, seed: int) -> Iterator[Terms]:
    """Yield random members of the sets, without end."""
    rng = np.random.default_rng(seed)
    while True:
        yield _fitted(problem, sets, tuple(_random(one, terms, dtype, rng) for one in sets))


def _random(one: MatrixSet, terms: int, dtype: np.dtype, rng: np.random.Generator) -> np.ndarray:
    A = rng.standard_normal((terms, *one.shape))
    if dtype.kind == "c":
        A = A + 1j * rng.standard_normal(A.shape)
    return np.stack([one.nearest(one.sized(a)).ravel() for a in A.astype(dtype)], axis=1)


def _fitted(problem: Problem, sets: Sets, factors: Terms) -> Terms:
    """Return the terms with one factor adapted to the others, a cone if there is one: so they have the size of M."""
    k = max((k for k, one in enumerate(sets) if one.is_cone), default=len(sets) - 1)
    adapted = sets[k].update(factors[k], *problem.equations(k, factors))
    return (*factors[:k], adapted, *factors[k + 1 :])
