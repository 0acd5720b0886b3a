"""A linear part whose eigenvectors are no basis to compute in: exponentials of the axes, and doubling.

φ-functions of a Kronecker sum are no Kronecker products, but integrals of some. With Z = h A and
F(s) = Σ_k sᵏ⁻¹ / (k − 1)! w_k, the integrals S_i(δ) = ∫₀^δ exp((δ − s) Z) F⁽ⁱ⁾(s) ds have S₀(1) = Σ_k φ_k(Z) w_k and

    S_i(2 δ) = exp(δ Z) S_i(δ) + Σ_m≥i δᵐ⁻ⁱ / (m − i)! S_m(δ),

which is F expanded about δ. From a δ for which a Taylor series takes few terms this doubles up to 1, and every
exp(δ Z) is a Kronecker product.
"""

import math
from collections.abc import Sequence
from functools import cached_property, partial

import numpy as np
import scipy.linalg

import otimes as ox
from otimes.pde.time.linear_part import Map, Row, depth

TERMS = 30  # of the series, more than any precision takes for a norm of at most 1


class Doubling:
    """The linear part of a Kronecker sum of any square matrices, in the coordinates of the grid itself."""

    def __init__(self, rates: Sequence[np.ndarray]):
        self.rates = rates

    def forward(self, u: np.ndarray) -> np.ndarray:
        """Return u."""
        return u

    def backward(self, x: np.ndarray) -> np.ndarray:
        """Return x."""
        return x

    def rows(self, h: complex, rows: Sequence[Row]) -> list[Map]:
        """Return the maps, which share the exponentials of each c h A."""
        times = {c for row in rows for combination in row for _, c in combination}
        flows = {c: Flow(self.rates, c * h) for c in times}
        return [partial(_combined, flows, row) for row in rows]


class Flow:
    """The exponential of Z = t A, and Σ φ_k(Z) w_k by doubling."""

    def __init__(self, rates: Sequence[np.ndarray], t: complex):
        self.steps = [t * L for L in rates]
        norm = sum(float(np.linalg.norm(L, 1)) for L in self.steps)
        self.doublings = max(0, math.ceil(math.log2(norm))) if norm > 0 else 0

    @cached_property
    def exponential(self) -> ox.LinearOperator:
        """exp(Z)."""
        return ox.kron(*map(scipy.linalg.expm, self.steps))

    @cached_property
    def halves(self) -> list[ox.LinearOperator]:
        """exp(δ Z) for δ = 2⁻ˢ, …, 1/4, 1/2."""
        matrices = [scipy.linalg.expm(L / 2**self.doublings) for L in self.steps]
        found = []
        for _ in range(self.doublings):
            found.append(ox.kron(*matrices))
            matrices = [E @ E for E in matrices]
        return found

    def integral(self, W: np.ndarray) -> np.ndarray:
        """Return Σ_k φ_k(Z) w_k for the columns w₁, …, w_p of W, at s p + 20 p products with Kronecker operators."""
        delta = 0.5**self.doublings
        S = self._series(W, delta)
        for E in self.halves:
            S = E @ S + S @ _expansion(delta, W.shape[1]).astype(S.real.dtype)
            delta *= 2
        return S[:, 0]

    def _series(self, W: np.ndarray, delta: float) -> np.ndarray:
        """Return S₀(δ), …, S_p−1(δ) as columns: S_i = Σ_n Σ_k≤n (δ Z)ⁿ⁻ᵏ δᵏ w_i+k / n!."""
        Z = ox.kronsum(*(delta * L for L in self.steps))
        count = W.shape[1]
        total = term = np.zeros(W.shape, np.result_type(W.dtype, *(L.dtype for L in self.steps)))
        for n in range(1, TERMS + count):
            term = (Z @ term) / n
            if n <= count:
                term[:, : count - n + 1] += delta**n / math.factorial(n) * W[:, n - 1 :]
            total = total + term
            if n >= count and abs(term).max(initial=0) <= np.finfo(total.dtype).eps / 8 * abs(total).max(initial=0):
                break
        return total


def _expansion(delta: float, count: int) -> np.ndarray:
    """Return P with P[m, i] = δᵐ⁻ⁱ / (m − i)! for m ≥ i."""
    return np.array(
        [[delta ** (m - i) / math.factorial(m - i) if m >= i else 0.0 for i in range(count)] for m in range(count)]
    )


def _combined(flows: dict[float, Flow], row: Row, vectors: Sequence[np.ndarray]) -> np.ndarray:
    """Return Σⱼ row[j](h A) vⱼ: for each time the vectors that go with its φ_p are added up first."""
    total: np.ndarray | None = None
    for c, flow in flows.items():
        sums: list[np.ndarray | None] = [None] * (depth(row) + 1)
        for combination, v in zip(row, vectors, strict=True):
            for (p, node), a in combination.items():
                if node == c:
                    before = sums[p]
                    sums[p] = a * v if before is None else before + a * v
        if sums[0] is not None:
            part = flow.exponential @ sums[0]
            total = part if total is None else total + part
        if any(w is not None for w in sums[1:]):
            zero = np.zeros_like(vectors[0])
            part = flow.integral(np.stack([zero if w is None else w for w in sums[1:]], axis=1))
            total = part if total is None else total + part
    if total is None:
        return np.zeros_like(vectors[0])
    return total
