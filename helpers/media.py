"""Pictures and sounds for a prompt: data URLs, base64, addresses, and a look or a listen in the notebook.

A `source` is a path, bytes, a PIL image or an http(s) address. A relative path is looked for in the current folder
first and among the course's own files second. What a file is comes from its content, never from its name.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from html import escape
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias
from urllib.error import URLError
from urllib.parse import quote, urlsplit
from urllib.request import Request, urlopen

from .display import Rich

if TYPE_CHECKING:
    from PIL.Image import Image

# A picture for print is CMYK, which PNG does not have.
_PNG_MODES = {"1", "L", "LA", "P", "RGB", "RGBA", "I", "I;16"}
Source: TypeAlias = "str | os.PathLike[str] | bytes | bytearray | Image"

_HERE = Path(__file__).resolve().parent
# The folder of notebooks/: the project, or what the course's wheel carries of it.
PROJECT = _HERE / "_project" if (_HERE / "_project").is_dir() else _HERE.parent
MEDIA_FOLDER = PROJECT / "notebooks" / "media"
MAX_BYTES = 25_000_000
TIMEOUT = 20.0

_PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
_SOUNDS: Mapping[str, str] = {"audio/wav": "wav", "audio/mpeg": "mp3"}
_WORDS = {"image/svg+xml": "SVG or other XML", "text/html": "an HTML page"}


def data_url(source: Source) -> str:
    """A picture or sound as ``data:image/png;base64,...``, ready for `ImageUrl(url=...)`.

    PNG, JPEG, GIF, WebP, WAV and MP3 are taken; a PIL image is sent as PNG. Raises FileNotFoundError that lists the
    course's files, ValueError for anything that is neither picture nor sound or is over 25 MB, and OSError when an
    address does not answer.
    """
    data = _read(source)
    return f"data:{_media_type(data)};base64,{base64.b64encode(data).decode('ascii')}"


def sound_base64(source: Source) -> tuple[str, str]:
    """The base64 of a sound and its format, "wav" or "mp3": the two fields of `InputAudio`. Raises as `data_url`."""
    data = _read(source)
    return base64.b64encode(data).decode("ascii"), _SOUNDS[_media_type(data, wanted=tuple(_SOUNDS))]


def media_path(name: str) -> Path:
    """Where a file of the course's `notebooks/media` is, from whatever folder the notebook runs in.

    Raises FileNotFoundError that lists what there is.
    """
    path = MEDIA_FOLDER / name
    if Path(name).name != name or not path.is_file():
        raise FileNotFoundError(f"{name!r} is not among the course's media. There are: {', '.join(_media_names())}.")
    return path


def media_address(name: str, endpoint: str | None = None) -> str:
    """The address under which the mock serves a file of the course's media, for a picture or sound "by address".

    `endpoint` is AZURE_INFERENCE_ENDPOINT when left out; the mock serves the files below each of its endpoints. Raises
    FileNotFoundError for an unknown name and ValueError when no endpoint is set or it is not http(s).
    """
    path = media_path(name)
    endpoint = endpoint or os.environ.get("AZURE_INFERENCE_ENDPOINT", "")
    if not endpoint:
        raise ValueError("No endpoint: call connect() first, or pass endpoint=.")
    parts = urlsplit(endpoint)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError(f"{endpoint!r} is not an http(s) address.")
    return f"{endpoint.rstrip('/')}/_mock/media/{quote(path.name)}"


def play(source: Source, label: str | None = None) -> Rich:
    """An audio player for the notebook, the sound inside it. It waits for a click.

    `label` is what a screen reader says and plain text shows; the file's name when left out. Raises as `data_url`.
    """
    data = _read(source)
    label = label or (Path(os.fspath(source)).name if isinstance(source, str | os.PathLike) else "Audio clip")
    url = f"data:{_media_type(data, wanted=tuple(_SOUNDS))};base64,{base64.b64encode(data).decode('ascii')}"
    return Rich(f"[{label}]", f'<audio controls preload="metadata" aria-label="{escape(label)}" src="{url}"></audio>')


def picture(source: Source, alt: str, width: int | None = None) -> Rich:
    """A picture for the notebook. `alt` says what it shows to readers who do not see it; `width` is in pixels.

    It never grows wider than the page. Raises ValueError when `alt` is empty, else as `data_url`.
    """
    if not alt.strip():
        raise ValueError("Say in alt what the picture shows: some readers cannot see it.")
    data = _read(source)
    url = f"data:{_media_type(data, wanted=_PICTURES)};base64,{base64.b64encode(data).decode('ascii')}"
    size = f' width="{width}"' if width is not None else ""
    return Rich(alt, f'<img src="{url}" alt="{escape(alt)}"{size} style="max-width: 100%; height: auto">')


def _read(source: Source) -> bytes:
    if isinstance(source, bytes | bytearray):
        data = bytes(source)
    elif isinstance(source, str) and source.lower().startswith(("http://", "https://")):
        data = _fetch(source)
    elif isinstance(source, str | os.PathLike):
        path = _find(Path(source))
        if path.stat().st_size > MAX_BYTES:
            raise ValueError(f"{path.name} has {path.stat().st_size:,} bytes; at most {MAX_BYTES:,} are sent.")
        data = path.read_bytes()
    elif hasattr(source, "save"):
        out = BytesIO()
        whole = source if source.mode in _PNG_MODES else source.convert("RGB")
        whole.save(out, format="PNG", compress_level=3)  # two thirds of the time, for some more bytes
        data = out.getvalue()
    else:
        raise TypeError(f"A path, bytes, a PIL image or an address is needed, not {type(source).__name__}.")
    if len(data) > MAX_BYTES:
        raise ValueError(f"These are {len(data):,} bytes; at most {MAX_BYTES:,} are sent.")
    return data


def _find(path: Path) -> Path:
    for candidate in (path, MEDIA_FOLDER / path):
        if candidate.is_file():
            return candidate
    shown = str(path) if len(str(path)) <= 120 else f"{str(path)[:120]}..."
    raise FileNotFoundError(
        f"There is no file {shown!r} here or in notebooks/media. There are: {', '.join(_media_names())}."
    )


def _fetch(address: str) -> bytes:
    # Some sites answer 403 to urllib's own name.
    request = Request(address, headers={"User-Agent": "Mozilla/5.0 (azure-ai-inference-course)"})
    try:
        with urlopen(request, timeout=TIMEOUT) as answer:
            data = answer.read(MAX_BYTES + 1)
    except URLError as error:  # HTTPError included
        raise OSError(f"{address} cannot be fetched: {error}") from error
    if len(data) > MAX_BYTES:
        raise ValueError(f"{address} has more than {MAX_BYTES:,} bytes.")
    return data


def _media_type(data: bytes, wanted: tuple[str, ...] = (*_PICTURES, *_SOUNDS)) -> str:
    from .mock.media.signatures import media_type_of  # here: importing this module loads nothing of the mock

    found = media_type_of(data)
    if found in wanted:
        return found
    if found:
        looks = f"look like {_WORDS.get(found, found)}"
    else:
        looks = f"begin with {data[:8]!r}, which is no known type" if data else "are none"
    raise ValueError(f"The bytes {looks}; needed is one of {', '.join(wanted)}.")


def _media_names() -> list[str]:
    kinds = (".png", ".jpg", ".gif", ".webp", ".wav", ".mp3")
    return sorted(path.name for path in MEDIA_FOLDER.glob("*") if path.suffix in kinds)
