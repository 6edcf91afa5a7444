"""Pictures in a prompt: decode them, say what they cost, recognise the course's own, describe any other.

Pillow and numpy are imported when the first picture arrives, so that starting the mock stays fast.
"""

from __future__ import annotations

import base64
import colorsys
import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from io import BytesIO
from operator import mul
from typing import TYPE_CHECKING, Any

from ..data import table
from ..errors import ApiError
from .data_urls import decode_base64, shortened, split_data_url
from .signatures import media_type_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

MAX_BYTES = 20_000_000
MAX_PIXELS = 40_000_000

_ALIASES = {"image/jpg": "image/jpeg"}  # the API reference's own example says image/jpg
_OPENED = ("PNG", "JPEG", "GIF", "WEBP")  # no other decoder ever sees a request's bytes

# The grid on which a picture is compared with a known one, and the largest difference (of 255) a cell may show.
# Measured on the course's pictures: resized to 200 pixels, JPEG at quality 40 and up to 30 % brighter or darker they
# stay below 38; other pictures, the same chart with one point moved included, reach 51 and more.
_GRID = (64, 36)
_TOLERANCE = 42.0

_SMALL = 320  # pixels of a side in which colours are measured
# Hue in degrees at which each colour name ends, as people name colours on the colour wheel.
_HUES = (
    (15, "red"),
    (45, "orange"),
    (70, "yellow"),
    (165, "green"),
    (195, "cyan"),
    (255, "blue"),
    (290, "purple"),
    (345, "pink"),
    (360, "red"),
)
_HUE_ENDS = [end for end, _ in _HUES]
_NAMES = ["black", "white", "grey", "brown", *dict.fromkeys(name for _, name in _HUES)]


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture that was decoded: its size in pixels, and two small views of its first frame, in RGB.

    The frame itself is let go: 40 million pixels, and that for each picture of a request, are too many to hold on to.
    What the views tell is found out when it is asked for, and once.
    """

    width: int
    height: int
    grid: Image.Image = field(repr=False)
    """The coarse grid of colours in which a picture is compared with the course's own."""
    small: Image.Image = field(repr=False)
    """Single pixels of the frame, in which its colours are measured."""

    @classmethod
    def of(cls, frame: Image.Image) -> Picture:
        """The picture whose first frame this is, of whatever mode."""
        from PIL import Image

        image = rgb(frame)
        fitting = (min(image.width, _SMALL), min(image.height, _SMALL))
        # NEAREST invents no colours in between, so a drawing keeps its few.
        small = image.resize(fitting, Image.Resampling.NEAREST)
        return cls(image.width, image.height, image.resize(_GRID, Image.Resampling.BOX), small)

    @cached_property
    def name(self) -> str | None:
        """The name in `data/media.toml` of the course's picture that this shows, or None.

        The whole picture is compared, on a coarse grid of colours, brightness and contrast evened out. So a resized or
        re-encoded copy is known, while a mirrored one, a part of it, or the same chart of other figures is not.
        """
        cells = _cells(self.grid)
        total, squares = sum(cells), sum(map(mul, cells, cells))
        for name, known in known_pictures().items():
            if _difference(cells, total, squares, known["cells"]) <= _TOLERANCE:
                return name
        return None

    @property
    def thumbnail(self) -> str:
        """What `data/media.toml` has of a picture to know it by: a PNG of the comparing grid, in base64."""
        out = BytesIO()
        self.grid.save(out, "PNG", optimize=True)
        return base64.b64encode(out.getvalue()).decode()

    @cached_property
    def description(self) -> str:
        """What can be measured of the picture, in plain English: size, kind, main colours, brightness, contrast."""
        from PIL import ImageStat

        width, height = self.width, self.height
        shape = "square" if width == height else "landscape" if width > height else "portrait"
        total = self.small.width * self.small.height
        shades = _shades(self.small)
        areas = _areas(shades)
        main = [(name, count) for name, count in areas.most_common(4) if count >= total / 100]
        listed = _and([f"{name} ({_percent(count, total)})" for name, count in main])
        specks = [name for name, count in areas.most_common() if total / 2500 <= count < total / 100]
        traces = f", with small parts in {_and(specks[:4])}" if specks else ""
        light = ImageStat.Stat(self.small.convert("L"))
        mean, spread = light.mean[0], light.stddev[0]
        brightness = "dark" if mean < 85 else "of medium brightness" if mean < 170 else "bright"
        contrast = "hardly any" if spread < 8 else "low" if spread < 30 else "medium" if spread < 65 else "high"
        if spread < 2 and len(areas) == 1:
            kind = "It is evenly coloured and shows nothing that could be told apart."
        elif _is_flat(shades):
            kind = "Most of its area has a few flat colours, so it looks like a drawing, a chart or a screenshot."
        else:
            kind = "Its colours run through many shades, so it looks more like a photograph than like a drawing."
        verb = "colour is" if len(main) == 1 else "colours are"
        return (
            f"The picture is {width} x {height} pixels ({shape}). Its main {verb} {listed}{traces}. "
            f"It is {brightness}, with {contrast} contrast. {kind}"
        )


def parse_data_url(url: str, *, loc: tuple[str | int, ...] = ()) -> tuple[str, bytes]:
    """Split ``data:image/png;base64,...`` into its media type (lower case, without parameters) and its bytes.

    Raises ApiError `image_address` when this is an address and no data URL, `image_data_url` when it is one that cannot
    be read.
    """
    media_type, parameters, payload = split_data_url(url, "image", loc)
    got = "a value without the ';base64' separator"  # what OpenAI's models say instead of the reason
    try:
        if payload is None:
            raise ValueError("there is no comma between the media type and the data")
        if "base64" not in parameters:
            raise ValueError("it is not marked as ;base64")
        got = f"unsupported MIME type '{media_type}'"
        if not media_type:
            raise ValueError("it names no media type")
        if not media_type.startswith("image/"):
            raise ValueError(f"{media_type} is no picture's media type")
        got = "an invalid base64-encoded value" if payload else "empty base64-encoded bytes"
        return media_type, decode_base64(payload)
    except ValueError as error:
        raise ApiError("image_data_url", loc=loc, given=shortened(url), reason=error, got=got) from None


def decoded(
    data: bytes,
    *,
    declared: str | None = None,
    max_bytes: int = MAX_BYTES,
    max_pixels: int = MAX_PIXELS,
    loc: tuple[str | int, ...] = (),
) -> Image.Image:
    """The first frame of a picture, decoded completely, in RGB.

    `declared` is the media type the request gives it; ``image/jpg`` passes for ``image/jpeg``. The size is checked
    before anything is decoded, so a decompression bomb costs nothing. Raises ApiError `image_too_large`,
    `image_unsupported`, `image_mislabelled` or `image_broken`.
    """
    from PIL import Image, UnidentifiedImageError

    given = f"{declared or 'a picture'} of {len(data):,} bytes"
    if len(data) > max_bytes:
        raise _too_large(f"{len(data):,} bytes", f"{max_bytes:,}", given, loc)
    actual = media_type_of(data, "image", "application")
    if actual is not None and actual not in ("image/png", "image/jpeg", "image/gif", "image/webp"):
        raise ApiError("image_unsupported", loc=loc, given=given, actual=actual)
    if declared is not None and actual is not None and _ALIASES.get(declared.lower(), declared.lower()) != actual:
        raise ApiError("image_mislabelled", loc=loc, given=declared, declared=declared, actual=actual)
    try:
        with Image.open(BytesIO(data), formats=_OPENED) as image:
            if image.width * image.height > max_pixels:
                pixels = f"{image.width} x {image.height} = {image.width * image.height:,} pixels"
                raise _too_large(pixels, f"{max_pixels:,}", given, loc)
            image.verify()
        image = Image.open(BytesIO(data), formats=_OPENED)  # anew: what was verified cannot be decoded
        image.load()
        return rgb(image)
    except ApiError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large("far too many pixels", f"{max_pixels:,}", given, loc) from None
    except UnidentifiedImageError:
        reason = "its bytes are no picture that is known" if data else "it is empty"
        raise ApiError("image_broken", loc=loc, given=given, reason=reason) from None
    except Exception as error:  # a decoder that is fed damaged bytes may raise anything
        raise ApiError("image_broken", loc=loc, given=given, reason=f"{actual}: {error}") from None


def picture_tokens(width: int, height: int) -> int:
    """What a picture costs in prompt tokens on the Phi vision models, which cut it into crops of 336 x 336 pixels.

    The picture is laid on its long side, scaled to as many crops (16 at most) as its shape allows, and padded; a
    small view of the whole is added. So the shape alone decides: 1900 x 1069 and 950 x 535 both cost 2353.
    Source: the image processor of Phi-3-vision and Phi-3.5-vision, 144 tokens a crop.
    """
    if width < 1 or height < 1:
        raise ValueError(f"a picture of {width} x {height} pixels has no area")
    long, short = max(width, height), min(width, height)
    columns = max(s for s in range(1, 17) if s * math.ceil(s * short / long) <= 16)
    rows = max(1, math.ceil(336 * columns * short // long / 336))
    return (rows * columns + 1) * 144 + 1 + (rows + 1) * 12


def tile_tokens(width: int, height: int, *, base: int, tile: int, detail: str = "auto") -> int:
    """What a picture costs on models that cut it into tiles of 512 x 512 pixels: `base`, and `tile` for each.

    It is shrunk to fit 2048 x 2048, then until its short side is 768 at most. With ``detail="low"`` it costs `base`.
    1024 x 1024 is 765 tokens with 85 and 170. Source: OpenAI's and Azure OpenAI's guides to vision.
    """
    if detail == "low":
        return base
    scale = min(1.0, 2048 / max(width, height))
    scale = min(scale, 768 / min(width, height))
    columns, rows = (math.ceil(round(side * scale, 6) / 512) for side in (width, height))
    return base + tile * columns * rows


@cache
def known_pictures() -> dict[str, Mapping[str, Any]]:
    """The course's pictures by name: `file`, `shows`, what else `data/media.toml` says, and `cells` to compare."""
    from PIL import Image

    rows = table("media.toml")["pictures"]
    grids = {name: Image.open(BytesIO(decode_base64(row["thumbnail"]))).convert("RGB") for name, row in rows.items()}
    return {name: {**row, "cells": _cells(grids[name])} for name, row in rows.items()}


def rgb(image: Image.Image) -> Image.Image:
    """The first frame in RGB, transparent parts on white."""
    from PIL import Image

    if image.mode.startswith("I;16"):  # Pillow would cut 16 bits off at 255 instead of scaling them
        image = image.convert("I").point(lambda level: level / 256).convert("L")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image if image.mode == "RGB" else image.convert("RGB")


def _cells(grid: Image.Image) -> bytes:
    """The comparing grid, one byte a channel, smoothed so that a shift by half a cell is no matter."""
    from PIL import ImageFilter

    return grid.filter(ImageFilter.BoxBlur(1)).tobytes()


def _shades(small: Image.Image) -> NDArray[np.int32]:
    """The shade of each pixel, of 32 levels a channel: few colours to name. Red counts fastest."""
    import numpy as np

    red, green, blue = (np.asarray(small, np.int32) >> 3).reshape(-1, 3).T
    return red | green << 5 | blue << 10


def _areas(shades: NDArray[np.int32]) -> Counter[str]:
    """How many pixels have a colour of each name; of two that have as many, the one comes first that is seen first."""
    import numpy as np

    named = _name_numbers()[shades]
    pixels = named.tobytes()
    counts = {number: count for number, count in enumerate(np.bincount(named).tolist()) if count}
    return Counter({_NAMES[number]: counts[number] for number in sorted(counts, key=pixels.index)})


def _is_flat(shades: NDArray[np.int32]) -> bool:
    """Whether the twelve most frequent colours make up four fifths of a picture."""
    import numpy as np

    return int(np.sort(np.bincount(shades))[-12:].sum()) >= 0.8 * len(shades)


@cache
def _name_numbers() -> NDArray[np.uint8]:
    """For each shade the place of its name among `_NAMES`."""
    import numpy as np

    levels = [level << 3 | level >> 2 for level in range(32)]  # black and white kept
    names = (colour_name(red, green, blue) for blue in levels for green in levels for red in levels)
    return np.fromiter(map(_NAMES.index, names), np.uint8)


def _difference(cells: bytes, total: int, squares: int, known: bytes) -> float:
    """The largest difference of a cell after the brightness and contrast of `cells`, of which the sum and that of the
    squares are given, were fitted to those of `known`."""
    count, known_total = len(known), sum(known)
    spread = count * squares - total * total
    together = count * sum(map(mul, cells, known)) - total * known_total
    gain = together / spread if spread else 0.0
    if not 0.6 < gain < 1.7:  # not another exposure of this picture; an empty one and a negative end here too
        return 255.0
    offset = (known_total - gain * total) / count
    return max(abs(gain * cell + offset - other) for cell, other in zip(cells, known, strict=True))


@lru_cache(maxsize=2**12)  # as many colours as the vector of a picture tells apart
def colour_name(red: int, green: int, blue: int) -> str:
    """The everyday name of a colour, each part from 0 to 255."""
    hue, saturation, value = colorsys.rgb_to_hsv(red / 255, green / 255, blue / 255)
    if value < 0.18:
        return "black"
    if saturation < 0.12:
        return "white" if value > 0.92 else "grey"
    name = _HUES[bisect_left(_HUE_ENDS, hue * 360)][1]
    if name in ("orange", "red") and value < 0.6 and saturation > 0.3:
        return "brown"
    return name


def _percent(count: int, total: int) -> str:
    return f"{min(round(100 * count / total), 99 if count < total else 100)}%"


def _and(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _too_large(actual: str, limit: str, given: str, loc: tuple[str | int, ...]) -> ApiError:
    return ApiError("image_too_large", loc=loc, given=given, actual=actual, limit=limit)
