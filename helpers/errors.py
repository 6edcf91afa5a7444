"""Reads and shows the errors of a service, whatever the shape of their bodies."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from .display import Rich, heading, phrase, present, prose, table
from .wire.masking import Mask


def read_error(error: Any) -> dict[str, Any]:
    """What an `azure.core.exceptions.HttpResponseError` says, whatever the shape of its body.

    Returns a dict:
    `status` (int or None), `code` (str or None), `message` (str),
    `where` (what was refused, such as `["body.response_format"]`), `given` (the values refused, in the same order),
    `categories` (of the content filter: `{"violence": {"filtered": True, "severity": "medium"}}`),
    `retry_after` (seconds or HTTP date, str or None),
    `source` (`"e.error"` when the SDK understood the body, `"e.response"` when it did not and the body was read here,
    `"e.message"` when there was no response).

    The bodies: `{"error": {...}}` and flat `{"code", "message"}` as the SDK reads them; for 422 also `detail` as an
    object, as a list (pydantic) or as a string, and `error` as a list of strings; an `error.message` that is itself the
    JSON of such a body (Mistral's models), an `error.details` that is such a list (Cohere's); `{"statusCode",
    "message"}`; plain text; HTML from a gateway; nothing at all.
    """
    response, text = getattr(error, "response", None), ""
    with suppress(Exception):  # A body that was not read, or cannot be decoded, has nothing to say.
        text = response.text() if response is not None else ""
    body = _json(text)
    top = body if isinstance(body, dict) else {}
    inner = top.get("error", top)
    fields = inner if isinstance(inner, dict) else {}
    said = _json(fields.get("message"))  # of Mistral's models: what their server said, as text inside the message
    said = said if isinstance(said, dict) else {}
    detail = top.get("detail", said.get("detail", fields.get("details")))
    items = [item for item in (detail if isinstance(detail, list) else [detail]) if isinstance(item, dict)]
    listed = [*(inner if isinstance(inner, list) else []), *(item["msg"] for item in items if "msg" in item)]
    plain = [inner, detail, fields.get("status"), body if body is not None or text.lstrip().startswith("<") else text]
    first = said.get("message") if said else fields.get("message")
    if "details" in fields and listed:  # the message says that something was wrong, the list says what
        first = f"{first}: {'; '.join(map(str, listed))}"
    words = [first, "; ".join(map(str, listed)), *plain, phrase(getattr(response, "status_code", 0))]
    message = next((word.strip() for word in words if isinstance(word, str) and word.strip()), "")
    located = [item for item in items if item.get("loc")]
    code, retry_after = fields.get("code"), response.headers.get("Retry-After") if response is not None else None
    unread = "e.message" if response is None else "e.response"
    return {
        "status": getattr(error, "status_code", None),
        "code": None if code is None else str(code),
        "message": message or str(getattr(error, "message", error)),
        "where": [".".join(map(str, item["loc"])) for item in located] or _named(fields.get("param"), message),
        "given": [item.get("input") for item in located],
        "categories": _categories(fields.get("innererror") or fields.get("inner_error") or fields),
        "retry_after": retry_after,
        "source": unread if getattr(error, "error", None) is None else "e.error",
    }


@dataclass
class Seen:
    """What `symptom` met: the exception, or None."""

    error: Any = None


@contextmanager
def symptom() -> Iterator[Seen]:
    """Runs what is meant to fail, and prints the last line of the traceback that it would have ended in.

    The exception is kept: `with symptom() as seen: ...`, and afterwards `seen.error`.
    """
    seen = Seen()
    try:
        yield seen
    except Exception as error:
        seen.error = error
        print(f"{type(error).__name__}: {error}".partition("\n")[0])
    else:
        print("(nothing was raised)")


def show_error(error: Any) -> None:
    """Shows an `HttpResponseError` for people: what was refused, where, and what the content filter saw.

    A key or an endpoint that the message repeats is replaced by the name of its variable, as in the wire view.
    """
    present(error_card(error))


def error_card(error: Any) -> Rich:
    """What `show_error` shows, to be put somewhere else."""
    read = read_error(error)
    parts = dict.fromkeys(str(part) for part in (read["status"], read["code"], type(error).__name__) if part)
    title = " · ".join(parts)  # some bodies give the status as their code: once is enough
    lines = [read["message"]]
    for where, given in zip_longest(read["where"], read["given"]):
        lines.append(f"where: {where}" + ("" if given is None else f", given: {json.dumps(given, ensure_ascii=False)}"))
    if read["retry_after"]:
        lines.append(f"Retry-After: {read['retry_after']}")
    if read["source"] == "e.response":
        lines.append("(read from e.response: the SDK left e.error None)")
    said = _masked("\n".join(lines), error)
    text, html = f"{title}\n{said}", heading(title) + prose(said)
    if read["categories"]:
        rows = [
            (name, found.get("severity") or f"detected: {_yes(found.get('detected'))}", _yes(found.get("filtered")))
            for name, found in sorted(read["categories"].items())
        ]
        categories = table("Content filter", ["category", "found", "filtered"], rows)
        text, html = f"{text}\n{categories}", html + categories.html
    return Rich(text, f"<div>{html}</div>")


def _masked(text: str, error: Any) -> str:
    request = getattr(getattr(error, "response", None), "request", None)
    if request is None:
        return text
    return Mask.of(request.url, {name.lower(): str(value) for name, value in request.headers.items()})(text)


def _json(text: Any) -> Any:
    with suppress(ValueError, TypeError):
        return json.loads(text)
    return None


def _named(param: Any, message: str) -> list[str]:
    """What an error names as its cause: in `param`, or only in its words."""
    if isinstance(param, str):
        return [param]
    if listed := re.search(r"Extra parameters \[(.+?)\]", message):
        return re.findall(r"'([^']+)'", listed[1])
    return [found.replace("/", ".") for found in re.findall(r"\bat #/([\w/]+)", message)]


def _categories(inner: Any) -> dict[str, dict[str, Any]]:
    if not isinstance(inner, Mapping):
        return {}
    for name in ("content_filter_result", "content_filter_results"):
        if isinstance(inner.get(name), Mapping):
            return {key: dict(value) for key, value in inner[name].items() if isinstance(value, Mapping)}
    return {}


def _yes(value: Any) -> str:
    return "yes" if value else "no"
