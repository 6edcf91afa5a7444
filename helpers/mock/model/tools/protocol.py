"""Tools that are used in words: a prompt lists them and says how to call one, and results come back as a user's text.

Two ways of writing are known: lines ("Action: search", "Action Input: …", "Observation: …", "Final Answer: …") and code
that calls functions and ends with `final_answer(…)`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ...messages import SYSTEM, Message
from .calls import Call, literal

_ACTION = re.compile(
    r"^\s*Action:[ \t]*(?P<name>[^\n]+?)[ \t]*\n+\s*Action Input:[ \t]*(?P<input>.*?)(?=\n\s*Observation|\Z)",
    re.MULTILINE | re.DOTALL,
)
_FORMAT = re.compile(r"^[^\w\n]*Action Input:", re.MULTILINE)
_OBSERVED = re.compile(
    r"^\s*(?:Observation|Tool (?:result|output|response)|Execution logs)[ \t]*\d*:\s*", re.IGNORECASE
)
# A task behind its label, alone or before what its answer has to be like.
_LABEL = re.compile(
    r"\s*(?:(?:New |Current )?Task|User query|User request):\s+"
    r"(?=(?P<task>[^\n]+)(?P<frame>\n\s*\n[^\n]*\b(?:expected|your) (?:\w+ )?(?:answer|output|criteria)\b.*)?\s*\Z)",
    re.IGNORECASE | re.DOTALL,
)
_STEP = re.compile(
    r"^\s*Observation:[ \t]*(?P<told>.*?)(?=\n\s*(?:Thought|Action|Question|Final Answer):|\Z)",
    re.MULTILINE | re.DOTALL,
)
_ASKED = re.compile(r"^\s*(?:Question|Current Task|New input|Task):[ \t]*(?P<asked>.+)$", re.MULTILINE)
_CALLING = re.compile(r"Calling tools?:\s*(?P<calls>[\[{].*)", re.DOTALL)
_CODE = re.compile(r"<code>|```py")
_CALLED = re.compile(r"(?:print\(|= ?)(?P<name>[a-z_]\w*)\(")
_LOGS = re.compile(r"\A.*?Execution logs:\s*|\s*Last output from code snippet:.*\Z", re.DOTALL)
_CODING = re.compile(
    r"final_answer\(.*<code>|<code>.*final_answer\(|final_answer\(.*```py|```py.*final_answer\(", re.DOTALL
)


_IN_JSON = re.compile(r"Action Input:[^\n]*(?:json|dict|\{)", re.IGNORECASE)


class Protocol(NamedTuple):
    """The tools of a prompt in wire format, the conversation with calls and results as such, and how to write."""

    tools: Sequence[Mapping[str, Any]]
    turns: Sequence[Message]
    write: Callable[[Call], str]
    end: Callable[[str], str]


def with_results(messages: Sequence[Message]) -> Sequence[Message]:
    """The messages, those that call a tool in words as calls, and what a user's turn says of the result as a result;
    a task without the word that announces it."""
    if not any(turn.role == "user" and (_OBSERVED.match(turn.text) or _LABEL.match(turn.text)) for turn in messages):
        return messages
    turns: list[Message] = []
    for turn in messages:
        before = turns[-1] if turns else turn
        if turn.role == "assistant" and not turn.calls and (calls := _called(turn.text)):
            turns.append(_calling(turn.text, calls))
        elif turn.role == "user" and before.role in {"assistant", "tool"} and _OBSERVED.match(turn.text):
            told = _LOGS.sub("", _OBSERVED.sub("", turn.text, count=1)).strip()
            turns.append(
                Message("tool", told, {"tool_call_id": before.calls[0].id if before.calls else before.call_id})
            )
        elif turn.role == "user" and (label := _LABEL.match(turn.text)):
            shaped = "{" in (label["frame"] or "")
            turns.append(Message("user", turn.text[label.end() :] if shaped else label["task"], turn.wire))
        else:
            turns.append(turn)
    return turns


def protocol_in(messages: Sequence[Message]) -> Protocol | None:
    """How a prompt wants tools to be used in words; None for a prompt that does not."""
    text = "\n".join(turn.text for turn in messages if turn.role in {*SYSTEM, "user"})
    if _CODING.search(text):
        return Protocol([*_functions(text)], _scratched(messages), _as_code, _code_end)
    if not _FORMAT.search(text):
        return None
    end = "Final Answer" if "Final Answer:" in text else "Answer"
    thought = "" if messages[-1].text.rstrip().endswith("Thought:") else "Thought: "
    tools = [*_listed(text)]
    as_json = _NAMED.search(text) is not None or _IN_JSON.search(text) is not None

    def write(call: Call) -> str:
        values = list(call.arguments.values())
        alone = not as_json and len(values) == 1
        given = str(values[0]) if alone else json.dumps(call.arguments, ensure_ascii=False)
        return f"{thought}I need to use a tool.\nAction: {call.name}\nAction Input: {given}"

    return Protocol(tools, _scratched(messages), write, lambda told: f"{thought}I now know the answer.\n{end}: {told}")


def _scratched(messages: Sequence[Message]) -> list[Message]:
    """The conversation, of a prompt that carries its steps in one text the question, the calls and their results."""
    turns = list(with_results(messages))
    asking = (place for place, turn in enumerate(turns) if turn.role != "assistant" and _ASKED.search(turn.text))
    place = max(asking, default=-1)
    if place < 0:
        return turns
    text = turns[place].text
    asked = list(_ASKED.finditer(text))[-1]
    steps = text[asked.end() :]
    found = [Message("user", asked["asked"].strip())]
    for number, (action, told) in enumerate(zip(_ACTION.finditer(steps), _STEP.finditer(steps), strict=False)):
        found.append(_calling(action[0], [Call(action["name"].strip(), _given(action["input"]))], number))
        found.append(Message("tool", told["told"].strip(), {"tool_call_id": f"step-{number}-0"}))
    return [*turns[:place], *found, *turns[place + 1 :]]


def _calling(text: str, calls: Sequence[Call], number: int = 0) -> Message:
    wire = [
        {"id": f"step-{number}-{place}", "function": {"name": call.name, "arguments": json.dumps(call.arguments)}}
        for place, call in enumerate(calls)
    ]
    return Message("assistant", text, {"tool_calls": wire})


def _called(text: str) -> list[Call]:
    """The calls that an assistant's text makes."""
    if action := list(_ACTION.finditer(text)):
        return [Call(action[-1]["name"].strip(), _given(action[-1]["input"]))]
    if (called := _CALLED.search(text)) and "python_interpreter" in text:
        return [Call(called["name"])]
    if calling := _CALLING.search(text):
        made = literal(calling["calls"].strip())
        made = made if isinstance(made, list) else [made]
        uses = [use.get("function", use) for use in made if isinstance(use, dict)]
        return [Call(str(use.get("name")), _given(use.get("arguments"))) for use in uses]
    called = _CALLED.search(text) if _CODE.search(text) else None
    return [Call(called["name"])] if called else []


def _given(text: Any) -> dict[str, Any]:
    found = text if isinstance(text, dict) else literal(str(text).strip())
    return found if isinstance(found, dict) else {"input": text}


# The tools that a prompt lists

_NAMED = re.compile(
    r"^[ \t>*-]*Tool Name:[ \t]*(?P<name>\w+).*?\n(?P<rest>(?:(?!^[ \t>*-]*Tool Name:)[^\n]*\n?){1,12})", re.MULTILINE
)
_TOLD = re.compile(r"Tool Description:[ \t]*(?P<told>[^\n]+)")
_ARGS = re.compile(r"Tool Arg(?:ument)?s:[ \t]*(?P<args>\{[^\n]*\})")
_LINE = re.compile(
    r"^[ \t]*[-*]?[ \t]*(?P<name>[A-Za-z_]\w*)[ \t]*(?:\((?P<args>[^()\n]*)\)[^\n:-]*)?(?::| -)[ \t]*"
    r"(?P<told>\S[^\n]*)$",
    re.MULTILINE,
)
_ONE_OF = re.compile(r"one of \[(?P<names>[^\[\]\n]+)\]")
_FUNCTION = re.compile(
    r"^[ \t]*def (?P<name>\w+)\((?P<args>[^()]*)\)[^\n]*:\s*\n\s*\"\"\"(?P<told>.*?)\"\"\"", re.MULTILINE | re.DOTALL
)


def _listed(text: str) -> Iterator[dict[str, Any]]:
    """The tools that lines list: "search(query: str) - Search the web", "Tool Name: search"."""
    for tool in _NAMED.finditer(text):
        told, args = _TOLD.search(tool["rest"]), _ARGS.search(tool["rest"])
        schema = literal(args["args"]) if args else None
        yield _tool(tool["name"], told["told"] if told else "", schema if isinstance(schema, dict) else "input: str")
    if _NAMED.search(text):
        return
    offered = _ONE_OF.search(text)
    names = [name.strip(" '\"`") for name in offered["names"].split(",")] if offered else []
    for line in _LINE.finditer(text):
        if line["name"] in names or (not names and line["args"]):
            yield _tool(line["name"], line["told"], line["args"] or "input: str")


def _functions(text: str) -> Iterator[dict[str, Any]]:
    for function in _FUNCTION.finditer(text):
        if function["name"] != "final_answer":
            yield _tool(function["name"], function["told"].strip(), function["args"])


_TYPES = {"int": "integer", "integer": "integer", "float": "number", "number": "number", "bool": "boolean"}


def _tool(name: str, told: str, args: Any) -> dict[str, Any]:
    """A tool in wire format, from a schema, from arguments with their types, or from the text of a signature."""
    if isinstance(args, dict) and not isinstance(args.get("properties"), dict):
        args = {"type": "object", "properties": {key: part for key, part in args.items() if isinstance(part, dict)}}
    if isinstance(args, str):
        pairs = [part.partition("=")[0].partition(":")[::2] for part in args.split(",") if part.strip()]
        properties = {key.strip(): {"type": _TYPES.get(kind.strip(), "string")} for key, kind in pairs}
        args = {"type": "object", "properties": properties, "required": list(properties)}
    args.setdefault("required", list(args["properties"]))
    return {"type": "function", "function": {"name": name, "description": told, "parameters": args}}


def _as_code(call: Call) -> str:
    given = ", ".join(f"{name}={value!r}" for name, value in call.arguments.items())
    return f"Thought: I need a tool for that.\n<code>\nprint({call.name}({given}))\n</code>"


def _code_end(told: str) -> str:
    return f"Thought: I know the answer.\n<code>\nfinal_answer({told!r})\n</code>"
