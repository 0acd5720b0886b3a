"""A test that cannot fail is a bug: every test asserts something, every skip gives its reason."""

import ast
import functools
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
FILES = sorted(TESTS.rglob("*.py"))
CHECKS = re.compile(r"(^|\.)(assert_\w+|raises|warns|gradcheck|fail)$")
SKIPS = re.compile(r"pytest\.(mark\.)?(skip|skipif|xfail)$")

every_file = pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(TESTS)))


@functools.cache
def nodes_of(path):
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def functions_of(path):
    return [node for node in nodes_of(path) if isinstance(node, ast.FunctionDef)]


@functools.cache
def helpers():
    """The functions of all files that are no tests, by name."""
    found = {}
    for path in FILES:
        for node in functions_of(path):
            if not node.name.startswith("test_"):
                found.setdefault(node.name, []).append(node)
    return found


def checks(node, seen=frozenset()):
    """Whether the function asserts, or calls a helper that does."""
    inner = list(ast.walk(node))
    if any(isinstance(part, ast.Assert) for part in inner):
        return True
    names = [ast.unparse(part.func) for part in inner if isinstance(part, ast.Call)]
    if any(CHECKS.search(name) for name in names):
        return True
    called = {name.rpartition(".")[2] for name in names} - seen
    return any(checks(helper, seen | called) for name in called for helper in helpers().get(name, ()))


@every_file
def test_every_test_asserts_something(path):
    tests = [node for node in functions_of(path) if node.name.startswith("test_")]
    idle = [node.name for node in tests if not checks(node)]
    assert not idle
    assert tests or not path.name.startswith("test_")


@every_file
def test_no_assertion_is_always_true(path):
    """`assert (condition, message)` is a tuple, and never fails."""
    for node in nodes_of(path):
        if isinstance(node, ast.Assert):
            assert not isinstance(node.test, (ast.Tuple, ast.Constant)), f"line {node.lineno}"


@every_file
def test_every_skip_gives_its_reason(path):
    with_reason = set()
    for node in nodes_of(path):
        if isinstance(node, ast.Call) and SKIPS.search(ast.unparse(node.func)):
            said = any(keyword.arg == "reason" for keyword in node.keywords)
            if said or (node.args and ".mark." not in ast.unparse(node.func)):
                with_reason.add(id(node.func))
    for node in nodes_of(path):
        if isinstance(node, ast.Attribute) and SKIPS.fullmatch(ast.unparse(node)):
            assert id(node) in with_reason, f"line {node.lineno}"


@every_file
def test_no_two_tests_have_one_name(path):
    scopes = [node for node in nodes_of(path) if isinstance(node, (ast.Module, ast.ClassDef))]
    for scope in scopes:
        names = [node.name for node in scope.body if isinstance(node, ast.FunctionDef) and node.name != "_"]
        names = [name for name in names if name.startswith("test_")]
        assert len(names) == len(set(names))
