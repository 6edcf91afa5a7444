"""Scripts from a TOML file, for a mock in a process of its own: ``--answers FILE``."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from .conditions import Conditions, Format, Wanted
from .replies import Answer, Embedding, Error, Finish, ScriptedOperation, ToolCall
from .scripts import Script, Scripts


class ScriptFileError(ValueError):
    """A file of scripts that cannot be used; the message names file, entry and field."""


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)


class _CallRow(_Row):
    name: str
    arguments: dict[str, Any] | str = Field(default_factory=dict)


class _ErrorRow(_Row):
    status: int
    code: str | None = None
    message: str | None = None
    retry_after: int | None = None
    body: Any = None


class _ReplyRow(_Row):
    """One ``[[reply]]``: one kind of answer, and the conditions by the names that `Conditions` has."""

    text: str | None = None
    texts: list[str] | None = None
    json_value: Any = Field(default=None, alias="json")
    calls: list[_CallRow] | None = None
    error: _ErrorRow | None = None
    vector: list[float] | None = None
    when: str | None = None
    when_pattern: str | None = None
    model: str | None = None
    operation: ScriptedOperation | None = None
    turns: int | None = None
    after_tool: str | bool | None = None
    system: str | None = None
    system_pattern: str | None = None
    tool: str | None = None
    response_format: Format | None = None
    stream: bool | None = None
    times: int | None = None
    finish_reason: Finish | None = None
    unoffered: bool = False

    def answers(self) -> list[Answer]:
        kinds = ("text", "texts", "json_value", "calls", "error", "vector")
        given = [kind for kind in kinds if getattr(self, kind) is not None]
        if len(given) != 1:
            told = " and ".join(kind.removesuffix("_value") for kind in given) or "none"
            raise ValueError(f"an entry holds one of text, texts, json, calls, error and vector, not {told}")
        if self.texts is not None:
            if not self.texts or self.times is not None:
                raise ValueError("texts is a queue: at least one text, each given once, so without times")
            return list(self.texts)
        if self.calls is not None:
            if not self.calls:
                raise ValueError("calls holds at least one call")
            return [[ToolCall(call.name, call.arguments) for call in self.calls]]
        if self.error is not None:
            return [Error(**dict(self.error))]
        if self.vector is not None:
            return [Embedding(self.vector)]
        return [self.json_value if self.text is None else self.text]

    def conditions(self) -> Conditions:
        same = {name: getattr(self, name) for name in Wanted.__annotations__}
        for name, pattern in (("when", self.when_pattern), ("system", self.system_pattern)):
            if pattern is None:
                continue
            if same[name] is not None:
                raise ValueError(f"an entry holds {name} or {name}_pattern, not both")
            try:
                same[name] = re.compile(pattern, re.IGNORECASE)
            except re.error as error:
                raise ValueError(f"{name}_pattern is not a regular expression: {error}") from None
        return Conditions(**same)

    def scripts(self) -> list[Script]:
        times = 1 if self.texts is not None else self.times
        found = self.conditions()
        return [Script(answer, found, times, self.finish_reason, self.unoffered) for answer in self.answers()]


class _File(_Row):
    reply: list[_ReplyRow] = Field(min_length=1)


def read_scripts(path: str | Path) -> list[Script]:
    """The scripts of a TOML file: entries ``[[reply]]`` in order, with the names of `Scripts.reply`.

    An entry holds one of `text`, `texts` (a queue), `json`, `calls` (name, arguments), `error` (status, code, message,
    retry_after, body) and `vector`; `when_pattern` and `system_pattern` are regular expressions, whatever the letters'
    case. Raises ScriptFileError naming file, entry and field.
    """
    name = Path(path).name
    try:
        content = tomllib.loads(Path(path).read_text("utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        reason = error.strerror if isinstance(error, OSError) else f"it is not TOML: {error}"
        raise ScriptFileError(f"{name}: {reason}") from None
    try:
        rows = _File.model_validate(content).reply
    except ValidationError as error:
        told = [f"{name}: {_place(item['loc'])}: {_fault(item)}" for item in error.errors(include_url=False)]
        raise ScriptFileError("\n".join(told)) from None
    scripts: list[Script] = []
    together = Scripts()
    for number, row in enumerate(rows, 1):
        try:
            for script in row.scripts():
                scripts.append(together.add(script))  # which tells a script that could never be used
        except (ValueError, TypeError) as error:
            raise ScriptFileError(f"{name}: reply {number}: {error}") from None
    return scripts


def _place(loc: Sequence[int | str]) -> str:
    """("reply", 1, "error", "status") -> "reply 2: error.status"."""
    if len(loc) < 2 or not isinstance(loc[1], int):
        return ".".join(map(str, loc))
    steps = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in loc[2:]).removeprefix(".")
    return f"{loc[0]} {loc[1] + 1}: {steps}" if steps else f"{loc[0]} {loc[1] + 1}"


def _fault(item: Mapping[str, Any]) -> str:
    if item["type"] != "extra_forbidden":
        return f"{item['msg']}, not {item['input']!r}"[:200] if item["type"] != "missing" else "it is missing"
    names = [
        row.alias or name
        for model in (_File, _ReplyRow, _ErrorRow, _CallRow)
        for name, row in model.model_fields.items()
    ]
    near = difflib.get_close_matches(str(item["loc"][-1]), names, 1)
    return "there is no such field" + (f"; is {near[0]} meant?" if near else "")
