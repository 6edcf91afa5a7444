"""What a file is: known by its first bytes, never by its name or by what a request calls it."""

from __future__ import annotations

# What a file starts with, from the formats' own specifications: (offset, bytes, media type). The first counts.
_SIGNATURES = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (0, b"BM", "image/bmp"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (4, b"ftypavif", "image/avif"),
    (4, b"ftyphei", "image/heic"),
    (4, b"ftypmif1", "image/heic"),
    (0, b"<svg", "image/svg+xml"),
    (0, b"<?xml", "image/svg+xml"),
    (8, b"WAVE", "audio/wav"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"OggS", "audio/ogg"),
    (0, b"fLaC", "audio/flac"),
    (4, b"ftyp", "audio/mp4"),
    (0, b"FORM", "audio/aiff"),
    (0, b".snd", "audio/basic"),
    (0, b"#!AMR", "audio/amr"),
    (0, b"\x1a\x45\xdf\xa3", "video/webm"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"<!", "text/html"),
    (0, b"<html", "text/html"),
)


def media_type_of(data: bytes, *kinds: str) -> str | None:
    """The media type that the first bytes give away, if it is of these `kinds` ("image", "audio"...); without, of any.

    None when they are unknown.
    """
    for offset, signature, media_type in _SIGNATURES:
        if data.startswith(signature, offset) and (not kinds or media_type.partition("/")[0] in kinds):
            return media_type
    return _mpeg(data) if not kinds or "audio" in kinds else None


def _mpeg(data: bytes) -> str | None:
    """MPEG audio without a tag before it, by the header of its first frame (ISO 11172-3, 2.4.2.3)."""
    if len(data) < 4 or data[0] != 0xFF or data[1] & 0xE0 != 0xE0:
        return None
    layer, bit_rate, sample_rate = data[1] >> 1 & 3, data[2] >> 4, data[2] >> 2 & 3
    if layer == 0:
        return "audio/aac"
    return "audio/mpeg" if layer == 1 and bit_rate != 15 and sample_rate != 3 else None
