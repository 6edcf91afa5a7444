"""Refusals: made where the fault is found, rendered in one place, in the service's own shapes.

`data/refusals.toml` is the table "violation -> status, shape, code, message, source". A new refusal is a new entry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from .data import table
from .http import Response

_ECHOED = 200  # characters of an offending value that an error repeats
_TOLD = 100  # faults that an error lists; a request may hold a million


def echo(value: Any) -> Any:
    """An offending value as an error repeats it: whole when short, else its beginning."""
    text = value if isinstance(value, str) else repr(value)
    if len(text) <= _ECHOED:
        return value
    return f"{text[:_ECHOED]}… ({len(text):,} characters)"


class ApiError(Exception):
    """A request the service refuses.

    `kind` names a row of `data/refusals.toml`; `values` fill its message. `loc` is the place in the request
    (for example ``("body", "temperature")``) and `given` the offending value. `extra` is merged into the error object
    (`innererror`, say), `headers` into the answer's headers. `details` are the items of a `detail-list` body, each
    {type, loc, msg, input}, of which the first 100 are told; without them one item is made of `loc` and `given`.
    """

    def __init__(
        self,
        kind: str,
        *,
        loc: tuple[str | int, ...] = (),
        given: Any = None,
        extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        details: list[dict[str, Any]] | None = None,
        **values: Any,
    ) -> None:
        self.kind, self.loc, self.given = kind, loc, echo(given)
        self.extra = {
            name: value[:_TOLD] if isinstance(value, list) else value for name, value in (extra or {}).items()
        }
        self.headers = dict(headers or {})
        told = {name: echo(value) for name, value in {"given": given, **values}.items()}
        self._told = {"loc": ".".join(map(str, loc)), "param": param(loc), **told}
        row = refusals()[kind]
        self.status: int = row["status"]
        self.code: str = row.get("code", str(self.status))
        self.message: str = self.say(row)
        self.details = [{**item, "loc": [echo(step) for step in item["loc"]]} for item in (details or [])[:_TOLD]]
        if not self.details:
            self.details = [{"type": self.code, "loc": list(loc), "msg": self.message, "input": self.given}]
        super().__init__(self.message)

    def say(self, row: Mapping[str, Any]) -> str:
        """The message of a row of the table, filled with this refusal's values."""
        return row["message"].format_map(self._told)


def param(loc: Sequence[str | int]) -> str:
    """A place in the body as Azure OpenAI writes it: ``messages[0].content``."""
    steps = [f"[{step}]" if isinstance(step, int) else f".{step}" for step in loc if step != "body"]
    return "".join(steps).removeprefix(".")


@cache
def refusals() -> dict[str, dict[str, Any]]:
    """The table of refusals by kind: status, shape, code, message, source."""
    return table("refusals.toml")


def render(error: ApiError, *, openai: bool = False) -> Response:
    """The answer for a refusal, its body in the shape that its row names (`_SHAPES`).

    With `openai` the fields of the row's own `openai` table count; a row without one that has the shape of a model
    server becomes a 400 in the shape `openai`, since no model server stands behind that route.
    """
    row = refusals()[error.kind]
    said = _Said(row, error.message, error.code, error)
    if openai and "openai" in row:
        row = {**row, **row["openai"]}
        said = _Said(row, error.say(row), row["code"], error)
    elif openai and row["shape"] in _MODEL_SERVERS:
        message, code, place = _in_openai_words(error.details[0])
        said = _Said({**row, "status": 400, "shape": "openai", "param": place}, message, code, error)
    headers = {"x-ms-error-code": said.code or str(said.status), **error.headers}
    shape = _SHAPES.get(said.row["shape"])
    return Response.json(shape(said), said.status, headers) if shape else Response(said.status, headers)


class _Said(NamedTuple):
    """What a body is made of: the row of the table, what it says on this route, and the refusal with its values."""

    row: Mapping[str, Any]
    message: str
    code: str
    error: ApiError

    @property
    def status(self) -> int:
        return self.row["status"]


def _in_the_documents_shape(said: _Said) -> dict[str, Any]:
    repeated = {"details": said.message} if said.row.get("repeated") else {}
    fields = {**said.row.get("fields", {}), **repeated, **said.error.extra}
    return {"error": {"code": said.code, "message": said.message, **fields}}


def _in_openais_shape(said: _Said) -> dict[str, Any]:
    row, error = said.row, said.error
    kind, place = row.get("type", "invalid_request_error"), row.get("param", param(error.loc))
    fields = {"type": kind or None, "param": place or None, "code": said.code or None}
    return {"error": {"message": said.message, **fields, **row.get("fields", {}), **error.extra}}


def _with_a_detail(said: _Said) -> dict[str, Any]:
    detail = {"loc": list(said.error.loc), "input": said.error.given}
    return {"status": said.status, "code": said.code, "detail": detail, "message": said.message}


def _in_a_models_shape(said: _Said) -> dict[str, Any]:
    return {"object": "error", "message": said.message, "type": said.code, "param": None, "code": said.status}


# After the recorded bodies of the service. A row with another shape has no body ("empty"), or one that is made
# elsewhere ("oauth", in identity.py).
_SHAPES: Mapping[str, Callable[[_Said], dict[str, Any]]] = {
    "error": _in_the_documents_shape,  # the OpenAPI document's own
    "openai": _in_openais_shape,  # Azure OpenAI's
    "detail-object": _with_a_detail,  # the API reference's 422
    "detail-list": lambda said: {"detail": said.error.details},  # what the model servers answer: pydantic's
    "model": _in_a_models_shape,  # what some models answer through the service
    "unauthorized": lambda said: {"statusCode": said.status, "message": said.message},  # the gateway's 401 to a token
    "status": lambda said: {"status": said.message},  # the gateway's, for an endpoint it does not know
}
_MODEL_SERVERS = ("detail-object", "detail-list", "model")


# What pydantic calls a fault, and how Azure OpenAI words it: code and message.
_OPENAI_WORDS = {
    "missing": ("missing_required_parameter", "Missing required parameter: '{param}'."),
    "too_short": ("empty_array", "Invalid '{param}': {msg}."),
    "string_too_short": ("empty_string", "Invalid '{param}': {msg}."),
    "too_long": ("array_above_max_length", "Invalid '{param}': {msg}."),
    "greater_than_equal": ("below_minimum_value", "Invalid '{param}': {msg}, but got {input} instead."),
    "less_than_equal": ("above_maximum_value", "Invalid '{param}': {msg}, but got {input} instead."),
    "literal_error": ("invalid_value", "Invalid value for '{param}': {input}. {msg}."),
    "union_tag_invalid": ("invalid_value", "Invalid value for '{param}': {msg}."),
    "union_tag_not_found": ("missing_required_parameter", "Missing required parameter in '{param}': {msg}."),
    "parameter_not_supported": (
        "unsupported_parameter",
        "Unsupported parameter: '{param}' is not supported with this model.",
    ),
}


def _in_openai_words(detail: Mapping[str, Any]) -> tuple[str, str, str]:
    """Message, code and place of an item of a `detail-list`, in Azure OpenAI's manner."""
    place = param(detail["loc"])
    kind = detail["type"]
    if kind == "extra_forbidden":
        return f"Unrecognized request argument supplied: {place}", "", ""
    default = "invalid_type" if kind.endswith("_type") else "invalid_value"
    code, words = _OPENAI_WORDS.get(kind, (default, "Invalid value for '{param}': {msg}."))
    shown = detail["input"] if isinstance(detail["input"], str | int | float) else type(detail["input"]).__name__
    return words.format(param=place, msg=str(detail["msg"]).rstrip("."), input=repr(shown)), code, place
