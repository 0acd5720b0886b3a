"""The planner of the compiled kernel: which factors are merged, in which order, and which share a pass over memory."""

import functools
import math
from collections.abc import Sequence

from otimes.kernels.plan import FactorKind, Plan, Step, Way, growth, steps_of

TILE_BYTES = 2**17  # what a step makes of a tile; native/traversal.hpp says why
PIECE_BYTES = 2**7  # of memory that a tile takes at a time, where the array has rows as long
NARROWINGS = 6  # halvings of a tile that are tried: its rows are then fewer, and longer
VECTOR_BYTES = 64
CACHE_BYTES = 2**24  # what the last cache keeps between two passes
MERGED_SIZE = 4  # neighbours up to this size multiplied out take the flops of both and half the steps
MERGED_LAST = 16  # where nothing is behind the last axis: its rows should fill a vector
SPARSE_SIZE = 2**11  # of which a tile still has vectors of columns
MERGED_SHARE = 2  # entries of X for each of the product that is formed: below, forming it takes longer than its factors

# Cycles to read and write a vector's entries in a pass, of each piece of memory, and of a step beside its flops.
FROM_CACHE, FROM_MEMORY, PER_PIECE, PER_STEP = 8, 25, 60, 2

Group = tuple[int, int]  # the factors first, …, stop − 1


@functools.lru_cache(maxsize=512)
def plan_tiles(factors: tuple[FactorKind, ...], columns: int, itemsize: int = 8) -> Plan:
    """Return the plan of the compiled kernel: of some orders and groupings the one that takes the fewest cycles."""
    empty = columns == 0 or any(factor.rows == 0 or factor.columns == 0 for factor in factors)
    factors = tuple(_as_applied(factor) for factor in factors)
    groups = _merged(factors, columns, itemsize)
    orders = {
        "from the last factor to the first": groups,
        "in the order that keeps the intermediates small": sorted(groups, key=lambda g: _growth(factors, g)),
    }
    rooms = [TILE_BYTES >> k for k in range(NARROWINGS)]
    plans = {(r, room): _passes(factors, columns, itemsize, orders[r], room) for r in orders for room in rooms}
    reason, room = min(plans, key=lambda plan: _cycles(factors, columns, itemsize, plans[plan]))
    passes = plans[reason, room]
    return Plan(factors, columns, passes, Way.TILES, empty, _reason(factors, groups, passes, reason), itemsize)


def _as_applied(factor: FactorKind) -> FactorKind:
    """Return the factor, or a sparse one that no tile holds as an operator, which multiplies by itself."""
    own = factor.kind == "sparse" and max(factor.rows, factor.columns) > SPARSE_SIZE
    return factor._replace(kind="operator") if own else factor


def _merged(factors: Sequence[FactorKind], columns: int, itemsize: int) -> list[Group]:
    """Return the groups of neighbours to multiply out, the last first; identities are left out."""
    groups: list[Group] = []
    for i in reversed(range(len(factors))):
        if factors[i].kind == "identity":
            continue
        if groups and groups[-1][0] == i + 1 and _merge(factors, groups[-1], columns, itemsize):
            groups[-1] = (i, groups[-1][1])
        else:
            groups.append((i, i + 1))
    return groups


def _merge(factors: Sequence[FactorKind], group: Group, columns: int, itemsize: int) -> bool:
    """Whether the group and the factor in front of it are multiplied out."""
    before, members = factors[group[0] - 1], factors[slice(*group)]
    if {before.kind, *(factor.kind for factor in members)} != {"dense"}:
        return False
    rows, cols = (math.prod(sizes) for sizes in zip(*(factor[:2] for factor in members), strict=True))
    lanes = VECTOR_BYTES // itemsize
    fills = group[1] < len(factors) or columns >= lanes or rows >= lanes
    most = MERGED_SIZE if fills else MERGED_LAST
    rows, cols = before.rows * rows, before.columns * cols
    entries = columns * math.prod(factor.columns for factor in factors)
    return max(rows, cols) <= most and MERGED_SHARE * rows * cols <= entries


def _growth(factors: Sequence[FactorKind], group: Group) -> float:
    members = factors[slice(*group)]
    return growth(FactorKind(math.prod(f.rows for f in members), math.prod(f.columns for f in members), "dense"))


def _passes(factors: tuple[FactorKind, ...], columns: int, itemsize: int, order: list[Group], room: int) -> tuple:
    """Return the steps in passes: neighbours share one as long as a tile of what they make takes no more `room`."""
    passes: list[list[Step]] = []
    sizes = [factor.columns for factor in factors]
    for step in steps_of(factors, columns, order):
        if passes and _fits(factors, sizes, columns, itemsize, [*passes[-1], step], room):
            passes[-1].append(step)
        else:
            if passes:
                _apply(factors, sizes, passes[-1])
            passes.append([step])
    return tuple(map(tuple, passes))


def _apply(factors: Sequence[FactorKind], sizes: list[int], steps: Sequence[Step]) -> None:
    """Give the axes the sizes that they have after the steps."""
    for step in steps:
        for i in range(step.start, step.stop):
            sizes[i] = factors[i].rows


def _fits(
    factors: Sequence[FactorKind], before: list[int], columns: int, itemsize: int, steps: list[Step], room: int
) -> bool:
    """Whether the steps, on axes of the sizes `before`, can share a pass."""
    if any(factors[step.start].kind == "operator" for step in steps):
        return False
    rows, behind = _rows_of_tile(factors, before, steps)
    return rows * min(PIECE_BYTES, columns * behind * itemsize) <= room


def _rows_of_tile(factors: Sequence[FactorKind], before: list[int], steps: Sequence[Step]) -> tuple[int, int]:
    """Return the most rows that a tile of the steps grows to, and how many rows are behind each.

    A tile has all axes from the first to the last, which are of the sizes `before` the steps.
    """
    start, stop = min(step.start for step in steps), max(step.stop for step in steps)
    sizes, most = list(before), math.prod(before[start:stop])
    for step in steps:
        _apply(factors, sizes, [step])
        most = max(most, math.prod(sizes[start:stop]))
    return most, math.prod(before[stop:])


def _cycles(factors: Sequence[FactorKind], columns: int, itemsize: int, passes: tuple) -> int:
    """Return about how many cycles the passes take: the flops, and for every pass a way through memory.

    All sizes are integers, which no product of factors exceeds.
    """
    sizes = [factor.columns for factor in factors]
    entries = columns * math.prod(sizes)
    cycles = 0  # of entries one by one, doubled
    for steps in passes:
        moved = entries + steps[-1].entries
        entries = steps[-1].entries
        rows, behind = _rows_of_tile(factors, sizes, steps)
        _apply(factors, sizes, steps)
        run, held = columns * behind * itemsize, TILE_BYTES // max(rows, 1)
        cycles += moved * (FROM_MEMORY if moved * itemsize > CACHE_BYTES else FROM_CACHE)
        if held < run:  # else a tile has all of what lies one after the other
            cycles += moved * PER_PIECE * VECTOR_BYTES // max(held, VECTOR_BYTES)
        cycles += sum(step.flops + 2 * PER_STEP * step.entries for step in steps)
    return cycles * itemsize // (2 * VECTOR_BYTES)


def _reason(factors: Sequence[FactorKind], groups: list[Group], passes: tuple, order: str) -> str:
    parts = [f"tiles: {len(passes)} pass{'es' * (len(passes) != 1)} over memory"]
    skipped = sum(factor.kind == "identity" for factor in factors)
    if len(groups) < len(factors) - skipped:
        parts.append("small neighbours merged")
    if skipped:
        parts.append(f"{skipped} identit{'ies' if skipped > 1 else 'y'} skipped")
    if any(factor.rows != factor.columns for factor in factors):
        parts.append(order)
    return "; ".join(parts)
