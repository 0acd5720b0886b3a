"""Every Python block of README, CONTRIBUTING and docs/ runs, and prints what it says it prints."""

import doctest
import io
import re
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np
import pytest

import otimes as ox

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TARGET = re.compile(r"`make ([a-z]+)`|^make ([a-z]+)", re.MULTILINE)
LINK = re.compile(r"(?<!\!)\[[^\]]*\]\(([^)#]+)(?:#[^)]*)?\)|!\[[^\]]*\]\(([^)]+)\)|src=\"([^\"]+)\"")


def text_of(page):
    return page.read_text(encoding="utf-8")


pages = pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)


@pytest.fixture
def registry():
    """Leave no function or rule behind that a tutorial has added."""
    from otimes.core import rules

    known, tables = dict(rules.REGISTRY), {name: list(f.rules) for name, f in rules.REGISTRY.items()}
    yield
    rules.REGISTRY.clear()
    rules.REGISTRY.update(known)
    for name, table in tables.items():
        rules.REGISTRY[name].rules[:] = table
        rules.REGISTRY[name]._ranked.clear()


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_the_page_exists_and_shows_code(name):
    assert BLOCK.search(text_of(ROOT / name))


@pages
@pytest.mark.usefixtures("registry")
def test_python_blocks_run(page, tmp_path, monkeypatch):
    """The blocks of a page run one after the other in one namespace, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    names = {"np": np, "ox": ox, "__name__": page.stem}
    for match in BLOCK.finditer(text_of(page)):
        line = text_of(page)[: match.start()].count("\n") + 1
        code = match[1]
        if ">>>" in code:
            assert_examples_hold(code, names, page.name, line)
        else:
            with redirect_stdout(io.StringIO()):
                exec(compile("\n" * line + code, str(page), "exec"), names)


def assert_examples_hold(code, names, page, line):
    test = doctest.DocTestParser().get_doctest(code, names, page, page, line)
    report = io.StringIO()
    result = doctest.DocTestRunner(optionflags=FLAGS).run(test, out=report.write, clear_globs=False)
    names.update(test.globs)
    assert result.failed == 0, report.getvalue()


@pages
def test_fences_are_closed_and_name_their_language(page):
    fences = re.findall(r"^```(.*)$", text_of(page), re.MULTILINE)
    assert len(fences) % 2 == 0
    assert set(fences[1::2]) <= {""}


@pages
def test_make_targets_exist(page):
    makefile = text_of(ROOT / "Makefile")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    named = {a or b for a, b in TARGET.findall(text_of(page))}
    assert named <= targets


def test_make_help_lists_every_target_that_is_named():
    makefile = text_of(ROOT / "Makefile")
    listed = set(re.findall(r"^([a-z]+):.*## ", makefile, re.MULTILINE))
    assert {"help", "demo", "test", "lint"} <= listed


@pages
def test_links_to_files_lead_somewhere(page):
    for link in filter(None, (a or b or c for a, b, c in LINK.findall(text_of(page)))):
        if not re.match(r"[a-z]+:", link):
            assert (page.parent / link).exists(), link


@pages
def test_public_names_that_are_mentioned_exist(page):
    for name in set(re.findall(r"\box\.([A-Za-z_]+)", text_of(page))):
        assert hasattr(ox, name), f"ox.{name}"


@pages
def test_nothing_of_one_machine_is_named(page):
    assert not re.search(r"(?<![\w.])/(home|root|work|tmp|Users)/", text_of(page))
