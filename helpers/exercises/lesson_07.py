"""The checks of lesson 07, images."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any

from ..mock.media.pictures import picture_tokens, tile_tokens
from .kinds import expect_function, expect_type, given, role_of
from .registry import exercise, expect

# The smallest files of their kinds that the exercises need: 1 x 1 pixels.
PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4//8/AAX+Av4N70a4AAAAAElFTkSuQmCC")
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(range(256)) * 3 + b"\xff\xd9"
ONE, OTHER = "data:image/png;base64,b25l", "data:image/jpeg;base64,b3RoZXI="


@exercise(
    "7.1",
    "Whatever the bytes are",
    first="Three parts make a data URL: what stands before the comma, the comma, the base64. How does a PNG begin?",
    second='data.startswith(b"\\x89PNG") tells a PNG from a JPEG; b64encode gives bytes, and decode makes them a str.',
)
def _(url_of: Any) -> str:
    expect_function(url_of)
    told = url_of(PNG)
    given(told)
    expect_type(told, str, "a str")
    expect("b'" not in told, "There is a b'...' in it: the base64 is still bytes. decode() makes a str of them.")
    expect(told.startswith("data:"), f"A data URL begins with data:, and this begins with {told[:12]!r}.")
    expect("," in told, "There is no comma: it stands between what it says about the data and the data.")
    head, _, payload = told.partition(",")
    expect(head.endswith(";base64"), f"Before the comma stands {head!r}: it does not say ;base64.")
    expect(not re.search(r"\s", payload), "The base64 has line breaks. b64encode makes none.")
    expect(payload == base64.b64encode(PNG).decode(), "The part after the comma is not the base64 of the bytes.")
    expect(head == "data:image/png;base64", f"For a PNG, wanted before the comma is data:image/png;base64, not {head}.")
    head, _, payload = url_of(JPEG).partition(",")
    expect("image/png" not in head, "A JPEG is labelled image/png. Look at how the bytes begin.")
    expect("image/jpg" not in head, "The media type of a JPEG is spelled image/jpeg.")
    expect(head == "data:image/jpeg;base64", f"For a JPEG it writes {head!r}; wanted is data:image/jpeg;base64.")
    expect(payload == base64.b64encode(JPEG).decode(), "The part after the comma is not the base64 of the bytes.")
    return "Right: the label comes from the content, so a renamed file does no harm."


@exercise(
    "7.2",
    "Spot the difference",
    first="The content of a user message can be a list. Three items: what is asked, the one picture, the other.",
    second="An ImageContentItem takes image_url=ImageUrl(url=...). A dict nests twice: image_url, and in it url.",
)
def _(compared: Any) -> str:
    expect_function(compared)
    message = compared("What differs?", ONE, OTHER)
    given(message)
    expect(not isinstance(message, list | tuple), "That is a list. Wanted is one message, with a list as its content.")
    expect_type(message, Mapping, "a message")
    role = role_of(message)
    expect(role == "user", f"Pictures are sent by the user, and the role of this message is {role}.")
    items = message.get("content")
    expect(isinstance(items, list), "The content should be a list of items; a text has no place for a picture.")
    assert isinstance(items, list)
    expect(all(isinstance(item, Mapping) for item in items), "Each item should be a content item or a dict.")
    kinds = [str(item.get("type")) for item in items]
    expect(
        sorted(kinds) == ["image_url", "image_url", "text"],
        f"Wanted are a text item and two image items; these are of type {', '.join(kinds)}.",
    )
    expect(
        all(isinstance(item.get("image_url"), Mapping) for item in items if item["type"] == "image_url"),
        "An address stands one level too high: it goes into image_url, under url.",
    )
    texts = [item["text"] for item in items if item["type"] == "text"]
    urls = [item["image_url"].get("url") for item in items if item["type"] == "image_url"]
    expect(texts == ["What differs?"], f"The text item says {texts[0]!r} instead of the question.")
    expect(urls != [ONE, ONE] and urls != [OTHER, OTHER], "Both items hold the same picture.")
    expect(urls != [OTHER, ONE], "The second picture stands first: the words of a question refer to their order.")
    expect(urls == [ONE, OTHER], f"The addresses of the pictures are {urls}.")
    return "Right: one turn, two pictures, in the order in which they are spoken of."


@exercise(
    "7.3",
    "The widest cut that pays",
    first="One pixel narrower, then two, … which is the first width that costs less than the whole?",
    second="range(width - 1, 0, -1) counts down; return at the first that is cheaper, and None after the loop.",
)
def _(widest: Any) -> str:
    expect_function(widest)
    for width, height in ((1900, 1069), (1000, 1000), (640, 480), (300, 900)):
        told = widest(width, height)
        right = _widest(width, height)
        assert right is not None
        expect(told is not None, f"For {width} × {height} it returns None, and there is a width that costs less.")
        expect(isinstance(told, int), f"Wanted is a width in whole pixels, and this returns {told!r}.")
        expect(told != picture_tokens(right, height), f"{told:,} is the price. Wanted is the width.")
        said = f"For {width} × {height} it returns {told}: "
        expect(0 < told < width, said + "that cuts nothing off." if told >= width else said + "nothing would be left.")
        whole, cut = picture_tokens(width, height), picture_tokens(told, height)
        expect(cut < whole, said + f"that costs {cut:,}, and the whole {whole:,}.")
        expect(told == right, said + "cheaper than the whole, but a wider cut is cheaper as well.")
    told = widest(1280, 160)
    expect(told is None, f"1280 × 160 has no cheaper cut: wanted is None, and it returns {told!r}.")
    return "Right. And 640 × 480 shows the limits: to save anything there, two thirds of the picture have to go."


@exercise(
    "7.4",
    "A model that counts in tiles",
    first="Three steps: into 2048 × 2048, the short side to 768, then count tiles as you count crops. It only shrinks.",
    second="scale = min(1, 2048 / long side), then scale = min(scale, 768 / short side); ceil(side * scale / 512).",
)
def _(tiled: Any) -> str:
    expect_function(tiled)
    told = tiled(1024, 1024)
    given(told)
    expect_type(told, int | float, "a number")
    expect(told != 680, "680 for 1024 × 1024 are its four tiles. The 85 tokens for the look at the whole are missing.")
    tried = [
        (1024, 1024, "The short side is shrunk to 768; that makes 2 by 2 tiles."),
        (512, 512, "It is small enough as it is: one tile."),
        (100, 100, "A small picture is not blown up: one tile."),
        (513, 512, "A tile that has begun counts."),
        (4096, 2048, "First into 2048 × 2048, so 2048 × 1024; then the short side to 768, so 1536 × 768."),
        (8192, 1024, "Into 2048 × 2048 makes it 2048 × 256, and its short side is no longer above 768."),
        (1024, 8192, "A tall picture counts like a wide one."),
        (1900, 1069, "The short side to 768 makes it 1365 wide: 3 by 2 tiles."),
    ]
    for width, height, why in tried:
        told, right = tiled(width, height), tile_tokens(width, height, base=85, tile=170)
        expect(told == right, f"For {width} × {height} it returns {told}; wanted is {right}. {why}")
    return "Right. Here the size counts as well as the shape: for such a model, shrinking does save tokens."


def _widest(width: int, height: int) -> int | None:
    whole = picture_tokens(width, height)
    return next((cut for cut in range(width - 1, 0, -1) if picture_tokens(cut, height) < whole), None)
