"""Functions over operators, each an object with a table of rules.

A rule is one identity: the operand types it is for, the precondition under which it holds, the
formula as the book has it, where it comes from, and the two to five lines that carry it out.
The tables are the only source of dispatch, of the rule tests, of the reference page and of
`explain`.
"""

import functools
import inspect
import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, ClassVar

from otimes.core.convert import aslinearoperator
from otimes.errors import NoRule

DENSE_LIMIT = 2048  # rows or columns up to which an operator without a rule is formed

_dense_limit: ContextVar[int] = ContextVar("dense_limit", default=DENSE_LIMIT)
_trace: ContextVar["Step | None"] = ContextVar("trace", default=None)
REGISTRY: dict[str, "Function"] = {}


@dataclass(frozen=True, slots=True)
class Guard:
    """A precondition: the sentence that states it, and its test on shapes and facts."""

    says: str
    holds: Callable[..., bool]

    def __call__(self, *operands: Any) -> bool:
        """Whether the precondition holds for these operands."""
        return bool(self.holds(*operands))

    def __and__(self, other: "Guard") -> "Guard":
        return Guard(f"{self.says} and {other.says}", lambda *operands: self(*operands) and other(*operands))

    def __invert__(self) -> "Guard":
        return Guard(f"not: {self.says}", lambda *operands: not self(*operands))


def guard(says: str) -> Callable[[Callable[..., bool]], Guard]:
    """Make a `Guard` of a predicate; `says` completes the sentence "holds when …"."""
    return lambda holds: Guard(says, holds)


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One identity of one function; calling it carries it out."""

    function: "Function"
    types: tuple[type, ...]
    when: Guard | None
    says: str
    cite: str | None
    apply: Callable[..., Any]

    def holds(self, *operands: Any) -> bool:
        """Whether the precondition is met."""
        return self.when is None or self.when(*operands)

    @property
    def operands(self) -> str:
        """The names of the operand types: 'Kronecker, Kronecker'."""
        return ", ".join(t.__name__ for t in self.types)


@dataclass(eq=False)
class Step:
    """One dispatch as `explain` recorded it."""

    function: "Function"
    operands: tuple
    rule: Rule | None
    steps: list["Step"]
    notes: list[str] = field(default_factory=list)


class Function:
    """A function of one or more operators, with its rules.

    The decorated body states the signature and the docstring, checks the operands, and calls
    `dispatch`. Operands may be anything `aslinearoperator` takes. The keyword `dense_limit` is
    accepted by every function: the size up to which operators without a rule are formed, in this
    call and in those it makes.
    """

    over_batches: ClassVar[Any]  # how a call is mapped over batches of operators; of `core.batch`

    def __init__(self, body: Callable[..., Any], operands: int):
        functools.update_wrapper(self, body)
        self.name: str = body.__name__
        self.body = body
        self.operands = operands
        self.names = tuple(inspect.signature(body).parameters)[:operands]
        self.rules: list[Rule] = []
        self.reference: Callable[..., Any] | None = None
        self._ranked: dict[tuple[type, ...], list[Rule]] = {}
        REGISTRY[self.name] = self

    def __repr__(self) -> str:
        return f"<otimes function {self.name}{inspect.signature(self.body)}, {len(self.rules)} rules>"

    def __reduce__(self) -> str:
        return self.name

    def __call__(self, *arguments: Any, dense_limit: int | None = None, **options: Any) -> Any:
        """Call the body, its first arguments read as operators."""
        operands = [aslinearoperator(A) for A in arguments[: self.operands]]
        for name in self.names[len(operands) :]:
            if name in options:
                options[name] = aslinearoperator(options[name])
        if any(hasattr(x, "batch_shape") for x in (*operands, *arguments[self.operands :], *options.values())):
            call = functools.partial(self, dense_limit=dense_limit)
            return self.over_batches(call, (*operands, *arguments[self.operands :]), options)
        if dense_limit is None:
            return self.body(*operands, *arguments[self.operands :], **options)
        token = _dense_limit.set(dense_limit)
        try:
            return self.body(*operands, *arguments[self.operands :], **options)
        finally:
            _dense_limit.reset(token)

    def rule(self, *types: type, when: Guard | None = None, says: str, cite: str | None = None) -> Callable:
        """Add the decorated code as the rule for operands of these types."""

        def add(apply: Callable) -> Callable:
            self.rules.append(Rule(self, types, when, says, cite, apply))
            self._ranked.clear()
            return apply

        return add

    def dense(self, reference: Callable) -> Callable:
        """Set the decorated code, on plain arrays, as what runs on formed or small operands."""
        self.reference = reference
        return reference

    def candidates(self, *operands: Any) -> list[Rule]:
        """Return the rules for operands of these types, the most specific types first."""
        types = tuple(map(type, operands))
        ranked = self._ranked.get(types)
        if ranked is None:
            fitting = [rule for rule in self.rules if all(map(issubclass, types, rule.types))]
            ranked = self._ranked[types] = sorted(fitting, key=lambda rule: distance(rule, types))
        return ranked

    def select(self, *operands: Any) -> Rule | None:
        """Return the rule that would be used: the nearest whose precondition holds, or None."""
        return next((rule for rule in self.candidates(*operands) if rule.holds(*operands)), None)

    def dispatch(self, *operands: Any, **options: Any) -> Any:
        """Apply the selected rule; without one, form small operands; else raise `NoRule`."""
        rule = self.select(*operands)
        with _recorded(self, operands, rule):
            if rule is None:
                return self.fallback(*operands, **options)
            try:
                return rule.apply(*operands, **options)
            except NoRule as error:
                raise NoRule(f"{self.name}({', '.join(map(_brief, operands))}) by {rule.says}:\n{error}") from None

    def fallback(self, *operands: Any, **options: Any) -> Any:
        """Form the operands, if they are formed already or small, and apply the dense reference."""
        if self.reference is None or not all(map(may_form, operands)):
            raise NoRule(self._no_rule(operands))
        return self.reference(*(A._form() for A in operands), **options)

    def _no_rule(self, operands: tuple) -> str:
        lines = [f"{self.name}({', '.join(map(_brief, operands))}): no identity applies"]
        if self.reference is not None:
            lines[0] += f", and it is too large to be formed (dense_limit={_dense_limit.get()})"
        lines += [f"  {rule.says}  needs that {rule.when.says}" for rule in self.candidates(*operands) if rule.when]
        if self.reference is None:
            takes = ", ".join(sorted({rule.operands for rule in self.rules}))
            return "\n".join([*lines, f"{self.name} is defined for {takes}"])
        lines.append(
            "State what you know with otimes.assume(A, 'hermitian', …), raise dense_limit=, "
            f"or see otimes.rules({self.name!r})"
        )
        return "\n".join(lines)


def function(operands: int = 1) -> Callable[[Callable], Function]:
    """Make a `Function` whose first `operands` arguments are operators."""
    return lambda body: Function(body, operands)


def distance(rule: Rule, types: tuple[type, ...]) -> tuple[int, ...]:
    """Return how far the rule's types are above `types` in their inheritance: the sum, then each in order.

    Of two rules equally near, the one nearer in the first operand wins.
    """
    steps = [given.__mro__.index(wanted) for given, wanted in zip(types, rule.types, strict=True)]
    return (sum(steps), *steps)


def may_form(A: Any) -> bool:
    """Whether an operator is formed already, or small enough to be."""
    return A.formed or max(A.shape) <= _dense_limit.get()


def _brief(A: Any) -> str:
    return f"{type(A).__name__} {A.shape[0]}×{A.shape[1]}"


class _Recorded:
    """Nothing to record: a context manager cheaper than a generator's."""

    def __enter__(self) -> None: ...

    def __exit__(self, *exception: object) -> None: ...


_SILENT = _Recorded()


def _recorded(function: Function, operands: tuple, rule: Rule | None) -> Any:
    parent = _trace.get()
    return _SILENT if parent is None else _recording(Step(function, operands, rule, []), parent)


@contextmanager
def _recording(step: Step, parent: Step) -> Iterator[None]:
    parent.steps.append(step)
    token = _trace.set(step)
    try:
        yield
    finally:
        _trace.reset(token)


def note(text: Callable[[], str]) -> None:
    """Add a remark to the step at work, such as an order chosen; it is made only where `explain` records."""
    step = _trace.get()
    if step is not None:
        with unrecorded():
            remark = text()
        step.notes += [remark] if remark and remark not in step.notes else []


@contextmanager
def unrecorded() -> Iterator[None]:
    """Keep what is called within out of the tree of `explain`: what is planned, not done."""
    token = _trace.set(None)
    try:
        yield
    finally:
        _trace.reset(token)


def traced(function: Function, *arguments: Any, **options: Any) -> tuple[Any, list[Step]]:
    """Call the function and return its value with the steps of its top level."""
    root = Step(function, arguments, None, [])
    token = _trace.set(root)
    try:
        return function(*arguments, **options), root.steps
    finally:
        _trace.reset(token)


def all_rules() -> Iterator[Rule]:
    """Iterate over the rules of every function, by function name."""
    return itertools.chain.from_iterable(REGISTRY[name].rules for name in sorted(REGISTRY))
