"""The entries of permutations: pairs of indices, the diagonal, the trace."""

import math

import numpy as np

from otimes.core.array import Array, astype, concrete, itemsize
from otimes.core.checks import MAX_BYTES, require_bytes
from otimes.core.indexing import entries, truth_values
from otimes.functions.diagonal import diagonal
from otimes.functions.trace import trace
from otimes.operators.index_maps.permutation import Commutation, Permutation


@entries.rule(Permutation, says="Pᵢⱼ = 1 for j = indexᵢ, else 0")
def _(P: Permutation, rows: np.ndarray, columns: np.ndarray) -> Array:
    return truth_values(P.index[rows] == columns, P.spec)


@entries.rule(Commutation, says="K(m, n)[i n + j, j m + i] = 1, other entries 0", cite="MagnusNeudecker1979")
def _(K: Commutation, rows: np.ndarray, columns: np.ndarray) -> Array:
    m, n = K.sizes
    return truth_values(rows % n * m + rows // n == columns, K.spec)


@diagonal.rule(Permutation, says="Pᵢᵢ = 1 where indexᵢ = i")
def _(P: Permutation) -> Array:
    spec = P.spec
    return astype((spec.xp or np).asarray(P.index == np.arange(len(P.index))), concrete(spec))


@diagonal.rule(Commutation, says="K(m, n)ᵣᵣ = 1 where r = i n + j = j m + i", cite="MagnusNeudecker1979")
def _(K: Commutation) -> Array:
    require_bytes(K.shape[:1], itemsize(K.dtype), MAX_BYTES, "the diagonal", "trace(K) needs no array")
    (m, n), xp = K.sizes, K.spec.xp or np
    i, j = np.arange(m)[:, None], np.arange(n)
    return astype(xp.asarray((i * n + j == j * m + i).reshape(-1)), concrete(K.spec))


@trace.rule(Permutation, says="tr P counts the fixed points")
def _(P: Permutation) -> float:
    return float((P.index == np.arange(len(P.index))).sum())


@trace.rule(Commutation, says="tr K(m, n) = 1 + gcd(m − 1, n − 1)", cite="MagnusNeudecker1979")
def _(K: Commutation) -> float:
    m, n = K.sizes
    return float(1 + math.gcd(m - 1, n - 1)) if m and n else 0.0
