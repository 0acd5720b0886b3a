"""How operators print: a tree of their structure with shapes, facts and memory."""

from typing import Any

from otimes.core.array import dtype_name, itemsize
from otimes.core.checks import bytes_text, shape_text

MAX_CHILDREN = 8  # children shown of one operator; the rest are counted


def tree(A: Any) -> str:
    """Return the structure of A as lines of text, each operator with its shape, dtype and facts.

    The first line also compares the bytes stored with those of the dense matrix.
    """
    stored, dense = bytes_text(A.nbytes), bytes_text(A.size * itemsize(A.dtype))
    first, *rest = _lines(A)
    return "\n".join([f"{first}, {stored} stored" + ("" if A.formed else f" (dense {dense})"), *rest])


def _lines(A: Any) -> list[str]:
    lines = [summary(A)]
    shown = A.children[:MAX_CHILDREN]
    hidden = len(A.children) - len(shown)
    blocks = [_lines(child) for child in shown] + ([[f"… {hidden} more"]] if hidden else [])
    for block in blocks:
        first, other = ("└─ ", "   ") if block is blocks[-1] else ("├─ ", "│  ")
        lines += [first + block[0], *(other + line for line in block[1:])]
    return lines


def summary(A: Any) -> str:
    """Return one line: class, shape, dtype, what the class adds, and the facts known."""
    dtype = "any dtype" if A.spec.dtype is None else dtype_name(A.dtype)
    parts = [f"{type(A).__name__} {shape_text(A.shape)} {dtype}", *getattr(A, "details", ())]
    return ", ".join(parts + [name.replace("_", " ") for name in _strongest(A.facts)])


def _strongest(facts: Any) -> list[str]:
    """Return the known facts without those that another one implies."""
    implied = {
        "positive_definite": ("positive_semidefinite", "hermitian", "symmetric"),
        "positive_semidefinite": ("hermitian", "symmetric"),
        "symmetric": ("hermitian",),
    }
    known = facts.known()
    weaker = {name for strong in known for name in implied.get(strong, ())}
    return [name for name in known if name not in weaker]
