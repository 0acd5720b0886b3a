"""The spectra of all shapes that are to be compared, each of as many terms as can matter."""

import math
from collections.abc import Iterable

from otimes.factorization.goal import Goal
from otimes.factorization.gram import gram_spectra
from otimes.factorization.operand import Operand
from otimes.factorization.result import product_text
from otimes.factorization.shapes import Shapes, stored_numbers
from otimes.factorization.spectrum import Spectrum, spectrum_of
from otimes.factorization.steps import Steps


def sweep(operand: Operand, goal: Goal, pairs: Iterable[Shapes], steps: Steps, *, seed: int) -> dict[Shapes, Spectrum]:
    """Return the spectrum of every pair of shapes; under a tolerance, extended while its shapes may still win."""
    tried: dict[Shapes, Spectrum] = {}
    todo = {pair: goal.first_terms(pair) for pair in pairs}
    for pair, spectrum in gram_spectra(operand, dict(todo)):
        steps(product_text(pair), left=len(todo))
        tried[pair] = spectrum
        del todo[pair]
    todo = todo or _extensions(tried, goal)
    while todo:
        pair = min(todo, key=lambda pair: todo[pair] * stored_numbers(pair))
        steps(product_text(pair), left=len(todo))
        tried[pair] = spectrum_of(operand, pair, todo.pop(pair), seed=seed)
        todo = todo or _extensions(tried, goal)
    return tried


def _extensions(tried: dict[Shapes, Spectrum], goal: Goal) -> dict[Shapes, int]:
    """Return the one pair of shapes, with twice its terms, that may meet the tolerance at the least price."""
    if goal.tol is None or 2 not in goal.factors:
        return {}
    met = {pair: spectrum.meets(goal.tol) for pair, spectrum in tried.items()}
    best = min(
        (spectrum.terms_within(goal.tol) * stored_numbers(pair) for pair, spectrum in tried.items() if met[pair]),
        default=math.inf,
    )
    contenders = {
        pair: min(2 * spectrum.terms, goal.allowed(pair)[-1])
        for pair, spectrum in tried.items()
        if not met[pair]
        and spectrum.terms < goal.allowed(pair)[-1]
        and (spectrum.terms + 1) * stored_numbers(pair) < best
    }
    cheapest = sorted(contenders, key=lambda pair: contenders[pair] * stored_numbers(pair))[:1]
    return {pair: contenders[pair] for pair in cheapest}
