"""The panel of lesson 07, used as a reader would: what it shows, and what it sends."""

from __future__ import annotations

import base64
import re
from io import BytesIO
from typing import Any

import pytest
from azure.ai.inference import ChatCompletionsClient
from azure.core.credentials import AzureKeyCredential
from PIL import Image

from helpers import media_path
from helpers.mock.media.pictures import picture_tokens as tokens_of_the_mock
from helpers.mock.testing import Mock
from helpers.widgets import Panel, picture_panel
from helpers.widgets.pictures import changed, crops, grid, picture_tokens, read
from tests.helpers.widgets.conftest import Client, put

PICTURE, _, CUT, TURNED, PERCENT, KIND, QUESTION = range(7)  # the places of the controls
CHART = media_path("chart.png").read_bytes()


@pytest.fixture
def client(mock: Mock) -> Client:
    return Client(mock, "Phi-3.5-vision-instruct")


@pytest.fixture
def panel(client: Client) -> Panel:
    return picture_panel(client)


def row(panel: Panel, measure: str) -> str:
    (line,) = [line for line in panel.shown.text.splitlines() if line.startswith(f"{measure}  ")]
    return line.removeprefix(measure).strip()


def ask(panel: Panel) -> str:
    """Presses the button; the answer."""
    assert panel.button
    panel.button.click()
    return panel.shown.text.partition("Answer: ")[2]


def sent(client: Client) -> tuple[str, bytes]:
    """What stood before the comma of the last picture that was sent, and its bytes."""
    items = next(content for content in reversed(client.sent) if isinstance(content, list))
    head, _, payload = items[1].image_url.url.partition(",")
    return head, base64.b64decode(payload)


def file_of(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def drawn(html: str) -> Image.Image:
    source = re.search(r"base64,([^\"]+)", html)
    assert source
    return Image.open(BytesIO(base64.b64decode(source[1]))).convert("RGB")


def test_the_rule_is_the_mocks_own():
    shapes = [(1900, 1069), (336, 336), (1, 1), (1, 5000), (1280, 160), (260, 1069), (640, 480), (7000, 11)]
    shapes += [(width, height) for width in range(10, 900, 37) for height in range(10, 900, 41)]
    for width, height in shapes:
        assert picture_tokens(width, height) == tokens_of_the_mock(width, height)
    assert crops(1900, 1069) == crops(1069, 1900) == (5, 3)
    with pytest.raises(ValueError, match="no area"):
        crops(0, 5)


def test_at_first_the_whole_chart_was_asked_about_as_it_is(panel: Panel, client: Client):
    assert row(panel, "tokens by the rule") == "2,353"
    assert row(panel, "tokens paid").startswith("2,353 (")
    assert row(panel, "as PNG") == "about 55 kB"
    assert "Answer: A scatter chart titled" in panel.shown.text
    assert sent(client) == ("data:image/png;base64", CHART)


def test_what_is_paid_for_the_picture_leaves_the_question_out(panel: Panel, client: Client):
    panel.controls[QUESTION].value = "Please read me the title of this chart."
    ask(panel)
    paid, whole, alone = map(int, re.findall(r"\d+", row(panel, "tokens paid").replace(",", "")))
    assert whole == paid + alone
    assert paid == 2353
    assert alone > 7
    before = len(client.sent)
    ask(panel)
    assert len(client.sent) == before + 1, "the price of the question alone is known by now"


def test_shrinking_changes_the_file_and_not_the_price(panel: Panel, client: Client):
    panel.controls[PERCENT].value = 20
    assert row(panel, "pixels") == "380 × 214"
    assert row(panel, "tokens by the rule") == "2,353"
    assert row(panel, "tokens paid") == "not asked yet"
    ask(panel)
    assert row(panel, "tokens paid").startswith("2,353 (")
    assert len(sent(client)[1]) < len(CHART)


@pytest.mark.parametrize(
    ("cut", "pixels", "tokens"),
    [
        ("a square from its middle", "1,069 × 1,069", "2,509"),
        ("its left half", "950 × 1,069", "2,509"),
        ("its upper half", "1,900 × 534", "2,197"),
        ("its upper quarter", "1,900 × 267", "2,485"),
    ],
)
def test_a_cut_changes_the_price_as_the_endpoint_counts_it(panel: Panel, cut: str, pixels: str, tokens: str):
    panel.controls[CUT].value = cut
    assert (row(panel, "pixels"), row(panel, "tokens by the rule")) == (pixels, tokens)
    ask(panel)
    assert row(panel, "tokens paid").startswith(f"{tokens} (")


def test_a_turned_picture_costs_the_same(panel: Panel, client: Client):
    panel.controls[TURNED].value = True
    assert row(panel, "pixels") == "1,069 × 1,900"
    assert "3 columns × 5 rows" in panel.shown.text
    ask(panel)
    assert row(panel, "tokens paid").startswith("2,353 (")
    assert Image.open(BytesIO(sent(client)[1])).size == (1069, 1900)


def test_it_is_sent_in_the_chosen_format_and_only_when_asked(panel: Panel, client: Client):
    before = len(client.sent)
    panel.controls[PICTURE].value = "shapes.png"
    panel.controls[CUT].value = "its left half"
    panel.controls[KIND].value = "JPEG"
    assert len(client.sent) == before
    ask(panel)
    head, data = sent(client)
    assert head == "data:image/jpeg;base64"
    assert Image.open(BytesIO(data)).format == "JPEG"


def test_an_uploaded_picture_is_chosen_seen_and_asked_about(panel: Panel, client: Client):
    data = file_of(Image.new("RGB", (300, 100), "seagreen"), "JPEG")
    put(panel, "my <photo>.jpg", data)
    assert panel.controls[PICTURE].value == "my <photo>.jpg"
    assert "6 columns × 2 rows" in panel.shown.text
    assert "<photo>" not in panel.shown.html
    panel.controls[KIND].value = "JPEG"
    assert "300 x 100 pixels" in ask(panel)
    assert sent(client)[0] == "data:image/jpeg;base64"
    panel.controls[PICTURE].value = "chart.png"
    assert row(panel, "pixels") == "1,900 × 1,069"


def test_a_file_that_is_no_picture_is_refused_in_words_and_sends_nothing(panel: Panel, client: Client):
    before = len(client.sent)
    put(panel, "notes.png", b"%PDF-1.7 not a picture")
    assert "notes.png cannot be used. The bytes look like application/pdf" in panel.shown.text
    put(panel, "half.png", CHART[: len(CHART) // 2])
    assert "half.png cannot be used. The picture cannot be decoded" in panel.shown.text
    put(panel, "huge.png", file_of(Image.new("1", (8000, 5001))))
    assert "huge.png cannot be used. It has 8,000 × 5,001 pixels" in panel.shown.text
    ask(panel)
    assert "huge.png cannot be used" in panel.shown.text
    assert len(client.sent) == before
    panel.controls[PICTURE].value = "chart.png"
    assert row(panel, "tokens by the rule") == "2,353"


def test_what_the_service_refuses_stands_in_the_panel(mock: Mock):
    shown = picture_panel(Client(mock, "mistral-large-2407"))
    assert "422" in shown.shown.text
    assert "image_url" in shown.shown.text


def test_an_endpoint_that_tells_no_usage_is_taken_as_it_is(server: Any):
    server.play(server.answer({"id": "1", "model": "m", "choices": [_choice("A chart.")]}))
    with ChatCompletionsClient(server.endpoint, AzureKeyCredential(server.KEY)) as silent:
        panel = picture_panel(silent)
    assert row(panel, "tokens paid") == "not given"
    assert "Answer: A chart." in panel.shown.text


def test_a_photo_is_shown_upright(panel: Panel):
    photo = Image.new("RGB", (40, 20), "white")
    exif = photo.getexif()
    exif[0x0112] = 6  # orientation: to be turned by 90 degrees
    put(panel, "photo.jpg", file_of(photo, "JPEG", exif=exif))
    assert row(panel, "pixels") == "20 × 40"


def test_what_a_photo_tells_of_its_making_is_not_sent(panel: Panel, client: Client):
    photo = Image.new("RGB", (40, 20), "white")
    exif = photo.getexif()
    exif[0x0112] = 6
    exif[0x010E] = "taken at home"
    put(panel, "photo.jpg", file_of(photo, "JPEG", exif=exif, comment="at home", xmp=b"at home"))
    for kind in ("JPEG", "PNG"):
        panel.controls[KIND].value = kind
        ask(panel)
        data = sent(client)[1]
        assert Image.open(BytesIO(data)).size == (20, 40)
        assert not Image.open(BytesIO(data)).getexif()
        assert b"home" not in data


@pytest.mark.parametrize(
    ("mode", "kind"), [("CMYK", "JPEG"), ("L", "JPEG"), ("P", "GIF"), ("RGBA", "WEBP"), ("1", "PNG")]
)
def test_whatever_a_file_is_it_can_be_sent_as_png_and_as_jpeg(panel: Panel, client: Client, mode: str, kind: str):
    put(panel, f"mine.{kind.lower()}", file_of(Image.new(mode, (60, 40)), kind))
    for wanted in ("PNG", "JPEG"):
        panel.controls[KIND].value = wanted
        assert "60 x 40 pixels" in ask(panel)
        assert Image.open(BytesIO(sent(client)[1])).format == wanted


def test_transparent_parts_are_drawn_on_white_and_a_jpeg_can_be_made_of_them():
    glass = read(file_of(Image.new("RGBA", (100, 100), (255, 0, 0, 0))))
    assert drawn(grid("glass", glass.image).html).getpixel((40, 40)) == (255, 255, 255)
    flat = Image.open(BytesIO(glass.encoded("JPEG"))).convert("RGB")
    assert all(channel > 250 for channel in flat.getpixel((50, 50)))  # pyright: ignore


def test_the_drawing_has_a_line_at_each_border_and_grey_padding():
    shown = grid("a <strip>", Image.new("RGB", (400, 250), "white"))
    columns, rows = crops(400, 250)
    assert f"{columns} columns × {rows} rows: {columns * rows} crops" in shown.text
    assert f"{picture_tokens(400, 250):,} tokens" in shown.text
    assert "a &lt;strip&gt;" in shown.html
    image = drawn(shown.html)
    cell = image.width // columns
    assert image.size == (columns * cell, rows * cell)
    white = image.getpixel((cell // 2, cell // 2))
    padding = image.getpixel((cell // 2, image.height - 12))
    assert white == (255, 255, 255)
    assert padding != white
    borders = {image.getpixel((column * cell, cell // 2)) for column in range(1, columns)}
    assert len(borders) == 1
    assert borders.isdisjoint({white, padding})


def test_nothing_changed_is_the_very_file_and_a_speck_stays_a_picture():
    whole = read(CHART, own=True)
    assert changed(whole, "the whole picture", False, 100) is whole
    speck = read(file_of(Image.new("L", (1, 1))))
    assert changed(speck, "its upper quarter", True, 5).image.size == (1, 1)


def _choice(text: str) -> dict[str, Any]:
    return {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
