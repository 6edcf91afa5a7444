"""What a picture costs, drawn: the grid is the rule's, the parts add up to the price, and padding is told."""

from __future__ import annotations

import re

import pytest

from helpers.drawings import Drawing, crop_by_crop
from helpers.mock.media.pictures import picture_tokens
from helpers.widgets.pictures import crops
from tests.helpers.drawings.layout import faults

EACH = 144
SHAPES = [(1900, 1069), (336, 336), (1280, 160), (260, 1069), (1, 1), (5000, 40), (30, 900), (1344, 1344), (1425, 1069)]


def drawn(width: int, height: int) -> Drawing:
    return crop_by_crop(width, height, crops, picture_tokens, EACH)


@pytest.mark.parametrize(("width", "height"), SHAPES)
def test_the_parts_add_up_to_the_price(width: int, height: int):
    numbers = [int(number.replace(",", "")) for number in re.findall(r"\d[\d,]*", drawn(width, height).text)]
    pixels, (columns, rows, count, each, ends, paid) = numbers[:2], numbers[2:]
    assert pixels == [width, height]
    assert columns * rows == count
    assert (count + 1) * each + ends == paid == picture_tokens(width, height)
    assert sorted((columns, rows), reverse=True) == sorted(crops(width, height), reverse=True)


@pytest.mark.parametrize(("width", "height"), SHAPES)
def test_it_can_be_read_in_every_shape(width: int, height: int):
    assert faults(drawn(width, height).svg) == []


def test_a_tall_picture_has_a_tall_grid():
    assert "2 columns × 8 rows" in drawn(260, 1069).text
    assert "8 columns × 2 rows" in drawn(1069, 260).text


def test_padding_is_told_where_there_is_some():
    assert "padding" in drawn(1900, 1069).text
    assert "padding" not in drawn(336, 336).text


def test_each_crop_with_room_for_it_has_its_price():
    assert drawn(336, 336).svg.count(f">{EACH}<") == 16
    assert drawn(5000, 40).svg.count(f">{EACH}<") == 0
