"""A linear part whose eigenvectors are no basis to compute in: exponentials of the axes, quadrature and doubling.

φ-functions of a Kronecker sum are no Kronecker products, but integrals of some. With Z = h A and
F(s) = Σ_k sᵏ⁻¹ / (k − 1)! w_k, the integrals S_i(δ) = ∫₀^δ exp((δ − s) Z) F⁽ⁱ⁾(s) ds have S₀(1) = Σ_k φ_k(Z) w_k and

    S_i(2 δ) = exp(δ Z) S_i(δ) + Σ_m≥i δᵐ⁻ⁱ / (m − i)! S_m(δ),

which is F expanded about δ. Gauss's quadrature makes the first, for a δ so short that few nodes do, and doubling leads
to 1. Every exponential in it is a Kronecker product (Caliari, Cassini & Zivcovich 2024).
"""

import math
from collections.abc import Sequence
from functools import cached_property, partial

import numpy as np
import scipy.linalg

import otimes as ox
from otimes.pde.time.linear_part import Map, Row, depth

NODES = 8  # of the quadrature: for ‖δ Z‖ ≤ 1 its error is (q!)⁴ / ((2 q + 1) (2 q)!³) = 10⁻²³


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

    @cached_property
    def nodes(self) -> list[tuple[float, float, ox.LinearOperator]]:
        """The nodes s, the weights and exp((δ − s) Z) of the quadrature from 0 to δ = 2⁻ˢ."""
        delta = 0.5**self.doublings
        points, weights = np.polynomial.legendre.leggauss(NODES)
        return [
            (
                delta * (1 + x) / 2,
                delta * w / 2,
                ox.kron(*(scipy.linalg.expm(delta * (1 - x) / 2 * L) for L in self.steps)),
            )
            for x, w in zip(points.tolist(), weights.tolist(), strict=True)
        ]

    def integral(self, W: np.ndarray) -> np.ndarray:
        """Return Σ_k φ_k(Z) w_k for the rows w₁, …, w_p of W, at p (s + 8) products with Kronecker products."""
        count, S = len(W), np.zeros(W.shape, np.result_type(W, *self.steps))
        for s, w, E in self.nodes:
            S = S + w * _each(E, _expansion(s, count) @ W)
        delta = 0.5**self.doublings
        for E in self.halves:
            kept = 1 if delta == 0.5 else count  # of the last only S₀ is asked for
            S = _each(E, S[:kept]) + _expansion(delta, count)[:kept] @ S
            delta *= 2
        return S[0].astype(np.result_type(W, *self.steps))  # the expansions are in double precision


def _each(E: ox.LinearOperator, rows: np.ndarray) -> np.ndarray:
    """Return E r for every row r."""
    return np.stack([E @ row for row in rows])


def _expansion(delta: float, count: int) -> np.ndarray:
    """Return P with P[i, m] = δᵐ⁻ⁱ / (m − i)! for m ≥ i, which takes derivatives at s to those at s + δ."""
    return np.array(
        [[delta ** (m - i) / math.factorial(m - i) if m >= i else 0.0 for m in range(count)] for i in range(count)]
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
            part = flow.integral(np.stack([zero if w is None else w for w in sums[1:]]))
            total = part if total is None else total + part
    if total is None:
        return np.zeros_like(vectors[0])
    return total
