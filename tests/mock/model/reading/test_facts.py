"""What a text mentions is found by its form and its place in the sentence, not by a list of known names."""

from datetime import UTC, date, datetime
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.mock.clock import CREATED, DEFAULT_TODAY
from helpers.mock.model.reading.amounts import Line, Money, Quantity
from helpers.mock.model.reading.calendar import stated_today
from helpers.mock.model.reading.facts import _facts, facts
from helpers.mock.model.reading.places import Place
from helpers.mock.model.reading.vocabulary import vocabulary
from helpers.mock.text import clipped
from tests.support.made_up import made_up, names

_SYLLABLES = st.sampled_from(["zor", "vek", "lum", "quil", "ård", "ñe", "thra", "öst", "bex", "ły", "moz", "grin", "é"])


def _made_up(parts: list[str]) -> str:
    return "".join(parts).capitalize()


WORDS = (
    st.lists(_SYLLABLES, min_size=2, max_size=4).map(_made_up).filter(lambda w: w.lower() not in vocabulary().common)
)
CITIES = st.one_of(
    WORDS,
    st.tuples(st.sampled_from(["New", "San", "Port", "St.", "Saint"]), WORDS).map(" ".join),
    st.tuples(WORDS, st.sampled_from(["de", "da", "am", "upon"]), WORDS).map(" ".join),
    st.tuples(WORDS, WORDS, st.just("City")).map(" ".join),
    st.tuples(WORDS, WORDS).map("-".join),
)
ROUTES = st.sampled_from(
    [
        "When is the next flight from {0} to {1}?",
        "I want to fly to {1} from {0}.",
        "Book a train from {0} to {1} tomorrow, please",
        "{0} to {1}",
        "Which bus runs between {0} and {1}?",
    ]
)


def roles(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for place in facts(text).places:
        found.setdefault(place.role, []).append(place.name)
    return found


@settings(max_examples=40, deadline=None)
@given(ROUTES, CITIES, CITIES)
def test_origin_and_destination_of_cities_nobody_knows(route: str, one: str, other: str) -> None:
    assert roles(route.format(one, other)) == {"origin": [one], "destination": [other]}


@given(st.lists(CITIES, min_size=1, max_size=4, unique=True))
def test_every_place_of_a_list_is_found(cities: list[str]) -> None:
    listed = ", ".join(cities[:-1]) + " and " + cities[-1] if len(cities) > 1 else cities[0]
    assert roles(f"What's the weather like in {listed}?") == {"location": cities}


@settings(max_examples=40, deadline=None)
@given(WORDS, WORDS)
def test_a_route_without_capitals(one: str, other: str) -> None:
    assert roles(f"a flight from {one.lower()} to {other.lower()} on friday") == {
        "origin": [one],
        "destination": [other],
    }


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=200))
def test_any_text_has_facts_and_always_the_same(text: str) -> None:
    assert facts(text) == _facts.__wrapped__(clipped(text), DEFAULT_TODAY)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Is it warm in Ho Chi Minh City and San José?", {"location": ["Ho Chi Minh City", "San José"]}),
        ("Fly to Rio de Janeiro from Łódź, please.", {"destination": ["Rio de Janeiro"], "origin": ["Łódź"]}),
        ("New York's weather", {"location": ["New York"]}),
        ("What about Boston?", {"location": ["Boston"]}),
        ("how about rome?", {"location": ["Rome"]}),
        ("weather in oslo and bergen", {"location": ["Oslo", "Bergen"]}),
        ("Oslo – Bergen", {"origin": ["Oslo"], "destination": ["Bergen"]}),
        ("Translate this from English to French", {}),
        ("Convert 5 euros to dollars", {}),
        ("Answer in JSON, in March or on Monday", {}),
        ("And back?", {}),
        ("Thank you!", {}),
    ],
)
def test_places(text: str, expected: dict[str, list[str]]) -> None:
    assert roles(text) == expected


def test_a_region_qualifies_its_city() -> None:
    assert facts("hotels in Austin, TX").places == (Place("Austin", "location", "TX"),)
    assert facts("hotels in Lyon, France").places == (Place("Lyon", "location", "France"),)


@pytest.mark.parametrize(
    ("text", "dates", "times"),
    [
        ("on 12 May at 19:30", ("2025-05-12",), ("19:30",)),
        ("May 12th, 2026 at 7 pm", ("2026-05-12",), ("19:00",)),
        ("on 2024-02-29", ("2024-02-29",), ()),
        ("on 31/12/2025 at noon", ("2025-12-31",), ("12:00",)),
        ("tomorrow, or in two weeks", ("2024-06-19", "2024-07-02"), ()),
        ("a week from now", ("2024-06-25",), ()),
        ("at 2026-11-20T15:00:00Z", ("2026-11-20",), ("15:00",)),
        ("next Friday at 12 am", ("2024-06-21",), ("00:00",)),
        ("on 31 February, 25:00", (), ()),
        ("on 1 January", ("2025-01-01",), ()),
    ],
)
def test_dates_and_times_become_iso(text: str, dates: tuple[str, ...], times: tuple[str, ...]) -> None:
    found = facts(text)
    assert (found.dates, found.times) == (dates, times)


@given(st.dates(date(1000, 1, 1), date(9000, 1, 1)))
def test_tomorrow_is_the_day_after_the_given_today(today: date) -> None:
    assert facts("tomorrow", today).dates == (date.fromordinal(today.toordinal() + 1).isoformat(),)
    assert facts("today").dates == (DEFAULT_TODAY.isoformat(),)


def test_for_announces_a_person_beside_a_place_and_else_a_place() -> None:
    assert facts("Book a room in Zorvek for Ana Ruiz").people == ("Ana Ruiz",)
    assert roles("Book a room in Zorvek for Ana Ruiz") == {"location": ["Zorvek"]}
    assert roles("the forecast for Zorvek") == {"location": ["Zorvek"]}


def test_numbers_keep_the_words_beside_them_and_leave_dates_alone() -> None:
    found = facts("a room for two adults and 3 nights from 2025-06-01, at most 1,250.50 in total")
    assert [(number.value, number.unit) for number in found.numbers] == [(2, "adults"), (3, "nights"), (1250.5, "in")]
    assert facts("It is -5 °C").numbers == (Quantity(-5, "°C", "It"),)


def test_money_names_its_currency() -> None:
    assert facts("Convert $12.50, €3 and 100 USD").money == (Money(12.5, "USD"), Money(3, "EUR"), Money(100, "USD"))


def test_people_addresses_quotations_and_lists() -> None:
    found = facts("My name is Ana Ruiz. Invite Bo and Cy, write 'see you' to bo@x.org; see https://a.b/c?d=1.")
    assert found.people == ("Ana Ruiz", "Bo", "Cy")
    assert (found.emails, found.urls, found.quoted) == (("bo@x.org",), ("https://a.b/c?d=1",), ("see you",))
    assert facts("Buy apples, pears and plums").items == ("apples", "pears", "plums")
    assert facts("List: red, light blue, green").items == ("red", "light blue", "green")


def test_mentions_and_denials() -> None:
    found = facts("A room without breakfast, not too noisy, with sea-view")
    assert found.mentions("sea_view")
    assert found.denies("breakfast")
    assert not found.denies("sea view")


def test_digits_without_end_are_no_quantity():
    assert facts("pay " + "9" * 5000 + " EUR for 3 nights").numbers[-1].value == 3


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("a train from Val d'Isère to L'Aquila", ["Val d'Isère", "L'Aquila"]),
        ("trains from rio de janeiro to lyon", ["Rio de Janeiro", "Lyon"]),
    ],
)
def test_names_of_several_words_are_whole(text: str, places: list[str]) -> None:
    assert [place.name for place in facts(text).places] == places


def test_the_comma_of_a_number_makes_no_list() -> None:
    assert facts("A bill of 1,184.50 EUR").items == ()
    assert facts("apples, 2 pears, plums").items == ("apples", "2 pears", "plums")


def test_today_is_the_day_that_stamps_every_completion() -> None:
    assert facts("today").dates == (datetime.fromtimestamp(CREATED, UTC).date().isoformat(),)


@pytest.mark.parametrize(
    ("text", "today"),
    [
        ("You plan trips. Today is 2026-11-20.", date(2026, 11, 20)),
        ("Current date: Friday, November 20, 2026", date(2026, 11, 20)),
        ("Today is Wednesday 18 November 2026.", date(2026, 11, 18)),
        ("Current time: 2026-11-20T10:00:00Z", date(2026, 11, 20)),
        ("today (UTC): 20.11.2026", date(2026, 11, 20)),
        ("It is 2026-11-20 today", date(2026, 11, 20)),
        ("What day is today? I was born on 2001-02-03.", None),
        ("I fly on 2026-11-20.", None),
        ("Today is Friday.", None),
    ],
)
def test_a_conversation_may_say_what_day_it_is(text: str, today: date | None) -> None:
    assert stated_today(text) == today


def test_the_day_is_read_where_it_is_said_however_the_text_is_laid_out() -> None:
    assert stated_today("You plan trips." + "\n" * 50 + "Today is 2026-11-20.", "Good morning!") == date(2026, 11, 20)


def test_days_are_counted_from_today() -> None:
    assert facts("3 days from today", date(2026, 11, 20)).dates == ("2026-11-23",)
    assert facts("two weeks from now", date(2026, 11, 20)).dates == ("2026-12-04",)


def test_a_day_behind_the_last_of_the_calendar_is_none() -> None:
    assert facts("tomorrow, on Friday or in two weeks", date.max).dates == ()


def test_words_are_read_without_regard_to_case_whatever_the_alphabet() -> None:
    found = facts("fıve rooms on FRİDAY, sıx days", date(2026, 11, 20))
    assert [quantity.value for quantity in found.numbers] == [5, 6]
    assert found.dates == ("2026-11-27",)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (
            "2 chairs at 45 EUR each, 1 table for 120 EUR",
            (("chairs", 2, 45, "EUR", 90), ("table", 1, 120, "EUR", 120)),
        ),
        (
            "3 x Laptop stand @ 29.99, a mouse for $15",
            (("Laptop stand", 3, 29.99, "", 89.97), ("mouse", 1, 15, "USD", 15)),
        ),
        ("Four hours consulting at 90 EUR", (("consulting", 4, 90, "EUR", 360),)),
        ("10 pens for 5 euros", (("pens", 10, 0.5, "EUR", 5),)),
        ("Order 3 notebooks, ship to 5 Elm Street", (("notebooks", 3, None, "", None),)),
        ("The room is for 2 guests and 5 nights. The price is 1,184.50 EUR", ()),
    ],
)
def test_what_is_counted_or_priced_is_a_line(text: str, lines: tuple[tuple[object, ...], ...]) -> None:
    found: tuple[Line, ...] = facts(text).lines
    assert tuple((line.name, line.quantity, line.price, line.currency, line.total) for line in found) == lines


def test_numbers_in_words() -> None:
    assert [number.value for number in facts("forty two apples and twenty-one pears").numbers] == [42, 21]


@pytest.mark.parametrize("piece", ["a@b.c ", "x", "1", "A-", " ", "a,", "Anna and Bob, ", "my x is a "])
def test_no_text_takes_long_to_read(piece: str) -> None:
    begin = process_time()
    facts(piece * (3_000_000 // len(piece)))
    assert process_time() - begin < 2  # 0.3 s where nothing else runs


def test_who_is_called_is_a_person_and_what_is_called_is_none() -> None:
    assert facts("Create a meeting called Standup with Anna and Ben").people == ("Anna", "Ben")
    assert facts("I have a friend called Ana").people == ("Ana",)


@pytest.mark.parametrize("opening", ["Is", "Does", "When does", "Are"])
@made_up(10)
@given(names)
def test_the_word_that_opens_a_question_is_no_part_of_a_name(opening: str, name: str) -> None:
    assert facts(f"{opening} the {name} branch open?").names == (name,)
    assert facts(f"{opening} {name} of the {name} open?").names == (f"{name} of the {name}",)
