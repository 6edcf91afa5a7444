"""Tools are chosen and filled from the conversation, also tools and names that appear nowhere in the mock's tables."""

import json
from time import process_time
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from referencing import Registry

from helpers.mock.messages import read_messages
from helpers.mock.model.reading.vocabulary import vocabulary
from helpers.mock.model.structured.schema import UnsupportedSchema
from helpers.mock.model.tools import results
from helpers.mock.model.tools.calls import Call
from helpers.mock.model.tools.turn import Turn

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


def plan_calls(tools: list[Any], choice: Any, talk: list[Any], *, parallel: bool = True) -> list[Call]:
    return Turn(tools, read_messages(talk)).calls(choice, parallel=parallel)


def question(tools: list[Any], talk: list[Any]) -> str:
    return Turn(tools, read_messages(talk)).question()


def tool_answer(talk: list[Any]) -> str:
    return results.tool_answer(read_messages(talk))


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


@settings(max_examples=20, deadline=None)
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


@settings(max_examples=20, deadline=None)
@given(st.lists(CITIES, min_size=2, max_size=4, unique=True))
def test_one_parallel_call_for_each_place(cities: list[str]) -> None:
    listed = ", ".join(cities[:-1]) + " and " + cities[-1]
    assert plan(f"What is the weather like in {listed}?") == [("get_weather", {"city": city}) for city in cities]


@settings(max_examples=20, deadline=None)
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


@pytest.mark.parametrize(
    "more",
    [
        {"allOf": [{"properties": {"city": TEXT}, "required": ["city"]}]},
        {"properties": {"city": TEXT, "country": TEXT}, "dependentRequired": {"city": ["country"]}},
    ],
)
def test_a_follow_up_may_change_what_the_parameters_take_without_declaring_it(more: dict[str, Any]) -> None:
    weather = tool("get_weather")
    weather["function"]["parameters"] = {"type": "object", **more}
    talk = [user("What is the weather in Oslo?"), asked([Call("get_weather", {"city": "Oslo"})]), told("Rain.")]
    calls = plan_calls([weather], "auto", [*talk, {"role": "assistant", "content": "Rain."}, user("And in Rome?")])
    assert [call.arguments["city"] for call in calls] == ["Rome"]


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


@settings(max_examples=20, deadline=None)
@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.floats(), st.text()),
        lambda s: st.lists(s) | st.dictionaries(st.text(), s),
    )
)
def test_every_answer_of_a_tool_can_be_told(answer: Any) -> None:
    assert tool_answer([user("?"), told(json.dumps(answer))])


@pytest.mark.parametrize("piece", ["lorem ipsum ", "Paris and ", "1 ", "' ", "a-", ", ", " ", "a"])
def test_a_very_long_request_is_still_read(piece: str) -> None:
    request = piece * (40_000 // len(piece)) + "\nWhat is the weather in Zorvek?"
    assert ("get_weather", {"city": "Zorvek"}) in plan(request)


# Situations that real programs have, with the tools of well-known samples among them. An argument in `...` may be any.

NUMBER: dict[str, Any] = {"type": "number"}
WHOLE: dict[str, Any] = {"type": "integer"}
FLAG: dict[str, Any] = {"type": "boolean"}
DAY: dict[str, Any] = {"type": "string", "format": "date"}
MOMENT: dict[str, Any] = {"type": "string", "format": "date-time"}


def one_of(*values: str) -> dict[str, Any]:
    return {"type": "string", "enum": list(values)}


def listed(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item}


def record(required: list[str] | None = None, **properties: Any) -> dict[str, Any]:
    wanted = list(properties) if required is None else required
    return {"type": "object", "properties": properties, "required": wanted}


SITUATION = [
    tool("get_current_weather", "Get the current weather in a given location", ["location"], location=TEXT,
         unit=one_of("celsius", "fahrenheit")),
    tool("get_current_time", "Get the current time in a given time zone",
    timezone={**TEXT, "description": "IANA name"}),
    tool("search_flights", "Search for flights on a date", ["origin", "destination", "date"], origin=TEXT,
         destination=TEXT, date=DAY, passengers=WHOLE, cabin=one_of("economy", "business")),
    tool("create_calendar_event", "Creates an event in the user's calendar", ["title", "start_time"], title=TEXT,
         start_time=MOMENT, attendees=listed({"type": "string", "format": "email"})),
    tool("list_events", "List the events of a given day", date=DAY),
    tool("send_email", "Send an email", to={**TEXT, "description": "The e-mail address"}, subject=TEXT, body=TEXT),
    tool("query_database", "Run a SQL query against the sales database", query={**TEXT, "description": "SQL"}),
    tool("convert_currency", "Convert an amount of money", amount=NUMBER, from_currency=TEXT, to_currency=TEXT),
    tool("convert_units", "Convert between units of measurement", value=NUMBER, from_unit=TEXT, to_unit=TEXT),
    tool("get_stock_price", "Get the latest price of a stock", symbol=TEXT),
    tool("set_light", "Turn a light on or off", ["room", "state"], room=TEXT, state=one_of("on", "off"),
         brightness={**WHOLE, "description": "Brightness in percent"}),
    tool("set_thermostat", "Set the target temperature", ["temperature"], temperature=NUMBER, unit=one_of("C", "F"),
         room=TEXT),
    tool("lock_door", "Lock or unlock a door", door=TEXT,
         locked={**FLAG, "description": "true to lock, false to unlock"}),
    tool("get_order_status", "Get the status of an order by its id", order_id=TEXT),
    tool("issue_refund", "Refund an order", ["order_id", "reason"], order_id=TEXT, amount=NUMBER,
         reason=one_of("damaged", "late", "wrong_item", "other")),
    tool("place_order", "Place an order for products", ["items"], items=listed(record(product=TEXT, quantity=WHOLE)),
         shipping_address=record(street=TEXT, city=TEXT, postal_code=TEXT)),
    tool("create_invoice", "Create an invoice", ["customer", "line_items"], customer=TEXT, due_date=DAY,
         line_items=listed(record(description=TEXT, quantity=WHOLE, unit_price=NUMBER))),
    tool("search_documents", "Search the company's documents", ["query"], query=TEXT, top_k=WHOLE,
         filters=record([], department=TEXT, year=WHOLE)),
    tool("read_file", "Read the contents of a file", path=TEXT),
    tool("write_file", "Write text to a file", path=TEXT, content=TEXT),
    tool("translate_text", "Translate text", ["text", "target_language"], text=TEXT, target_language=TEXT,
         source_language=TEXT),
    tool("set_reminder", "Set a reminder", text=TEXT, time=MOMENT),
    tool("play_music", "Plays a song or an artist", ["song"], song=TEXT, artist=TEXT),
    tool("find_restaurants", "Find restaurants near a place", ["location"], location=TEXT, cuisine=TEXT,
         price_range=one_of("cheap", "moderate", "expensive"), open_now=FLAG),
    tool("get_distance", "Distance between two places", ["origin", "destination"], origin=TEXT, destination=TEXT,
         mode=one_of("driving", "walking", "cycling", "transit")),
    tool("post_message", "Post a message to a Slack channel", channel=TEXT, text=TEXT),
    tool("create_issue", "Create an issue in a GitHub repository", ["repo", "title"], repo=TEXT, title=TEXT,
         labels=listed(TEXT)),
    tool("get_news", "Get the latest headlines on a topic", ["topic"], topic=TEXT, limit=WHOLE),
    tool("holeLagerbestand", "Holt den Lagerbestand", artikelnummer=TEXT, stadt=TEXT),
    tool("getUserProfile", "", userId=TEXT),
]  # fmt: skip


def alike(wanted: Any, given: Any) -> bool:
    """Equal, where `...` is equal to everything and a set means that the text has all of its members."""
    if wanted is ...:
        return True
    if isinstance(wanted, set):
        return isinstance(given, str) and all(part in given for part in wanted)
    if isinstance(wanted, dict):
        return (
            isinstance(given, dict)
            and wanted.keys() == given.keys()
            and all(alike(wanted[key], given[key]) for key in wanted)
        )
    if isinstance(wanted, list):
        return isinstance(given, list) and len(wanted) == len(given) and all(map(alike, wanted, given))
    return wanted == given


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        ("Will it rain in Lisbon?", [("get_current_weather", {"location": "Lisbon"})]),
        ("Is the weather better in Nice or in Genoa?",
         [("get_current_weather", {"location": "Nice"}), ("get_current_weather", {"location": "Genoa"})]),
        ("What time is it in Europe/Berlin and in Tokyo?",
         [("get_current_time", {"timezone": "Europe/Berlin"})]),
        ("Find me a flight from Oslo to Rome in two days for 2 passengers in business",
         [("search_flights", {"origin": "Oslo", "destination": "Rome", "date": "2026-11-22", "passengers": 2,
                              "cabin": "business"})]),
        ("I need to fly from Lisbon to Madrid next Friday",
         [("search_flights", {"origin": "Lisbon", "destination": "Madrid", "date": "2026-11-27"})]),
        ('Schedule a meeting called "Budget review" next Monday at 3pm with ana@x.org and bo@x.org',
         [("create_calendar_event", {"title": "Budget review", "start_time": {"2026-11-23T15:00"},
                                     "attendees": ["ana@x.org", "bo@x.org"]})]),
        ("What's on my calendar tomorrow?", [("list_events", {"date": "2026-11-21"})]),
        ('Send an email to maria@x.org with the subject "Lunch" saying "See you at noon."',
         [("send_email", {"to": "maria@x.org", "subject": "Lunch", "body": "See you at noon."})]),
        ("Run this: SELECT name FROM customers WHERE city = 'Oslo'",
         [("query_database", {"query": "SELECT name FROM customers WHERE city = 'Oslo'"})]),
        ("How much is 80 pounds in dollars?",
         [("convert_currency", {"amount": 80, "from_currency": "GBP", "to_currency": "USD"})]),
        ("Convert 5 kilograms to pounds",
        [("convert_units", {"value": 5, "from_unit": "kilograms", "to_unit": "pounds"})]),
        ("Compare the stock prices of AAPL, MSFT and NVDA",
         [("get_stock_price", {"symbol": symbol}) for symbol in ("AAPL", "MSFT", "NVDA")]),
        ("Dim the bedroom light to 30 percent",
         [("set_light", {"room": "bedroom", "state": "on", "brightness": 30})]),
        ("Turn off the kitchen light and turn on the light in the living room",
         [("set_light", {"room": "kitchen", "state": "off"}), ("set_light", {"room": "living room", "state": "on"})]),
        ("Make it 70°F in the kitchen please",
        [("set_thermostat", {"temperature": 70, "unit": "F", "room": "kitchen"})]),
        ("Unlock the front door", [("lock_door", {"door": "front", "locked": False})]),
        ("What's the status of orders ORD-1001 and ORD-1002?",
         [("get_order_status", {"order_id": "ORD-1001"}), ("get_order_status", {"order_id": "ORD-1002"})]),
        ("Please refund 25 dollars of order ORD-77, it came late.",
         [("issue_refund", {"order_id": "ORD-77", "amount": 25, "reason": "late"})]),
        ("Order 3 notebooks and 12 pens, ship to 5 Elm Street, Dublin, D02 AF30",
         [("place_order", {"items": [{"product": "notebooks", "quantity": 3}, {"product": "pens", "quantity": 12}],
                           "shipping_address": {"street": "5 Elm Street",
                           "city": "Dublin", "postal_code": "D02 AF30"}})]),
        ("Create an invoice for Globex: 2 chairs at 45 EUR each and 1 table for 120 EUR",
         [("create_invoice", {"customer": "Globex",
                              "line_items": [{"description": "chairs", "quantity": 2, "unit_price": 45},
                                             {"description": "table", "quantity": 1, "unit_price": 120}]})]),
        ("Search our documents for the parental leave policy, top 3 results",
         [("search_documents", {"query": "parental leave policy", "top_k": 3})]),
        ("Find documents about travel expenses from 2023 in the finance department",
         [("search_documents", {"query": {"travel expenses"}, "filters": {"department": "finance", "year": 2023}})]),
        ("Open config.yaml and docs/README.md",
         [("read_file", {"path": "config.yaml"}), ("read_file", {"path": "docs/README.md"})]),
        ('Write "hello world" to notes/todo.txt',
         [("write_file", {"path": "notes/todo.txt", "content": "hello world"})]),
        ("Translate 'Where is the station?' to Spanish and German",
         [("translate_text", {"text": "Where is the station?", "target_language": "Spanish"}),
          ("translate_text", {"text": "Where is the station?", "target_language": "German"})]),
        ("Remind me to call mom tomorrow at 9am",
        [("set_reminder", {"text": "call mom", "time": {"2026-11-21T09:00"}})]),
        ("How far is Madrid from Barcelona by bike?",
         [("get_distance", {"origin": "Barcelona", "destination": "Madrid", "mode": "cycling"})]),
        ('Post "Deploy is done" to #releases', [("post_message", {"channel": "#releases", "text": "Deploy is done"})]),
        ('Create an issue in octo/hello titled "Crash on start" with the labels bug and urgent',
         [("create_issue", {"repo": "octo/hello", "title": "Crash on start", "labels": ["bug", "urgent"]})]),
        ("Show me the 3 latest news headlines about electric cars",
         [("get_news", {"topic": "electric cars", "limit": 3})]),
        ("Wie ist der Lagerbestand für A-4402 in Hamburg?",
         [("holeLagerbestand", {"artikelnummer": "A-4402", "stadt": "Hamburg"})]),
        ("Show me the profile of user u_8812", [("getUserProfile", {"userId": "u_8812"})]),
        ("Do I need an umbrella in Seattle, and how much is 100 USD in EUR?",
         [("get_current_weather", {"location": "Seattle"}),
          ("convert_currency", {"amount": 100, "from_currency": "USD", "to_currency": "EUR"})]),
        *((text, []) for text in (
            "Tell me a joke", "Thanks, that's all!", "Who wrote Hamlet?", "Hello there", "What can you do?",
            "Write a haiku about autumn", "My name is Sam, nice to meet you",
            "I love Paris!", "Explain what a mutex is",
            "Can you help me?", "What is the capital of Australia?",
        )),
        *((text, []) for text in ("How's the weather?",
        "Where is my order?", "Set a reminder", "I want to fly to Rome")),
    ],
)  # fmt: skip
def test_the_right_one_of_thirty_tools(text: str, calls: list[tuple[str, Any]]) -> None:
    talk = [{"role": "system", "content": "You are helpful. Today is Friday, 2026-11-20."}, user(text)]
    made = [(call.name, call.arguments) for call in plan_calls(SITUATION, "auto", talk)]
    assert [name for name, _ in made] == [name for name, _ in calls]
    assert all(alike(wanted, given) for (_, wanted), (_, given) in zip(calls, made, strict=True)), made


def test_relative_dates_count_from_the_mocks_own_day_when_nobody_says_which_it_is() -> None:
    ((_, arguments),) = plan("Find a flight from Oslo to Rome in two days", SITUATION)
    assert arguments["date"] == "2024-06-20"


@pytest.mark.parametrize(
    ("text", "lacking"),
    [
        ("How's the weather?", "location"),
        ("Where is my order?", "order id"),
        ("Send an email to my boss", "e-mail address"),
        ("I want to fly to Rome", "origin"),
        ("Set a reminder to water the plants", "time"),
    ],
)
def test_what_nobody_could_guess_is_asked_for(text: str, lacking: str) -> None:
    assert plan(text, SITUATION) == []
    assert lacking in question(SITUATION, [user(text)])


FROM_OSLO = Call("search_flights", {"origin": "Oslo", "destination": "Rome", "date": "2024-06-18"})


@pytest.mark.parametrize(
    ("text", "reply", "call"),
    [
        ("Where is my order?", "I think it is ORD-5521", Call("get_order_status", {"order_id": "ORD-5521"})),
        ("How's the weather?", "Reykjavik", Call("get_current_weather", {"location": "Reykjavik"})),
        ("How's the weather?", "In Trondheim", Call("get_current_weather", {"location": "Trondheim"})),
        ("I want to fly to Rome", "From Oslo.", FROM_OSLO),
        ("I want to fly to Rome", "Oslo, please", FROM_OSLO),
    ],
)
def test_the_answer_to_such_a_question_completes_the_request(text: str, reply: str, call: Call) -> None:
    asked_back = {"role": "assistant", "content": question(SITUATION, [user(text)])}
    assert plan_calls(SITUATION, "auto", [user(text), asked_back, user(reply)]) == [call]


def test_without_parallel_calls_the_others_follow_one_by_one() -> None:
    talk = [user("Weather in Zorvek and Bexlum?")]
    for city in ("Zorvek", "Bexlum"):
        calls = plan_calls(ALL, "auto", talk, parallel=False)
        assert calls == [Call("get_weather", {"city": city})]
        talk += [asked(calls), told({"sky": "clear"})]
    assert plan_calls(ALL, "auto", talk, parallel=False) == []
    assert len(plan_calls(ALL, "required", talk[:1], parallel=False)) == 1


def test_a_call_that_the_model_would_not_have_made_is_followed_by_none() -> None:
    talk = [user("Weather in Zorvek?"), asked([Call("get_weather", {"city": "Bexlum"})]), told({"sky": "clear"})]
    assert plan_calls(ALL, "auto", talk, parallel=False) == []


def test_a_condition_of_one_part_of_a_request_is_no_option_of_the_other() -> None:
    vacuum = tool("start_vacuum", "Starts the vacuum cleaner", [], room=TEXT)
    assert plan("Turn on the hallway light and start the vacuum", [*SITUATION, vacuum]) == [
        ("set_light", {"room": "hallway", "state": "on"}),
        ("start_vacuum", {}),
    ]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("ok", "Done: cancel order for A-5567."),
        ({"status": "success"}, "Done: cancel order for A-5567."),
        ({"refund": 12.5, "currency": "EUR"}, "Done: cancel order for A-5567 (refund: 12.5, currency: EUR)."),
        ({"success": False, "message": "already shipped"},
         "I could not get an answer for A-5567: cancel_order reported an error: already shipped. "
         "Please check the request, or try again."),
    ],
)  # fmt: skip
def test_what_was_done_is_said_to_be_done(answer: Any, said: str) -> None:
    assert tool_answer([user("?"), asked([Call("cancel_order", {"order_id": "A-5567"})]), told(answer)]) == said


def test_a_long_answer_is_passed_on_in_part() -> None:
    assert len(tool_answer([user("?"), told("word " * 5000)])) < 2_100


@pytest.mark.parametrize(
    "text",
    [
        "Don't send any email.",
        "Do not delete /etc/passwd, please",
        "Never transfer money to Bob.",
        "I won't need the weather in Oslo.",
        "Please don't book a flight to Rome, thanks",
        "What does get_weather do?",
        "What does the get_weather tool do?",
        "How do I use get_weather?",
    ],
)
def test_what_is_forbidden_or_only_asked_about_is_not_called(text: str) -> None:
    assert plan(text, FORBIDDEN) == []
    assert question(FORBIDDEN, [user(text)]) == ""


def test_never_mind_asks_for_nothing() -> None:
    assert plan("Never mind, tell me 2+2", [WEATHER, *TRANSFERS]) == []


TRANSFERS = [
    tool("transfer_money", "Transfer money to a person", ["recipient", "amount"], recipient=TEXT, amount=NUMBER,
         currency=one_of("USD", "EUR", "GBP"))
]  # fmt: skip
FORBIDDEN = [WEATHER, *SITUATION, *TRANSFERS, tool("delete_file", "Delete a file", path=TEXT)]


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        ("Don't send an email, tell me the weather in Zorvek instead.", [("get_weather", {"city": "Zorvek"})]),
        ("Don't delete a.txt but read b.txt", [("read_file", {"path": "b.txt"})]),
        ("Why don't you tell me the weather in Zorvek?", [("get_weather", {"city": "Zorvek"})]),
        ("Don't you know the weather in Zorvek?", [("get_weather", {"city": "Zorvek"})]),
        ("What does get_weather say for Zorvek?", [("get_weather", {"city": "Zorvek"})]),
        ("Don't forget to delete old.txt", [("delete_file", {"path": "old.txt"})]),
        ('Post "Do not deploy today." to #releases',
         [("post_message", {"channel": "#releases", "text": "Do not deploy today."})]),
    ],
)  # fmt: skip
def test_a_denial_forbids_no_more_than_it_says(text: str, calls: list[tuple[str, Any]]) -> None:
    tools = [WEATHER, *(one for one in FORBIDDEN[1:] if one["function"]["name"] != "get_current_weather")]
    assert plan(text, tools) == calls


def test_a_called_meeting_is_nobody_and_starts_at_no_person() -> None:
    meeting = tool("create_meeting", "Creates a meeting", ["title", "start", "attendees"], title=TEXT, start=TEXT,
                   duration=WHOLE, attendees=listed(TEXT))  # fmt: skip
    assert plan("Create a meeting called Standup tomorrow at 9am for 30 minutes with Anna and Ben", [meeting]) == [
        (
            "create_meeting",
            {"title": "Standup", "start": "2024-06-19T09:00:00Z", "duration": 30, "attendees": ["Anna", "Ben"]},
        )
    ]


@pytest.mark.parametrize(
    "text",
    [
        "lorem ipsum " * 12_500,
        "send the email to Bob, and get weather in Oslo. " * 3_000,
        " and ".join(f"delete file{n} in Oslo{n}" for n in range(5_000)),
        "x" * 2_000_000,
    ],
)
def test_many_tools_and_a_long_text_take_no_second(text: str) -> None:
    nouns = ("weather", "email", "file", "order", "ticket", "room", "light", "song")
    many = [
        tool(
            f"{verb}_{noun}_{number}",
            f"{verb}s the {noun} of a customer, and more",
            [],
            **{f"{kind}_{noun}": {"type": "string", "description": f"The {kind} of the {noun}"}
               for kind in ("city", "date", "name", "email", "path", "code", "unit", "text")},
        )
        for number in range(4) for verb in ("get", "send", "delete", "list") for noun in nouns
    ]  # fmt: skip
    assert len(many) == 128
    begin = process_time()
    plan(text, many, "required")
    assert process_time() - begin < 3  # about 0.5 s; the tests of one machine share its time


def test_a_call_that_follows_is_of_what_the_one_before_it_was_of() -> None:
    tools = [
        tool("restart_service", "Restart a service.", service=TEXT, environment=TEXT),
        tool("get_logs", "Fetch the logs of a service.", service=TEXT),
    ]
    made = {"id": "1", "type": "function", "function": {"name": "restart_service", "arguments": '{"service": "plo"}'}}
    turns = [
        {"role": "user", "content": "Restart plo in staging, then get its logs."},
        {"role": "assistant", "tool_calls": [made]},
        {"role": "tool", "tool_call_id": "1", "content": "restarted"},
    ]
    assert Turn(tools, read_messages(turns)).calls() == [Call("get_logs", {"service": "plo"})]


def test_a_subject_may_say_no_less_than_the_text() -> None:
    send = tool("send_email", "Send an email", to=TEXT, subject=TEXT, body=TEXT)
    turns = [{"role": "user", "content": "Send an email to bob@example.com saying hi"}]
    wanted = Call("send_email", {"to": "bob@example.com", "subject": "hi", "body": "hi"})
    assert Turn([send], read_messages(turns)).calls() == [wanted]
