"""Refusals: made where the fault is found, rendered in one place, in the service's own shapes.

`data/refusals.toml` is the table "violation -> status, shape, code, message, source". A new refusal is a new entry.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from .data import table
from .http import Response
from .jsonio import dumps

_ECHOED = 200  # characters of an offending value that an error repeats


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
    {type, loc, msg, input}; without them one item is made of `loc` and `given`.
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
        self.extra, self.headers = dict(extra or {}), dict(headers or {})
        row = refusals()[kind]
        self.status: int = row["status"]
        self.code: str = row.get("code", str(self.status))
        told = {name: echo(value) for name, value in {"given": given, **values}.items()}
        self.message: str = row["message"].format_map({"loc": ".".join(map(str, loc)), **told})
        self.details = details or [{"type": self.code, "loc": list(loc), "msg": self.message, "input": self.given}]
        super().__init__(self.message)


@cache
def refusals() -> dict[str, dict[str, Any]]:
    """The table of refusals by kind: status, shape, code, message, source."""
    return table("refusals.toml")


def render(error: ApiError) -> Response:
    """The answer for a refusal. Shapes, after the recorded bodies of the service:

    * `error`: ``{"error": {code, message, ...}}``, the OpenAPI document's own
    * `detail-object`: ``{status, code, detail: {loc, input}, message}``, the API reference's 422
    * `detail-list`: ``{detail: [{type, loc, msg, input}]}``, what the model servers answer (pydantic's shape)
    * `unauthorized`: ``{statusCode, message}``, the gateway's 401 to a token
    * `model`: ``{object: "error", message, type, param, code}``, what some models answer through the service
    * `status`: ``{"status": message}``, the gateway's answer for an endpoint it does not know
    * `empty`: no body at all
    """
    row = refusals()[error.kind]
    match row["shape"]:
        case "error":
            repeated = {"details": error.message} if row.get("repeated") else {}
            fields = {**row.get("fields", {}), **repeated, **error.extra}
            body = {"error": {"code": error.code, "message": error.message, **fields}}
        case "detail-object":
            detail = {"loc": list(error.loc), "input": error.given}
            body = {"status": error.status, "code": error.code, "detail": detail, "message": error.message}
        case "detail-list":
            body = {"detail": error.details}
        case "unauthorized":
            body = {"statusCode": error.status, "message": error.message}
        case "model":
            body = {
                "object": "error",
                "message": error.message,
                "type": error.code,
                "param": None,
                "code": error.status,
            }
        case "status":
            body = {"status": error.message}
        case _:
            body = None
    headers = {"x-ms-error-code": error.code, **error.headers}
    if body is None:
        return Response(error.status, headers)
    return Response(error.status, {"content-type": "application/json", **headers}, dumps(body))
