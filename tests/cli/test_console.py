"""Progress shows itself on a terminal, after a second, and nowhere else."""

import json
import time

import numpy as np
import pytest

from otimes.cli import console


@pytest.fixture
def terminal(monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")


def work(seconds):
    with console.progress("factorizing") as report:
        report(1, 3, "shapes 2 of 3")
        time.sleep(seconds)


def test_nothing_in_a_pipe(capsys, monkeypatch):
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    monkeypatch.setattr(console, "SECONDS_BEFORE_PROGRESS", 0.0)
    work(0.1)
    assert capsys.readouterr() == ("", "")


def test_nothing_for_quick_work(capsys, terminal):
    work(0.0)
    assert capsys.readouterr() == ("", "")


def test_a_bar_for_slow_work(capsys, terminal, monkeypatch):
    monkeypatch.setattr(console, "SECONDS_BEFORE_PROGRESS", 0.05)
    work(0.4)
    seen = capsys.readouterr()
    assert seen.out == ""
    assert "shapes 2 of 3" in seen.err


def test_the_bar_ends_with_a_failure(capsys, terminal, monkeypatch):
    monkeypatch.setattr(console, "SECONDS_BEFORE_PROGRESS", 0.0)
    with pytest.raises(KeyboardInterrupt), console.progress("factorizing"):
        raise KeyboardInterrupt
    assert capsys.readouterr().out == ""


def test_messages_are_one_line_and_json_is_strict(capsys):
    console.say("a message\n   over two lines")
    console.show_json({"⊗": [1.5]})
    seen = capsys.readouterr()
    assert seen.err == "a message over two lines\n"
    assert json.loads(seen.out) == {"⊗": [1.5]}
    with pytest.raises(ValueError, match="JSON"):
        console.show_json({"error": np.nan})
