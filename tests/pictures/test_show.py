from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from otimes.errors import ShapeError
from otimes.pictures import Picture, show


def test_a_picture_is_a_frozen_value():
    picture = show([[1, 2]], [[3], [4]])
    assert isinstance(picture, Picture)
    assert picture.shape == (2, 2)
    with pytest.raises(FrozenInstanceError):
        picture.layout = None


@pytest.mark.parametrize("keyword", ["max_rows", "max_columns"])
@pytest.mark.parametrize("limit", [0, -3])
def test_a_limit_shows_one_row_and_column_at_least(keyword, limit):
    with pytest.raises(ShapeError, match=f"{keyword}={limit} shows nothing; give 1 or more"):
        show([1], [2], **{keyword: limit})


def test_limits_are_whole_numbers():
    with pytest.raises(TypeError):
        show([1], [2], max_rows=2.5)


def test_the_limits_hold_for_factors_and_product():
    layout = show(np.ones((9, 2)), np.ones((2, 9)), max_rows=4, max_columns=3).layout
    assert (layout.rows, layout.columns) == (4, 3)
    assert [layout.factor_window(factor) for factor in layout.provenance.factors] == [(4, 2), (2, 3)]


def test_nothing_is_noted_where_all_is_shown():
    assert "shown" not in show([[1, 2]], [[3], [4]]).text()
    assert "shown" not in show([[1, 2]], [[3], [4]]).html()


def test_the_note_names_only_what_is_left_out():
    picture = show(np.ones((8, 2)), np.ones((12, 1)))
    assert picture.text().endswith("… 12 of 96 rows shown; for more: show(…, max_rows=24)")
    assert "… 24 of 96 rows shown" in show(np.ones((8, 2)), np.ones((12, 1)), max_rows=24).text()
