"""What is wrong with a body, in OpenAI's words: its first fault in the order of the document.

pydantic judges a body, fast and with words of its own. Only one that it refuses is looked at here, along the JSON
Schema of the same classes (`openai.parameters`), so that there is one description of what is allowed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel

from ...errors import ApiError

Rule = Mapping[str, Any]
Place = tuple[str | int, ...]

_NAMED = 100  # unknown arguments that a refusal names

# By what the JSON of a value is: its type in a JSON Schema, what OpenAI calls it, and several of it.
_KINDS: tuple[tuple[type, str, str], ...] = (
    (bool, "boolean", "a boolean"),
    (int, "integer", "an integer"),
    (float, "number", "a decimal"),
    (str, "string", "a string"),
    (list, "array", "an array"),
    (dict, "object", "an object"),
)
_CALLED = {kind: called for _, kind, called in _KINDS} | {"null": "null"}


def first_fault(options: type[BaseModel], body: Any, unknown: list[str]) -> ApiError:
    """The refusal of a body that `options` do not take; `unknown` are the parameters that the model does not know."""
    if not isinstance(body, dict):
        return ApiError("body_not_object", loc=("body",), given=body)
    schema = _schema(options)
    fault = next(_Walk(schema["$defs"]).members(schema, body, ("body",)), None)
    if fault:
        return fault
    return unknown_arguments(unknown) if unknown else ApiError("wrong_body", loc=("body",))


def unknown_arguments(names: list[str]) -> ApiError:
    """The refusal of parameters that a model does not know."""
    return ApiError("unknown_argument", plural="s" if len(names) > 1 else "", names=", ".join(names[:_NAMED]))


def supported(values: list[str] | tuple[str, ...]) -> str:
    """Values as a refusal lists them: 'low', 'medium', and 'high'."""
    quoted = [f"'{value}'" for value in values]
    if len(quoted) < 3:
        return " and ".join(quoted)
    return f"{', '.join(quoted[:-1])}, and {quoted[-1]}"


@cache
def _schema(options: type[BaseModel]) -> Rule:
    return {"$defs": {}, **options.model_json_schema()}


class _Walk:
    """The faults of a value, one after the other; whoever wants the first takes no more."""

    def __init__(self, definitions: Rule) -> None:
        self._definitions = definitions

    def members(self, rule: Rule, value: dict[str, Any], loc: Place, *, closed: bool = False) -> Iterator[ApiError]:
        """The faults of an object. Of a `closed` one also members that it has not; at the top others look for them."""
        known, others = rule.get("properties"), rule.get("additionalProperties")
        if len(value) > rule.get("maxProperties", len(value)):
            yield ApiError("too_many_properties", loc=loc, limit=rule["maxProperties"], given=len(value))
        for name, member in value.items():
            if known and name in known:
                yield from self._faults(known[name], member, (*loc, name))
            elif known and closed:
                yield ApiError("unknown_parameter", loc=(*loc, name))
            elif isinstance(others, Mapping):
                yield from self._faults(others, member, (*loc, name))
        for name in rule.get("required", ()):
            if name not in value:
                yield ApiError("missing_parameter", loc=(*loc, name))

    def _faults(self, rule: Rule, value: Any, loc: Place) -> Iterator[ApiError]:
        branches = self._branches(rule)
        fitting = next((branch for branch in branches if _fits(branch, value)), None)
        if fitting is None:
            yield ApiError("wrong_type", loc=loc, expected=self._expected(branches), given=_called(value))
        elif fitting:
            yield from _CHECKS[_kind(value)](self, fitting, value, loc)

    def _branches(self, rule: Rule) -> list[Rule]:
        """The rules of which a value may follow any."""
        rule = self._resolved(rule)
        return [self._resolved(branch) for branch in rule["anyOf"]] if "anyOf" in rule else [rule]

    def _resolved(self, rule: Rule) -> Rule:
        return self._definitions[rule["$ref"].rsplit("/", 1)[1]] if "$ref" in rule else rule

    def _expected(self, branches: list[Rule]) -> str:
        """ "a string", "an array of strings", "one of a string or array of objects"."""
        called = [self._called(branch) for branch in branches if branch.get("type") != "null"]
        if len(called) == 1:
            return called[0]
        first, *rest = called
        return f"one of {first} or {' or '.join(re.sub('^an? ', '', other) for other in rest)}"

    def _called(self, rule: Rule) -> str:
        kind = rule.get("type", "object")
        if kind != "array":
            return _CALLED[kind]
        item = self._resolved(rule["items"])
        return f"an array of {re.sub('^an? ', '', self._called(item))}s"

    # --- by the type of the value ---

    def _object(self, rule: Rule, value: dict[str, Any], loc: Place) -> Iterator[ApiError]:
        if "oneOf" not in rule:
            yield from self.members(rule, value, loc, closed=True)
            return
        tag = rule["discriminator"]["propertyName"]
        variants = {r["properties"][tag]["const"]: r for r in map(self._resolved, rule["oneOf"])}
        if tag not in value:
            yield ApiError("missing_parameter", loc=(*loc, tag))
            return
        chosen = value[tag]
        yield from self._faults({"type": "string", "enum": list(variants)}, chosen, (*loc, tag))
        if isinstance(chosen, str) and chosen in variants:
            yield from self.members(variants[chosen], value, loc, closed=True)

    def _array(self, rule: Rule, value: list[Any], loc: Place) -> Iterator[ApiError]:
        least, most = rule.get("minItems", 0), rule.get("maxItems", len(value))
        if len(value) < least:
            yield ApiError("empty_array", loc=loc, limit=least)
        if len(value) > most:
            yield ApiError("array_too_long", loc=loc, limit=most, given=len(value))
        for place, item in enumerate(value):
            yield from self._faults(rule["items"], item, (*loc, place))

    def _string(self, rule: Rule, value: str, loc: Place) -> Iterator[ApiError]:
        allowed = [rule["const"]] if "const" in rule else rule.get("enum")
        if allowed and value not in allowed:
            yield ApiError("wrong_value", loc=loc, given=value, expected=supported(allowed))
        least, most = rule.get("minLength", 0), rule.get("maxLength", len(value))
        if len(value) < least:
            yield ApiError("empty_string", loc=loc, limit=least)
        if len(value) > most:
            yield ApiError("string_too_long", loc=loc, limit=most, given=len(value))
        if "pattern" in rule and not re.fullmatch(rule["pattern"], value):
            yield ApiError("string_pattern", loc=loc, pattern=rule["pattern"])

    def _number(self, rule: Rule, value: float, loc: Place) -> Iterator[ApiError]:
        kind = "integer" if rule["type"] == "integer" else "decimal"
        most = rule.get("maximum", rule.get("exclusiveMaximum", float("inf")) - 1)
        least = rule.get("minimum", float("-inf"))
        if value < least:
            yield ApiError(f"{kind}_below", loc=loc, limit=least, given=value)
        if value > most:
            yield ApiError(f"{kind}_above", loc=loc, limit=most, given=value)

    def _nothing(self, rule: Rule, value: Any, loc: Place) -> Iterator[ApiError]:
        yield from ()


_CHECKS = {
    "object": _Walk._object,
    "array": _Walk._array,
    "string": _Walk._string,
    "integer": _Walk._number,
    "number": _Walk._number,
    "boolean": _Walk._nothing,
    "null": _Walk._nothing,
}


def _kind(value: Any) -> str:
    return next((kind for type_, kind, _ in _KINDS if isinstance(value, type_)), "null")


def _called(value: Any) -> str:
    return _CALLED[_kind(value)]


def _fits(rule: Rule, value: Any) -> bool:
    """Whether a value is of the rule's type; without one, any is (Any) or an object is wanted (variants)."""
    wanted = rule.get("type", "object" if "oneOf" in rule else None)
    kind = _kind(value)
    return wanted is None or kind == wanted or (kind == "integer" and wanted == "number")
