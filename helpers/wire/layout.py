"""Nested data laid out for reading: JSON, or what another language makes of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_WIDTH = 96


@dataclass(frozen=True)
class Layout:
    """How a language writes nested data: `key` and `leaf` render a name and a value that is neither a dict nor a list,
    what fits into `width` characters stays on one line, `pad` stands inside braces, `last` behind the last item."""

    key: Callable[[str], str]
    leaf: Callable[[Any], str]
    width: int
    indent: str = "  "
    pad: str = ""
    last: str = ""

    def __call__(self, value: Any, margin: str = "", taken: int = 0) -> str:
        """The value as text. Its first line begins after `margin` and `taken` more characters."""
        flat = self._flat(value)
        if not value or not isinstance(value, dict | list) or len(margin) + taken + len(flat) <= self.width:
            return flat
        inner = margin + self.indent
        named = value.items() if isinstance(value, dict) else (("", item) for item in value)
        lines = []
        for name, item in named:
            start = f"{self.key(name)}: " if isinstance(value, dict) else ""
            lines.append(f"{inner}{start}{self(item, inner, len(start) + 1)}")
        opening, closing = "{}" if isinstance(value, dict) else "[]"
        return "\n".join([opening, ",\n".join(lines) + self.last, margin + closing])

    def _flat(self, value: Any) -> str:
        if isinstance(value, dict) and value:
            items = ", ".join(f"{self.key(name)}: {self._flat(item)}" for name, item in value.items())
            return f"{{{self.pad}{items}{self.pad}}}"
        if isinstance(value, list):
            return f"[{', '.join(map(self._flat, value))}]"
        return "{}" if value == {} else self.leaf(value)


def cut(text: str, limit: int) -> str:
    """The text, when it is longer its first `limit` characters and its length."""
    return text if len(text) <= limit else f"{text[:limit]}…({len(text):,} characters)"


def pretty(body: bytes, change: Callable[[Any], Any] = lambda value: value) -> str:
    """JSON, after `change`, laid out for reading; any other text as it is."""
    text = body.decode("utf-8", "replace")
    try:
        value = change(json.loads(text))
    except ValueError:
        return text
    return Layout(said, said, _WIDTH)(value)


def said(value: Any) -> str:
    """A value in JSON, on one line. Half of a surrogate pair is escaped: UTF-8 cannot say it."""
    text = json.dumps(value, ensure_ascii=False)
    return re.sub("[\ud800-\udfff]", lambda half: f"\\u{ord(half[0]):04x}", text)
