"""What may be shown of a request: its secrets are masked, and what is long is cut.

A secret is known by its name (of a header, of a part of the query) or by its looks (a token, a key in the query).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any

from .http import Request
from .jsonio import dumps

MASK = "***"
"""What stands for a secret: nothing of it, not even its length."""

LONG = 1_000
"""Characters of a string that are shown whole."""

_SECRET = re.compile(
    r".*(?:key|cookie|password|secret|signature|token|credential)s?|.*auth(?:orization)?|.*identity-header|sig|code",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"(bearer|basic|digest|negotiate)\s+(?=\S)", re.IGNORECASE)
_JWT = re.compile(r"eyJ[\w-]{6,}\.[\w-]+\.[\w-]*")
_KEY_LIKE = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[\w+/=.-]{24,}")  # of a query: its own values are short words and dates
_FOUND_ANYWHERE = 8  # characters; a shorter secret is masked in its own place only, elsewhere it is found by accident
_HEAD = 100  # characters that are shown of a longer string than LONG
_ROOM = 32  # bytes around a member: quotes, comma, the tale of how much is left out


def masked_query(request: Request) -> dict[str, str]:
    """The query; what looks like a secret in it is masked."""
    hide = hider(request)
    return {hide(name): MASK if _secret_in_query(name, value) else hide(value) for name, value in request.query.items()}


def masked_headers(request: Request) -> dict[str, str]:
    """The headers; secrets are masked, the scheme in front of one is shown."""
    hide = hider(request)
    return {
        name: _masked_header(value) if _SECRET.fullmatch(name) else hide(value)
        for name, value in request.headers.items()
    }


def hider(request: Request, shortest: int = _FOUND_ANYWHERE) -> Callable[[str], str]:
    """A function that masks the secrets of a request, those of `shortest` characters and more, anywhere in a text."""
    found = set()
    for secret in secrets(request):
        found.add(secret.strip())
        with suppress(UnicodeError):  # a header is read as Latin-1, and may be UTF-8
            found.add(secret.strip().encode("latin-1").decode())
    return masker(found, shortest)


def masker(words: Iterable[str], shortest: int = _FOUND_ANYWHERE) -> Callable[[str], str]:
    """A function that masks these words, those of `shortest` characters and more, and tokens, anywhere in a text."""
    words = sorted((word for word in words if len(word) >= shortest), key=len, reverse=True)

    def hide(text: str) -> str:
        if not any(word in text for word in words):  # which is found out much sooner in a long text
            return _JWT.sub(MASK, text) if "." in text else text  # base64 has no dot, and a token has two
        return re.sub("|".join([*map(re.escape, words), _JWT.pattern]), MASK, text)

    return hide


def secrets(request: Request) -> Iterator[str]:
    """The secrets of a request, without the scheme in front of one."""
    for name, value in request.headers.items():
        if _SECRET.fullmatch(name):
            yield _SCHEME.sub("", value.strip(), count=1)
            if "cookie" in name.lower():
                yield from (pair.partition("=")[2].strip() for pair in value.split(";"))
    for name, value in request.query.items():
        if _secret_in_query(name, value):
            yield value


def _secret_in_query(name: str, value: str) -> bool:
    return bool(_SECRET.fullmatch(name) or _KEY_LIKE.fullmatch(value) or _JWT.search(value))


def _masked_header(value: str) -> str:
    scheme = _SCHEME.match(value.strip())
    return f"{scheme[1]} {MASK}" if scheme else MASK


# --- what is long -----------------------------------------------------------------------------------------------------


def quoted(text: str, hide: Callable[[str], str] = str, most: int = _HEAD) -> str:
    """Text in quotation marks on one line, secrets hidden, at most `most` characters of it."""
    line = " ".join(hide(text).split())
    return f'"{line}"' if len(line) <= most else f'"{line[:most]}…"'


class Cutter:
    """Cuts a JSON value to a number of bytes: long strings to their beginning, arrays and objects to their first
    members, telling how much is left out. Secrets are hidden first, so that a cut never leaves half of one.
    """

    def __init__(self, hide: Callable[[str], str], room: int) -> None:
        self._hide, self._room = hide, room

    def cut(self, value: Any) -> Any:
        """The value as far as there is room for it."""
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, list):
            members = []
            for position, item in enumerate(value):
                if self._room < _ROOM:
                    return [*members, f"… ({len(value) - position:,} more)"]
                members.append(self.cut(item))
            self._room -= 2
            return members
        if isinstance(value, dict):
            named: dict[str, Any] = {}
            for position, (name, item) in enumerate(value.items()):
                if self._room < _ROOM:
                    return {**named, "…": f"{len(value) - position:,} more"}
                named[self._text(name)] = self.cut(item)
            self._room -= 2
            return named
        self._room -= len(str(value)) + 1
        if isinstance(value, bool) or value is None:
            return value
        return value if self._hide(str(value)) == str(value) else MASK

    def _text(self, text: str) -> str:
        shown = self._hide(text)
        if len(shown) > LONG or len(dumps(shown)) > self._room:
            head = min(_HEAD, max(0, self._room // 6))  # a character can take six bytes in JSON
            shown = f"{shown[:head]}… ({len(shown):,} characters)"
        self._room -= len(dumps(shown)) + 1
        return shown
