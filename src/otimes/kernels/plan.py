"""The planner: in which order, grouped how, and at what cost (F₁ ⊗ … ⊗ F_N) X is computed.

A plan is a pure function of the factors' sizes and kinds and of the number of columns. The kernel
runs it and `otimes.plan` prints it, so what is printed is what runs.
"""

import enum
import functools
import itertools
import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

from otimes.core.checks import bytes_text, product_text

MERGED_SIZE = 32  # neighbours are multiplied out up to this size: fewer passes over memory beat fewer flops
MERGE_ABOVE = 2**15  # entries of X above which that pays for forming the merged factors
SHOWN_STEPS = 12
ORDER_GAIN = Fraction(4, 5)  # a cheaper order must save a fifth of the flops to give up the chain's single GEMMs


class FactorKind(NamedTuple):
    """What the planner sees of a factor: rows, columns, and how it multiplies."""

    rows: int
    columns: int
    kind: str  # 'dense', 'identity', 'diagonal', 'sparse' or 'operator'
    stored: int = 0  # entries of a sparse one


class Factor(NamedTuple):
    """What a kernel asks of a factor that is an array, or without one an identity."""

    kind: str
    shape: tuple[int, int]
    array: Any


def kind_of(F: Any) -> FactorKind:
    """Return what the planner sees of an operator."""
    rows, columns = F.shape
    return FactorKind(rows, columns, F.kind, F.nnz if F.kind == "sparse" else 0)


@dataclass(frozen=True, slots=True)
class Step:
    """The factors start, …, stop − 1, applied as one along their axis of the array (left, n, right)."""

    start: int
    stop: int
    left: int
    right: int
    flops: int
    entries: int  # of the array after the step

    @property
    def merged(self) -> bool:
        """Whether several factors are multiplied out into one."""
        return self.stop - self.start > 1


class Way(enum.Enum):
    """How the steps are done."""

    CHAIN = "each axis turned to the end as it is multiplied: every step is one GEMM, and at the end all stand in order"
    IN_PLACE = "each axis in its place"
    TILES = "tile by tile, each through all the steps of a pass"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a product costs and how it is done; `print(plan)` shows it.

    The steps of a pass are done while a tile of the array is in cache; the array is read and written once in a pass.
    """

    factors: tuple[FactorKind, ...]
    columns: int
    passes: tuple[tuple[Step, ...], ...]
    way: Way
    empty: bool  # whether some size is zero, so that nothing is multiplied
    reason: str
    itemsize: int = 8

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps of all passes."""
        return tuple(itertools.chain.from_iterable(self.passes))

    @property
    def rows(self) -> int:
        """Rows of the result."""
        return math.prod(factor.rows for factor in self.factors)

    @property
    def flops(self) -> int:
        """Floating-point operations, a multiplication and an addition counting as two."""
        return sum(step.flops for step in self.steps)

    @property
    def dense_flops(self) -> int:
        """What the same product costs with the formed matrix."""
        return 2 * self.rows * self._entries_in

    @property
    def bytes_moved(self) -> int:
        """Bytes read and written by the passes, each streaming its input and its output once."""
        sizes = [self._entries_in, *(steps[-1].entries for steps in self.passes)]
        return self.itemsize * sum(a + b for a, b in itertools.pairwise(sizes))

    @property
    def peak_bytes(self) -> int:
        """The most that is held beside X at any time: a pass's output and, from the second on, its input.

        Tiles are written to the result, which is held from the first pass on; what lies between two passes lies in it,
        or where its size is another in two arrays in turn.
        """
        *between, result = [steps[-1].entries for steps in self.passes] or [0]
        if self.way is Way.TILES and all(factor.kind != "operator" for factor in self.factors):
            own = min(2, len(between)) * max(between) if any(size != result for size in between) else 0
            return self.itemsize * (result + own)
        return self.itemsize * max(a + b for a, b in itertools.pairwise([0, *between, result]))

    @property
    def _entries_in(self) -> int:
        return self.columns * math.prod(factor.columns for factor in self.factors)

    def __str__(self) -> str:
        sizes = product_text([(f.rows, f.columns) for f in self.factors])
        lines = [
            f"({sizes}) X, {self.columns} column{'s' * (self.columns != 1)}",
            f"  {self.reason}",
            f"  {'step':>4}  {'pass':>4}  {'factors':<9}{'as':<22}{'flops':>14} {'result':>12}",
        ]
        numbered = [(number, step) for number, steps in enumerate(self.passes, 1) for step in steps]
        for number, (pass_, step) in enumerate(numbered[:SHOWN_STEPS], 1):
            group = self.factors[step.start : step.stop]
            names = str(step.start) if not step.merged else f"{step.start}…{step.stop - 1}"
            shape = f"{math.prod(f.rows for f in group)}×{math.prod(f.columns for f in group)}"
            how = f"{shape} {group[0].kind if not step.merged else 'merged'}"
            size = bytes_text(step.entries * self.itemsize)
            lines.append(f"  {number:>4}  {pass_:>4}  {names:<9}{how:<22}{step.flops:>14,} {size:>12}")
        if len(self.steps) > SHOWN_STEPS:
            lines.append(f"  … {len(self.steps) - SHOWN_STEPS} more steps")
        saving = f" ({self.dense_flops // self.flops:,} times fewer than dense)" if self.flops else ""
        lines.append(f"  total {self.flops:,} flops{saving}")
        lines.append(f"  {bytes_text(self.bytes_moved)} moved, at most {bytes_text(self.peak_bytes)} held beside X")
        return "\n".join(lines)


@functools.lru_cache(maxsize=512)
def plan_product(factors: tuple[FactorKind, ...], columns: int, itemsize: int = 8) -> Plan:
    """Return the plan for the product of a Kronecker product with `columns` columns, by calls of the array library."""
    empty = columns == 0 or any(factor.rows == 0 or factor.columns == 0 for factor in factors)
    active = [i for i, factor in enumerate(factors) if factor.kind != "identity"]
    order = sorted(active, key=lambda i: growth(factors[i]))
    cheapest = steps_of(factors, columns, [(i, i + 1) for i in order])
    if len(active) == len(factors) and all(factor.kind == "dense" for factor in factors):
        groups = _merged(factors, columns)
        chain = steps_of(factors, columns, groups)
        plain = steps_of(factors, columns, [(i, i + 1) for i in active])
        if _flops(cheapest) > ORDER_GAIN * _flops(plain):
            merging = "neighbours merged for fewer passes over memory; " if len(groups) < len(factors) else ""
            reason = f"chain of GEMMs: {merging}the order of the factors makes little difference"
            return Plan(factors, columns, one_by_one(chain), Way.CHAIN, empty, reason, itemsize)
        reason = "in place, in the order that keeps the intermediates small"
    else:
        skipped = len(factors) - len(active)
        identities = f"; {skipped} identit{'ies' if skipped > 1 else 'y'} skipped" if skipped else ""
        reason = f"in place, each factor by its own product{identities}"
    return Plan(factors, columns, one_by_one(cheapest), Way.IN_PLACE, empty, reason, itemsize)


def growth(factor: FactorKind) -> float:
    """Return the key that orders the factors for the fewest flops: 1/n − 1/m, shrinking ones first.

    Of two neighbours in the order, i before j costs less iff 1/nᵢ − 1/mᵢ < 1/nⱼ − 1/mⱼ.
    """
    if not factor.rows or not factor.columns:
        return 0.0
    return 1 / factor.columns - 1 / factor.rows


def _merged(factors: tuple[FactorKind, ...], columns: int) -> list[tuple[int, int]]:
    """Return the groups of neighbours to multiply out, none above `MERGED_SIZE` in either size."""
    if columns * math.prod(factor.columns for factor in factors) < MERGE_ABOVE:
        return [(i, i + 1) for i in range(len(factors))]
    groups: list[tuple[int, int]] = []
    for i, factor in enumerate(factors):
        if groups:
            start, stop = groups[-1]
            rows = factor.rows * math.prod(f.rows for f in factors[start:stop])
            cols = factor.columns * math.prod(f.columns for f in factors[start:stop])
            if max(rows, cols) <= MERGED_SIZE:
                groups[-1] = (start, i + 1)
                continue
        groups.append((i, i + 1))
    return groups


def steps_of(factors: tuple[FactorKind, ...], columns: int, groups: list[tuple[int, int]]) -> tuple[Step, ...]:
    """Return the steps that apply the groups in this order, each on what those before it left."""
    sizes = [factor.columns for factor in factors]
    steps = []
    for start, stop in groups:
        left, right = math.prod(sizes[:start]), math.prod(sizes[stop:]) * columns
        rows = math.prod(factor.rows for factor in factors[start:stop])
        cols = math.prod(factor.columns for factor in factors[start:stop])
        flops = {"diagonal": rows, "sparse": 2 * factors[start].stored}
        per_column = flops.get(factors[start].kind, 2 * rows * cols)
        sizes[start:stop] = [factor.rows for factor in factors[start:stop]]
        steps.append(Step(start, stop, left, right, per_column * left * right, left * rows * right))
    return tuple(steps)


def one_by_one(steps: tuple[Step, ...]) -> tuple[tuple[Step, ...], ...]:
    """Return the steps, each a pass of its own."""
    return tuple((step,) for step in steps)


def _flops(steps: tuple[Step, ...]) -> int:
    return sum(step.flops for step in steps)
