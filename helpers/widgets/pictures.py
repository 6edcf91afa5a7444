"""The panel of lesson 07: a picture to upload, to cut, to turn and to shrink; the grid in which it is seen, its price
by the rule and by the endpoint, and its size as a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from io import BytesIO
from math import ceil
from typing import Any

from azure.ai.inference.models import ImageContentItem, ImageUrl, TextContentItem, UserMessage
from ipywidgets import Checkbox, Dropdown, IntSlider, Text
from PIL import Image, ImageDraw, ImageOps

from ..display import Rich, remark, stacked, table, words
from ..media import data_url, picture
from .files import Files
from .panel import Panel, answer

COURSE = ("chart.png", "shapes.png")
_ENDINGS = ".png,.jpg,.jpeg,.gif,.webp"
CROP, MOST_CROPS = 336, 16  # pixels of a side; of Phi-3-vision and Phi-3.5-vision
MOST_PIXELS = 40_000_000
FORMATS = {"PNG": {}, "JPEG": {"quality": 85}}
# What is kept of a picture so wide and so high: left, top, right, bottom.
CUTS: dict[str, Callable[[int, int], tuple[int, int, int, int]]] = {
    "the whole picture": lambda width, height: (0, 0, width, height),
    "a square from its middle": lambda width, height: _middle(width, height),
    "its left half": lambda width, height: (0, 0, max(1, width // 2), height),
    "its upper half": lambda width, height: (0, 0, width, max(1, height // 2)),
    "its upper quarter": lambda width, height: (0, 0, width, max(1, height // 4)),
}
_DRAWN = 640  # pixels of the drawing's long side
_PADDED, _LINE, _EDGE = "#8a8a8a", "#ffffff", "#c2185b"


def crops(width: int, height: int) -> tuple[int, int]:
    """How many squares of 336 pixels lie along the long side and how many along the short one.

    The picture is scaled, up or down, to as many squares as its shape allows, 16 at most. Raises ValueError when it has
    no area. Source: the image processor of Phi-3-vision and Phi-3.5-vision.
    """
    if width < 1 or height < 1:
        raise ValueError(f"a picture of {width} x {height} pixels has no area")
    long, short = max(width, height), min(width, height)
    along = max(n for n in range(1, MOST_CROPS + 1) if n * ceil(n * short / long) <= MOST_CROPS)
    return along, max(1, ceil(CROP * along * short // long / CROP))


def picture_tokens(width: int, height: int) -> int:
    """The prompt tokens of a picture: 144 for each crop and for a view of the whole, and what ends the rows."""
    along, across = crops(width, height)
    return (along * across + 1) * 144 + (across + 1) * 12 + 1


@dataclass(frozen=True)
class Variant:
    """A picture after the cut, the turn and the resizing; `file` is what it came from, if that can be sent as it is."""

    image: Image.Image
    file: bytes = b""

    def encoded(self, kind: str) -> bytes:
        """As the bytes of a PNG or JPEG file; the original ones when it is unchanged and of that kind."""
        if self.file and self.image.format == kind:
            return self.file
        image = self.image if kind == "PNG" else _on_white(self.image)
        out = BytesIO()
        image.save(out, kind, **FORMATS[kind])
        return out.getvalue()


def read(data: bytes, *, own: bool = False) -> Variant:
    """A PNG, JPEG, GIF or WebP file: its first frame, upright, and nothing of what a camera or a program noted in it.

    The course's `own` files are sent as they are. Raises ValueError for anything else and for too many pixels.
    """
    data_url(data)  # says what the bytes look like when they are no picture
    try:
        image = Image.open(BytesIO(data), formats=("PNG", "JPEG", "GIF", "WEBP"))
        if image.width * image.height > MOST_PIXELS:
            raise ValueError(f"It has {image.width:,} × {image.height:,} pixels; at most {MOST_PIXELS:,} are taken.")
        image.load()
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(f"The picture cannot be decoded: {error}") from error
    ImageOps.exif_transpose(image, in_place=True)
    image.info = {name: value for name, value in image.info.items() if name == "transparency"}
    return Variant(image, data) if own else Variant(image.convert("RGB") if image.mode == "CMYK" else image)


def changed(whole: Variant, cut: str, turned: bool, percent: int) -> Variant:
    """What is left of a picture: cut, turned by 90 degrees, its sides shrunk to `percent`; one pixel at least."""
    image = whole.image
    box = CUTS[cut](*image.size)
    if box != (0, 0, *image.size):
        image = image.crop(box)
    if turned:
        image = image.transpose(Image.Transpose.ROTATE_90)
    if percent != 100:
        size = max(1, round(image.width * percent / 100)), max(1, round(image.height * percent / 100))
        image = image.convert("RGBA" if image.has_transparency_data else "RGB").resize(size)
    return whole if image is whole.image else Variant(image)


def _middle(width: int, height: int) -> tuple[int, int, int, int]:
    side = min(width, height)
    left, top = (width - side) // 2, (height - side) // 2
    return left, top, left + side, top + side


def picture_panel(client: Any, question: str = "Describe the picture.") -> Panel:
    """Choose one of the course's pictures or upload one, cut, turn and shrink it, and ask about it. The result is the
    grid in which the model sees it, its tokens, its size as a file, and, once asked, what it really cost.

    `client`: a `ChatCompletionsClient` with a model that sees. The rule is that of Phi-3-vision and Phi-3.5-vision; the
    price paid is the prompt tokens of the question with the picture, less those of the question alone.
    """
    files = Files("picture", COURSE, partial(read, own=True), read, accept=_ENDINGS, label="upload a picture")
    cut = Dropdown(options=list(CUTS), description="keep")
    turned = Checkbox(False, description="turn by 90°", indent=False)
    percent = IntSlider(100, min=5, max=100, step=5, description="sides in %", continuous_update=False)
    kind = Dropdown(options=list(FORMATS), description="send as")
    asked = Text(question, description="question")
    seeing = [files.chosen, files.upload, cut, turned, percent]
    tokens_alone = lru_cache(maxsize=16)(partial(_tokens_alone, client))

    def kept() -> Variant:
        return changed(files.current(), str(cut.value), bool(turned.value), int(percent.value))

    def seen(variant: Variant, paid: str) -> Rich:
        return stacked(grid(files.name, variant.image), _sizes(variant, paid))

    def preview(_: Any) -> None:
        """Shows the grid and the sizes, nothing asked."""
        try:
            hint = words("Press Ask to see what it costs and what is answered.")
            panel.say(stacked(seen(kept(), "not asked yet"), hint))
        except ValueError as error:
            panel.say(words(str(error)))

    def ask() -> Rich:
        variant = kept()
        shown = ImageContentItem(image_url=ImageUrl(url=data_url(variant.encoded(str(kind.value)))))
        reply = client.complete(messages=[UserMessage(content=[TextContentItem(text=asked.value), shown])])
        return stacked(seen(variant, _paid(reply.usage, tokens_alone(asked.value))), answer(reply))

    panel = Panel("A picture, as the model sees it", [*seeing, kind, asked], ask, button="Ask")
    for control in seeing:
        control.observe(preview, names="value")
    return panel


def _tokens_alone(client: Any, question: str) -> int | None:
    """The prompt tokens of the question without a picture."""
    usage = client.complete(messages=[UserMessage(question)], max_tokens=1).usage
    return usage.prompt_tokens if usage else None


def _paid(usage: Any, alone: int | None) -> str:
    if not usage or alone is None:
        return "not given"
    whole = usage.prompt_tokens
    return f"{whole - alone:,} ({whole:,} with the question, {alone:,} for the question alone)"


def grid(name: str, image: Image.Image) -> Rich:
    """The picture with the borders of its crops drawn over it; padding is grey. `name` goes into the alt text."""
    along, across = crops(*image.size)
    lying = image.width >= image.height
    columns, rows = (along, across) if lying else (across, along)
    cell = _DRAWN // max(columns, rows)
    long = cell * along
    short = max(1, round(long * min(image.size) / max(image.size)))
    small = _on_white(image).resize((long, short) if lying else (short, long))
    drawing = Image.new("RGB", (columns * cell, rows * cell), _PADDED)
    drawing.paste(small)
    pen = ImageDraw.Draw(drawing)
    for colour, width in ((_LINE, 5), (_EDGE, 2)):  # the pale border keeps a line visible on any picture
        for column in range(columns + 1):
            at = min(column * cell, drawing.width - 1)
            pen.line((at, 0, at, drawing.height), fill=colour, width=width)
        for row in range(rows + 1):
            at = min(row * cell, drawing.height - 1)
            pen.line((0, at, drawing.width, at), fill=colour, width=width)
    alt = (
        f"{name}, {image.width:,} × {image.height:,} pixels, under a grid of {columns} columns × {rows} rows: "
        f"{columns * rows} crops and a view of the whole, {picture_tokens(*image.size):,} tokens"
    )
    out = BytesIO()
    drawing.quantize(64).save(out, "PNG")
    shown = picture(out.getvalue(), alt)
    return Rich(alt, shown.html + remark(f"{columns} columns × {rows} rows; grey is padding."))


def _sizes(variant: Variant, paid: str) -> Rich:
    image = variant.image
    along, across = crops(*image.size)
    rows = [
        ("pixels", f"{image.width:,} × {image.height:,}"),
        ("crops, long side × short side", f"{along} × {across}"),
        ("tokens by the rule", f"{picture_tokens(*image.size):,}"),
        ("tokens paid", paid),
        *((f"as {kind}", _about(len(variant.encoded(kind)))) for kind in FORMATS),
    ]
    return table("What it costs", ["measure", "value"], rows)


def _about(size: int) -> str:
    """Bytes to two figures: the last ones depend on the encoder's version."""
    return f"about {float(f'{size / 1000:.2g}'):,g} kB"


def _on_white(image: Image.Image) -> Image.Image:
    if image.has_transparency_data:
        image = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    return image.convert("RGB")
