"""Refusals: made where the fault is found, told in the shapes that services were recorded to use.

`data/refusals.toml` is the table "violation -> who refuses, status, shape, code, message, source". A new refusal is a
new entry. Which of its variants is told, and with which headers, is the business of whoever refuses: the host
(`gateway.hosts`) or the model (`api.families`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from .data import table
from .http import Response
from .jsonio import dumps

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
    `status`, `code` and `body` (bytes and their content type) take the place of what the row would tell.
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
        status: int | None = None,
        code: str | None = None,
        body: tuple[bytes, str] | None = None,
        **values: Any,
    ) -> None:
        self.kind, self.loc, self.given = kind, loc, echo(given)
        self.extra = {
            name: value[:_TOLD] if isinstance(value, list) else value for name, value in (extra or {}).items()
        }
        self.headers = dict(headers or {})
        told = {name: echo(value) for name, value in {"given": given, **values}.items()}
        self._told = {"loc": ".".join(map(str, loc)), "param": echo(param(loc)), **told}
        self._status, self._code, self.body = status, code, body
        row = refusals()[kind]
        self.status, self.code, self.message = self.say(row)
        self.details = [{**item, "loc": [echo(step) for step in item["loc"]]} for item in (details or [])[:_TOLD]]
        if not self.details:
            fault = row.get("fault", self.code)
            self.details = [{"type": fault, "loc": list(loc), "msg": self.message, "input": self.given}]
        super().__init__(self.message)

    @property
    def by(self) -> str:
        """Who refuses: "host", "model" or "mock"."""
        return refusals()[self.kind]["by"]

    def say(self, row: Mapping[str, Any]) -> tuple[int, str, str]:
        """Status, code and message of a row of the table, filled with this refusal's values."""
        status: int = self._status or row["status"]
        code = self.fill(row.get("code", str(status))) if self._code is None else self._code
        return status, code, self.fill(row["message"])

    def fill(self, text: str) -> str:
        """A text of the table, filled with this refusal's values."""
        return text.format_map(self._told)


def param(loc: Sequence[str | int]) -> str:
    """A place in the body as OpenAI's models write it: ``messages[0].content``."""
    steps = [f"[{step}]" if isinstance(step, int) else f".{step}" for step in loc if step != "body"]
    return "".join(steps).removeprefix(".")


@cache
def refusals() -> dict[str, dict[str, Any]]:
    """The table of refusals by kind; its head explains the fields."""
    return table("refusals.toml")


class Said(NamedTuple):
    """What a body is made of: a row of the table, what it says, and the refusal with its values."""

    row: Mapping[str, Any]
    status: int
    code: str
    message: str
    error: ApiError


class Refusal(NamedTuple):
    """A refusal as it is told. `code` says which kind it is, also where the body does not."""

    status: int
    code: str
    headers: dict[str, str]
    body: bytes

    def response(self, headers: Mapping[str, str]) -> Response:
        """The answer, with the headers of whoever refuses."""
        return Response(self.status, {**self.headers, **headers}, self.body)


Shape = Callable[[Said], "dict[str, Any] | str"]


def _in_the_documents_shape(said: Said) -> dict[str, Any]:
    repeated = {"details": said.message} if said.row.get("repeated") else {}
    fields = {**said.row.get("fields", {}), **repeated, **said.error.extra}
    return {"error": {"code": said.code, "message": said.message, **fields}}


def in_openais_shape(said: Said) -> dict[str, Any]:
    """{error: {message, type, param, code}}; null for what is empty."""
    row, error = said.row, said.error
    kind, place = row.get("type", "invalid_request_error"), error.fill(row.get("param", "{param}"))
    fields = {"type": kind or None, "param": place or None, "code": said.code or None}
    return {"error": {"message": said.message, **fields, **row.get("fields", {}), **error.extra}}


def _with_a_detail(said: Said) -> dict[str, Any]:
    detail = {"loc": list(said.error.loc), "input": said.error.given}
    return {"status": said.status, "code": said.code, "detail": detail, "message": said.message}


def _with_details(said: Said) -> dict[str, Any]:
    fields = {"status": said.status, "message": "invalid input error", "details": said.error.details}
    return {"error": {"code": "Invalid input", **fields}}


def _in_a_models_shape(said: Said) -> dict[str, Any]:
    return {"object": "error", "message": said.message, "type": said.code, "param": None, "code": said.status}


SHAPES: Mapping[str, Shape] = {
    "error": _in_the_documents_shape,  # the OpenAPI document's own
    "openai": in_openais_shape,
    "detail-object": _with_a_detail,  # the API reference's 422
    "detail-list": _with_details,  # recorded of Cohere's model (2025-01): pydantic's list of faults
    "model": _in_a_models_shape,  # what some models answer through the service
    "unauthorized": lambda said: {"statusCode": said.status, "message": said.message},  # the gateway's 401 to a token
    "status": lambda said: {"status": said.message},  # the gateway's, for an endpoint it does not know
    "detail": lambda said: {"detail": said.message},  # the gateway's, for parameters that it does not pass on
    "text": lambda said: said.message,
}
"""The shapes of bodies. A row with another one has no body ("empty"), or one that is made elsewhere ("oauth")."""


def refusal(error: ApiError, variant: str = "", shapes: Mapping[str, Shape] = SHAPES) -> Refusal:
    """How a refusal is told: by its row, and by the row's own table for `variant` where it has one."""
    row = refusals()[error.kind]
    row = {**row, **row.get(variant, {})}
    said = Said(row, *error.say(row), error)
    code = said.code or str(said.status)
    if error.body:
        content, kind = error.body
        return Refusal(said.status, code, {"content-type": kind}, content)
    shape = shapes.get(row["shape"])
    if shape is None:
        return Refusal(said.status, code, {}, b"")
    told = shape(said)
    if isinstance(told, str):
        return Refusal(said.status, code, {"content-type": "text/plain; charset=utf-8"}, told.encode())
    return Refusal(said.status, code, {"content-type": "application/json"}, dumps(told))


def render(error: ApiError) -> Response:
    """The answer for a refusal by nobody in particular: of the mock's own addresses, or before there is a request."""
    return refusal(error).response(error.headers)
