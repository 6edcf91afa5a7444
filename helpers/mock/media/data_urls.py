"""Data URLs and base64: the bytes that stand in a request itself. Source: RFC 2397 and RFC 4648, section 4."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress

from ..errors import ApiError


def split_data_url(url: str, kind: str, loc: tuple[str | int, ...]) -> tuple[str, list[str], str | None]:
    """``data:image/png;base64,...`` as its media type, its parameters (both in lower case) and what follows the comma.

    The last is None without a comma. `kind` is "image" or "audio". Raises ApiError `image_address` or `audio_address`
    when this is an address and no data URL.
    """
    if url[:5].lower() != "data:":
        short = shortened(url)
        reason = "nothing is fetched from the network"
        raise ApiError(f"{kind}_address", loc=loc, given=short, address=short, reason=reason)
    comma = url.find(",", 5)
    head = url[5:205] if comma < 0 else url[5 : min(comma, 205)]
    media_type, *parameters = (part.strip().lower() for part in head.split(";"))
    return media_type, parameters, None if comma < 0 else url[comma + 1 :]


def decode_base64(text: str) -> bytes:
    """The bytes of standard base64 with padding, white space skipped. Raises ValueError that says what is wrong.

    White space is skipped because the `base64` command wraps its lines.
    """
    packed = re.sub(r"[ \t\r\n]+", "", text) if any(blank in text for blank in " \t\r\n") else text
    if not packed:
        raise ValueError("there is no data")
    if len(packed) % 4 == 0 and not packed.endswith("==="):  # which some versions of Python let pass
        with suppress(ValueError):  # binascii.Error is one, and so is what a character beyond ASCII raises
            return _decoder()(packed, validate=True)
    if wrong := re.search(r"[^A-Za-z0-9+/=]", packed):
        hint = " (use the standard alphabet, not the URL-safe one)" if wrong.group() in "-_" else ""
        raise ValueError(f"{wrong.group()!r} at position {wrong.start()} is not base64{hint}")
    raise ValueError(f"its {len(packed)} characters are cut off or wrongly padded")


def _decoder() -> Callable[..., bytes]:
    """The quickest there is; loaded with the first picture or sound, as most requests have none."""
    try:
        from pybase64 import b64decode
    except ImportError:  # no wheel on this platform (the browser): Python's own knows the same alphabet
        from base64 import b64decode
    return b64decode


def shortened(url: str) -> str:
    """A long address or base64 text as a message repeats it: its beginning and its length."""
    return url if len(url) <= 80 else f"{url[:60]}... ({len(url):,} characters)"
