"""How often the shapes of a sum of Kronecker products are found under noise."""

import functools
import math
import time

import numpy as np

import otimes as ox

TITLE = "Shapes found under noise, 48 × 48 and 64 × 64"
CLAIM = (
    'for two factors criterion="bic" finds the right shapes in at least 95 of 100 seeds wherever there is as much '
    "structure as noise; the number of factors is given, of four factors at most two terms are tried; the knee, which "
    "knows nothing of noise, is shown beside it"
)
SEEDS = {2: 100, 3: 50, 4: 20}
MOST_TERMS = {2: None, 3: None, 4: 2}  # tried
SHAPES = {  # as many of each, one after the other
    2: (((8, 8), (8, 8)), ((4, 16), (16, 4)), ((16, 8), (4, 8)), ((6, 8), (8, 6))),
    3: (((4, 4), (4, 4), (4, 4)), ((2, 8), (8, 4), (4, 2)), ((4, 3), (3, 4), (4, 4)), ((8, 4), (2, 4), (4, 4))),
    4: (((4, 2), (2, 4), (2, 4), (4, 2)), ((3, 4), (4, 2), (2, 3), (2, 2)), ((2, 4), (4, 2), (2, 4), (4, 2))),
}


def sample(shapes: tuple, terms: int, ratio: float, seed: int) -> np.ndarray:
    """Gaussian factors, and white noise: `ratio` is the squared norm of the structure over that of the noise."""
    rng = np.random.default_rng(seed)
    product = (functools.reduce(np.kron, [rng.standard_normal(shape) for shape in shapes]) for _ in range(terms))
    M = sum(product)
    return M / M.std() + rng.standard_normal(M.shape) / math.sqrt(ratio)


def run() -> list[dict]:
    return [
        one(factors, terms, ratio, criterion)
        for factors in SHAPES
        for criterion in (("bic", "ebic", "cv", None) if factors == 2 else ("bic",))
        for terms in (1, 2)
        for ratio in (1, 10, 100)
    ]


def one(factors: int, terms: int, ratio: float, criterion: str | None) -> dict:
    start = time.process_time()
    tried = [trial(factors, terms, ratio, criterion, seed) for seed in range(SEEDS[factors])]
    return {
        "case": f"{factors} factors, {terms} term{'s' * (terms > 1)}, signal to noise {ratio}",
        "factors": factors,
        "terms": terms,
        "signal_to_noise": ratio,
        "criterion": criterion or "knee",
        "seeds": SEEDS[factors],
        "shapes_right": sum(shapes for shapes, _ in tried),
        "shapes_and_terms_right": sum(both for _, both in tried),
        "seconds_each": (time.process_time() - start) / SEEDS[factors],
    }


def trial(factors: int, terms: int, ratio: float, criterion: str | None, seed: int) -> tuple[bool, bool]:
    """Return whether the shapes were found, and whether the number of terms too."""
    shapes = SHAPES[factors][seed % len(SHAPES[factors])]
    M = sample(shapes, terms, ratio, seed)
    F = ox.factorize(M, factors=factors, criterion=criterion, max_terms=MOST_TERMS[factors])
    return F.shapes == shapes, F.shapes == shapes and F.terms == terms
