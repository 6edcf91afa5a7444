"""What a conversation costs OpenAI's models as a prompt.

No page says how tools and schemas are written into the prompt. The rules here give the recorded `prompt_tokens` of 41
requests in words and with a tool, 2023-12 to 2025-11 (Azure/azure-sdk-assets, the tests of the Azure SDKs); of 4 JSON
schemas they miss 3, by 1, 1 and 5 tokens. Several calls in one message are a guess after one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...messages import SYSTEM, Message
from .tokens import Tokenizer

_REQUEST, _MESSAGE, _CALL = 3, 4, 7  # tokens of the frame of each
_UNSAID = frozenset({"required", "additionalProperties"})  # of a schema, not written into the prompt


def prompt_tokens(
    tokenizer: Tokenizer, messages: Sequence[Message], request: Mapping[str, Any], *, reasoning: bool = False
) -> int:
    """How many tokens a conversation costs, with the tools and the schema of the `request` (in wire format).

    Pictures and sounds are not counted here. A reasoning model's frame is one token shorter.
    """
    count = _REQUEST - reasoning
    for message in messages:
        count += _MESSAGE + tokenizer.count(_text(message))
        count += sum([_CALL + tokenizer.count(call.name) + tokenizer.count(call.arguments) for call in message.calls])
        count += message.role in ("tool", "function")
    functions = [tool["function"] for tool in request.get("tools") or ()] or request.get("functions")
    if functions:
        count += tokenizer.count(written(functions))
        count += 5 if any(message.role in SYSTEM for message in messages) else 9
        count += _choice(tokenizer, request.get("tool_choice") or request.get("function_call"))
    wanted = request.get("response_format")
    if wanted and wanted.get("type") == "json_schema":
        count += _schema(tokenizer, wanted["json_schema"])
    return count


def _text(message: Message) -> str:
    content = message.wire.get("content")
    if isinstance(content, list):  # parts follow each other without a break
        return "".join([part["text"] for part in content if part.get("type") == "text"])
    return message.text


def _choice(tokenizer: Tokenizer, choice: Any) -> int:
    if isinstance(choice, dict):
        return _CALL + tokenizer.count(choice.get("function", choice)["name"])
    return choice == "none"


def _schema(tokenizer: Tokenizer, wanted: Mapping[str, Any]) -> int:
    about = f"// {wanted['description']}\n" if wanted.get("description") else ""
    schema = json.dumps(_said(wanted["schema"]), ensure_ascii=False, separators=(",", ":"))
    return 13 + sum(map(tokenizer.count, (wanted["name"], about, schema)))


def _said(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {name: _said(value) for name, value in schema.items() if name not in _UNSAID}
    return [_said(value) for value in schema] if isinstance(schema, list) else schema


# --- tools, written as types of TypeScript ----------------------------------------------------------------------------


def written(functions: Sequence[Mapping[str, Any]]) -> str:
    """Functions as the model reads them."""
    return "\n".join(["namespace functions {", "", *_lines(functions), "} // namespace functions"])


def _lines(functions: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for function in functions:
        if function.get("description"):
            yield f"// {function['description']}"
        parameters = function.get("parameters") or {}
        if isinstance(parameters.get("properties"), dict) and parameters["properties"]:
            yield f"type {function['name']} = (_: {_type(parameters)}) => any;"
        else:
            yield f"type {function['name']} = () => any;"
        yield ""


def _properties(schema: Mapping[str, Any]) -> Iterator[str]:
    required = schema.get("required")
    required = required if isinstance(required, list) else ()
    for name, value in schema.get("properties", {}).items():
        if isinstance(value, dict) and value.get("description"):
            yield f"// {value['description']}"
        yield f"{name}{'' if name in required else '?'}: {_type(value)},"


_PLAIN = {"string": "string", "number": "number", "integer": "number", "boolean": "boolean", "null": "null"}


def _type(schema: Any) -> str:
    if not isinstance(schema, dict):
        return "any"
    kind = schema.get("type")
    if isinstance(schema.get("enum"), list):
        return " | ".join([json.dumps(value, ensure_ascii=False) for value in schema["enum"]])
    if isinstance(kind, list):
        return " | ".join([_type({**schema, "type": one}) for one in kind])
    if kind == "array":
        return f"{_type(schema.get('items'))}[]"
    if kind == "object" and isinstance(schema.get("properties", {}), dict):
        return "\n".join(["{", *_properties(schema), "}"])
    if isinstance(schema.get("anyOf"), list):
        return " | ".join(map(_type, schema["anyOf"]))
    return _PLAIN.get(kind, "any") if isinstance(kind, str) else "any"
