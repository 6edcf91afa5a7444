"""Tools are chosen and filled from the conversation, also tools and names that appear nowhere in the mock's tables."""

import json
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from referencing import Registry

from helpers.mock.extract import vocabulary
from helpers.mock.schema import UnsupportedSchema
from helpers.mock.tools import Call, call_id, plan_calls, question, tool_answer

_SYLLABLES = st.sampled_from(["zor", "vek", "lum", "quil", "ård", "ñe", "thra", "öst", "bex", "moz", "grin", "plo"])
WORDS = st.lists(_SYLLABLES, min_size=2, max_size=4).map("".join).filter(lambda w: w not in vocabulary().common)
CITIES = st.one_of(
    WORDS.map(str.capitalize),
    st.tuples(st.sampled_from(["New", "San", "Port", "St."]), WORDS.map(str.capitalize)).map(" ".join),
    st.tuples(WORDS.map(str.capitalize), st.just("de"), WORDS.map(str.capitalize)).map(" ".join),
)
TEXT: dict[str, Any] = {"type": "string"}


def tool(name: str, description: str = "", required: list[str] | None = None, **properties: Any) -> dict[str, Any]:
    wanted = list(properties) if required is None else required
    parameters = {"type": "object", "properties": properties, "required": wanted}
    return {"type": "function", "function": {"name": name, "description": description, "parameters": parameters}}


FLIGHT = tool(
    "get_flight_info",
    "Returns information about the next flight between two cities. This includes the name of the airline, flight "
    "number and the date and time of the next flight",
    origin_city={"type": "string", "description": "The name of the city where the flight originates"},
    destination_city={"type": "string", "description": "The flight destination city"},
)
WEATHER = tool(
    "get_weather", "Current weather", ["city"], city=TEXT, unit={"type": "string", "enum": ["celsius", "fahrenheit"]}
)
TRAIN = tool("find_train", "Finds a train connection", from_station=TEXT, to_station=TEXT)
BOOK = tool("book_flight", "Books a flight", ["flight_number"], flight_number=TEXT, passenger=TEXT)
CLOCK = tool("get_time", "The current time")
ALL = [FLIGHT, WEATHER, TRAIN, BOOK, CLOCK]


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def asked(calls: list[Call]) -> dict[str, Any]:
    made = [
        {"id": f"call{n}", "type": "function", "function": {"name": c.name, "arguments": json.dumps(c.arguments)}}
        for n, c in enumerate(calls)
    ]
    return {"role": "assistant", "tool_calls": made}


def told(answer: Any, index: int = 0) -> dict[str, Any]:
    content = answer if isinstance(answer, str) else json.dumps(answer)
    return {"role": "tool", "tool_call_id": f"call{index}", "content": content}


def plan(
    text: str, tools: list[dict[str, Any]] | None = None, choice: Any = "auto"
) -> list[tuple[str, dict[str, Any]]]:
    return [(call.name, call.arguments) for call in plan_calls(tools or ALL, choice, [user(text)])]


def test_the_documented_question_gives_the_documented_arguments() -> None:
    (call,) = plan_calls([FLIGHT], "auto", [user("When is the next flight from Miami to Seattle?")])
    assert json.dumps(call.arguments) == '{"origin_city": "Miami", "destination_city": "Seattle"}'


@given(
    CITIES,
    CITIES,
    WORDS,
    st.sampled_from(
        [("origin", "destination"), ("from_town", "to_town"), ("departure", "arrival"), ("locOrigin", "locDestination")]
    ),
)
def test_any_route_tool_gets_origin_and_destination(one: str, other: str, noun: str, names: tuple[str, str]) -> None:
    assume(len({one.lower(), other.lower(), noun}) == 3)
    made_up = tool(f"get_{noun}", **{names[0]: TEXT, names[1]: TEXT})
    expected = [(f"get_{noun}", {names[0]: one, names[1]: other})]
    assert plan(f"Is there a {noun} from {one} to {other} tomorrow?", [CLOCK, made_up]) == expected
    assert plan(f"I need a {noun} to {other} from {one}.", [made_up, WEATHER]) == expected


@given(st.lists(CITIES, min_size=2, max_size=4, unique=True))
def test_one_parallel_call_for_each_place(cities: list[str]) -> None:
    listed = ", ".join(cities[:-1]) + " and " + cities[-1]
    assert plan(f"What is the weather like in {listed}?") == [("get_weather", {"city": city}) for city in cities]


@given(CITIES, CITIES, CITIES)
def test_follow_ups_reuse_the_earlier_call(one: str, other: str, third: str) -> None:
    assume(len({one, other, third}) == 3)
    talk = [user(f"When is the next flight from {one} to {other}?")]
    talk += [
        asked(plan_calls(ALL, "auto", talk)),
        told({"info": "At nine."}),
        {"role": "assistant", "content": "At nine."},
    ]

    def then(text: str) -> list[Call]:
        return plan_calls(ALL, "auto", [*talk, user(text)])

    def flight(origin: str, destination: str) -> Call:
        return Call("get_flight_info", {"origin_city": origin, "destination_city": destination})

    assert then("And back?") == [flight(other, one)]
    assert then(f"What about {third}?") == [flight(one, third)]
    assert then(f"And from {third}?") == [flight(third, other)]
    assert then(f"And the weather in {third}?") == [Call("get_weather", {"city": third})]
    assert then("Thanks!") == []


_PARTS = st.one_of(
    st.sampled_from([TEXT, {"type": "integer", "minimum": 3}, {"type": "boolean"}, {"enum": ["a", 1, None]}, {}]),
    st.just({"type": "array", "items": {"type": "string", "minLength": 2}, "minItems": 2, "uniqueItems": True}),
    st.just({"type": "object", "properties": {"city": TEXT, "n": {"type": "number"}}, "required": ["city", "n"]}),
    st.just({"type": "string", "pattern": "^[A-Z]{3}$"}),
    st.just({"type": "string", "format": "date"}),
    st.just({"anyOf": [{"type": "integer"}, {"type": "null"}]}),
)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(WORDS, st.dictionaries(WORDS, _PARTS, max_size=4), st.sampled_from(["required", "named"]), st.text(max_size=60))
def test_arguments_are_valid_for_any_tool_and_any_request(
    noun: str, parts: dict[str, Any], how: str, text: str
) -> None:
    made_up = tool(f"do_{noun}", **parts)
    choice = "required" if how == "required" else {"type": "function", "function": {"name": f"do_{noun}"}}
    calls = plan_calls([made_up], choice, [user(text)])
    assert calls
    validator = Draft202012Validator(made_up["function"]["parameters"], registry=Registry())
    for call in calls:
        assert call.name == f"do_{noun}"
        assert validator.is_valid(call.arguments)


@pytest.mark.parametrize(
    "text",
    [
        "Tell me a joke",
        "Thank you!",
        "Hello, how are you?",
        "How do planes fly?",
        "Write a poem about trains",
        "What is the capital of France?",
        "How many languages are in the world?",
        "What is the weather?",
        "",
    ],
)
def test_words_suffice(text: str) -> None:
    assert plan(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "weather in Oslo and a train from Oslo to Bergen",
            [("get_weather", {"city": "Oslo"}), ("find_train", {"from_station": "Oslo", "to_station": "Bergen"})],
        ),
        ("Will it rain in tromsø, in fahrenheit?", [("get_weather", {"city": "Tromsø", "unit": "fahrenheit"})]),
        (
            "Flights from Oslo to Rome and Paris",
            [
                ("get_flight_info", {"origin_city": "Oslo", "destination_city": "Rome"}),
                ("get_flight_info", {"origin_city": "Oslo", "destination_city": "Paris"}),
            ],
        ),
        ("What time is it?", [("get_time", {})]),
        ("Do I need an umbrella in Ho Chi Minh City?", [("get_weather", {"city": "Ho Chi Minh City"})]),
    ],
)
def test_requests_and_their_calls(text: str, expected: list[tuple[str, dict[str, Any]]]) -> None:
    assert plan(text) == expected


def test_other_tools_of_everyday_use() -> None:
    convert = tool("convert_currency", amount={"type": "number"}, from_currency=TEXT, to_currency=TEXT)
    hotel = tool(
        "search_hotels", "", ["location"], location=TEXT, nights={"type": "integer"}, breakfast={"type": "boolean"}
    )
    mail = tool("send_email", to=TEXT, subject=TEXT)
    song = tool("play_song", title=TEXT)
    order = tool("lookup_order", order_id=TEXT)
    tools = [convert, hotel, mail, song, order]
    assert plan("Convert 100 USD to EUR", tools) == [
        ("convert_currency", {"amount": 100, "from_currency": "USD", "to_currency": "EUR"})
    ]
    assert plan("A hotel in Austin, TX for 3 nights without breakfast", tools) == [
        ("search_hotels", {"location": "Austin, TX", "nights": 3, "breakfast": False})
    ]
    assert plan('Email bo@x.org with subject "Lunch"', tools) == [
        ("send_email", {"to": "bo@x.org", "subject": "Lunch"})
    ]
    assert plan("Play Bohemian Rhapsody", tools) == [("play_song", {"title": "Bohemian Rhapsody"})]
    assert plan("Where is my order 12345?", tools) == [("lookup_order", {"order_id": "12345"})]


def test_tool_choice() -> None:
    request = "When is the next flight from Miami to Seattle?"
    assert plan(request, choice="none") == []
    assert plan(request, choice=None) == plan(request, choice="auto") != []
    assert [name for name, _ in plan("Tell me a joke about the weather", choice="required")] == ["get_weather"]
    assert len(plan("Tell me a joke", choice="required")) == 1
    assert plan(request, choice={"type": "function", "function": {"name": "get_weather"}}) == [
        ("get_weather", {"city": "Seattle"})
    ]
    with pytest.raises(ValueError, match="nothing"):
        plan(request, choice={"type": "function", "function": {"name": "nothing"}})


@pytest.mark.parametrize("parameters", [None, {}, {"type": "object", "properties": {}}])
def test_a_tool_without_parameters_gets_an_empty_object(parameters: Any) -> None:
    bare = {"type": "function", "function": {"name": "roll_dice", "description": "Rolls", "parameters": parameters}}
    assert plan("Roll the dice", [bare]) == [("roll_dice", {})]


@pytest.mark.parametrize(
    "parameters", [{"type": "array"}, {"$ref": "https://x.org/a"}, {"properties": {"a": False}, "required": ["a"]}]
)
def test_parameters_that_cannot_be_met_are_refused(parameters: Any) -> None:
    bad = {"type": "function", "function": {"name": "roll_dice", "parameters": parameters}}
    with pytest.raises(UnsupportedSchema):
        plan("Roll the dice", [bad], "required")


def test_there_is_where_the_call_before_went_whatever_its_answer_said() -> None:
    weather = tool("get_weather", "Returns today's weather in a city.", city={"type": "string"})
    before = [user("When is the next flight from Oslo to Bergen?")]
    tools = [FLIGHT, weather]
    flight = plan_calls(tools, "auto", before)
    talk = [*before, asked(flight), told("Fine so far."), {"role": "assistant", "content": "Fine so far."}]
    assert plan_calls(tools, "auto", [*talk, user("How is the weather there?")]) == [
        Call("get_weather", {"city": "Bergen"})
    ]


@pytest.mark.parametrize(
    ("text", "name", "arguments"),
    [
        ("What is 17 * 23?", "calculate", {"expression": "17 * 23"}),
        ("What is (3 + 4) * 2.5?", "calculate", {"expression": "(3 + 4) * 2.5"}),
        ("How far is it from Rome to Oslo?", "distance", {"a": "Rome", "b": "Oslo"}),
        ("Find the person Ana Ruiz", "find_person", {"first_name": "Ana", "last_name": "Ruiz"}),
        ("What is the status of flight AD 210?", "flight_status", {"flight_number": "AD 210"}),
        ("I want a large pizza with ham and olives", "pizza", {"size": "large", "toppings": ["ham", "olives"]}),
        ("Give me a recipe for lasagne for 4 servings", "recipe", {"dish": "lasagne", "servings": 4}),
    ],
)
def test_tools_of_a_learners_own(text: str, name: str, arguments: dict[str, Any]) -> None:
    text_type, city = {"type": "string"}, {"type": "string", "description": "a city"}
    tools = [
        tool("calculate", "Evaluates an arithmetic expression", expression=text_type),
        tool("distance", "Returns the distance between two cities in kilometres.", a=city, b=city),
        tool("find_person", "Finds a person in the address book.", first_name=text_type, last_name=text_type),
        tool("flight_status", "Status of a flight", flight_number=text_type),
        tool("pizza", "Orders a pizza.", size=text_type, toppings={"type": "array", "items": text_type}),
        tool("recipe", "Returns a recipe for a dish.", dish=text_type, servings={"type": "integer"}),
    ]
    assert plan(text, tools) == [(name, arguments)]


def test_a_sum_asks_for_the_tool_of_its_sign() -> None:
    number = {"type": "number"}
    tools = [tool("add", "Adds two numbers", a=number, b=number), tool("multiply", "Multiplies", a=number, b=number)]
    assert [plan(f"What is 17 {sign} 23?", tools)[0][0] for sign in ("+", "*", "times")] == [
        "add", "multiply", "multiply",
    ]  # fmt: skip


def test_a_chain_calls_one_tool_at_a_time() -> None:
    talk = [user("Find a flight from Oslo to Rome, then book it for Ana Ruiz")]
    first = plan_calls(ALL, "auto", talk)
    assert first == [Call("get_flight_info", {"origin_city": "Oslo", "destination_city": "Rome"})]
    talk += [asked(first), told({"flight_number": "ZV1880", "price": 99})]
    second = plan_calls(ALL, "auto", talk)
    assert second == [Call("book_flight", {"flight_number": "ZV1880", "passenger": "Ana Ruiz"})]
    talk += [asked(second), told({"confirmed": True})]
    assert plan_calls(ALL, "auto", talk) == []


def test_a_failed_tool_ends_the_chain() -> None:
    talk = [user("Find a flight from Oslo to Rome, then book it for Ana Ruiz")]
    talk += [asked(plan_calls(ALL, "auto", talk)), told({"error": "timed out"})]
    assert plan_calls(ALL, "auto", talk) == []


def test_what_is_lacking_is_asked_for() -> None:
    assert "origin city" in question(ALL, [user("Flights to Rome, please")])
    assert question(ALL, [user("Tell me a joke")]) == ""
    assert question(ALL, [user("Flights from Oslo to Rome")]) == ""


def test_the_request_may_come_in_parts() -> None:
    parts = [{"type": "text", "text": "Weather in Zorvek?"}, {"type": "image_url", "image_url": {"url": "data:,"}}]
    assert plan_calls(ALL, "auto", [{"role": "user", "content": parts}]) == [Call("get_weather", {"city": "Zorvek"})]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"info": "There are no flights available from Miami to Seattle. You should take a train."},
         "There are no flights available from Miami to Seattle. You should take a train."),
        ("{'info': 'There are no flights.'}", "There are no flights."),
        ({"temperature": 21, "unit": "celsius", "sky": "dim"}, "Here is what I found: temperature: 21 °C, sky: dim."),
        ({"wind_kmh": 5.0, "open": True, "stops": ["A", "B", "C"]},
         "Here is what I found: wind: 5 km/h, open: yes, stops: A, B and C."),
        ([{"name": "A"}, {"name": "B"}], "Here is what I found: (1) name: A; (2) name: B."),
        ("42", "Here is what I found: 42."),
        ("the train leaves at nine", "The train leaves at nine."),
        ("", "I found nothing."),
        ("[]", "I found nothing."),
        ({"error": {"message": "no city."}},
         "I could not get an answer: the tool reported an error: no city. Please check the request, or try again."),
    ],
)  # fmt: skip
def test_what_is_said_after_a_tool_has_answered(answer: Any, said: str) -> None:
    assert tool_answer([user("?"), told(answer)]) == said


def test_several_answers_are_told_apart() -> None:
    talk = [user("Weather in Zorvek and Bexlum?")]
    talk += [asked(plan_calls(ALL, "auto", talk)), told({"sky": "clear"}), told({"error": "no station"}, 1)]
    assert tool_answer(talk) == (
        "Zorvek: sky: clear. I could not get an answer for Bexlum: get_weather reported an error: no station. "
        "Please check the request, or try again."
    )


@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.floats(), st.text()),
        lambda s: st.lists(s) | st.dictionaries(st.text(), s),
    )
)
def test_every_answer_of_a_tool_can_be_told(answer: Any) -> None:
    assert tool_answer([user("?"), told(json.dumps(answer))])


def test_call_ids_are_nine_letters_and_digits_and_stay_the_same() -> None:
    ids = {call_id(seed, index) for seed in ("a", "b") for index in range(50)}
    assert len(ids) == 100
    assert all(re.fullmatch("[A-Za-z0-9]{9}", one) for one in ids)
    assert call_id("a", 0) == call_id("a", 0)


@pytest.mark.parametrize("piece", ["lorem ipsum ", "Paris and ", "1 ", "' ", "a-", ", ", " ", "a"])
def test_a_very_long_request_is_still_read(piece: str) -> None:
    request = piece * (40_000 // len(piece)) + "\nWhat is the weather in Zorvek?"
    assert ("get_weather", {"city": "Zorvek"}) in plan(request)
