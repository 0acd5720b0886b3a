"""The plan of an operator made of others: the plans of its parts, and what is done beside them."""

from dataclasses import dataclass

from otimes.core.checks import bytes_text, shape_text
from otimes.kernels.plan import Plan

SHOWN_PARTS = 12


@dataclass(frozen=True, slots=True)
class CompositePlan:
    """What A @ X costs for an operator that is no product of factors; `print(plan)` shows it as a tree.

    `own_flops` are those beside the parts', which are done one after another.
    """

    name: str
    shape: tuple[int, int]
    columns: int
    own_flops: int
    parts: tuple["Plan | CompositePlan", ...]
    reason: str
    itemsize: int = 8

    @property
    def rows(self) -> int:
        """Rows of the result."""
        return self.shape[0]

    @property
    def flops(self) -> int:
        """Floating-point operations, those of the parts included; a multiplication and an addition count as two."""
        return self.own_flops + sum(part.flops for part in self.parts)

    @property
    def dense_flops(self) -> int:
        """What the same product costs with the formed matrix."""
        return 2 * self.shape[0] * self.shape[1] * self.columns

    @property
    def bytes_moved(self) -> int:
        """Bytes read and written: X and the result once, and what the parts move."""
        own = self.itemsize * sum(self.shape) * self.columns
        return sum((part.bytes_moved for part in self.parts), start=own)

    @property
    def peak_bytes(self) -> int:
        """The most that is held beside X: the result, and what one part holds at a time."""
        own = self.itemsize * self.shape[0] * self.columns
        return own + max((part.peak_bytes for part in self.parts), default=0)

    def __str__(self) -> str:
        times = self.dense_flops // self.flops if self.flops else 0
        saving = f" ({times:,} times fewer than dense)" if times > 1 else ""
        total = f"  total {self.flops:,} flops{saving}"
        memory = f"  {bytes_text(self.bytes_moved)} moved, at most {bytes_text(self.peak_bytes)} held beside X"
        plural = "s" * (self.columns != 1)
        return "\n".join([f"{_line(self)}, {self.columns} column{plural}", *_tree(self), total, memory])


def _line(plan: Plan | CompositePlan) -> str:
    if isinstance(plan, Plan):
        first, reason, *_ = str(plan).splitlines()
        return f"{first}: {plan.flops:,} flops; {reason.strip()}"
    return f"{plan.name} {shape_text(plan.shape)}: {plan.own_flops:,} flops of its own; {plan.reason}"


def _tree(plan: Plan | CompositePlan) -> list[str]:
    parts = getattr(plan, "parts", ())
    lines = []
    for part in parts[:SHOWN_PARTS]:
        lines += [f"├─ {_line(part)}", *(f"│  {line}" for line in _tree(part))]
    return lines + ([f"└─ … {len(parts) - SHOWN_PARTS} more"] if len(parts) > SHOWN_PARTS else [])
