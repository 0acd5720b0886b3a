"""Damped Gauss–Newton steps (Levenberg, Marquardt): all factors of all terms move at once, and the error falls.

Where terms are nearly parallel, sweeps over one factor after the other crawl along a curved valley; these steps see
the valley. The Jacobian J is not made. Jᴴ J couples the factors only through what they span, so that the normal
equations are dense in N R² unknowns, whatever the sizes of the factors: A. H. Phan, P. Tichavský, A. Cichocki, Low
complexity damped Gauss–Newton algorithms for CANDECOMP/PARAFAC, SIAM J. Matrix Anal. Appl. 34 (2013) 126-147.
"""

import functools
from dataclasses import dataclass

import numpy as np
import scipy.linalg

from otimes.factorization.multiway.alternating import Alternating, Factors, Fit, balanced, contracted, gram
from otimes.factorization.multiway.cut import Cut, products, tensor_of
from otimes.factorization.sources.rearranged import Rearranged

MOST_UNKNOWNS = 1024  # of the normal equations: a step then takes a few hundredths of a second
_FIRST_DAMPING = 1e-3
_LEAST_DAMPING = 1e-13  # keeps the equations, whose diagonal is 1, definite


def unknowns(cut: Cut, terms: int) -> int:
    """Return the number of unknowns of the normal equations."""
    return sum(min(m * n, terms) * terms for m, n in cut.left + cut.right)


def descend(R: Rearranged, cut: Cut, factors: Factors, settings: Alternating) -> Fit:
    """Return what damped Gauss–Newton steps make of the factors; each is counted as a sweep.

    A step that does not lower the error is taken back and damped more; the damping follows how much of the decrease
    that the linear model promised came about (H. B. Nielsen, Damping parameter in Marquardt's method, 1999).
    """
    norm, eps = R.norm(), float(np.finfo(R.dtype).eps)
    factors = balanced(factors)
    residual = R.residual_norms(*cut.sides(factors))[0]
    history, damping, growth = [residual], _FIRST_DAMPING, 2.0
    model = Model.of(R, cut, factors)
    settled = residual <= 4 * eps * norm
    while len(history) < settings.sweeps and not settled:
        steps, promised = model.step(damping)
        moved = balanced([(F + step).astype(F.dtype) for F, step in zip(factors, steps, strict=True)])
        reached = R.residual_norms(*cut.sides(moved))[0]
        if not reached < residual:
            settled = promised <= 4 * eps * residual**2  # only rounding is left
            damping, growth = damping * growth, 2 * growth
            continue
        kept = (residual - reached) * (residual + reached) / promised
        is_short = residual - reached <= settings.rtol * reached
        settled = (is_short and growth == 2.0) or reached <= 4 * eps * norm
        damping = max(_LEAST_DAMPING, damping * max(1 / 3, 1 - (2 * kept - 1) ** 3))
        factors, residual, growth = moved, reached, 2.0
        history.append(residual)
        model = Model.of(R, cut, factors)
    return Fit(factors, tuple(history), settled)


@dataclass(frozen=True)
class Model:
    """½ ‖R − Σ F₁ ⊗ … ⊗ F_N‖² to first order in the factors: what its damped minimum takes.

    With unknowns scaled so that the diagonal of Jᴴ J is 1, and bases of what the factors of each slot span.
    """

    bases: Factors
    spanned: Factors  # the factors in these bases
    scales: Factors  # a row for each slot: roots of the diagonal
    others: dict[tuple[int, int], np.ndarray]  # entry by entry, the Gram matrices of all slots but these
    slopes: Factors  # the negative gradients, scaled

    @classmethod
    def of(cls, R: Rearranged, cut: Cut, factors: Factors) -> "Model":
        """Return the model at these factors: two passes over R."""
        wide = [F.astype(np.result_type(F.dtype, np.float64)) for F in factors]
        grams = [gram(F) for F in wide]
        slots = range(len(wide))

        def without(*left_out: int) -> np.ndarray:
            ones = np.ones_like(grams[0])
            return functools.reduce(np.multiply, (grams[j] for j in slots if j not in left_out), ones)

        others = {(j, k): without(j, k) for j in slots for k in slots if j <= k}
        scales = [np.sqrt(np.diag(others[k, k]).real) for k in slots]
        scales = [np.where(scale > 0, scale, 1.0) for scale in scales]
        moments = _moments(R, cut, factors)
        slopes = [(moments[k] - wide[k] @ others[k, k]) / scales[k] for k in slots]
        bases = [np.linalg.qr(F)[0] for F in wide]
        spanned = [Q.conj().T @ F for Q, F in zip(bases, wide, strict=True)]
        return cls(bases, spanned, scales, others, slopes)

    def step(self, damping: float) -> tuple[Factors, float]:
        """Return a change of each factor, and by how much it lowers the square of the error, to first order.

        Outside of what the factors span, each slot is on its own, with the same matrix for all rows.
        """
        inner = [Q.conj().T @ slope for Q, slope in zip(self.bases, self.slopes, strict=True)]
        sizes = np.cumsum([part.size for part in inner])
        H = self._coupled()
        H[np.diag_indices_from(H)] += damping
        solution = scipy.linalg.solve(H, np.concatenate([part.ravel() for part in inner]), assume_a="pos")
        found = []
        for k, part in enumerate(np.split(solution, sizes[:-1])):
            Q, slope = self.bases[k], self.slopes[k]
            damped = self._scaled(k, k) + damping * np.eye(slope.shape[1])
            rest = np.linalg.solve(damped.T, (slope - Q @ inner[k]).T).T
            found.append(Q @ part.reshape(inner[k].shape) + rest)
        along = sum(np.vdot(step, slope).real for step, slope in zip(found, self.slopes, strict=True))
        length = sum(float(np.vdot(step, step).real) for step in found)
        return [step / scale for step, scale in zip(found, self.scales, strict=True)], along + damping * length

    def _scaled(self, j: int, k: int) -> np.ndarray:
        """Return the Gram matrices of the slots but two (or one), for the scaled unknowns of these."""
        matrix = self.others[j, k] if j <= k else self.others[k, j]
        return matrix / self.scales[j][:, None] / self.scales[k]

    def _coupled(self) -> np.ndarray:
        """Return Jᴴ J for factors within what they span, each in its basis and read row by row."""
        slots = range(len(self.spanned))
        rows = [[self._block(k, j) for j in slots] for k in slots]
        return np.block(rows)

    def _block(self, k: int, j: int) -> np.ndarray:
        S, T = self.spanned[k], self.spanned[j]
        if j == k:
            block = np.einsum("ab,sr->arbs", np.eye(len(S)), self._scaled(k, k))
        else:
            block = np.einsum("as,br,sr->arbs", S, T.conj(), self._scaled(j, k))
        return block.reshape(S.size, T.size)


def _moments(R: Rearranged, cut: Cut, factors: Factors) -> Factors:
    """Return for each slot ⟨R, the others⟩, in double precision."""
    h = len(cut.left)
    before, after = factors[:h], factors[h:]
    left = tensor_of(R.product(products(after, cut.right).conj()), cut.left)
    right = tensor_of(R.T.product(products(before, cut.left).conj()), cut.right)
    moments = [contracted(left, before, k) for k in range(h)] + [contracted(right, after, k) for k in range(len(after))]
    return [moment.astype(np.result_type(moment.dtype, np.float64)) for moment in moments]
