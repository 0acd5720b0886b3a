import re

import numpy as np
import pytest

from otimes.pictures import show

EXPECTED = r"""A \otimes B
= \left[\begin{array}{c|c}
  \textcolor[HTML]{0079B2}{2} & \textcolor[HTML]{999999}{0}
\end{array}\right]
\otimes \left[\begin{array}{c}
  5 \\
  -1
\end{array}\right]
= \left[\begin{array}{c|c}
  \textcolor[HTML]{0079B2}{2 \cdot 5} & \textcolor[HTML]{999999}{0 \cdot 5} \\
  \textcolor[HTML]{0079B2}{2 \cdot (-1)} & \textcolor[HTML]{999999}{0 \cdot (-1)}
\end{array}\right]
= \left[\begin{array}{c|c}
  \textcolor[HTML]{0079B2}{10} & \textcolor[HTML]{999999}{0} \\
  \textcolor[HTML]{0079B2}{-2} & \textcolor[HTML]{999999}{0}
\end{array}\right]"""

PICTURES = {
    "numbers": show([[1, 2], [3, 4]], [[5, 6], [7, 8]]),
    "identity": show(np.eye(3), [[1, 2], [3, 4]]),
    "symbols": show("a11 x_max; alpha σ'", "b_1 é; 0 2x"),
    "three": show("1 2; 3 4", "1 -1; 1/2 2+3i", "5 6; 1e9 nan"),
    "large": show(np.ones((20, 30)), np.ones((5, 4))),
    "one": show(2, 3),
}


def arrays(latex):
    """Return each array's column specification and its rows, split into cells."""
    found = re.findall(r"\\begin\{array\}\{([c|]+)\}\n(.*?)\n\\end\{array\}", latex, re.DOTALL)
    return [(columns, [row.split(" & ") for row in body.split(r" \\")]) for columns, body in found]


def test_the_equation():
    assert show("2 0", "5; -1").latex() == EXPECTED


@pytest.mark.parametrize("name", PICTURES)
def test_balanced_and_of_plain_commands(name):
    latex = PICTURES[name].latex()
    depth = 0
    for brace in re.findall(r"(?<!\\)[{}]", latex):
        depth += 1 if brace == "{" else -1
        assert depth >= 0
    assert depth == 0
    assert (
        latex.count(r"\left[")
        == latex.count(r"\right]")
        == latex.count(r"\begin{array}")
        == latex.count(r"\end{array}")
    )
    known = {"begin", "end", "left", "right", "textcolor", "hline", "otimes", "cdot", "frac"}
    known |= {"cdots", "vdots", "ddots", "mathrm", "mbox", "alpha", "sigma"}
    assert set(re.findall(r"\\([a-zA-Z]+)", latex)) <= known


@pytest.mark.parametrize("name", PICTURES)
def test_every_row_fills_its_columns(name):
    for columns, rows in arrays(PICTURES[name].latex()):
        assert {len(row) for row in rows} == {columns.count("c")}


def test_rules_part_the_blocks():
    *_, (columns, rows) = arrays(PICTURES["identity"].latex())
    assert columns == "cc|cc|cc"
    assert [row[0].count(r"\hline") for row in rows] == [0, 0, 1, 0, 1, 0]
    *_, (columns, rows) = arrays(PICTURES["three"].latex())
    assert columns == "cc|cc||cc|cc"
    assert [row[0].count(r"\hline") for row in rows] == [0, 0, 1, 0, 2, 0, 1, 0]


def test_symbols_need_no_values_and_have_subscripts():
    latex = show("a11 x_max; alpha σ'", "b_1 é").latex()
    assert len(arrays(latex)) == 3
    for written in ("a_{11}", "x_{max}", r"\alpha", r"\sigma'", "b_{1}", r"\mbox{é}"):
        assert written in latex


def test_numbers_are_set_as_in_print():
    latex = PICTURES["three"].latex()
    for written in (r"\frac{1}{2}", "10^{9}", r"\mathrm{nan}", r"1 \cdot (2+3i) \cdot 5", r"1 \cdot (-1) \cdot 5"):
        assert written in latex


def test_a_large_product_is_capped_and_says_so():
    latex = PICTURES["large"].latex()
    assert latex.startswith("% … 12 of 100 rows and 12 of 120 columns shown; for more: show(")
    *_, (columns, rows) = arrays(latex)
    assert columns == "cccc|cccc|ccccc"
    assert rows[0][-1] == r"\cdots"
    assert rows[-1][-1] == r"\ddots"
