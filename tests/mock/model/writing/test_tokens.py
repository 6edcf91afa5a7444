"""Token counts are the model's own: compared with mistral-common, the makers' package."""

from __future__ import annotations

import importlib.resources
import json
import random
import re
from typing import Any

import pytest

from helpers.mock.api.families import FAMILIES
from helpers.mock.media.pictures import picture_tokens
from helpers.mock.media.sounds import sound_tokens
from helpers.mock.messages import Message, read_messages
from helpers.mock.model.writing.frames import prompt_tokens
from helpers.mock.model.writing.tokens import LONGEST, MODEL_FILE, TOOL_CALLS, Tokenizer, words

TOKENIZER = Tokenizer()
QUESTION = "How many languages are in the world?"
FLIGHT = {
    "type": "function",
    "function": {
        "name": "get_flight_info",
        "description": "Returns information about the next flight between two cities. This includes the name of the "
        "airline, flight number and the date and time of the next flight",
        "parameters": {
            "type": "object",
            "properties": {
                "origin_city": {"type": "string", "description": "The name of the city where the flight originates"},
                "destination_city": {"type": "string", "description": "The flight destination city"},
            },
            "required": ["origin_city", "destination_city"],
        },
    },
}


@pytest.mark.parametrize(
    ("system", "user", "tools", "published"),
    [
        ("You are a helpful assistant.", QUESTION, [], 19),
        (
            "You are a helpful assistant that always generate responses in JSON format, using the following format: "
            '{ "answer": "response" }',
            QUESTION,
            [],
            39,
        ),
        (
            "You are a helpful assistant that help users to find information about traveling, how to get to places and "
            "the different transportations options. You care about the environment and you always have that in mind "
            "when answering inqueries",
            "When is the next flight from Miami to Seattle?",
            [FLIGHT],
            190,
        ),
    ],
)
def test_published_prompt_figures_come_out_to_the_token(system, user, tools, published):
    assert prompt_tokens(TOKENIZER, [Message("system", system), Message("user", user)], tools)[0] == published


def test_the_published_tool_call_costs_36_tokens():
    arguments = json.dumps({"origin_city": "Miami", "destination_city": "Seattle"})
    before, behind = FAMILIES["mistral"].around(["get_flight_info"], named=False)
    call = f"{before}{arguments}{behind}"
    assert len([TOOL_CALLS, *TOKENIZER.encode(call)]) == 36


def test_picture_and_sound_rules():
    assert picture_tokens(1900, 1069) == 2353
    assert picture_tokens(950, 535) == 2353
    assert picture_tokens(336, 336) == 2509
    assert sound_tokens(0.08) == 1
    assert sound_tokens(2.0) == 25


WORDS = (  # noqa: SIM905 (a list of forty quoted words reads worse)
    "the a of and world city flight train Seattle München Łódź 東京 😀 naïve 7,000 3.14 don't JSON { } \" \\ \n \n\n  "
    "é — “quoted” #tag x=1; <b> https://example.org ½ ☃ Привет مرحبا"
).split(" ")


def text(dice: random.Random, most: int = 25) -> str:
    return " ".join(dice.choices(WORDS, k=dice.randint(1, most))).strip(" ") or "x"


def generated(dice: random.Random) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """A conversation as an application builds it: system texts, turns, tool calls with their answers, tools."""
    messages: list[dict[str, Any]] = [
        {"role": "system", "content": text(dice)} for _ in range(dice.choice([0, 1, 1, 2]))
    ]
    for _ in range(dice.randint(0, 3)):
        messages.append({"role": "user", "content": text(dice)})
        if dice.random() < 0.3:
            messages.append({"role": "user", "content": [{"type": "text", "text": text(dice)} for _ in range(2)]})
        if dice.random() < 0.4:
            calls = []
            for _ in range(dice.randint(1, 3)):
                name = "".join(dice.choices("abcdefgh_", k=8))
                arguments = json.dumps({text(dice, 2): dice.choice([text(dice, 4), 3, 2.5, True, None, [1, "é"]])})
                identifier = "".join(dice.choices("abcdefgh0123456789", k=9))
                calls.append({"id": identifier, "type": "function", "function": {"name": name, "arguments": arguments}})
            messages.append({"role": "assistant", "tool_calls": calls})
            for call in calls:
                answer = dice.choice([text(dice), json.dumps({"info": text(dice)}), "[1, 2]", "3.50"])
                messages.append({"role": "tool", "tool_call_id": call["id"], "content": answer})
        messages.append({"role": "assistant", "content": text(dice)})
    messages.append({"role": "user", "content": text(dice, 60)})
    tools = []
    for _ in range(dice.choice([0, 0, 1, 3])):
        properties = {text(dice, 1): {"type": "string", "description": text(dice, 6)} for _ in range(2)}
        function = {
            "name": "".join(dice.choices("abcdefgh_", k=8)),
            "description": text(dice),
            "parameters": {"type": "object", "properties": properties, "required": list(properties)[:1]},
        }
        tools.append({"type": "function", "function": function})
    return messages, tools


def test_the_tokenizers_file_is_that_of_its_makers_package():
    makers = importlib.resources.files(pytest.importorskip("mistral_common")) / "data" / MODEL_FILE.name
    assert MODEL_FILE.read_bytes() == makers.read_bytes()


@pytest.mark.heavy
def test_every_count_equals_mistral_commons_own_on_500_conversations():
    pytest.importorskip("mistral_common")  # there is none for Windows on ARM
    from mistral_common.protocol.instruct.request import ChatCompletionRequest
    from mistral_common.tokens.tokenizers.mistral import MistralTokenizer

    oracle = MistralTokenizer.v3()
    dice = random.Random(2407)
    for _ in range(500):
        messages, tools = generated(dice)
        request = ChatCompletionRequest(messages=messages, tools=tools or None)  # pyright: ignore[reportArgumentType]
        expected = len(oracle.encode_chat_completion(request).tokens)
        assert prompt_tokens(TOKENIZER, read_messages(messages), tools)[0] == expected, (messages, tools)


def test_a_text_is_its_words_in_a_row():
    dice = random.Random(7)
    for _ in range(500):
        sample = dice.choice(["", " ", "  "]) + text(dice) + dice.choice(["", " ", "   "])
        first, *rest = words(sample)
        assert "".join([first, *rest]) == sample
        ids = [*TOKENIZER.encode(first), *(token for word in rest for token in TOKENIZER.encode_word(word))]
        assert ids == TOKENIZER.encode(sample), sample
        assert TOKENIZER.text_of(ids) == sample


def test_bytes_of_tokens_split_characters_that_have_no_token():
    ids = TOKENIZER.encode("☃𓂀")
    assert any(not TOKENIZER.bytes_of(token).decode(errors="ignore") for token in ids)
    assert TOKENIZER.text_of(ids) == "☃𓂀"


def test_the_longest_token_is_as_long_as_it_is_said_to_be():
    assert max(len(TOKENIZER.bytes_of(token)) for token in range(TOKENIZER.size)) == LONGEST == TOKENIZER.longest


def test_a_count_by_words_is_that_of_the_whole_text_and_its_pieces_are_the_text():
    dice = random.Random(3)
    for _ in range(300):
        sample = text(dice).replace("x", " " * dice.randint(1, 3))
        row = TOKENIZER.row(sample)
        assert list(row.ids) == TOKENIZER.encode(sample)
        assert TOKENIZER.count(sample) == len(row.ids) == len(row.pieces)
        assert "".join(row.pieces) == TOKENIZER.text_of(row.ids)


def test_a_number_is_counted_by_its_length():
    digits = {
        piece for piece in map(TOKENIZER.bytes_of, range(TOKENIZER.size)) if re.search(rb"(?<![0-9_])[0-9]", piece)
    }
    assert digits == {b"%d" % digit for digit in range(10)}  # no other token has one, but behind "_"
    for number in (
        "7",
        "2000017",
        "(1234:",
        "a12b345",
        "-3,456.789%",
        "١٢٣ 45",
        "[REFERENCE_DOC_12]",
        "x" * 70 + "2026",
    ):
        assert Tokenizer().count(number) == len(TOKENIZER.encode(number))


def test_the_sign_that_stands_for_a_space_is_counted_as_the_tokenizer_takes_it():
    tokenizer = Tokenizer()
    for text in ("a\u2581b", "\u2581", "two \u2581 words", "\u2581  \u0301x"):
        assert tokenizer.count(text) == len(tokenizer.encode(text))


def test_a_text_of_many_new_words_is_counted_like_any_other():
    text = " ".join(f"n{number}" for number in range(1000))
    tokenizer = Tokenizer()
    assert tokenizer.count(text) == len(tokenizer.encode(text)) == len(tokenizer.row(text).ids) == tokenizer.count(text)


def test_words_are_kept_within_bounds():
    tokenizer = Tokenizer()
    for start in range(0, 25_000, 100):
        tokenizer.count(" ".join(f"w{number}" for number in range(start, start + 100)))
    tokenizer.count("long" * 500)
    tokenizer.row(" ".join(f"w{number}" for number in range(25_000)))
    for kept in (tokenizer._ids, tokenizer._pieces):
        assert 0 < len(kept) <= 20_000
        assert max(map(len, kept)) <= 64
