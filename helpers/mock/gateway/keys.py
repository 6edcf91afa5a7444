"""Keys for a workshop: a file in which each participant has a key and, if wanted, limits.

.. code-block:: toml

    [anna]
    key = "…"
    tokens_per_minute = 20000   # optional, as is the next
    requests_per_minute = 60

Keys are secrets: they are in no error, no ``repr`` and no caller's name.
"""

from __future__ import annotations

import re
import secrets
import tomllib
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from pathlib import Path
from typing import Any

from .identity import CLIENTS, DEFAULT_KEY, KEY_NAME, Participant

MOST = 1000
"""The most participants `new_keys` makes keys for."""

_LIMITS = ("tokens_per_minute", "requests_per_minute")
_NAME = r"[\w.@-]{1,64}"  # shown in logs and the journal: nothing that could break a line there
_KEY = r"[!-~]{1,200}"  # what every client can send in a header
_BARE_BEYOND_ASCII = r"(?m)^\s*\[[^\"'\]]*[^\x00-\x7f]"
_TAKEN = {KEY_NAME, *CLIENTS}  # names of other callers


def read_keys(path: Path, *, own: str = DEFAULT_KEY) -> dict[str, Participant]:
    """The participants in the file at `path`, by name, in the file's order.

    `own` is the mock's own key, which nobody else may have. Raises ValueError, naming file, entry and field, when the
    file is no TOML or an entry is wrong; OSError when it cannot be read.
    """
    try:
        text = _text(path.read_bytes())
    except UnicodeDecodeError:
        raise ValueError(f"{path} is not UTF-8 text") from None
    try:
        entries = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        # Only the message goes on: newer versions of the exception carry the file's text, with every key in it.
        hint = '; a name beyond ASCII stands in quotes: ["zoë"]' if re.search(_BARE_BEYOND_ASCII, text) else ""
        raise ValueError(f"{path} is not valid TOML: {error}{hint}") from None
    if not entries:
        raise ValueError(f'{path} names nobody: an entry is [name] and a line key = "..."')
    participants: dict[str, Participant] = {}
    owners = {own: "the mock itself", DEFAULT_KEY: "the mock itself"}
    for name, entry in entries.items():
        try:
            participant = _participant(name, entry)
            if participant.key in owners:
                raise ValueError(f"key: {owners[participant.key]} has the same; every key must be another")
        except ValueError as error:
            raise ValueError(f"{path}, [{_shown(name)}]: {error}") from None
        participants[name] = participant
        owners[participant.key] = f"[{name}]"
    return participants


def _text(content: bytes) -> str:
    """UTF-8, or what Windows PowerShell makes of `--new-keys 30 > keys.toml`: UTF-16 with its mark."""
    return content.decode("utf-16" if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "utf-8-sig")


def new_keys(
    count: int,
    *,
    tokens_per_minute: int | None = None,
    requests_per_minute: int | None = None,
    prefix: str = "participant",
) -> str:
    """The text of a keys file for `count` participants (1 to MOST), named participant-01, participant-02, …

    Each key is 32 random hexadecimal digits, as a resource's own keys have been; each entry gets the limits given.
    Raises ValueError for another count, a limit below 1 or a prefix that makes no name.
    """
    if not 1 <= count <= MOST:
        raise ValueError(f"{count} participants: from 1 to {MOST} are possible")
    limits = {"tokens_per_minute": tokens_per_minute, "requests_per_minute": requests_per_minute}
    given = {name: _limit(name, limit) for name, limit in limits.items() if limit is not None}
    digits = max(2, len(str(count)))
    lines = ["# One key for each participant. Whoever has this file can be any of them: hand out single keys."]
    for number in range(1, count + 1):
        name = f"{prefix}-{number:0{digits}}"
        _check_name(name)
        bare = re.fullmatch(r"[A-Za-z0-9_-]+", name)
        lines += ["", f"[{name}]" if bare else f'["{name}"]', f'key = "{secrets.token_hex(16)}"']
        lines += [f"{field} = {limit}" for field, limit in given.items()]
    return "\n".join(lines) + "\n"


def _participant(name: str, entry: Any) -> Participant:
    _check_name(name)
    if not isinstance(entry, dict):
        raise ValueError(f'an entry is a table, [{name}], with a line key = "..."')
    unknown = entry.keys() - {"key", *_LIMITS}
    if unknown:
        first = min(unknown)
        hint = f'; a name with a dot stands in quotes: ["{name}.{first}"]' if isinstance(entry[first], dict) else ""
        raise ValueError(f"{_shown(first)}: there is no such field, only key, {' and '.join(_LIMITS)}{hint}")
    key = entry.get("key")
    if key is None:
        raise ValueError("key: it is missing")
    if not isinstance(key, str) or not re.fullmatch(_KEY, key):
        raise ValueError("key: it must be text of 1 to 200 letters, digits and signs of ASCII, without spaces")
    return Participant(name, key, **{limit: _limit(limit, entry[limit]) for limit in _LIMITS if limit in entry})


def _check_name(name: str) -> None:
    if not re.fullmatch(_NAME, name):
        raise ValueError("a name has 1 to 64 letters, digits and signs out of _ . - @")
    if name in _TAKEN:
        raise ValueError("this is the name of a caller of the mock's own: take another")


def _limit(name: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):  # the value is not shown: it could be a misplaced key
        raise ValueError(f"{name}: it must be a whole number, not a {type(value).__name__}")
    if value < 1:
        raise ValueError(f"{name}: it must be above 0, not {value}")
    return value


def _shown(name: str) -> str:
    """A name from the file, short and on one line."""
    return name if re.fullmatch(_NAME, name) else ascii(name)[:80]
