import re

import numpy as np
import pytest

from otimes.pictures import show

ESCAPE = re.compile(r"\x1b\[[\d;]*m")

NUMBERED = """\
K = A ⊗ B   (2×2 ⊗ 2×2 = 4×4)

 A             B
┌───┬───┐     ┌──────┐
│ 1 │ 2 │     │ 5  6 │
├───┼───┤  ⊗  │ 7  8 │
│ 3 │ 4 │     └──────┘
└───┴───┘

K       0         1          2         3
   ┌─ 1·B ──────────────┬─ 2·B ──────────────┐
 0 │ 1·5 =  5  1·6 =  6 │ 2·5 = 10  2·6 = 12 │
 1 │ 1·7 =  7  1·8 =  8 │ 2·7 = 14  2·8 = 16 │
   ├─ 3·B ──────────────┼─ 4·B ──────────────┤
 2 │ 3·5 = 15  3·6 = 18 │ 4·5 = 20  4·6 = 24 │
 3 │ 3·7 = 21  3·8 = 24 │ 4·7 = 28  4·8 = 32 │
   └────────────────────┴────────────────────┘"""

IDENTITY = """\
K = A ⊗ B   (3×3 ⊗ 2×2 = 6×6)

 A
┌───┬───┬───┐      B
│ 1 │ 0 │ 0 │     ┌──────┐
├───┼───┼───┤     │ 1  2 │
│ 0 │ 1 │ 0 │  ⊗  │ 3  4 │
├───┼───┼───┤     └──────┘
│ 0 │ 0 │ 1 │
└───┴───┴───┘

K       0        1         2        3         4        5
   ┌─ 1·B ────────────┬─ 0·B ────────────┬─ 0·B ────────────┐
 0 │ 1·1 = 1  1·2 = 2 │       0        0 │       0        0 │
 1 │ 1·3 = 3  1·4 = 4 │       0        0 │       0        0 │
   ├─ 0·B ────────────┼─ 1·B ────────────┼─ 0·B ────────────┤
 2 │       0        0 │ 1·1 = 1  1·2 = 2 │       0        0 │
 3 │       0        0 │ 1·3 = 3  1·4 = 4 │       0        0 │
   ├─ 0·B ────────────┼─ 0·B ────────────┼─ 1·B ────────────┤
 4 │       0        0 │       0        0 │ 1·1 = 1  1·2 = 2 │
 5 │       0        0 │       0        0 │ 1·3 = 3  1·4 = 4 │
   └──────────────────┴──────────────────┴──────────────────┘"""

DIAGONAL = """\
K = A ⊗ B   (3×3 ⊗ 2×2 = 6×6)

 A
┌───┬───┬────┐      B
│ 1 │ 0 │  0 │     ┌──────┐
├───┼───┼────┤     │ 1  2 │
│ 0 │ 5 │  0 │  ⊗  │ 3  4 │
├───┼───┼────┤     └──────┘
│ 0 │ 0 │ 10 │
└───┴───┴────┘

K       0        1         2         3           4          5
   ┌─ 1·B ────────────┬─ 0·B ──────────────┬─ 0·B ────────────────┐
 0 │ 1·1 = 1  1·2 = 2 │        0         0 │         0          0 │
 1 │ 1·3 = 3  1·4 = 4 │        0         0 │         0          0 │
   ├─ 0·B ────────────┼─ 5·B ──────────────┼─ 0·B ────────────────┤
 2 │       0        0 │ 5·1 =  5  5·2 = 10 │         0          0 │
 3 │       0        0 │ 5·3 = 15  5·4 = 20 │         0          0 │
   ├─ 0·B ────────────┼─ 0·B ──────────────┼─ 10·B ───────────────┤
 4 │       0        0 │        0         0 │ 10·1 = 10  10·2 = 20 │
 5 │       0        0 │        0         0 │ 10·3 = 30  10·4 = 40 │
   └──────────────────┴────────────────────┴──────────────────────┘"""

THREE = """\
K = A ⊗ B ⊗ C   (1×2 ⊗ 2×1 ⊗ 1×2 = 2×4)

               B
 A            ┌───┐      C
┌───┬───┐     │ 1 │     ┌───────┐
│ 1 │ 2 │  ⊗  │┈┈┈│  ⊗  │ a  -b │
└───┴───┘     │ 0 │     └───────┘
              └───┘

K        0            1              2              3
   ┌─ 1·(B ⊗ C) ──────────────┬─ 2·(B ⊗ C) ──────────────────┐
 0 │ 1·1·a = a  1·1·(-b) = -b │ 2·1·a = 2·a  2·1·(-b) = -2·b │
   │┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈│┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈│
 1 │ 1·0·a = 0  1·0·(-b) =  0 │ 2·0·a =   0  2·0·(-b) =    0 │
   └──────────────────────────┴──────────────────────────────┘"""

CAPPED = """\
K = A ⊗ B   (4×4 ⊗ 4×4 = 16×16)

 A
┌────┬────┬────┬────┐
│  1 │  2 │  3 │  4 │
├────┼────┼────┼────┤
│  5 │  6 │  7 │  8 │
├────┼────┼────┼────┤
│  9 │ 10 │ 11 │ 12 │
├────┼────┼────┼────┤
│ 13 │ 14 │ 15 │ 16 │
└────┴────┴────┴────┘
 ⊗ B
┌────────────┐
│ 1  1  1  1 │
│ 1  1  1  1 │
│ 1  1  1  1 │
│ 1  1  1  1 │
└────────────┘

K     0    1    2    3
   ┌─ 1·B ──────────────
 0 │  1    1    1    1  ⋯
   │ 1·1  1·1  1·1  1·1
 1 │  1    1    1    1  ⋯
   │ 1·1  1·1  1·1  1·1
 2 │  1    1    1    1  ⋯
   │ 1·1  1·1  1·1  1·1
 3 │  1    1    1    1  ⋯
   │ 1·1  1·1  1·1  1·1
   ├─ 5·B ──────────────
 4 │  5    5    5    5  ⋯
   │ 5·1  5·1  5·1  5·1
      ⋮    ⋮    ⋮    ⋮
… 5 of 16 rows and 4 of 16 columns shown; for more: show(…, max_rows=10, max_columns=8)"""


@pytest.mark.parametrize(
    ("matrices", "expected"),
    [
        (([[1, 2], [3, 4]], [[5, 6], [7, 8]]), NUMBERED),
        ((np.eye(3), [[1, 2], [3, 4]]), IDENTITY),
        ((np.diag([1, 5, 10]), [[1, 2], [3, 4]]), DIAGONAL),
        (("1 2", "1; 0", "a -b"), THREE),
    ],
    ids=["numbered", "identity", "diagonal", "three"],
)
def test_pictures_checked_by_eye(matrices, expected):
    picture = show(*matrices)
    assert picture.text() == expected
    assert str(picture) == repr(picture) == expected
    assert ESCAPE.sub("", picture.text(color=True)) == expected


def test_a_large_product_is_capped_and_says_how_to_see_more():
    picture = show(np.arange(1, 17).reshape(4, 4), np.ones((4, 4)), max_rows=5, max_columns=4)
    assert picture.text(width=30) == CAPPED


def test_each_block_is_filled_with_the_colour_of_its_entry():
    lines = show([[1, 0], [2, 3]], [[5, 6]]).text(color=True).splitlines()
    blue, orange, pear = "48;5;110;38;5;16m", "48;5;209;38;5;16m", "48;5;149;38;5;16m"
    by_text = {}
    for line in lines:
        for codes, text in re.findall(r"\x1b\[([\d;]*m)([^\x1b]*)", line):
            by_text.setdefault(" ".join(text.split()), codes)
    assert by_text["1"] == f"1;{blue}"
    assert by_text["1·B"] == f"1;{blue}"
    assert by_text["1·5 = 5 1·6 = 6"] == blue
    assert by_text["2·5 = 10 2·6 = 12"] == orange
    assert by_text["3·5 = 15 3·6 = 18"] == pear
    assert by_text["0·B"] == by_text["0 0"] == "2m"


def test_plain_text_has_no_escapes_and_colour_is_closed():
    picture = show(np.eye(3), "a b; c d")
    assert "\x1b" not in repr(picture)
    coloured = picture.text(color=True)
    assert len(re.findall(r"\x1b\[0m", coloured)) * 2 == coloured.count("\x1b[")


@pytest.mark.parametrize("width", [20, 40, 60, 80, 100, 200])
@pytest.mark.parametrize("shapes", [[(2, 2), (2, 2)], [(3, 3), (4, 4)], [(2, 3), (3, 2), (2, 2)], [(1, 12), (1, 12)]])
def test_the_frames_keep_to_the_width(width, shapes):
    rng = np.random.default_rng(1)
    picture = show(*(rng.integers(-9, 100, shape) for shape in shapes))
    drawn = [line for line in picture.text(width=width).splitlines()[1:] if not line.startswith("…")]
    assert max(map(len, drawn)) <= width


def test_a_wide_cell_takes_two_lines_where_one_is_too_wide():
    picture = show([[1, 2], [3, 4]], [[5, 6], [7, 8]])
    assert "4·8 = 32" in picture.text(width=60)
    narrow = picture.text(width=30)
    assert "=" not in narrow.split("K  ", 1)[1]
    assert "28   32" in narrow
    assert "4·7  4·8" in narrow


def test_the_narrowest_picture_still_shows_a_column():
    assert "1 of 4 columns shown; for more: .text(width=…)" in show([[1, 2]], [[1.23456, 2]]).text(width=1)
