"""Shows answers, streams, tool calls, errors and figures: as HTML in a notebook, as plain text in a terminal."""

import asyncio
import base64
import io
import json
import re
import sys
import time
from collections.abc import AsyncIterable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from html import escape
from itertools import zip_longest
from typing import Any

from .display import Rich, heading, phrase, present, prose, remark, table
from .wire.masking import Mask

_SAYS_NOTHING = {"a", "an", "the", "this", "that", "is", "it", "of", "with", "and", "shows"}
_SAYS_NOTHING |= {"chart", "diagram", "figure", "graph", "image", "picture", "plot"}


def show(answer: Any, usage: bool = True) -> None:
    """Shows a chat completion: role, content or tool calls, finish reason, model, and the tokens it cost.

    `answer`: a `ChatCompletions` or a mapping of the same shape; several choices are numbered.
    Raises TypeError for a stream, which `print_stream` shows, and for anything without choices.
    """
    if not isinstance(answer, Mapping):
        if hasattr(answer, "__next__") or hasattr(answer, "__anext__"):
            raise TypeError("This is a stream: show it with print_stream(stream), or await aprint_stream(stream).")
        raise TypeError(f"show() takes a chat completion, not {type(answer).__name__}.")
    choices = answer.get("choices")
    if choices is None:
        raise TypeError("show() takes a chat completion, and this has no choices.")
    texts, html = [], []
    for number, choice in enumerate(choices, 1):
        message = choice.get("message") or {}
        parts = [_plain(message.get("role")) or "assistant", _plain(choice.get("finish_reason")), answer.get("model")]
        label = (f"{number}. " if len(choices) > 1 else "") + " · ".join(part for part in parts if part)
        content = _said(message)
        texts.append(f"[{label}]\n{content}")
        html.append(remark(label) + prose(content))
    if usage and (line := usage_line(answer.get("usage"))):
        texts.append(line)
        html.append(remark(line))
    present(Rich("\n".join(texts), f"<div>{''.join(html)}</div>"))


def usage_line(usage: Mapping[str, Any] | None) -> str:
    """One line such as `19 prompt + 72 completion = 91 tokens`; empty without usage."""
    counts = {name: (usage or {}).get(f"{name}_tokens") for name in ("prompt", "completion", "total")}
    total = counts.pop("total")
    parts = " + ".join(f"{count:,} {name}" for name, count in counts.items() if count is not None)
    return f"{parts} = {total:,} tokens" if parts and total is not None else parts


@dataclass
class Streamed:
    """What a stream gave: its text, why it ended, what it cost (None when the endpoint does not say), how many updates
    it came in, and its tool calls, put together, as `{"id", "name", "arguments"}`."""

    text: str = ""
    finish_reason: str | None = None
    usage: Mapping[str, Any] | None = None
    chunks: int = 0
    tool_calls: list[dict[str, str]] = field(default_factory=list)
    _places: dict[int | None, dict[str, str]] = field(default_factory=dict, init=False, compare=False)

    def __repr__(self) -> str:
        parts = [f"{self.chunks} chunks", self.finish_reason, usage_line(self.usage)]
        return f"<Streamed: {', '.join(part for part in parts if part)}>"

    def add(self, update: Mapping[str, Any]) -> str:
        """Takes in one update and returns the text it adds. Of several choices only the first is followed."""
        self.chunks += 1
        self.usage = update.get("usage") or self.usage
        # Some updates have no choices: usage comes alone, and Azure sends its prompt filter's result first.
        for choice in update.get("choices") or []:
            if choice.get("index") or 0:
                continue
            delta = choice.get("delta") or {}
            self.finish_reason = _plain(choice.get("finish_reason")) or self.finish_reason
            for call in delta.get("tool_calls") or []:
                self._add_call(call)
            text = delta.get("content") or ""
            self.text += text
            return text
        return ""

    def _add_call(self, delta: Mapping[str, Any]) -> None:
        function, place = delta.get("function") or {}, delta.get("index")
        call = self._places.get(place)
        # Only the first delta of a call must have an id; not every service numbers the calls.
        if call is None or delta.get("id") not in (None, "", call["id"]):
            call = self._places[place] = {"id": "", "name": "", "arguments": ""}
            self.tool_calls.append(call)
        call["id"] = delta.get("id") or call["id"]
        call["name"] = function.get("name") or call["name"]
        call["arguments"] += function.get("arguments") or ""


def print_stream(stream: Iterable[Any], pause: float | None = None) -> Streamed:
    """Prints the deltas of a streamed completion as they come and returns the whole.

    `pause`: seconds to wait after each delta, for streams too fast to watch.

    Raises TypeError for a completion that was asked for without `stream=True`.
    """
    _must_stream(stream)
    whole = Streamed()
    for update in stream:
        print(whole.add(update), end="", flush=True)
        if pause:
            time.sleep(pause)
    print()
    return whole


async def aprint_stream(stream: AsyncIterable[Any], pause: float | None = None) -> Streamed:
    """`print_stream` for a stream of the asynchronous client."""
    _must_stream(stream)
    whole = Streamed()
    async for update in stream:
        print(whole.add(update), end="", flush=True)
        if pause:
            await asyncio.sleep(pause)
    print()
    return whole


def _must_stream(stream: object) -> None:
    if isinstance(stream, Mapping):
        raise TypeError("This is a whole answer, not a stream: ask with stream=True, or show it with show(answer).")


def show_calls(message: Any) -> None:
    """Shows the tool calls of a message (or of a completion, or of what `print_stream` returned) as a table."""
    if isinstance(message, Mapping) and message.get("choices"):
        message = message["choices"][0]["message"]
    calls = message.tool_calls if isinstance(message, Streamed) else _calls(message)
    if calls:
        rows = [(call["name"], call["arguments"], call["id"]) for call in calls]
        present(table("Tool calls", ["name", "arguments", "id"], rows))
    else:
        present(Rich("No tool calls.", "<p>No tool calls.</p>"))


def compare(**answers: Any) -> None:
    """Shows several completions (one or more) side by side: `compare(cold=answer, hot=other)`."""
    rows: list[list[str]] = []
    for name, answer in answers.items():
        choice, tokens = answer["choices"][0], (answer.get("usage") or {}).get("completion_tokens")
        rows.append([name, _said(choice["message"]), _plain(choice.get("finish_reason")) or "", str(tokens or "")])
    names, *found = zip(*rows, strict=True)
    titles = ("answer", "finish reason", "completion tokens")
    side = table("Answers compared", ["", *names], [(title, *row) for title, row in zip(titles, found, strict=True)])
    # In a terminal texts are too long for columns.
    blocks = [f"[{name} · {reason} · {tokens} tokens]\n{said}" for name, said, reason, tokens in rows]
    present(Rich("\n\n".join(blocks), side.html))


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
    object, as a list (pydantic) or as a string, and `error` as a list of strings; `{"statusCode", "message"}`; plain
    text; HTML from a gateway; nothing at all.
    """
    response, text = getattr(error, "response", None), ""
    with suppress(Exception):  # A body that was not read, or cannot be decoded, has nothing to say.
        text = response.text() if response is not None else ""
    body = _json(text)
    top = body if isinstance(body, dict) else {}
    inner, detail = top.get("error", top), top.get("detail")
    fields = inner if isinstance(inner, dict) else {}
    items = [item for item in (detail if isinstance(detail, list) else [detail]) if isinstance(item, dict)]
    listed = [*(inner if isinstance(inner, list) else []), *(item["msg"] for item in items if "msg" in item)]
    plain = [inner, detail, fields.get("status"), body if body is not None or text.lstrip().startswith("<") else text]
    words = [fields.get("message"), "; ".join(map(str, listed)), *plain, phrase(getattr(response, "status_code", 0))]
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


def figure(fig: Any, alt: str) -> None:
    """Shows a matplotlib figure with a text for those who cannot see it, and closes the figure.

    `alt`: a sentence that says what the figure shows. Raises ValueError when it says nothing.

    The picture has a white ground, so that it reads in dark themes too, and holds no date or version. Still its bytes
    may differ from one platform to the next, by fonts and rounding: the strict comparison of notebooks replaces
    `data:image/...;base64,...` before it compares (`nbval` sanitising), so what is compared is the alt text. A lesson
    that plots something measured tags the cell `nbval-ignore-output`.
    """
    if len(set(re.findall(r"[^\W\d_]+", alt.lower())) - _SAYS_NOTHING) < 3:
        raise ValueError(f"alt={alt!r} does not say what the figure shows: write a sentence that does.")
    buffer, metadata = io.BytesIO(), {"Software": None}
    fig.savefig(
        buffer, format="png", dpi=110, facecolor="white", bbox_inches="tight", pad_inches=0.2, metadata=metadata
    )
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close(fig)
    data = base64.b64encode(buffer.getvalue()).decode()
    img = f'<img alt="{escape(alt)}" src="data:image/png;base64,{data}" style="max-width: 100%; height: auto">'
    present(Rich(alt, img))


def _plain(value: Any) -> str | None:
    # The SDK's enums are strings whose str() differs between Python versions.
    return None if value is None else str(getattr(value, "value", value))


def _said(message: Mapping[str, Any]) -> str:
    calls = [f"{call['name']}({call['arguments']})" for call in _calls(message)]
    return "\n".join(part for part in (message.get("content"), *calls) if part) or "(no content)"


def _calls(message: Mapping[str, Any]) -> list[dict[str, str]]:
    return [
        {"id": call.get("id") or "", "name": call["function"]["name"], "arguments": call["function"]["arguments"]}
        for call in message.get("tool_calls") or []
    ]


def _json(text: str) -> Any:
    with suppress(ValueError):
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
