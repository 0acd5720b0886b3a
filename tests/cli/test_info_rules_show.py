"""``otimes info``, ``otimes rules`` and ``otimes show``."""

import dataclasses
import json

import numpy as np
import pytest

import otimes as ox
from otimes.io import FactorFile, save_factors


def test_info_of_the_installation(run):
    result = run("info")
    assert result.code == 0
    assert np.__version__ in result.out
    assert str(ox.kernel_info()) in result.out
    fields = json.loads(run("info", "--json").out)
    assert fields["numpy"] == np.__version__
    assert fields["kernel"] == dataclasses.asdict(ox.kernel_info())


def test_info_of_a_file(run):
    terms = ((np.eye(2), np.ones((3, 4))),) * 2
    save_factors("F.npz", FactorFile(terms, error=0.125, singular_values=np.arange(9.0, 0, -1)), source="M.npy")
    result = run("info", "F.npz")
    assert result.code == 0
    assert "2×2 ⊗ 3×4" in result.out
    assert "… (9)" in result.out
    fields = json.loads(run("info", "F.npz", "--json").out)
    assert (fields["shape"], fields["terms"], fields["error"]) == ([6, 8], 2, 0.125)


def test_info_of_a_missing_file(run):
    result = run("info", "nowhere.npz")
    assert (result.code, result.out, result.err) == (2, "", "otimes: nowhere.npz: no such file\n")


def test_rules_are_those_of_the_library(run):
    assert run("rules").out == f"{ox.rules()}\n"
    result = run("rules", "inv")
    assert result.out == f"{ox.rules('inv')}\n"
    assert "(A ⊗ B)⁻¹ = A⁻¹ ⊗ B⁻¹" in result.out
    listed = json.loads(run("rules", "inv", "--json").out)["rules"]
    assert [rule["says"] for rule in listed] == [rule.says for rule in ox.rules("inv")]


def test_rules_of_an_unknown_function(run):
    result = run("rules", "inverse")
    assert result.code == 2
    assert "inverse" in result.err
    assert len(result.err.splitlines()) == 1


def test_show(run):
    result = run("show", "1 2; 3 4", "5 6; 7 8")
    assert result.code == 0
    assert "\x1b" not in result.out
    assert all(text in result.out for text in ("2·6", "4·8"))
    assert all(len(line) <= 80 for line in result.out.splitlines())


def test_show_takes_negative_entries_symbols_and_formats(run):
    assert "-1" in run("show", "-1 2; 3 4", "-5 6").out.replace("−", "-")
    assert run("show", "a b; c d", "x y", "--format", "latex").out.count(r"\otimes") > 0
    assert run("show", "a b; c d", "x y", "--format", "html").out.startswith("<")


@pytest.mark.parametrize("arguments", [(), ("1 2",), ("1 2; 3", "4"), ("1 2", "3", "--format", "pdf")])
def test_bad_pictures_are_one_clear_line(run, arguments):
    result = run("show", *arguments)
    assert (result.code, result.out) == (2, "")
    assert len(result.err.splitlines()) == 1
