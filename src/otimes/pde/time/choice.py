"""How functions of a linear part are computed: by eigenvectors where they are well-conditioned, else by doubling."""

import functools
import math
from collections.abc import Callable

import numpy as np

import otimes as ox
from otimes.pde.time.components import Components
from otimes.pde.time.doubling import Doubling
from otimes.pde.time.eigenbasis import Eigenbasis
from otimes.pde.time.eigenvectors import Eigenvectors, eigenvectors
from otimes.pde.time.factors import AxisFactors
from otimes.pde.time.linear_part import LinearPart
from otimes.pde.time.state import Blocks

EIG_CONDITION = 1e6  # κ(V) of all axes together: eigenvectors may cost six digits of sixteen

Find = Callable[[np.ndarray, np.ndarray | None], Eigenvectors | None]  # of K and M


def linear_part(blocks: Blocks, dtype: np.dtype, find: Find = eigenvectors) -> LinearPart:
    """Return the linear part for states of a dtype, by the eigenvectors that are found if they are good enough."""
    return _side_by_side(blocks, lambda block: _of_component(block, dtype, find))


def by_exponentials(blocks: Blocks) -> LinearPart:
    """Return the linear part on the grid itself, where exp(h A) is one product of matrices along the axes."""
    return _side_by_side(blocks, lambda block: Doubling(block.rates()))


def _side_by_side(blocks: Blocks, make: Callable[[AxisFactors], LinearPart]) -> LinearPart:
    """Return the linear parts of all components as one; those of components that are the same are made once."""
    made = {key: make(block) for key, block in {id(block): block for block in blocks}.items()}
    parts = [made[id(block)] for block in blocks]
    return parts[0] if len(parts) == 1 else Components(parts, [block.size for block in blocks])


def _of_component(block: AxisFactors, dtype: np.dtype, find: Find) -> LinearPart:
    keys = [(id(K), id(M)) for K, M in zip(block.factors, block.masses, strict=True)]
    pairs = dict(zip(keys, zip(block.factors, block.masses, strict=True), strict=True))
    decomposed = {key: find(*pair) for key, pair in pairs.items()}  # each once
    bases = [decomposed[key] for key in keys]
    found = [basis for basis in bases if basis is not None]
    if len(found) < len(bases) or math.prod(basis.condition for basis in found) > EIG_CONDITION:
        return Doubling(block.rates())
    values = functools.reduce(np.add.outer, [basis.values for basis in found]).reshape(-1)
    V, inverse = (ox.kron(*matrices) for matrices in zip(*((b.vectors, b.inverse) for b in found), strict=True))
    return Eigenbasis(values, V, inverse, dtype)
