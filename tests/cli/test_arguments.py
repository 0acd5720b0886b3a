"""What the user types, read or explained."""

from pathlib import Path

import pytest

from otimes.cli.arguments import UsageFault, parse_shapes, refuse_clash, refuse_overwriting
from otimes.errors import ShapeError


@pytest.mark.parametrize("text", ["37x37,49x49", " 37 X 37 , 49×49 "])
def test_shapes(text):
    assert parse_shapes(text) == ((37, 37), (49, 49))


@pytest.mark.parametrize("text", ["", "37", "37x37", "37x37,", "37x37;49x49", "-1x2,3x4", "1.5x2,3x4", "0x1,1x1"])
def test_bad_shapes_come_with_an_example(text):
    with pytest.raises(ShapeError, match="--shapes 37x37,49x49"):
        parse_shapes(text)


def test_more_shapes():
    assert parse_shapes("2x3,4x1,5x5") == ((2, 3), (4, 1), (5, 5))


def test_clashes():
    refuse_clash("--terms", 1, "--tol", None)
    with pytest.raises(UsageFault, match="--terms and --tol exclude each other"):
        refuse_clash("--terms", 0, "--tol", 0.0)


def test_outputs_over_inputs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link.npz").symlink_to("M.npz")
    refuse_overwriting("M.npz", None, Path("F.npz"))
    for source, output in [("M.npz:key", "M.npz"), ("./M.npz", "M.npz"), ("M.npz", "link.npz")]:
        with pytest.raises(UsageFault, match="is the file being read"):
            refuse_overwriting(source, Path(output))
