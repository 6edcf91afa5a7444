"""The tags of a PDF, by which a screen reader reads it: joined when PDFs are joined, which pypdf does not do.

A browser wraps each piece of text in a tag that says nothing, NonStruct. Those are left out: what they hold belongs to
the tag above, and a book has a tenth of the tags.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any, cast

from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    NullObject,
    NumberObject,
    TextStringObject,
)

Mark = tuple[int, int]
"""A piece of text or a picture: its page in the whole, from 0, and its number on that page."""


_KEPT = ("/Alt", "/Lang", "/ActualText")
_SAME = {"/Document": "/Sect", "/Strong": "/Span", "/Em": "/Span"}  # in a whole, and in PDFs before 2.0


class Tags:
    """The tags of a PDF that is being written. `add` those of each part, right after its pages; then `write`."""

    def __init__(self, writer: PdfWriter) -> None:
        self._writer = writer
        self._root, self._tree = self._new("StructTreeRoot")
        self._whole, document = self._new("StructElem", S=NameObject("/Document"), P=self._root)
        self._tree[NameObject("/K")] = self._whole
        document[NameObject("/K")] = self._parts = ArrayObject()
        self._above: dict[Mark, IndirectObject] = {}

    def add(self, reader: PdfReader) -> None:
        """Takes over the tags of a PDF whose pages are the last of the writer's."""
        start = len(self._writer.pages) - len(reader.pages)
        pages = {_number(page): start + number for number, page in enumerate(reader.pages)}
        for tag in _listed(cast(Any, reader.root_object["/StructTreeRoot"]).get("/K")):
            self._parts.append(self._copied(tag.get_object(), self._whole, pages))

    def write(self, language: str) -> None:
        """Puts the tags into the writer, and which of them each piece of a page belongs to."""
        numbers = ArrayObject()
        for page, marks in groupby(sorted(self._above), key=lambda mark: mark[0]):
            here = {number: self._above[page, number] for _, number in marks}
            above = ArrayObject([here.get(number, NullObject()) for number in range(max(here) + 1)])
            numbers += [NumberObject(page), self._writer._add_object(above)]
            self._writer.pages[page][NameObject("/StructParents")] = NumberObject(page)
        self._tree[NameObject("/ParentTree")], _ = self._new("ParentTree", Nums=numbers)
        self._tree[NameObject("/ParentTreeNextKey")] = NumberObject(len(self._writer.pages))
        catalogue = self._writer.root_object
        catalogue[NameObject("/StructTreeRoot")] = self._root
        catalogue[NameObject("/MarkInfo")] = DictionaryObject({NameObject("/Marked"): BooleanObject(True)})
        catalogue[NameObject("/Lang")] = TextStringObject(language)

    def _new(self, kind: str, **held: Any) -> tuple[IndirectObject, DictionaryObject]:
        named = {NameObject(f"/{key}"): value for key, value in held.items()}
        made = DictionaryObject({NameObject("/Type"): NameObject(f"/{kind}")} | named)
        return self._writer._add_object(made), made

    def _copied(self, tag: DictionaryObject, above: IndirectObject, pages: Mapping[int, int]) -> IndirectObject:
        kind = str(tag["/S"])
        mine, copy = self._new("StructElem", S=NameObject(_SAME.get(kind, kind)), P=above)
        for key in _KEPT:
            if key in tag:
                copy[NameObject(key)] = TextStringObject(tag[key])
        # Which heads belong to a cell is named by ids; where they are, in a row or a column, is said without.
        if said := [one for one in _listed(tag.get("/A")) if "/Headers" not in one]:
            copy[NameObject("/A")] = ArrayObject(said).clone(self._writer)
        held = self._held(tag, mine, pages)
        first = next((page for page, _ in held if page is not None), None)
        if first is not None:
            copy[NameObject("/Pg")] = self._page(first)
        copy[NameObject("/K")] = ArrayObject(
            below if page in (None, first) else self._elsewhere(page, below) for page, below in held
        )
        return mine

    def _held(
        self, tag: DictionaryObject, above: IndirectObject, pages: Mapping[int, int]
    ) -> list[tuple[int | None, Any]]:
        """What is under a tag: tags, and pieces of pages with the page of each."""
        found: list[tuple[int | None, Any]] = []
        for below in _listed(tag.get("/K")):
            held = below.get_object()
            if isinstance(held, int) or "/MCID" in held:
                on, number = (tag, held) if isinstance(held, int) else (held, held["/MCID"])
                page = pages[cast(Any, on.raw_get("/Pg")).idnum]
                self._above[page, number] = above
                found.append((page, NumberObject(number)))
            elif held.get("/S") == "/NonStruct" and "/Alt" not in held:
                found += self._held(held, above, pages)
            elif "/S" in held:
                found.append((None, self._copied(held, above, pages)))
        return found

    def _elsewhere(self, page: int, number: NumberObject) -> DictionaryObject:
        """A piece of another page than the one that its tag names."""
        return DictionaryObject(
            {
                NameObject("/Type"): NameObject("/MCR"),
                NameObject("/Pg"): self._page(page),
                NameObject("/MCID"): number,
            }
        )

    def _page(self, number: int) -> IndirectObject:
        return cast(IndirectObject, self._writer.pages[number].indirect_reference)


def _number(page: PageObject) -> int:
    return cast(IndirectObject, page.indirect_reference).idnum


def _listed(held: Any) -> list[Any]:
    """What a tag holds, as a list: where it is one thing, PDF leaves the list out."""
    held = held.get_object() if isinstance(held, IndirectObject) else held
    return [] if held is None else list(held) if isinstance(held, list) else [held]
