"""The rule tables, tested by their tables: every guard, every rule, no ties, every source."""

import functools
import itertools
from pathlib import Path

import numpy as np
import pytest
from market import CASES, Case, agree
from market_checks import CHECKS

import otimes as ox
from otimes.core.references import REFERENCES
from otimes.core.rules import REGISTRY, all_rules, distance

RULES = tuple(all_rules())
PAIRS_PER_RULE = 12
DOCS = Path(__file__).parent.parent / "docs"


def rule_name(rule):
    return f"{rule.function.name}({rule.operands})"


every_rule = pytest.mark.parametrize("rule", RULES, ids=rule_name)


@functools.cache
def operands():
    """Return each case with its operator."""
    return tuple((case, case.make()) for case in CASES)


@functools.cache
def conforming(name):
    """Return the operands that a function takes, by their types: pairs of cases for a binary function, else cases."""
    if REGISTRY[name].operands == 1:
        tuples = ((pair,) for pair in operands())
    else:
        inner = (
            (lambda A, B: A.shape == B.shape)
            if name in ("add", "multiply")
            else (lambda A, B: A.shape[1] == B.shape[0])
        )
        tuples = (pair for pair in itertools.product(operands(), repeat=2) if inner(pair[0][1], pair[1][1]))
    groups = {}
    for pairs in tuples:
        groups.setdefault(tuple(type(A) for _, A in pairs), []).append(pairs)
    return groups


@functools.cache
def fitting(rule):
    """Return the tuples of (case, operator) whose types the rule is for."""
    groups = conforming(rule.function.name).items()
    return [pairs for types, members in groups if all(map(issubclass, types, rule.types)) for pairs in members]


@every_rule
def test_a_rule_says_what_it_does(rule):
    assert rule.says.strip()
    assert rule.when is None or rule.when.says.strip()
    assert rule.cite is None or rule.cite in REFERENCES
    assert len(rule.types) == rule.function.operands


def test_every_source_is_cited():
    assert {rule.cite for rule in RULES} - {None} == set(REFERENCES)


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.when], ids=rule_name)
def test_a_guard_is_seen_true_and_false(rule):
    """A case is missing where a guard never holds, or always does: add one to tests/cases."""
    assert any(rule.holds(*(A for _, A in pairs)) for pairs in fitting(rule))
    assert any(not rule.holds(*(A for _, A in pairs)) for pairs in fitting(rule))


@every_rule
def test_a_rule_applies_somewhere(rule):
    assert any(rule.holds(*(A for _, A in pairs)) for pairs in fitting(rule))


@pytest.fixture
def choose(monkeypatch):
    """Return a way to make a function choose a rule for some operands, though a nearer one may win; it counts."""
    uses = []

    def choose(rule, *wanted):
        def select(*given):
            if len(given) == len(wanted) and all(a is b for a, b in zip(given, wanted, strict=True)):
                uses.append(rule)
                return rule
            return type(rule.function).select(rule.function, *given)

        monkeypatch.setattr(rule.function, "select", select, raising=False)
        return uses

    return choose


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.function.operands == 1], ids=rule_name)
def test_a_rule_gives_the_dense_value(rule, choose):
    uses = []
    for ((case, A),) in fitting(rule):
        if rule.holds(A):
            uses = choose(rule, A)
            CHECKS[rule.function.name](case, A, functools.partial(rule.function, A))
    assert uses, "no case reaches this rule: add one to tests/cases"


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.function.operands == 2], ids=rule_name)
def test_a_binary_rule_gives_the_dense_value(rule, choose):
    holding = [pairs for pairs in fitting(rule) if rule.holds(*(A for _, A in pairs))]
    kinds = {tuple(type(A) for _, A in pairs): pairs for pairs in reversed(holding)}
    spread = holding[:: max(1, len(holding) // PAIRS_PER_RULE)] + list(kinds.values())
    for (left, A), (right, B) in spread:
        choose(rule, A, B)
        agree_with_dense(rule.function, left, A, right, B)
    assert spread


def agree_with_dense(function, left: Case, A, right: Case, B):
    """Assert that a sum or a product of two cases has the dense value and the dtype it says."""
    dense = {"add": np.add, "multiply": np.multiply, "matmul": np.matmul}[function.name](left.dense, right.dense)
    result = function(A, B)
    scale = max(np.abs(left.dense).max(initial=0), np.abs(right.dense).max(initial=0))
    scale = scale if function.name == "add" else scale**2 * max(left.dense.shape)
    agree(ox.to_dense(result), dense, max(left.eps, right.eps), scale=scale)
    assert result.shape == dense.shape
    assert ox.to_dense(result).dtype == result.dtype
    if A.spec.xp is not None and B.spec.xp is not None:
        assert result.dtype == dense.dtype


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_no_two_rules_tie(name):
    """Of rules equally near in every operand, at most one guard holds: the order of registration never decides."""
    for types, members in conforming(name).items():
        candidates = REGISTRY[name].candidates(*(A for _, A in members[0]))
        for _, rivals in itertools.groupby(candidates, key=lambda rule: distance(rule, types)):
            rivals = tuple(rivals)
            for pairs in members if len(rivals) > 1 else ():
                holding = [rule for rule in rivals if rule.holds(*(A for _, A in pairs))]
                assert len(holding) <= 1, f"{name} has two rules for {[str(case) for case, _ in pairs]}"


def test_the_most_specific_rule_wins():
    types = (ox.Kronecker, ox.Kronecker)
    given = (ox.kron(np.eye(2), np.eye(3)),) * 2
    ranked = [distance(rule, types) for rule in REGISTRY["matmul"].candidates(*given)]
    assert ranked == sorted(ranked)
    assert ranked[0] == (0, 0, 0)


def test_the_page_of_rules_is_current():
    page = DOCS / "rules.md"
    assert page.read_text(encoding="utf-8") == ox.rules().markdown(), "docs/rules.md is out of date; `make docs`"


def test_every_operator_has_a_current_page():
    kinds = {kind.__name__ for rule in RULES for kind in rule.types}
    assert {page.stem for page in (DOCS / "operators").glob("*.md")} == kinds
    for name in kinds:
        page = (DOCS / "operators" / f"{name}.md").read_text(encoding="utf-8")
        assert page == ox.rules(name).markdown(), f"docs/operators/{name}.md is out of date; `make docs` writes it"


@pytest.mark.parametrize("rule", RULES, ids=rule_name)
def test_the_listing_shows_every_rule(rule):
    assert rule.says in str(ox.rules(rule.function))
    assert rule.says.replace("|", "\\|") in ox.rules().markdown()
    assert all(rule in tuple(ox.rules(kind)) for kind in rule.types)
