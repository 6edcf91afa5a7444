"""Shows completions and their tool calls, one or several beside one another."""

from collections.abc import Mapping
from typing import Any

from .display import Rich, present, prose, remark, table


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
        parts = [plain(message.get("role")) or "assistant", plain(choice.get("finish_reason")), answer.get("model")]
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


def show_calls(message: Any) -> None:
    """Shows the tool calls of a message (or of a completion, or of what `print_stream` returned) as a table."""
    if isinstance(message, Mapping) and message.get("choices"):
        message = message["choices"][0]["message"]
    calls = _calls(message) if isinstance(message, Mapping) else message.tool_calls
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
        spent = f"{tokens:,}" if tokens else ""
        rows.append([name, _said(choice["message"]), plain(choice.get("finish_reason")) or "", spent])
    names, *found = zip(*rows, strict=True)
    titles = ("answer", "finish reason", "completion tokens")
    side = table("Answers compared", ["", *names], [(title, *row) for title, row in zip(titles, found, strict=True)])
    # In a terminal texts are too long for columns.
    blocks = [f"[{name} · {reason} · {tokens} tokens]\n{said}" for name, said, reason, tokens in rows]
    present(Rich("\n\n".join(blocks), side.html))


def plain(value: Any) -> str | None:
    """The text of one of the SDK's enums: they are strings whose str() differs between Python versions."""
    return None if value is None else str(getattr(value, "value", value))


def _said(message: Mapping[str, Any]) -> str:
    calls = [f"{call['name']}({call['arguments']})" for call in _calls(message)]
    return "\n".join(part for part in (message.get("content"), *calls) if part) or "(no content)"


def _calls(message: Mapping[str, Any]) -> list[dict[str, str]]:
    return [
        {"id": call.get("id") or "", "name": call["function"]["name"], "arguments": call["function"]["arguments"]}
        for call in message.get("tool_calls") or []
    ]
