"""The report of an approximation: one label and one sentence a line."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from otimes.core.checks import shape_text

if TYPE_CHECKING:
    from otimes.factorization.result import KroneckerApproximation

_KINDS = {
    "exact": "exact: the norm of the whole residual",
    "bound": "a bound: the error is at most this",
    "estimate": "an estimate",
}
_CLOSE = 1.05  # a gap below which terms are called exchangeable


@dataclass(frozen=True)
class Report:
    """What is known of an approximation, as pairs of label and sentence; prints as text."""

    title: str
    lines: tuple[tuple[str, str], ...]

    def __repr__(self) -> str:
        width = max(len(label) for label, _ in self.lines)
        return "\n".join([self.title, *(f"  {label:<{width}}  {sentence}" for label, sentence in self.lines)])


def report_of(F: "KroneckerApproximation", condition: float | None) -> Report:
    """Return the report, with a line on preconditioning where a condition number is given."""
    certificate = F.certificate
    lines = {
        "error": _error(F),
        "fresh vectors": _probe(F),
        "gap": _gap(F),
        "held out": None if certificate.held_out_error is None else f"error {certificate.held_out_error:.4g}",
        "entries read": None if certificate.entries_read is None else f"{certificate.entries_read:,}",
        "stored": f"{F.numbers_stored:,} numbers, {F.compression:.3g} times fewer than the matrix has",
        F.stages: f"{len(F.history)}, error {F.history[0]:.4g} → {F.history[-1]:.4g}" if F.history else None,
        "why": F.reason,
        "condition left": None if condition is None else f"{condition:.3g}, of K⁻¹ M: an estimate from below",
    }
    kept = tuple((label, sentence) for label, sentence in lines.items() if sentence is not None)
    return Report(f"{shape_text(F.shape)} ≈ {F.form}", kept)


def _error(F: "KroneckerApproximation") -> str:
    spread = f" ± {F.certificate.standard_error:.2g}" if F.certificate.kind == "estimate" else ""
    return f"{F.error:.4g}{spread} of ‖M‖ (Frobenius), {_KINDS[F.certificate.kind]}{_seed(F)}"


def _seed(F: "KroneckerApproximation") -> str:
    return "" if F.certificate.seed is None else f"; seed {F.certificate.seed}"


def _probe(F: "KroneckerApproximation") -> str | None:
    residual = F.certificate.probe_residual
    return None if residual is None else f"‖(M − K) X‖ / ‖M X‖ = {residual:.4g}, four Gaussian vectors X"


def _gap(F: "KroneckerApproximation") -> str | None:
    gap = F.certificate.gap
    if gap is None:
        return None
    remark = ": the last terms are exchangeable, their sum is what counts" if gap < _CLOSE else ""
    return f"σ_R / σ_R+1 = {gap:.4g}, R = {F.terms}{remark}"
