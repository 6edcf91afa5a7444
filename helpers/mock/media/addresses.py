"""Pictures and sounds named by an address: the mock's own files, and hosts that its user has allowed.

Nothing that a request names is fetched by default. Files under /_mock/media/ are resolved inside, without a connection.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from time import monotonic
from urllib.parse import unquote, urlsplit

from ..errors import ApiError

MEDIA = "/_mock/media/"
MAX_BYTES = 20_000_000  # of a fetched file
TIMEOUT = 10.0  # seconds for fetching a file, all together

Fetch = Callable[[str], bytes]


class Addresses:
    """What the mock finds at an address.

    `media` is a folder whose files answer at ``/_mock/media/NAME``. `hosts` are those from which files may be fetched
    over http and https: ``HOST`` on the scheme's own port, or ``HOST:PORT``. `fetch` does it (tests give their own) and
    raises OSError or ValueError. Raises ValueError for a host that is none.
    """

    def __init__(self, media: Path | None = None, hosts: Collection[str] = (), fetch: Fetch | None = None) -> None:
        self.media = media
        self.hosts = frozenset(map(_host, hosts))
        self._fetch = fetch or fetched

    def __call__(self, url: str, kind: str, loc: tuple[str | int, ...]) -> bytes | None:
        """The bytes at `url`, or None where it is a data URL or an address that is not looked up.

        `kind` is "image" or "audio", `loc` the place in the request. Raises ApiError 404 for a media file that is not
        there and 400 for an allowed address that cannot be fetched.
        """
        if not url[: len(MEDIA)].lower().startswith(("http://", "https://", MEDIA)):
            return None
        try:
            parts = urlsplit(url)
            path, host = unquote(parts.path), _place(parts.hostname, parts.port)
        except ValueError:  # no address at all; what reads data URLs says so
            return None
        if MEDIA in path:
            return self.file(path.split(MEDIA, 1)[1])
        if host not in self.hosts:
            return None
        try:
            return self._fetch(url)
        except (OSError, ValueError) as error:
            short = url[:100]
            raise ApiError(
                f"{kind}_address", loc=loc, given=short, address=short, reason=f"fetching it failed: {error}"
            ) from None

    def file(self, name: str) -> bytes:
        """A file of the media folder. Raises ApiError 404 with the names that are there."""
        # A link out of the folder is no file of it.
        files = [file for file in self.media.iterdir() if file.is_file()] if self.media else []
        known = {file.name: file for file in files if file.resolve().parent == file.parent.resolve()}
        if name not in known:
            names = ", ".join(sorted(n for n in known if n.endswith((".png", ".mp3", ".wav")))) or "none"
            raise ApiError("media_not_found", given=name, names=names)
        return known[name].read_bytes()


def _host(text: str) -> str:
    """An allowed host in the form in which addresses are compared."""
    place = ""
    try:
        parts = urlsplit(f"//{text}")
        if "@" not in text and not parts.path and not parts.query:
            place = _place(parts.hostname, parts.port)
    except ValueError:
        pass  # no host, and told below
    if not place:
        raise ValueError(f"{text!r} is no host: write a name such as example.com, example.com:8080 or [::1]:8080")
    return place


def _place(host: str | None, port: int | None) -> str:
    """Host and port as one text; the scheme's own port is left out."""
    name = (host or "").lower()
    return name if port in (None, 80, 443) or not name else f"{name} {port}"


def fetched(url: str) -> bytes:
    """Fetch a file of at most MAX_BYTES. Redirects are not followed: they could lead to a host that is not allowed."""
    from http.client import HTTPException
    from urllib.error import HTTPError
    from urllib.request import HTTPRedirectHandler, build_opener

    class Refuse(HTTPRedirectHandler):
        def redirect_request(self, *args: object, **kwargs: object) -> None:
            return None

    try:
        end = monotonic() + TIMEOUT
        data = bytearray()
        with build_opener(Refuse).open(url, timeout=TIMEOUT) as answer:
            while len(data) <= MAX_BYTES and (piece := answer.read1(2**16)):
                data += piece
                if monotonic() > end:
                    raise ValueError(f"it takes longer than {TIMEOUT:g} seconds")
    except HTTPError as error:
        raise ValueError(f"the host answered {error.code}") from None
    except HTTPException as error:
        raise ValueError(f"the host does not speak HTTP: {error}") from None
    if len(data) > MAX_BYTES:
        raise ValueError(f"it has more than {MAX_BYTES:,} bytes")
    return bytes(data)
