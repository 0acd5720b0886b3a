import re
from html.parser import HTMLParser

import numpy as np
import pytest

from otimes.pictures import show
from otimes.pictures.palette import PALETTE

VOID = {"br"}
PICTURES = {
    "numbers": show([[1, 2], [3, 4]], [[5, 6], [7, 8]]),
    "identity": show(np.eye(3), [[1, 2], [3, 4]]),
    "symbols": show("a11 a12; a21 a22'", "b_1 -σ; 0 2x"),
    "three": show("1 2; 3 4", "1 -1; 1/2 2+3i", "5 6"),
    "large": show(np.ones((20, 30)), np.ones((5, 4))),
    "one": show(2, 3),
}


class Reader(HTMLParser):
    """Reads the cells of the last table and checks that every element is closed in order."""

    def __init__(self, page):
        super().__init__()
        self.open, self.tables, self.elements = [], [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.elements.append((tag, attributes))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "table":
            self.tables.append([])
        if tag == "tr":
            self.tables[-1].append([])
        if tag in ("td", "th"):
            self.tables[-1][-1].append({"text": "", **attributes})
        if tag == "br":
            self.handle_data(" | ")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "td" in self.open or "th" in self.open:
            self.tables[-1][-1][-1]["text"] += data


@pytest.mark.parametrize("name", PICTURES)
def test_well_formed_and_self_contained(name):
    page = PICTURES[name]._repr_html_()
    reader = Reader(page)
    assert reader.open == []
    assert {tag for tag, _ in reader.elements} <= {
        *("div", "span", "b", "i", "sub", "br", "table", "tbody", "tr", "td", "th"),
    }
    assert {key for _, attributes in reader.elements for key in attributes} <= {
        *("style", "title", "role", "aria-label", "scope"),
    }
    assert not re.search(r"url\(|https?:|//|@import|javascript", page)
    assert page == PICTURES[name].html()


def test_factors_and_product_stand_side_by_side():
    a, b, k = Reader(PICTURES["numbers"].html()).tables
    assert [[cell["text"] for cell in row] for row in a] == [["1", "2"], ["3", "4"]]
    assert [[cell["text"] for cell in row] for row in b] == [["5", "6"], ["7", "8"]]
    assert [cell["text"] for cell in k[0]] == ["", "0", "1", "2", "3"]
    assert [cell["text"] for cell in k[3]] == ["2", "15 | 3·5", "18 | 3·6", "20 | 4·5", "24 | 4·6"]


def test_every_title_is_the_sentence():
    picture = PICTURES["three"]
    product = Reader(picture.html()).tables[-1]
    for i, row in enumerate(product[1:]):
        assert [cell["title"] for cell in row[1:]] == [picture.cell(i, j) for j in range(picture.shape[1])]


def test_titles_of_the_factors_tell_their_blocks():
    a, b, _ = Reader(PICTURES["numbers"].html()).tables
    assert a[1][1]["title"] == "A[1,1] = 4 makes K[2:4, 2:4] = 4·B"
    assert b[0][1]["title"] == "B[0,1] = 6"


def test_a_block_has_the_fill_of_its_entry_and_a_zero_block_none():
    a, _, k = Reader(PICTURES["identity"].html()).tables
    for i, j in np.ndindex(6, 6):
        style = k[1 + i][1 + j]["style"]
        if i // 2 == j // 2:
            fill = f"background:#{PALETTE[i // 2].fill};color:#111"
            assert fill in style
            assert fill in a[i // 2][i // 2]["style"]
        else:
            assert "background:none;color:inherit" in style


def test_blocks_have_thicker_borders_than_cells():
    *_, k = Reader(PICTURES["numbers"].html()).tables
    left = [re.search(r"border-left:(\dpx)", cell["style"]).group(1) for cell in k[1][1:]]
    top = [re.search(r"border-top:(\dpx)", row[1]["style"]).group(1) for row in k[1:]]
    assert left == top == ["3px", "1px", "3px", "1px"]


def test_symbols_have_subscripts_and_numbers_true_minus_signs():
    page = PICTURES["symbols"].html()
    assert '<i>a</i><sub style="line-height:0">11</sub>' in page
    assert "<i>σ</i>" in page
    assert "−" in page
    assert "′" in page


def test_a_large_product_is_capped():
    picture = PICTURES["large"]
    page = picture.html()
    product = Reader(page).tables[-1]
    assert len(product) == 1 + 12 + 1
    assert len(product[1]) == 1 + 12 + 1
    assert "12 of 100 rows and 12 of 120 columns shown; for more: show(…, max_rows=24, max_columns=24)" in page
    assert len(Reader(show(np.ones((20, 30)), np.ones((5, 4)), max_rows=15).html()).tables[-1]) == 1 + 15 + 1
