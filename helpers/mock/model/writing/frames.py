"""What a conversation costs as a prompt: version 3 of Mistral's instruct format, frame included.

For mistral-large-2407 the count is the model's own (the tests compare with mistral-common's `encode_chat_completion`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

from ...jsonio import too_deep
from ...messages import SYSTEM, Message
from .tokens import Tokenizer


def prompt_tokens(
    tokenizer: Tokenizer,
    messages: Sequence[Message],
    tools: Sequence[dict[str, Any]] = (),
    *,
    glue: str = "\n\n",
) -> tuple[int, bool]:
    """How many tokens the text of a conversation costs as a prompt, frame included, and whether a word of it may be
    marked (`Tokenizer.read`).

    `tools` have the wire format. Pictures and sounds are not counted here. The frame is version 3 of Mistral's instruct
    format: the system text opens the last user turn, the tools stand before it, and consecutive turns of one role are
    one turn. `glue` stands between system text and user text: an empty line there, one line break in the estimates for
    other models, which fits their published figures.
    """
    system = "\n\n".join([message.text for message in messages if message.role in SYSTEM and message.text])
    turns = _turns(messages)
    last_user = max([index for index, (role, _) in enumerate(turns) if role == "user"])
    count, marked = 1 + _tools_cost(tokenizer, tools), False  # BOS
    for index, (role, content) in enumerate(turns):
        if role == "assistant":
            tokens, watched = tokenizer.read(content.rstrip(" "))
            count += 1 + tokens
        else:  # stands between two marks, calls between one and EOS
            tokens, watched = tokenizer.read(f"{system}{glue}{content}" if system and index == last_user else content)
            count += 2 + tokens
        marked = marked or watched or role == "tool"  # whose text is not written as it came
    return count, marked


def _tools_cost(tokenizer: Tokenizer, tools: Sequence[dict[str, Any]]) -> int:
    if not tools:
        return 0
    described = [
        {
            "type": "function",
            "function": {
                "name": tool["function"]["name"],
                "description": tool["function"].get("description") or "",
                "parameters": tool["function"].get("parameters") or {},
            },
        }
        for tool in tools
    ]
    return 2 + len(tokenizer.encode(json.dumps(described, ensure_ascii=False)))


def _turns(messages: Sequence[Message]) -> list[tuple[str, str]]:
    """(role, text) of each turn as the frame has them; `calls` is an assistant's turn that only calls tools."""
    turns: list[tuple[str, str]] = []
    for role, alike in groupby(messages, key=attrgetter("role")):
        if role == "tool":
            turns += [("tool", _tool_result(message)) for message in alike]
        elif role in ("user", "assistant"):
            turns.append(_turn(role, list(alike)))
    return turns if turns and turns[0][0] == "user" else [("user", ""), *turns]


def _turn(role: str, messages: Sequence[Message]) -> tuple[str, str]:
    calls = [call for message in messages for call in message.calls] if role == "assistant" else ()
    if not calls:
        return role, "\n\n".join([message.text for message in messages if message.text])
    written = []
    for call in calls:
        entry = {"name": call.name, "arguments": _json_or_text(call.arguments)}
        if call.id and call.id != "null":
            entry["id"] = call.id
        written.append(entry)
    return "calls", json.dumps(written, ensure_ascii=False)


def _tool_result(message: Message) -> str:
    return json.dumps({"content": _json_or_text(message.text), "call_id": message.call_id}, ensure_ascii=False)


def _json_or_text(text: str) -> Any:
    """Arguments and results are written into the prompt as JSON where they are JSON; an empty text is {}."""
    if not text:
        return {}
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return text if too_deep(value) else value
