"""`explain` and `rules`: the identities that were used, and those there are."""

import inspect
from dataclasses import dataclass
from typing import Any

from otimes.core.checks import shape_text
from otimes.core.references import REFERENCES
from otimes.core.rules import REGISTRY, Function, Rule, Step, all_rules, traced
from otimes.errors import OtimesError


@dataclass(frozen=True, slots=True)
class Explanation:
    """The identities one call used, as a tree; `value` is what the call returned."""

    steps: tuple[Step, ...]
    value: Any

    def __repr__(self) -> str:
        lines = [line for step in self.steps for line in _lines(step)]
        keys = sorted({rule.cite for rule in _used(self.steps) if rule.cite})
        return "\n".join(lines + [""] * bool(keys) + [f"[{key}] {REFERENCES[key]}" for key in keys])


def explain(function: Function, *arguments: Any, **options: Any) -> Explanation:
    """Call a function and return the tree of identities it used, with formulas and citations.

    Parameters
    ----------
    function : a function of otimes, such as `otimes.inv`
    *arguments, **options
        What the function is called with; it really runs.

    Returns
    -------
    Explanation
        Prints as a tree; `.value` is the function's result.

    Raises
    ------
    OtimesError
        `function` has no rules of its own; and what the function itself raises.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> print(ox.explain(ox.trace, ox.kron(np.eye(2), ox.eye(3))))
    trace(Kronecker 6×6): tr(A ⊗ B) = tr(A) tr(B)  [VanLoan2000]
    ├─ trace(Dense 2×2): on the array
    └─ trace(Identity 3×3): tr I = n
    <BLANKLINE>
    [VanLoan2000] C. F. Van Loan, The ubiquitous Kronecker product, J. Comput. Appl. Math. 123 (2000) 85-100
    """
    if not isinstance(function, Function):
        raise OtimesError(f"explain takes a function with rules, such as otimes.inv, not {function!r}")
    value, steps = traced(function, *arguments, **options)
    return Explanation(tuple(steps), value)


def _lines(step: Step) -> list[str]:
    operands = ", ".join(f"{type(A).__name__} {shape_text(A.shape)}" for A in step.operands)
    lines = [f"{step.function.name}({operands}): {'; '.join([_how(step), *step.notes])}"]
    for child in step.steps:
        first, other = ("└─ ", "   ") if child is step.steps[-1] else ("├─ ", "│  ")
        block = _lines(child)
        lines += [first + block[0], *(other + line for line in block[1:])]
    return lines


def _how(step: Step) -> str:
    if step.rule is None:
        return (
            "on the array" if all(A.formed for A in step.operands) else "no identity applies; formed, since it is small"
        )
    return step.rule.says + (f"  [{step.rule.cite}]" if step.rule.cite else "")


def _used(steps: Any) -> list[Rule]:
    return [rule for step in steps for rule in ([step.rule] if step.rule else []) + _used(step.steps)]


@dataclass(frozen=True, slots=True)
class RuleList:
    """The rules of one function, of one operator, or all; prints as text, `markdown()` gives the reference page."""

    rules: tuple[Rule, ...]
    title: str = "The rules"
    about: str = "Generated from the rule tables; `otimes.rules()` prints the same."

    def __len__(self) -> int:
        return len(self.rules)

    def __iter__(self) -> Any:
        return iter(self.rules)

    def __repr__(self) -> str:
        lines = []
        for name, rules in self._by_function():
            lines.append(name)
            lines += [f"  {rule.operands:<28} {rule.says}{_condition(rule)}" for rule in rules]
        return "\n".join(lines)

    def markdown(self) -> str:
        """Return the rules as a page: a table for each function, then the sources."""
        lines = [f"# {self.title}", "", self.about, ""]
        for name, rules in self._by_function():
            lines += [f"## {name}", "", "| operands | identity | holds when | source |", "|---|---|---|---|"]
            lines += [_row(rule) for rule in rules] + [""]
        keys = sorted({rule.cite for rule in self.rules if rule.cite})
        sources = ["## Sources", "", *(f"- **{key}**: {REFERENCES[key]}" for key in keys), ""] if keys else []
        return "\n".join([*lines, *sources])

    def _by_function(self) -> list[tuple[str, list[Rule]]]:
        groups: dict[str, list[Rule]] = {}
        for rule in self.rules:
            groups.setdefault(rule.function.name, []).append(rule)
        return [(name, sorted(rules, key=lambda rule: rule.operands)) for name, rules in groups.items()]


def rules(of: Function | type | str | None = None) -> RuleList:
    """Return the identities of one function, of one kind of operator, or all.

    Parameters
    ----------
    of : function of otimes, class of operators, the name of either, or None for all

    Returns
    -------
    RuleList
        Prints as a list of operand types, identities and preconditions; `markdown()` gives it as a page.

    Raises
    ------
    OtimesError
        There is no such function or class; the message lists those there are.

    Examples
    --------
    >>> import otimes as ox
    >>> print(ox.rules("cholesky"))
    cholesky
      BlockDiagonal                diag(A, B) = diag(L_A, L_B) diag(L_A, L_B)ᴴ, when every block is square
      Diagonal                     diag(d) = diag(√d)², when the entries are real
      Identity                     I = I Iᴴ
      Kronecker                    A ⊗ B = (L_A ⊗ L_B)(L_A ⊗ L_B)ᴴ, when every factor is square
      ScalarMultiple               c A = (√c L)(√c L)ᴴ, when the scalar is a positive number
    >>> "inv" in {rule.function.name for rule in ox.rules(ox.Kronecker)}
    True
    """
    if of is None:
        return RuleList(tuple(all_rules()))
    name = of.name if isinstance(of, Function) else getattr(of, "__name__", of)
    if name in REGISTRY:
        return RuleList(tuple(REGISTRY[name].rules), title=f"The rules of {name}")
    found = tuple(rule for rule in all_rules() if name in {kind.__name__ for kind in rule.types})
    if found:
        kind = next(kind for rule in found for kind in rule.types if kind.__name__ == name)
        return RuleList(found, title=str(name), about=inspect.cleandoc(kind.__doc__ or ""))
    kinds = sorted({kind.__name__ for rule in all_rules() for kind in rule.types})
    raise OtimesError(
        f"there is no function and no operator {name!r} with rules; there are {', '.join(sorted(REGISTRY))}; "
        f"and {', '.join(kinds)}"
    )


def _condition(rule: Rule) -> str:
    return f", when {rule.when.says}" if rule.when else ""


def _row(rule: Rule) -> str:
    cells = (rule.operands, rule.says, rule.when.says if rule.when else "", rule.cite or "")
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
