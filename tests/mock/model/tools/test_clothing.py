"""What to wear is a question about the weather, as recorded; how many days ahead it is asked for is a number."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.mock.messages import read_messages
from helpers.mock.model.tools.turn import Turn

TEXT = {"type": "string"}
WHOLE = {"type": "integer"}


def tool(name: str, description: str = "", required: list[str] | None = None, **properties: Any) -> dict[str, Any]:
    wanted = list(properties) if required is None else required
    parameters = {"type": "object", "properties": properties, "required": wanted}
    return {"type": "function", "function": {"name": name, "description": description, "parameters": parameters}}


def calls(text: str, *tools: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    talk = [{"role": "system", "content": "Today is Friday, 2026-11-20."}, {"role": "user", "content": text}]
    return [(call.name, call.arguments) for call in Turn(tools, read_messages(talk)).calls("auto")]


# Like the tools of the recordings, of which no parameter is required
IN_DAYS = tool(
    "get_future_temperature",
    "The temperature to expect at a place",
    [],
    locationName={**TEXT, "description": "Where"},
    daysInAdvance={**WHOLE, "description": "How many days in the future"},
)
ON_A_DAY = tool(
    "FutureTemperature",
    "The temperature of a day at a place",
    [],
    unit={**TEXT, "description": "Celsius or Fahrenheit; defaults to Celsius"},
    location_name={**TEXT, "description": "Where"},
    date={**TEXT, "description": "The day, as YYYY-MM-DD"},
)
WEATHER = tool("get_weather", "Current weather in a city", city=TEXT)
THERMOSTAT = tool("set_thermostat", "Set the target temperature", temperature={"type": "number"})


@pytest.mark.parametrize(
    ("text", "offered", "arguments"),
    [
        ("What should I wear in Honolulu in 3 days?", IN_DAYS, {"locationName": "Honolulu", "daysInAdvance": 3}),
        (
            "What should I wear in Honolulu next Thursday?",
            ON_A_DAY,
            {"location_name": "Honolulu", "date": "2026-11-26"},
        ),
        (
            "What sort of clothing should I wear today in Berlin?",
            ON_A_DAY,
            {"location_name": "Berlin", "date": "2026-11-20"},
        ),
    ],
)
def test_the_recorded_questions_are_calls(text: str, offered: dict[str, Any], arguments: dict[str, Any]):
    # Recorded 2024-10 to 2025-04: mistral-small, mistral-large, gpt-4o, gpt-4-turbo
    assert calls(text, offered) == [(offered["function"]["name"], arguments)]


@pytest.mark.parametrize(
    "text",
    [
        "What should I wear in Oslo?",
        "How should we dress for Oslo this weekend?",
        "Do I need an umbrella in Oslo tomorrow?",
        "Tell me what to wear in Oslo",
    ],
)
def test_clothing_asks_for_the_weather(text: str):
    assert calls(text, THERMOSTAT, WEATHER) == [("get_weather", {"city": "Oslo"})]


def test_where_is_asked_for():
    talk = [{"role": "user", "content": "What should I wear?"}]
    assert Turn([WEATHER], read_messages(talk)).question() == "Please tell me the city, and I will call get_weather."


@pytest.mark.parametrize(
    "text",
    [
        "Where can I buy a coat in Oslo?",
        "What does a coat cost in Oslo?",
        "What should I wear to a wedding?",
        "How do I pack a suitcase?",
        "Pack the boxes and send them to Oslo",
        "Write a poem about a coat in Oslo",
    ],
)
def test_other_words_about_clothes_ask_for_no_weather(text: str):
    assert calls(text, WEATHER) == []


# --- numbers of days ---

HOW_FAR = {"description": "number of days from now"}


@pytest.mark.parametrize("kind", ["string", "integer"])
@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("What's the maximum temperature in Seattle two days from now?", 2),
        ("What's the maximum temperature in Seattle in a week?", 7),
        ("What's the maximum temperature in Seattle tomorrow?", 1),
        ("What's the maximum temperature in Seattle next Thursday?", 6),
        ("What's the maximum temperature in Seattle?", 0),
    ],
)
def test_a_number_of_days_is_a_number_whatever_its_type(kind: str, text: str, days: int):
    offered = tool("get_temperature", "Temperature in a city", city=TEXT, days={"type": kind, **HOW_FAR})
    wanted = days if kind == "integer" else str(days)
    assert calls(text, offered) == [("get_temperature", {"city": "Seattle", "days": wanted})]


def test_days_without_a_word_of_when_are_those_that_are_counted():
    forecast = tool("get_forecast", "Weather forecast", ["city"], city=TEXT, days=WHOLE)
    assert calls("The forecast for Oslo over the next 5 days", forecast) == [
        ("get_forecast", {"city": "Oslo", "days": 5})
    ]
    assert calls("The forecast for Oslo tomorrow", forecast) == [("get_forecast", {"city": "Oslo"})]


# --- scales ---

SCALES = tool("get_weather", "Current weather", ["city"], city=TEXT, unit={**TEXT, "enum": ["celsius", "fahrenheit"]})


@pytest.mark.parametrize(("letter", "scale"), [("C", "celsius"), ("F", "fahrenheit")])
def test_a_scale_is_no_city(letter: str, scale: str):
    assert calls(f"Weather in Paris in {letter}?", WEATHER) == [("get_weather", {"city": "Paris"})]
    assert calls(f"Weather in Paris in {letter}?", SCALES) == [("get_weather", {"city": "Paris", "unit": scale})]


def test_a_city_is_no_unit():
    convert = tool("convert_units", "Convert between units", value={"type": "number"}, from_unit=TEXT, to_unit=TEXT)
    (_, arguments), *_ = calls("Convert 5 km to Miles", convert)
    assert arguments == {"value": 5, "from_unit": "km", "to_unit": "Miles"}
    assert calls("What is the temperature in Berlin?", ON_A_DAY)[0][1]["location_name"] == "Berlin"
