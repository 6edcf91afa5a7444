"""A built site: what its pages link, and what they would ask another host for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# Attributes that a browser follows by itself, and those that only a reader follows.
LOADED = {"src", "srcset", "poster", "data"}
STYLES = re.compile(r"(?:url\(|@import)\s*['\"]?((?:https?:)?//[^'\")\s]+)")


@dataclass
class Html(HTMLParser):
    """A page: its ids, what a reader may follow, and what the browser loads."""

    ids: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.ids.add(value)
            elif name in LOADED or (tag == "link" and name == "href" and ("rel", "canonical") not in attrs):
                self.loads.append(value or "")
            elif name in ("href", "action"):
                self.links.append(value or "")


@dataclass(frozen=True)
class Site:
    root: Path

    @cached_property
    def pages(self) -> dict[str, Html]:
        """The pages by their paths; another part's are not read."""
        found = {}
        for path in sorted(self.root.rglob("*.html")):
            name = path.relative_to(self.root).as_posix()
            if not name.startswith("run/"):
                found[name] = Html()
                found[name].feed(path.read_text("utf-8"))
        return found

    def broken(self) -> Iterator[str]:
        """The links and what is loaded, where nothing is at their end."""
        for name, page in self.pages.items():
            for address in [*page.links, *page.loads]:
                if not urlsplit(address).scheme and not self._is_there(name, address):
                    yield f"{name}: {address}"

    def _is_there(self, name: str, address: str) -> bool:
        split = urlsplit(address)
        target = (self.root / name).parent / unquote(split.path) if split.path else self.root / name
        if split.netloc or split.path.startswith("/") or not target.is_file():
            return False
        page = self.pages.get(target.resolve().relative_to(self.root.resolve()).as_posix())
        return not split.fragment or page is None or unquote(split.fragment) in page.ids

    def elsewhere(self) -> Iterator[str]:
        """What a page or a style would load from another host."""
        for name, page in self.pages.items():
            yield from (f"{name}: {address}" for address in page.loads if re.match(r"(https?:)?//", address))
        for path in self.root.rglob("*.css"):
            yield from (f"{path.name}: {address}" for address in STYLES.findall(path.read_text("utf-8")))
