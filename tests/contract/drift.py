"""Where the contract, the API's OpenAPI document and the SDK's classes say different things: each as one short line.

A deviation reads ``document: type ChatCompletionsOptions.stop: array<string> | string instead of array<string>``. What
stands before the second colon is its name; a row of differences.toml covers it by that name, or by a pattern of names.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from enum import Enum
from types import ModuleType
from typing import Any

Schemas = Mapping[str, Mapping[str, Any]]
_LIMITS = ("minimum", "maximum", "minLength", "minItems", "maxItems", "pattern")
_INT32 = (-(2**31), 2**31 - 1)
_INT64 = (-(2**63), 2**63 - 1)
_FOUNDATIONS = "Azure.Core.Foundations."

SDK_NAMES = {
    "ChatMessageContentItem": "ContentItem",
    "ChatMessageImageContentItem": "ImageContentItem",
    "ChatMessageImageDetailLevel": "ImageDetailLevel",
    "ChatMessageImageUrl": "ImageUrl",
    "ChatMessageInputAudio": "InputAudio",
    "ChatMessageInputAudioContentItem": "AudioContentItem",
    "ChatMessageTextContentItem": "TextContentItem",
    "ChatCompletionsResponseFormatJsonSchemaDefinition": "JsonSchemaFormat",
    "ChatRequestAssistantMessage": "AssistantMessage",
    "ChatRequestDeveloperMessage": "DeveloperMessage",
    "ChatRequestSystemMessage": "SystemMessage",
    "ChatRequestToolCall": "ChatCompletionsToolCall",
    "ChatRequestToolMessage": "ToolMessage",
    "ChatRequestUserMessage": "UserMessage",
    "StreamingFunctionCall": "FunctionCall",
}
"""What the SDK calls a schema, where it calls it something else."""


def from_document(contract: Schemas, document: Schemas) -> list[str]:
    """The deviations of the contract's schemas from those of the API's document (Swagger 2.0)."""
    theirs = {name.removeprefix(_FOUNDATIONS): _flat(name, document) for name in document}
    return [f"document: {line}" for line in _compared(dict(contract), theirs)]


def from_sdk(contract: Schemas, models: ModuleType, calls: Mapping[str, Any]) -> list[str]:
    """The deviations of the contract's schemas from the fields and enums of the SDK.

    `calls` gives the method whose keyword arguments are the fields of a request's schema.
    """
    return [f"sdk: {line}" for line in _from_sdk(contract, models, calls)]


def name_of(deviation: str) -> str:
    """``document: type ChatChoice.logprobs`` of a deviation."""
    source, rest = deviation.split(": ", 1)
    return f"{source}: {rest.split(': ', 1)[0]}"


# --- against the document ---------------------------------------------------------------------------------------------


def _compared(ours: dict[str, Mapping[str, Any]], theirs: dict[str, Mapping[str, Any]]) -> Iterator[str]:
    for name in theirs.keys() - ours.keys():
        yield f"absent {name}"
    for name, schema in ours.items():
        if name not in theirs:
            yield f"added {name}"
            continue
        other = theirs[name]
        if "oneOf" in schema and "oneOf" in other:
            yield from _values(name, "variant", set(_variants(schema)), set(_variants(other)))
            continue
        yield from _same(name, schema, other, ours, theirs)
        fields, their_fields = schema.get("properties", {}), other.get("properties", {})
        for field in fields.keys() - their_fields.keys():
            yield f"added {name}.{field}"
        for field in their_fields.keys() - fields.keys():
            yield f"absent {name}.{field}"
        required, their_required = set(schema.get("required", ())), set(other.get("required", ()))
        for field in (required ^ their_required) & fields.keys() & their_fields.keys():
            yield f"required {name}.{field}: {'needed' if field in required else 'not needed'}"
        if schema.get("additionalProperties") is False:
            yield f"closed {name}"
        for field in fields.keys() & their_fields.keys():
            yield from _same(f"{name}.{field}", fields[field], their_fields[field], ours, theirs)


def _same(
    place: str, mine: Mapping[str, Any], other: Mapping[str, Any], ours: Schemas, theirs: Schemas
) -> Iterator[str]:
    """The deviations of one value: null, type, values and limits."""
    (mine, nullable), (other, was_nullable) = _without_null(mine), _without_null(other)
    if nullable != was_nullable:
        yield f"null {place}: {'allowed' if nullable else 'not allowed'}"
    kind, their_kind = _kind(mine, ours), _kind(other, theirs)
    if kind != their_kind:
        yield f"type {place}: {kind} instead of {their_kind}"
    yield from _values(place, "value", _enum(mine, ours), _enum(other, theirs))
    for limit in _LIMITS:
        if mine.get(limit) != other.get(limit) and not _is_format(limit, mine, other):
            yield f"{limit} {place}: {mine.get(limit)} instead of {other.get(limit)}"


def _values(place: str, what: str, mine: set[str], others: set[str]) -> Iterator[str]:
    for value in sorted(mine - others):
        yield f"added {what} {place}={value}"
    for value in sorted(others - mine):
        yield f"absent {what} {place}={value}"


def _without_null(schema: Mapping[str, Any]) -> tuple[Mapping[str, Any], bool]:
    if schema.get("x-nullable"):
        return {**schema, "x-nullable": False}, True
    branches = [branch for branch in schema.get("anyOf", ()) if branch != {"type": "null"}]
    if len(branches) < len(schema.get("anyOf", ())):
        rest = {key: value for key, value in schema.items() if key != "anyOf"}
        return ({**rest, **branches[0]} if len(branches) == 1 else {**rest, "anyOf": branches}), True
    if isinstance(schema.get("type"), list) and "null" in schema["type"]:
        types = [kind for kind in schema["type"] if kind != "null"]
        return {**schema, "type": types[0] if len(types) == 1 else types}, True
    return schema, False


def _kind(schema: Mapping[str, Any], among: Schemas) -> str:
    """The type of a value in words: ``array<ChatChoice>``, ``string``; an enum is a string wherever it stands."""
    if "$ref" in schema:
        name = _target(schema)
        return "string" if "enum" in _named(name, among) else name
    if "anyOf" in schema:
        return " | ".join(_kind(branch, among) for branch in schema["anyOf"])
    if "const" in schema or "enum" in schema:
        return "string"
    kind = schema.get("type", "anything")
    if kind == "array":
        return f"array<{_kind(schema.get('items', {}), among)}>"
    return " | ".join(kind) if isinstance(kind, list) else kind


def _enum(schema: Mapping[str, Any], among: Schemas) -> set[str]:
    if "$ref" in schema:
        return set(_named(_target(schema), among).get("enum", ()))
    return {schema["const"]} if "const" in schema else set(schema.get("enum", ())) - {None}


def _is_format(limit: str, mine: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether a limit of ours only says what the document's format says."""
    bounds = {"int32": _INT32, "int64": _INT64}.get(other.get("format", ""))
    return bounds is not None and limit in ("minimum", "maximum") and mine.get(limit) in bounds and limit not in other


def _flat(name: str, document: Schemas) -> Mapping[str, Any]:
    """A schema of the document with what it inherits; a base class becomes the choice among its variants."""
    schema = document[name]
    if "discriminator" in schema:
        variants = [other for other in document if _parent(document[other]) == name]
        return {"oneOf": [{"$ref": f"#/definitions/{variant}"} for variant in variants]}
    parent = _parent(schema)
    if parent is None:
        return schema
    tag = {document[parent]["discriminator"]: {"const": schema["x-ms-discriminator-value"]}}
    inherited = document[parent].get("required", [])
    properties = {**tag, **schema.get("properties", {})}
    return {**schema, "properties": properties, "required": [*inherited, *schema.get("required", ())]}


def _parent(schema: Mapping[str, Any]) -> str | None:
    bases = schema.get("allOf", ())
    return _target(bases[0]) if bases else None


def _variants(schema: Mapping[str, Any]) -> Iterator[str]:
    return (_target(variant) for variant in schema["oneOf"])


def _target(reference: Mapping[str, Any]) -> str:
    return reference["$ref"].rsplit("/", 1)[1].removeprefix(_FOUNDATIONS)


def _named(name: str, among: Schemas) -> Mapping[str, Any]:
    return among.get(name) or among[_FOUNDATIONS + name]


# --- against the SDK --------------------------------------------------------------------------------------------------


def _from_sdk(contract: Schemas, models: ModuleType, calls: Mapping[str, Any]) -> Iterator[str]:
    for name, schema in contract.items():
        if name in calls:
            given = set(inspect.signature(calls[name]).parameters) - {"self", "kwargs", "body", "model_extras"}
            yield from _values(name, "field", set(schema["properties"]), given)
            continue
        theirs = getattr(models, SDK_NAMES.get(name, name), None)
        if theirs is None:
            yield f"added {name}"
        elif isinstance(theirs, type) and issubclass(theirs, Enum):
            yield from _values(name, "value", set(schema["enum"]), {member.value for member in theirs})
        elif "oneOf" not in schema:
            yield from _values(name, "field", set(schema.get("properties", {})), _sdk_fields(theirs))
    used = {SDK_NAMES.get(name, name) for name in contract}
    for name, value in vars(models).items():
        if name not in used and isinstance(value, type) and name in models.__all__:
            yield f"absent {name}"


def _sdk_fields(model: type) -> set[str]:
    """The names on the wire of a model class of the SDK. It gathers them itself, but only when it is first used."""
    return {
        getattr(field, "_rest_name_input", None) or name
        for base in model.__mro__
        for name, field in vars(base).items()
        if hasattr(field, "_rest_name_input")
    }
