"""Matrices in files, known by two passes over them."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from otimes.core.algebra import to_dense
from otimes.core.array import to_numpy
from otimes.core.checks import MAX_BYTES, bytes_text, require_bytes, shape_text
from otimes.core.operator import LinearOperator
from otimes.core.threads import one_thread
from otimes.errors import TooLarge
from otimes.factorization.certificate import PROBES, Certificate, Probes, fresh_vectors
from otimes.factorization.shapes import Shapes, most_terms
from otimes.factorization.sources.checkpoint import Checkpoint, remove_checkpoint
from otimes.factorization.sources.kronecker_products import ThinRearrangement
from otimes.factorization.sources.matrix_file import MatrixFile
from otimes.factorization.sources.operand import Operand, working_dtype
from otimes.factorization.sources.passes import OVERSAMPLED, FirstPass, SecondPass, gaussian
from otimes.factorization.sources.prepared import PreparedOperand
from otimes.factorization.sources.rearranged import Rearranged, norm_of_product
from otimes.factorization.sources.slabs import Slab, Slabs
from otimes.operators.terms.kronecker_terms import bare, terms_of

MOST_TERMS = 16  # where no number of terms is given, and one is not enough
_HELD = 10  # columns of both lengths held at a time, for each one of a sketch: sketches, their next values, and copies


@dataclass(frozen=True, eq=False)
class FileOperand(Operand[MatrixFile]):
    """A matrix in a file, of which nothing has been read."""

    @classmethod
    def of(cls, file: MatrixFile) -> "FileOperand":
        """Return the file as an operand."""
        return cls(file, working_dtype(file.stored.dtype), 1.0)

    @property
    def matrix(self) -> np.ndarray:
        """All entries, within the limit, and below 2 GiB."""
        stored, limit = self.source.stored, min(MAX_BYTES, self.source.bytes_allowed)
        instead = "what needs all entries at once cannot be streamed; raise memory="
        require_bytes(stored.shape, stored.dtype.itemsize, limit, "the whole file", instead)
        lines = stored.lines(0, stored.shape[0 if stored.order == "C" else 1])
        return lines if stored.order == "C" else lines.T

    def product(self, X: np.ndarray) -> np.ndarray:
        """Return M X, a pass over the file."""
        stored = self.source.stored
        count, length = stored.shape if stored.order == "C" else stored.shape[::-1]
        step = max(1, self.source.bytes_allowed // (4 * length * max(stored.dtype.itemsize, self.dtype.itemsize)))
        total = np.zeros((stored.shape[0], X.shape[1]), self.dtype)
        for start in range(0, count, step):
            lines = stored.lines(start, min(start + step, count)).astype(self.dtype, copy=False)
            if stored.order == "C":
                total[start : start + step] = lines @ X
            else:
                total += lines.T @ X[start : start + step]
        return total

    def rearranged(self, shapes: Shapes) -> Rearranged:
        """Return what two passes tell of the rearrangement."""
        return self.prepared(shapes, terms=MOST_TERMS).rearranged(shapes)

    def prepared(self, shapes: Shapes, *, terms: int | None = None, tol: float | None = None, seed: int = 0) -> Operand:
        """Return the projection of the rearrangement on as many directions as the terms take, and more."""
        count = min(terms or (1 if tol is None else MOST_TERMS), most_terms(shapes))
        second, slabs = self._streamed(shapes, count, seed)
        left, right = second.image, second.basis.conj()
        pair = (right, left) if slabs.exchanged else (left, right)
        known = StreamedRearrangement(*pair, self.dtype, math.sqrt(second.left_out), slabs.exchanged)
        probes = Probes(self._fresh(second, seed), second.probed) if second.probed.size else None
        return StreamedOperand(self, self.dtype, second.scale(), shapes, known, probes)

    def admits(self, shapes: Shapes) -> bool:
        """Whether sketches for the most terms, and a slab, are within the limit."""
        try:
            self._slabs(shapes, min(MOST_TERMS + OVERSAMPLED, most_terms(shapes)))
        except TooLarge:
            return False
        return True

    def finished(self) -> None:
        """Remove the checkpoint."""
        if self.source.checkpoint is not None:
            remove_checkpoint(Path(self.source.checkpoint))

    def _streamed(self, shapes: Shapes, terms: int, seed: int) -> tuple[SecondPass, Slabs]:
        """Return what both passes found; begun, or gone on with from the checkpoint."""
        width = min(terms + OVERSAMPLED, most_terms(shapes))
        slabs = self._slabs(shapes, width)
        rows, columns = slabs.shape
        stream = _Stream(slabs, self._checkpoint(slabs, width, seed), self.source.progress)
        with one_thread(True):
            state: Any = stream.checkpoint.load() or FirstPass.begun(columns, width, self.dtype)
            if isinstance(state, FirstPass):
                omega = gaussian((columns, width), self.dtype, [seed, 0])
                state = stream.run(state, lambda first, slab: first.after(slab, omega, seed), before=0)
                state = SecondPass.begun(state, rows, self._unprobed(slabs, width))
            fresh = self._fresh(state, seed)
            state = stream.run(state, lambda second, slab: second.after(slab, fresh), before=len(slabs))
        return state, slabs

    def _fresh(self, second: SecondPass, seed: int) -> np.ndarray:
        """Return the fresh vectors that the second pass multiplies with."""
        X = fresh_vectors(self.shape[1], scale=second.scale(), dtype=self.dtype, seed=seed)
        return X[:, : second.probed.shape[1]]

    def _unprobed(self, slabs: Slabs, width: int) -> np.ndarray:
        """Return the memory for products with fresh vectors: none of them where they took more than half a slab."""
        spare = self.source.bytes_allowed - self._held(slabs.shapes, width)
        affordable = 2 * PROBES * sum(self.shape) * self.dtype.itemsize <= spare // 4
        return np.zeros((self.shape[0], PROBES if affordable else 0), self.dtype)

    def _held(self, shapes: Shapes, width: int) -> int:
        """Return the bytes that sketches of this width take."""
        return _HELD * width * sum(m * n for m, n in shapes) * self.dtype.itemsize

    def _slabs(self, shapes: Shapes, width: int) -> Slabs:
        """Return slabs that take half of the memory that sketches of this width leave."""
        held, allowed = self._held(shapes, width), self.source.bytes_allowed
        if held > allowed:
            raise TooLarge(
                f"sketches of {width} columns for these shapes take {bytes_text(held)}, above memory="
                f"{bytes_text(allowed)}; raise it, ask for fewer terms, or take shapes closer to each other in size"
            )
        return Slabs.within(self.source.stored, shapes, (allowed - held) // 2)

    def _checkpoint(self, slabs: Slabs, width: int, seed: int) -> Checkpoint:
        file, path = self.source, Path(self.source.path)
        about = path.stat()
        belongs_to = {
            "file": str(path.resolve()),
            "dataset": file.dataset,
            "size": about.st_size,
            "time of change": about.st_mtime_ns,
            "shape": shape_text(self.shape),
            "shapes": " ⊗ ".join(map(shape_text, slabs.shapes)),
            "columns of a sketch": width,
            "slabs": f"{len(slabs)} of {slabs.height}{' across' if slabs.exchanged else ''}",
            "seed": seed,
        }
        return Checkpoint(None if file.checkpoint is None else Path(file.checkpoint), belongs_to)


@dataclass(frozen=True)
class _Stream:
    """Slabs read one after another, what they tell kept in a checkpoint."""

    slabs: Slabs
    checkpoint: Checkpoint
    progress: Callable[[int, int, str], object] | None

    def run(self, state: Any, step: Callable[[Any, Slab], Any], *, before: int) -> Any:
        """Return the state after all slabs; of an interruption all that was done is saved."""
        try:
            while state.done < len(self.slabs):
                self._report(before + state.done)
                state = step(state, self.slabs.read(state.done))
                self.checkpoint.save_now_and_then(state)
            self._report(before + state.done)
            self.checkpoint.save(state)
        except BaseException as error:
            self.checkpoint.save(state)
            if self.checkpoint.path is None:
                error.add_note("a MatrixFile with checkpoint= would have kept what was computed so far")
            raise
        return state

    def _report(self, done: int) -> None:
        if self.progress is not None:
            self.progress(done, 2 * len(self.slabs), "first pass" if done < len(self.slabs) else "second pass")


@dataclass(frozen=True, eq=False)
class StreamedRearrangement(ThinRearrangement):
    """R P Pᴴ for an orthonormal P (on the left where the slabs were those of Rᵀ), and how much R has outside it."""

    outside: float
    exchanged: bool

    @property
    def T(self) -> "StreamedRearrangement":
        """Rᵀ."""
        return StreamedRearrangement(self.right, self.left, self.dtype, self.outside, not self.exchanged)

    @property
    def rest(self) -> float:
        """‖R − R P Pᴴ‖."""
        return self.outside

    def norm(self) -> float:
        """Return ‖R‖."""
        return math.hypot(super().norm(), self.outside)

    def residual_norms(self, left: np.ndarray, right: np.ndarray) -> tuple[float, float]:
        """Return ‖R − left rightᵀ‖, exact for what lies in the span of P and else a bound, and ‖R‖."""
        inside, _ = super().residual_norms(left, right)
        exact = self.holds(left, right)
        return math.hypot(inside, self.outside) if exact else inside + self.outside, self.norm()

    def holds(self, left: np.ndarray, right: np.ndarray) -> bool:
        """Whether left rightᵀ lies in the span of P up to rounding."""
        basis, columns = (self.left, left) if self.exchanged else (self.right, right)
        beyond = columns - basis @ (basis.conj().T @ columns)
        lost = norm_of_product(beyond, left if not self.exchanged else right)
        return lost <= 1e3 * float(np.finfo(self.dtype).eps) * norm_of_product(left, right)


@dataclass(frozen=True, eq=False)
class StreamedOperand(PreparedOperand):
    """A matrix in a file after two passes for one pair of shapes."""

    known: StreamedRearrangement
    probes: Probes | None

    def certificate(self, K: LinearOperator, *, error: float, gap: float | None, seed: int) -> Certificate:  # noqa: ARG002  of the interface
        """Return what vouches for the error: it is exact for what lies in the span that was projected on."""
        residual = None if self.probes is None else self.probes.residual(K)
        return Certificate("exact" if self._holds(K) else "bound", seed=seed, probe_residual=residual, gap=gap)

    def _holds(self, K: LinearOperator) -> bool:
        factors = [bare(term).factors for term in terms_of(K)]
        if not factors or tuple(F.shape for F in factors[0]) != self.shapes:
            return False
        root = math.sqrt(self.scale)
        left, right = (np.stack([to_numpy(to_dense(pair[k])).ravel() / root for pair in factors], 1) for k in (0, 1))
        return self.known.holds(left, right)
