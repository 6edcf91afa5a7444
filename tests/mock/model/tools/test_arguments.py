"""What a request says for an argument is read by what the parameter's name and description ask for."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.mock.messages import Message
from helpers.mock.model.tools.turn import Turn


def called(name: str, description: str, request: str, **parameters: str) -> list[dict[str, Any]]:
    """The arguments of each call that a request makes of a tool; parameters are text, each with its description."""
    properties = {key: {"type": "string", "description": said} for key, said in parameters.items()}
    schema = {"type": "object", "properties": properties, "required": list(parameters)}
    tool = {"type": "function", "function": {"name": name, "description": description, "parameters": schema}}
    return [call.arguments for call in Turn([tool], [Message("user", request)]).calls()]


@pytest.mark.parametrize(
    ("request_", "title"),
    [
        ("Create an event called Zorbing trial on 2026-03-14.", "Zorbing trial"),
        ("Create an event titled Vintage kiln walk at 10:00.", "Vintage kiln walk"),
        ("Create an event named Brindle for 2026-03-14.", "Brindle"),
    ],
)
def test_a_title_ends_before_the_preposition_after_it(request_: str, title: str) -> None:
    assert called("create_event", "Creates an event.", request_, title="Title of the event") == [{"title": title}]


@pytest.mark.parametrize("ending", ["ending in", "that ends with"])
def test_the_last_digits_of_a_number_are_those_it_ends_in(ending: str) -> None:
    got = called("block_badge", "Block a lost badge.", f"My badge {ending} 7702 was lost!", last4="Last four digits")
    assert got == [{"last4": "7702"}]


def test_iso_codes_of_an_exchange_are_those_of_its_currencies() -> None:
    asked = {"source": "ISO code", "target": "ISO code"}
    got = called("convert_currency", "Convert money.", "Convert 250 USD to CHF, please.", **asked)
    assert got == [{"source": "USD", "target": "CHF"}]


def test_a_parameter_that_only_one_of_several_shapes_declares_stops_nothing() -> None:
    shape = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    tools = [
        {"type": "function", "function": {"name": name, "description": "Current weather", "parameters": schema}}
        for name, schema in (("get_weather", {"anyOf": [shape, {"type": "string"}]}), ("weather_now", shape))
    ]
    (call,) = Turn(tools, [Message("user", "What is the current weather in Oslo?")]).calls()
    assert call.arguments == {"city": "Oslo"}


def test_a_description_may_list_the_choices_of_an_argument() -> None:
    said = "Gives work to one of the following desks: Quorl, Zemba"
    got = called(
        "give_work", said, "Give work to Zemba: count the crates", desk="Which desk", work="What has to be done"
    )
    assert [call["desk"] for call in got] == ["Zemba"]


def test_a_list_of_numbers_has_all_that_the_request_names() -> None:
    numbers = {"type": "array", "items": {"type": "integer"}}
    schema = {"type": "object", "properties": {"value": numbers}, "required": ["value"]}
    tool = {"type": "function", "function": {"name": "return_list", "parameters": schema}}
    choice = {"type": "function", "function": {"name": "return_list"}}
    (call,) = Turn([tool], [Message("user", "Which of these are even: 4, 9, 16?")]).calls(choice)
    assert call.arguments == {"value": [4, 9, 16]}


def test_where_several_are_named_the_one_that_stands_beside_the_word_is_meant() -> None:
    asked = {"sender": "Address of the sender", "depot": "", "parcel": ""}
    got = called("send_parcel", "Sends a parcel.", "Send parcel QX-7 from mo@ex.org to depot Zarn", **asked)
    assert got == [{"sender": "mo@ex.org", "depot": "Zarn", "parcel": "QX-7"}]
