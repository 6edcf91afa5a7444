"""Ids that look like the service's and are derived from a text: the same request has the same ids in every mock."""

from __future__ import annotations

from hashlib import sha256
from string import ascii_letters, digits

_ALPHABET = digits + ascii_letters


def letters(seed: str, count: int) -> str:
    """So many letters and digits, derived from `seed`."""
    number, found = int.from_bytes(sha256(seed.encode()).digest()), []
    for _ in range(count):
        number, place = divmod(number, len(_ALPHABET))
        found.append(_ALPHABET[place])
    return "".join(found)


def uuid(seed: str) -> str:
    """A UUID's form, derived from `seed`."""
    hexed = sha256(seed.encode()).hexdigest()
    return f"{hexed[:8]}-{hexed[8:12]}-{hexed[12:16]}-{hexed[16:20]}-{hexed[20:32]}"
