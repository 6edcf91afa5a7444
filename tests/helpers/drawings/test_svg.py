"""What drawings are made of: it holds its words, reads without colours, and is the same on every machine."""

from __future__ import annotations

import re
from itertools import combinations
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pytest

from helpers.drawings import svg
from helpers.drawings.svg import TONES, Canvas, Drawing
from tests.helpers.drawings.layout import faults


def drawn(canvas: Canvas) -> str:
    return canvas.drawing("A test", "What it says.").svg


def brightness(colour: str) -> float:
    """The relative luminance of WCAG."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, two: str) -> float:
    darker, lighter = sorted(map(brightness, (one, two)))
    return (lighter + 0.05) / (darker + 0.05)


# Words


def test_a_box_grows_with_its_words():
    canvas = Canvas()
    low, high = canvas.box(10, 10, 200, "one line"), canvas.box(240, 10, 100, "words that need more than one line")
    assert low.height < high.height
    assert faults(drawn(canvas)) == []


@pytest.mark.parametrize(
    "text", ["iiii llll " * 9, "WWWW MMMM " * 9, "an ordinary sentence, as they are " * 3, "`a_b=1` " * 20]
)
def test_words_stay_inside_whatever_letters_they_have(text: str):
    canvas = Canvas()
    canvas.box(10, 10, 150, text)
    canvas.words(300, 10, text, width=170)
    canvas.words(230, 10, text, width=120, anchor="middle", small=True)
    assert faults(drawn(canvas)) == []


def test_a_line_break_is_kept_and_code_is_set_as_code():
    canvas = Canvas()
    canvas.box(10, 10, 300, "ask with `stream=True`,\nthen loop")
    page = ET.fromstring(drawn(canvas))
    lines = page.findall(".//{*}text")
    assert ["".join(line.itertext()) for line in lines] == ["ask with stream=True,", "then loop"]
    assert [run.text for run in lines[0] if run.get("class") == "code"] == ["stream=True"]


def test_an_arrow_starts_and_ends_where_it_is_told_and_carries_its_words():
    canvas = Canvas()
    asks, answers = canvas.box(10, 40, 100, "program"), canvas.box(340, 40, 100, "model")
    canvas.arrow(asks.right, answers.left, "the whole list of messages, each time anew")
    canvas.arrow(asks.under, (60, 140), "later")
    text = drawn(canvas)
    assert 'points="110,56' in text
    assert "340,56" in text
    assert faults(text) == []


# What the test of all drawings finds


@pytest.mark.parametrize(
    ("put", "fault"),
    [
        (lambda canvas: canvas.words(400, 10, "much too far to the right"), "leaves the page"),
        (lambda canvas: [canvas.words(10, y, "over one another") for y in (10, 15)], "overlap"),
        (lambda canvas: [canvas.box(10, 10, 90, height=40), canvas.words(50, 20, "out of the box")], "leaves its box"),
        (lambda canvas: [canvas.box(x, 10, 90, height=40) for x in (10, 60)], "overlap"),
    ],
)
def test_a_drawing_that_cannot_be_read_is_found_out(put, fault: str):
    canvas = Canvas()
    put(canvas)
    assert any(fault in found for found in faults(drawn(canvas)))


# Colours


def test_tones_differ_without_colours():
    """Each by its pattern, its border, or a fill that is darker: black and white keeps them apart."""
    looks = {}
    for tone, (fill, _, width, dashes) in TONES.items():
        grey = round(brightness(fill), 1) if fill.startswith("#") else fill
        looks[tone] = (grey, width, dashes)
    assert all(one != two for one, two in combinations(looks.values(), 2)), looks


def test_words_and_borders_are_seen_on_every_ground():
    grounds = [fill for fill, *_ in TONES.values() if fill.startswith("#")]
    grounds += [colour for _, ground, _, stripe in svg._PATTERNS.values() for colour in (ground, stripe)]
    assert min(contrast(svg.INK, ground) for ground in grounds) >= 7
    assert min(contrast(border, svg.GROUND) for _, border, _, _ in TONES.values()) >= 3


# As a picture


def test_it_is_a_picture_with_its_alternative():
    canvas = Canvas()
    canvas.box(10, 10, 200, 'quotes " and <tags> & ampersands')
    drawing = canvas.drawing("A <box>", 'One box, "quoted" & small.')
    bundle = drawing._repr_mimebundle_()
    assert bundle["text/plain"] == str(drawing) == 'One box, "quoted" & small.'
    assert 'alt="One box, &quot;quoted&quot; &amp; small."' in bundle["text/html"]
    source = re.search(r'src="data:image/svg\+xml,([^"]+)"', bundle["text/html"])
    assert source
    assert unquote(source[1]) == drawing.svg
    assert not re.search(r"[<>&#]", source[1]), "nothing that ends an attribute or an address"
    page = ET.fromstring(drawing.svg)
    assert page.get("role") == "img"
    assert [page.findtext("{*}title"), page.findtext("{*}desc")] == ["A <box>", 'One box, "quoted" & small.']


def test_it_needs_nothing_from_elsewhere():
    canvas = Canvas()
    canvas.box(10, 10, 200, "offline", tone="written")
    assert set(re.findall(r"https?://[^\"]+", drawn(canvas))) == {"http://www.w3.org/2000/svg"}


def test_the_same_calls_give_the_same_bytes_and_numbers_are_short():
    def once() -> Drawing:
        canvas = Canvas()
        canvas.box(10, 10, 100 / 3, height=1 / 3)
        return canvas.drawing("A test", "Thirds.")

    assert once().html == once().html
    assert 'width="33.3"' in once().svg
