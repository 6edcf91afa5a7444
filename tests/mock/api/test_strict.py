"""What OpenAI's models refuse of a schema is refused in their words, and where it stands."""

from typing import Any

import pytest

from helpers.mock.api.strict import check_strict
from helpers.mock.model.structured.keywords import UnsupportedSchema

S, I = {"type": "string"}, {"type": "integer"}  # noqa: E741


def _obj(required: bool = True, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties) if required else []}


def test_strict_wants_every_property_required_and_no_others() -> None:
    check_strict({**_obj(a=S), "additionalProperties": False})
    with pytest.raises(UnsupportedSchema, match="'additionalProperties' is required to be supplied and to be false"):
        check_strict(_obj(a=S))
    inner = {**_obj(required=False, b=S), "additionalProperties": False}
    with pytest.raises(UnsupportedSchema, match="Missing 'b'") as refusal:
        check_strict({**_obj(a=inner), "additionalProperties": False})
    assert refusal.value.path == ("properties", "a")
    with pytest.raises(UnsupportedSchema, match="type"):
        check_strict(S)


STRICT = {"type": "object", "additionalProperties": False, "properties": {}, "required": []}


@pytest.mark.parametrize(
    ("member", "reason"),
    [
        ({"type": "string", "minLength": 3}, "'minLength' is not permitted"),
        ({"oneOf": [S, I]}, "'oneOf' is not permitted"),
        ({"allOf": [S]}, "'allOf' is not permitted"),
        ({"type": "string", "format": "uri"}, "'uri' is not a valid format"),
        ({"type": "array", "items": S, "uniqueItems": True}, "'uniqueItems' is not permitted"),
    ],
)
def test_strict_does_not_permit_every_keyword(member: Any, reason: str) -> None:
    with pytest.raises(UnsupportedSchema, match=reason) as refusal:
        check_strict({**STRICT, "properties": {"a": member}, "required": ["a"]})
    assert refusal.value.path == ("properties", "a")


@pytest.mark.parametrize("wrong", [{"format": []}, {"required": 5}, {"properties": 5}, {"prefixItems": 5}])
def test_strict_refuses_what_is_no_schema(wrong: Any) -> None:
    with pytest.raises(UnsupportedSchema, match="not a valid JSON Schema"):
        check_strict({**STRICT, **wrong})


def test_strict_bounds_depth_and_number_of_properties() -> None:
    schema: Any = S
    for _ in range(6):
        schema = {**STRICT, "properties": {"a": schema}, "required": ["a"]}
    check_strict(schema["properties"]["a"])
    with pytest.raises(UnsupportedSchema, match="6 levels of nesting exceeds limit of 5"):
        check_strict(schema)
    names = [f"p{n}" for n in range(101)]
    with pytest.raises(UnsupportedSchema, match="more than 100 object properties"):
        check_strict({**STRICT, "properties": dict.fromkeys(names, S), "required": names})


def test_strict_permits_what_pydantic_makes_of_ranges_dates_and_recursion() -> None:
    node = {**STRICT, "properties": {"next": {"anyOf": [{"$ref": "#"}, {"type": "null"}]}}, "required": ["next"]}
    check_strict(node)
    members = {"a": {"type": "integer", "minimum": 1}, "b": {"type": "string", "format": "date", "pattern": "^2"}}
    check_strict({**STRICT, "properties": members, "required": ["a", "b"]})
