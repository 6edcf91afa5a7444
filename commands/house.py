"""Two pictures of the house in text: its rooms, floor by floor, and the rooms through which a request goes.

Neither is written by hand: the floors are the layers that import-linter holds, what a room is for is the first sentence
of its package, and the way is that of a request that is really made.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from textwrap import fill
from types import FrameType
from typing import Any

from azure.ai.inference import ChatCompletionsClient
from azure.core.credentials import AzureKeyCredential

from helpers.mock import in_process

ROOT = Path(__file__).resolve().parent.parent
_COLUMN = 16  # where what is said of a room begins
_WIDTH = 120
_MOCK = "helpers.mock."


def rooms() -> str:
    """The floors of `helpers` and of the mock, top to bottom: each imports only from those below it."""
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = pyproject["tool"]["importlinter"]["contracts"]
    return "\n".join(line for contract in contracts if contract["type"] == "layers" for line in _floors(contract))


def _floors(contract: dict[str, Any]) -> Iterator[str]:
    """A line for each package; modules share one, `>` standing between two floors."""
    (container,) = contract["containers"]
    house = ROOT.joinpath(*container.split("."))
    yield f"{house.relative_to(ROOT).as_posix()}/"
    modules: list[str] = []
    for layer in contract["layers"]:
        names = [name.strip(" ()") for name in layer.split("|")]
        packages = [name for name in names if (house / name).is_dir()]
        alone = ", ".join(name for name in names if (house / f"{name}.py").is_file())
        modules += [alone] if alone else []
        if packages and modules:
            yield "  " + " > ".join(modules)
            modules = []
        for name in packages:
            yield _line(f"  {name}/", first_sentence(house / name) + _inside(house / name))
    if modules:
        yield "  " + " > ".join(modules)


def _inside(package: Path) -> str:
    """The rooms inside a room, but for those of the mock, which has a picture of its own."""
    names = sorted(path.parent.name for path in package.glob("*/__init__.py"))
    return f" Inside: {', '.join(names)}." if names and package.name != "mock" else ""


def first_sentence(package: Path) -> str:
    """What a package says of itself. ValueError when it says nothing."""
    said = ast.get_docstring(ast.parse((package / "__init__.py").read_text("utf-8")))
    if not said:
        raise ValueError(f"{package}/__init__.py does not say in a first line what the room is for")
    return said.splitlines()[0]


def _line(place: str, said: str) -> str:
    return fill(said, _WIDTH, initial_indent=f"{place:<{_COLUMN}} ", subsequent_indent=" " * (_COLUMN + 1))


def way() -> str:
    """The rooms of the mock that a chat completion goes through, and their modules, in the order of its way."""
    _ask(None)  # what is loaded or remembered at the first request is not part of the way
    passed: dict[str, None] = {}

    def note(frame: FrameType, event: str, _argument: Any) -> None:
        module = frame.f_globals.get("__name__", "")
        if event == "call" and module.startswith(_MOCK):
            passed.setdefault(module.removeprefix(_MOCK))

    _ask(note)
    stations = [name for name in passed if "." in name or name == "service"]
    rooms = groupby(stations, key=lambda name: name.partition(".")[0])
    inside = ((room, ", ".join(name.removeprefix(f"{room}.") for name in names)) for room, names in rooms)
    line = " → ".join(room if names == room else f"{room} ({names})" for room, names in inside)
    return fill(line, _WIDTH, break_on_hyphens=False)


def _ask(note: Any) -> None:
    mock = in_process(now=0)
    options = {"model": "mistral-large-2407", "transport": mock.transport()}
    with ChatCompletionsClient(mock.endpoint, AzureKeyCredential(mock.key), **options) as client:
        before = sys.getprofile()
        sys.setprofile(note)
        try:
            client.complete(messages=[{"role": "user", "content": "How many languages are in the world?"}])
        finally:
            sys.setprofile(before)
