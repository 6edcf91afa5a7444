"""The pictures and sounds of a request: decoded, counted, and as many of them as the model keeps in context.

Microsoft's pages on vision models: one picture a turn (or as many as the card says), and only the last turn's pictures
are retained. What an address means is said in `addresses`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import ApiError
from ..media import pictures, sounds
from ..media.addresses import Addresses
from ..media.pictures import Picture
from ..media.sounds import Sound
from ..messages import Message
from .card import Card

if TYPE_CHECKING:
    from PIL import Image

MAX_PIXELS = 5 * pictures.MAX_PIXELS  # of all pictures of a request: decoding takes a second for each 40 million

Place = tuple[str | int, ...]


class Attachments(NamedTuple):
    """What the model has before it, and the prompt tokens that it costs."""

    pictures: tuple[Picture, ...]
    sounds: tuple[Sound, ...]
    picture_tokens: int
    sound_tokens: int

    @property
    def tokens(self) -> int:
        return self.picture_tokens + self.sound_tokens


_NOTHING = Attachments((), (), 0, 0)


def read_attachments(card: Card, messages: Sequence[Message], at: Addresses) -> Attachments:
    """Decode the pictures and sounds of a conversation.

    `at` knows what is at an address. Raises ApiError: 422 for a model that cannot see or hear, 400 for more pictures in
    a turn than it takes, and what `pictures` and `sounds` refuse.
    """
    if list not in [type(message.wire.get("content")) for message in messages]:
        return _NOTHING
    frames = Frames(at)
    seen: tuple[Picture, ...] = ()
    heard: list[Sound] = []
    picture_cost = sound_cost = 0
    for number, message in enumerate(messages):
        content = message.wire.get("content")
        if not isinstance(content, list):
            continue
        turn: list[tuple[Picture, int]] = []
        for position, part in enumerate(content):
            loc = ("body", "messages", number, "content", position)
            if part["type"] == "image_url":
                if not card.pictures:
                    raise _not_seen(part["type"], loc)
                picture = Picture.of(frames.read(part["image_url"]["url"], loc)[1])
                turn.append((picture, _cost(card, picture, part["image_url"].get("detail"))))
            elif part["type"] in ("input_audio", "audio_url"):
                if not card.sound:
                    raise _not_seen(part["type"], loc)
                heard.append(_sound(part, at, loc))
                sound_cost += sounds.sound_tokens(heard[-1].duration, card.sound_rate)
        if len(turn) > card.pictures:
            raise ApiError("one_picture", limit=card.pictures)
        if turn:  # only the last turn with pictures is kept in context
            seen = tuple([picture for picture, _ in turn])
            picture_cost = sum([cost for _, cost in turn])
    return Attachments(seen, tuple(heard), picture_cost, sound_cost)


def _not_seen(kind: str, loc: tuple[str | int, ...]) -> ApiError:
    """The refusal of a model that has no eyes, or no ears."""
    return ApiError("content_not_supported", loc=loc, given=kind, number=loc[2], place=loc[4])


class Frames:
    """Reads the pictures of one request, which have so many pixels together at most: `MAX_PIXELS`."""

    def __init__(self, at: Addresses) -> None:
        self._at = at
        self._pixels = 0

    def read(self, url: str, loc: Place) -> tuple[bytes, Image.Image]:
        """The bytes of a picture given as data URL or by address, and its frame. Raises ApiError."""
        data, media_type = self._at(url, "image", loc), None
        if data is None:
            media_type, data = pictures.parse_data_url(url, loc=loc)
        frame = pictures.decoded(data, declared=media_type, loc=loc)
        self._pixels += frame.width * frame.height
        if self._pixels > MAX_PIXELS:
            together = f"{self._pixels:,} pixels together with those before it"
            raise ApiError("image_too_large", loc=loc, actual=together, limit=f"{MAX_PIXELS:,}")
        return data, frame


def _cost(card: Card, picture: Picture, detail: str | None) -> int:
    if card.picture_cost.rule == "crops":
        return pictures.picture_tokens(picture.width, picture.height)
    base, tile = card.picture_cost.base, card.picture_cost.tile
    return pictures.tile_tokens(picture.width, picture.height, base=base, tile=tile, detail=detail or "auto")


def _sound(part: dict[str, Any], at: Addresses, loc: Place) -> Sound:
    if part["type"] == "input_audio":
        data = sounds.parse_base64(part["input_audio"]["data"], loc=loc)
        declared = part["input_audio"]["format"]
    else:
        url = part["audio_url"]["url"]
        data, declared = at(url, "audio", loc), None
        if data is None:
            declared, data = sounds.parse_data_url(url, loc=loc)
    return sounds.read_sound(data, declared=declared, loc=loc)
