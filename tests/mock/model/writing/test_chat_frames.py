"""What a prompt costs OpenAI's models: the recorded figures, as facts with their sources."""

import pytest

from helpers.mock.messages import read_messages
from helpers.mock.model.writing.byte_pairs import byte_pairs
from helpers.mock.model.writing.chat_frames import prompt_tokens, written

HELLO = [{"role": "user", "content": "Hello, world!"}]
WEATHER = {
    "name": "get_weather",
    "description": "The weather in a city",
    "parameters": {
        "type": "object",
        "properties": {
            "city": {"type": "string", "description": "Its name"},
            "unit": {"enum": ["celsius", "fahrenheit"]},
            "days": {"type": "array", "items": {"type": "integer"}},
        },
        "required": ["city"],
    },
}


def counted(messages: list[dict], vocabulary: str = "o200k_base", *, reasoning: bool = False, **request) -> int:
    return prompt_tokens(byte_pairs(vocabulary), read_messages(messages), request, reasoning=reasoning)


def test_the_frame_is_that_of_the_recorded_requests():
    # Azure/azure-sdk-assets, net/sdk/openai: gpt-4o 2025-01 and o1 2025-03, both asked "Hello, world!"
    assert counted(HELLO) == 11
    assert counted(HELLO, reasoning=True) == 10


def test_a_message_costs_four_tokens_beside_its_text():
    assert counted([{"role": "system", "content": ""}, *HELLO]) == counted(HELLO) + 4


def test_parts_of_a_text_follow_each_other_without_a_break():
    parts = [{"type": "text", "text": "Hello,"}, {"type": "text", "text": " world!"}]
    assert counted([{"role": "user", "content": parts}]) == counted(HELLO)


def test_tools_are_written_as_types():
    assert written([WEATHER, {"name": "now"}]) == (
        "namespace functions {\n\n"
        "// The weather in a city\n"
        "type get_weather = (_: {\n"
        "// Its name\n"
        "city: string,\n"
        'unit?: "celsius" | "fahrenheit",\n'
        "days?: number[],\n"
        "}) => any;\n\n"
        "type now = () => any;\n\n"
        "} // namespace functions"
    )


@pytest.mark.parametrize(("choice", "more"), [("auto", 0), ("required", 0), ("none", 1)])
def test_a_choice_of_tool_costs_what_was_recorded(choice: str, more: int):
    tools = [{"type": "function", "function": WEATHER}]
    assert counted(HELLO, tools=tools, tool_choice=choice) == counted(HELLO, tools=tools) + more


def test_a_named_choice_costs_its_name():
    tools = [{"type": "function", "function": WEATHER}]
    named = {"type": "function", "function": {"name": "get_weather"}}
    assert counted(HELLO, tools=tools, tool_choice=named) == counted(HELLO, tools=tools) + 7 + 2


def test_a_schema_is_counted_and_what_makes_it_strict_is_not():
    plain = {"type": "object", "properties": {"a": {"type": "string"}}}
    strict = {**plain, "required": ["a"], "additionalProperties": False}

    def cost(schema: dict) -> int:
        wanted = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
        return counted(HELLO, response_format=wanted)

    assert cost(plain) == cost(strict) > counted(HELLO) + 13


@pytest.mark.parametrize(
    "schema", [True, {"type": ["string", "null"]}, {"anyOf": [{"type": "null"}, {}]}, {"$ref": "#"}]
)
def test_any_schema_can_be_written(schema: object):
    function = {"name": "f", "parameters": {"type": "object", "properties": {"x": schema}}}
    assert "type f = (_: {\nx?: " in written([function])
