"""Where the alternating iteration starts from: the best terms without the structure, and random members of the sets."""

from collections.abc import Iterator

import numpy as np

from otimes.factorization.constrained.alternating import Problem, Sets, Terms
from otimes.factorization.constrained.matrix_set import MatrixSet


def starts(problem: Problem, sets: Sets, unconstrained: Terms, count: int, *, seed: int) -> Iterator[Terms]:
    """Yield `count` starting points."""
    rng = np.random.default_rng(seed)
    yield _fitted(problem, sets, _brought_into(sets, unconstrained))
    for _ in range(count - 1):
        left, right = (
            np.stack([_random(one, like.dtype, rng) for _ in range(like.shape[1])], axis=1)
            for one, like in zip(sets, unconstrained, strict=True)
        )
        yield _fitted(problem, sets, (left, right))


def _brought_into(sets: Sets, terms: Terms) -> Terms:
    """Return each factor's nearest point in its set, for (A, B) or (−A, −B), whichever loses less."""
    pairs = [
        _pair_into(sets, a.reshape(sets[0].shape), b.reshape(sets[1].shape))
        for a, b in zip(*(terms[0].T, terms[1].T), strict=True)
    ]
    left, right = zip(*pairs, strict=True)
    return np.stack([a.ravel() for a in left], axis=1), np.stack([b.ravel() for b in right], axis=1)


def _pair_into(sets: Sets, A: np.ndarray, B: np.ndarray) -> Terms:
    def into(sign: float) -> Terms:
        return sets[0].nearest(sets[0].sized(sign * A)), sets[1].nearest(sets[1].sized(sign * B))

    def likeness(pair: Terms) -> float:
        size = float(np.linalg.norm(pair[0]) * np.linalg.norm(pair[1]))
        return float((np.vdot(pair[0], A) * np.vdot(pair[1], B)).real) / (size or 1.0)

    return max((into(sign) for sign in (1.0, -1.0)), key=likeness)


def _random(one: MatrixSet, dtype: np.dtype, rng: np.random.Generator) -> np.ndarray:
    A = rng.standard_normal(one.shape)
    if dtype.kind == "c":
        A = A + 1j * rng.standard_normal(one.shape)
    return one.nearest(one.sized(A.astype(dtype))).ravel()


def _fitted(problem: Problem, sets: Sets, terms: Terms) -> Terms:
    """Return the terms with one factor adapted to the other, so that their product has the size of M."""
    left, right = terms
    if sets[1].is_cone:
        return left, sets[1].update(right, *problem.T.equations(left))
    return sets[0].update(left, *problem.equations(right)), right
