"""The checks of lesson 07, images."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from numbers import Integral
from typing import Any

from ..mock.media.pictures import picture_tokens, tile_tokens
from .kinds import called, code, expect_function, expect_type, given, role_of
from .registry import exercise, expect

# The smallest files of their kinds that the exercises need: one pixel each.
PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4//8/AAX+Av4N70a4AAAAAElFTkSuQmCC")
JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAP////////////////////////////////////////////////////////////////////////////"
    "//////////wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAA//EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AR//Z"
)
NOTE = b"Exif\x00\x00made from a PNG"  # as cameras and programs write it between the first bytes and the rest
PHOTO = JPEG[:2] + b"\xff\xe1" + (len(NOTE) + 2).to_bytes(2) + NOTE + JPEG[2:]
ONE, OTHER = "data:image/png;base64,b25l", "data:image/jpeg;base64,b3RoZXI="


@exercise(
    "7.1",
    "Whatever the bytes are",
    takes="data",
    first="A data URL is a label, a comma, and the base64. How does a PNG begin?",
    second="Two questions, one after the other: what do the first bytes say, and how do bytes become text?",
)
def _(url_of: Any) -> str:
    expect_function(url_of)
    told = called(url_of, PNG, when="For a PNG")
    given(told)
    expect_type(told, str, "a `str`")
    decode = "`b64encode` gives bytes; `.decode()` after it makes them a `str`."
    expect("b'" not in told, "There is a `b'...'` in it: the base64 is still bytes.", decode)
    form = "`data:image/png;base64,` comes first, with the comma, and then the base64."
    expect(told.startswith("data:"), f"A data URL begins with “data:”, and this begins with {code(told[:12])}.", form)
    expect("," in told, "There is no comma in it.", form)
    head, _, payload = told.partition(",")
    expect(head.endswith(";base64"), f"Before the comma it says {code(head)}, without `;base64`.", form)
    plain = "`base64.b64encode(data)` is all of it, without line breaks and without a header."
    expect(not re.search(r"\s", payload), "The base64 has line breaks.", plain)
    expect(payload == base64.b64encode(PNG).decode(), "The part after the comma is not the base64 of the bytes.", plain)
    expect(
        head == "data:image/png;base64",
        f"For a PNG, the label is `data:image/png;base64`, not {code(head)}.",
    )
    begins = '`data.startswith(b"\\x89PNG")` is true of every PNG, and of no JPEG.'
    for what, data in {"a JPEG": JPEG, "a JPEG from a camera": PHOTO}.items():
        head, _, payload = called(url_of, data, when=f"For {what}", more=begins).partition(",")
        expect("image/png" not in head, f"For {what} it says image/png. Look at how the bytes begin.", begins)
        expect(
            "image/jpg" not in head, "The media type of a JPEG is spelled `image/jpeg`.", "With an e, as in its name."
        )
        expect(
            head == "data:image/jpeg;base64",
            f"For {what} it writes {code(head)}, not `data:image/jpeg;base64`.",
            begins,
        )
        expect(
            payload == base64.b64encode(data).decode(),
            "The part after the comma is not the base64 of the bytes.",
            plain,
        )
    return "Right: the label comes from the content, so a renamed file does no harm."


@exercise(
    "7.2",
    "Spot the difference",
    takes="question, one, other",
    first="The content of a user message can be a list. Three items: what is asked, the one picture, the other.",
    second="A `TextContentItem` for the question, an `ImageContentItem` for each address; or dictionaries like them.",
)
def _(compared: Any) -> str:
    expect_function(compared)
    message = called(compared, "What differs?", ONE, OTHER)
    given(message)
    in_list = "One `UserMessage(content=[...])`: the items go into its list."
    expect(not isinstance(message, list | tuple), "That is a list, and this should be one message.", in_list)
    expect_type(message, Mapping, "a message", in_list)
    role = role_of(message)
    expect(role == "user", f"Pictures are sent by the user, and the role of this message is {code(role)}.")
    items = message.get("content")
    expect(isinstance(items, list), "The content is a text, and a text has no place for a picture.", in_list)
    assert isinstance(items, list)
    expect(all(isinstance(item, Mapping) for item in items), "Each item should be a content item or a dict.")
    kinds = [str(item.get("type")) for item in items]
    expect(
        sorted(kinds) == ["image_url", "image_url", "text"],
        f"There should be a text item and two image items; these are of type {', '.join(kinds)}.",
        "The types are called `text` and `image_url`. The SDK's classes write them for you.",
    )
    nested = '`{"type": "image_url", "image_url": {"url": one}}`: the address is two levels down.'
    expect(
        all(isinstance(item.get("image_url"), Mapping) for item in items if item["type"] == "image_url"),
        "An address is one level too high.",
        nested,
    )
    texts = [item.get("text") for item in items if item["type"] == "text"]
    urls = [item["image_url"].get("url") for item in items if item["type"] == "image_url"]
    expect(texts == ["What differs?"], f"The text item says {code(texts[0])} instead of the question.")
    expect(
        urls != [ONE, ONE] and urls != [OTHER, OTHER],
        "Both items hold the same picture.",
        "The first item takes `one`, the second `other`.",
    )
    expect(
        urls != [OTHER, ONE],
        "The second picture comes first.",
        "The words of a question, such as “the first picture”, refer to their order.",
    )
    expect(urls == [ONE, OTHER], f"The addresses of the pictures are {code(urls)}.", nested)
    return "Right: one turn, two pictures, in the order in which they are spoken of."


@exercise(
    "7.3",
    "The widest cut that pays",
    takes="width, height",
    first="One pixel narrower, then two, … which is the first width that costs less than the whole?",
    second="`range(width - 1, 0, -1)` counts down from the widest cut. What is there to return when none is cheaper?",
)
def _(widest: Any) -> str:
    expect_function(widest)
    after = "`return None` belongs after the loop: inside, it would end the search at the first width."
    down = "Count down from the widest, and return at the first width that is cheaper."
    for width, height in ((1900, 1069), (1000, 1000), (640, 480), (300, 900)):
        told = called(widest, width, height, when=f"For {width:,} × {height:,}")
        right = _widest(width, height)
        assert right is not None
        said = f"For {width:,} × {height:,} it returns {code(told)}"
        expect(told is not None, f"{said}, and there is a width that costs less.", after)
        expect(isinstance(told, Integral), f"{said}, and should return a width in whole pixels.")
        expect(
            told != picture_tokens(right, height),
            f"{told:,} is the price, not the width.",
            "Compare the prices, and return what you counted with.",
        )
        expect(told < width, f"{said}: that cuts nothing off.", "The first width to try is `width - 1`.")
        expect(told > 0, f"{said}: nothing would be left.")
        whole, cut = picture_tokens(width, height), picture_tokens(int(told), height)
        expect(cut < whole, f"{said}: that costs {cut:,}, and the whole {whole:,}.", "Cheaper is `<`, not `<=`.")
        expect(told == right, f"{said}: cheaper than the whole, but a wider cut is cheaper as well.", down)
    told = called(widest, 1280, 160, when="For 1,280 × 160")
    expect(told is None, f"1,280 × 160 has no cheaper cut, and for it you return {code(told)}, not `None`.", after)
    return "Right. And 640 × 480 shows the limits: to save anything there, two thirds of the picture have to go."


@exercise(
    "7.4",
    "A model that counts in tiles",
    takes="width, height",
    first="Three steps: into 2,048 × 2,048, the short side to 768, then count tiles like crops. It only shrinks.",
    second="Both steps of shrinking are a factor that is never above 1. Multiply the sides, then count tiles.",
)
def _(tiled: Any) -> str:
    expect_function(tiled)
    told = called(tiled, 1024, 1024, when="For 1,024 × 1,024")
    given(told)
    expect_type(told, int | float, "a number")
    expect(
        told != 680,
        "680 for 1,024 × 1,024 are its four tiles.",
        "The look at the whole picture costs 85 tokens more, once.",
    )
    shrinks = "`min(1, 2048 / longer)` and `min(1, 768 / shorter)`: a factor above 1 would enlarge it."
    begun = "`ceil(side / 512)` counts a tile that has begun; `round` and `//` leave it out."
    first = "First `max(width, height)` decides, then `min(width, height)` of what the first step has made of it."
    tried = [
        (1024, 1024, "The short side is shrunk to 768; that makes 2 by 2 tiles.", shrinks),
        (512, 512, "It is small enough as it is: one tile.", shrinks),
        (100, 100, "A small picture is not blown up: one tile.", f"{begun} {shrinks}"),
        (513, 512, "A tile that has begun counts.", begun),
        (4096, 2048, "First into 2,048 × 2,048, so 2,048 × 1,024; then the short side to 768, so 1,536 × 768.", first),
        (8192, 1024, "Into 2,048 × 2,048 makes it 2,048 × 256, and its short side is no longer above 768.", first),
        (1024, 8192, "A tall picture counts like a wide one.", first),
        (1900, 1069, "The short side to 768 makes it 1,365 wide: 3 by 2 tiles.", begun),
    ]
    for width, height, why, more in tried:
        told, right = (
            called(tiled, width, height, when=f"For {width:,} × {height:,}"),
            tile_tokens(width, height, base=85, tile=170),
        )
        expect(told == right, f"For {width:,} × {height:,} it returns {code(told)}, and {right} is right. {why}", more)
    return "Right. Here the size counts as well as the shape: for such a model, shrinking does save tokens."


def _widest(width: int, height: int) -> int | None:
    whole = picture_tokens(width, height)
    return next((cut for cut in range(width - 1, 0, -1) if picture_tokens(cut, height) < whole), None)
