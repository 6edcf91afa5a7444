"""A choice among the course's files, to which the reader's own are uploaded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from ipywidgets import Dropdown, FileUpload

from ..media import media_path

T = TypeVar("T")


class Files(Generic[T]):
    """Two controls: `chosen`, a list of the course's files called `what`, and `upload`, which puts a file of the
    endings `accept` among them and chooses it.

    `own` and `read` make of the bytes of a course's file and of an uploaded one what the panel works with; they raise
    ValueError for bytes that they cannot use.
    """

    def __init__(
        self,
        what: str,
        names: Sequence[str],
        own: Callable[[bytes], T],
        read: Callable[[bytes], T],
        *,
        accept: str,
        label: str,
    ) -> None:
        self.chosen = Dropdown(options=names, value=names[0], description=what)
        self.upload = FileUpload(accept=accept, multiple=False, description=label)
        self.upload.layout.width = "auto"  # else the text is cut
        self._own, self._read = own, read
        self._contents: dict[str, T | ValueError] = {}
        self.upload.observe(self._take, names="value")

    @property
    def name(self) -> str:
        """The chosen file's."""
        return str(self.chosen.value)

    def current(self) -> T:
        """What the chosen file holds. Raises ValueError that says what is wrong with an uploaded one."""
        if self.name not in self._contents:
            self._contents[self.name] = self._own(media_path(self.name).read_bytes())
        content = self._contents[self.name]
        if isinstance(content, ValueError):
            raise content
        return content

    def _take(self, _: Any) -> None:
        for file in self.upload.value:
            name = str(file["name"])
            try:
                self._contents[name] = self._read(bytes(file["content"]))
            except ValueError as error:
                self._contents[name] = ValueError(f"{name} cannot be used. {error}")
            self.chosen.options = list(dict.fromkeys([*self.chosen.options, name]))
            self.chosen.value = name
