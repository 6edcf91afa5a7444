"""Scripted answers: which script answers, what it says, and what is told when none fits."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.mock.errors import ApiError, render
from helpers.mock.gateway.faults import FAULTS
from helpers.mock.http import Request
from helpers.mock.scripted.journal import Journal
from helpers.mock.scripted.received import Received
from helpers.mock.scripted.replies import Embedding, Error, ToolCall
from helpers.mock.scripted.requests import Requests
from helpers.mock.scripted.script_file import ScriptFileError, read_scripts
from helpers.mock.scripted.scripts import Scripts
from helpers.mock.service import Service
from tests.support.caller import Caller, joined

CHAT, EMBED = "/models/chat/completions", "/models/embeddings"
WEATHER = {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {}}}}


def received(body: Any, path: str = CHAT, **headers: str) -> Received:
    sent = {"content-type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return Journal(enabled=False).open(Request("POST", path, {}, sent, json.dumps(body).encode()))


def chat(*texts: str, **options: Any) -> Received:
    """A conversation: user, assistant, user, ... ending with the user."""
    roles = ("user", "assistant")
    messages = [{"role": roles[place % 2], "content": text} for place, text in enumerate(texts)]
    return received({"model": "gpt-4o", "messages": messages, **options})


def after_tool(*answers: tuple[str, str], question: str = "How is the weather in Oslo?", **options: Any) -> Received:
    """A conversation that ends with the answers of tools: (name, answer)."""
    calls = [
        {"id": f"call{place}", "type": "function", "function": {"name": name, "arguments": "{}"}}
        for place, (name, _) in enumerate(answers)
    ]
    told = [
        {"role": "tool", "tool_call_id": f"call{place}", "content": text} for place, (_, text) in enumerate(answers)
    ]
    messages = [{"role": "user", "content": question}, {"role": "assistant", "tool_calls": calls}, *told]
    return received({"model": "gpt-4o", "messages": messages, "tools": [WEATHER], **options})


def said(scripts: Scripts, request: Received) -> Any:
    """Text, JSON, calls or status of the scripted answer; None when there is none."""
    reply = scripts.take(request)
    if reply is None:
        return None
    answers = (reply.text, reply.json, list(reply.calls) or None, reply.error and reply.error.status)
    return next((answer for answer in answers if answer is not None), None)


def refused(scripts: Scripts, request: Received) -> str:
    with pytest.raises(ApiError) as raised:
        scripts.take(request)
    assert (raised.value.status, raised.value.headers) == (400, {})  # no Retry-After: no client repeats it
    return raised.value.message


# --- which script answers ---


def test_without_scripts_the_mock_answers_by_itself() -> None:
    assert Scripts().take(chat("Hello")) is None


def test_a_plain_reply_answers_every_request() -> None:
    scripts = Scripts()
    scripts.reply("Paris.")
    assert [said(scripts, chat(text)) for text in ("one", "two")] == ["Paris.", "Paris."]


@pytest.mark.parametrize(
    ("conditions", "fits", "fits_not"),
    [
        ({"when": "CAPITAL of france"}, chat("What is the capital of France?"), chat("What is the capital of Spain?")),
        ({"when": re.compile(r"2 ?\+ ?2")}, chat("2+2?"), chat("2-2?")),
        ({"when": lambda request: request.turns > 1}, chat("a", "b", "c"), chat("a")),
        ({"when": "spain"}, chat("France?", "Paris.", "And Spain?"), chat("Spain?", "Madrid.", "And France?")),
        ({"model": "GPT-4o"}, chat("a"), chat("a", model="gpt-4o-mini")),
        ({"turns": 2}, chat("a", "b", "c"), chat("a")),
        ({"stream": True}, chat("a", stream=True), chat("a")),
        ({"tool": "get_weather"}, chat("a", tools=[WEATHER]), chat("a")),
        ({"response_format": "json_object"}, chat("a", response_format={"type": "json_object"}), chat("a")),
        ({"after_tool": "get_weather"}, after_tool(("get_weather", "3")), after_tool(("get_time", "3"))),
        ({"after_tool": True}, after_tool(("get_weather", "3")), chat("a")),
        ({"after_tool": False}, chat("a"), after_tool(("get_weather", "3"))),
        (
            {"system": "pirate"},
            received({"messages": [{"role": "system", "content": "Be a pirate."}, {"role": "user", "content": "a"}]}),
            chat("a pirate"),
        ),
        ({"operation": "chat"}, chat("a"), None),
    ],
)
def test_a_condition_chooses_requests(conditions: dict[str, Any], fits: Received, fits_not: Received | None) -> None:
    scripts = Scripts(unexpected="answer")
    scripts.reply("yes", **conditions)
    assert said(scripts, fits) == "yes"
    assert fits_not is None or said(scripts, fits_not) is None


def test_all_conditions_hold_together() -> None:
    scripts = Scripts(unexpected="answer")
    scripts.reply("yes", when="oslo", turns=2)
    assert said(scripts, chat("Oslo?")) is None
    assert said(scripts, chat("Bergen?", "No.", "Oslo?")) == "yes"


def test_a_deployment_in_the_address_is_a_model_too() -> None:
    scripts = Scripts()
    scripts.reply("yes", model="my-gpt")
    body = {"messages": [{"role": "user", "content": "a"}]}
    assert said(scripts, received(body, "/openai/deployments/my-gpt/chat/completions")) == "yes"


def test_the_first_script_that_fits_answers_and_the_plain_one_comes_last() -> None:
    scripts = Scripts()
    scripts.reply("anything else")
    scripts.reply("first", when="Oslo")
    scripts.reply("second", when="weather")
    assert said(scripts, chat("The weather in Oslo?")) == "first"
    assert said(scripts, chat("The weather in Rome?")) == "second"
    assert said(scripts, chat("Hello")) == "anything else"


def test_a_reply_registered_anew_takes_the_place_of_the_one_with_the_same_conditions() -> None:
    scripts = Scripts()
    for answer in ("fixture", "test"):
        scripts.reply(f"plain {answer}")
        scripts.reply(f"Oslo {answer}", when="Oslo")
    assert (said(scripts, chat("Hello")), said(scripts, chat("Oslo"))) == ("plain test", "Oslo test")
    assert scripts.unused() == []  # what was replaced is gone
    scripts.reply(Error(503))  # also of another kind
    assert said(scripts, chat("Hello")) == 503


def test_sequences_are_used_up_in_order() -> None:
    scripts = Scripts()
    scripts.reply(Error(429, retry_after=1), times=2)
    scripts.reply("ok")
    assert [said(scripts, chat("a")) for _ in range(4)] == [429, 429, "ok", "ok"]


def test_the_next_request_can_fail_once_after_a_plain_reply() -> None:
    scripts = Scripts()
    scripts.reply("ok")
    scripts.reply(Error(500), times=1)
    assert [said(scripts, chat("a")) for _ in range(3)] == [500, "ok", "ok"]


@given(st.lists(st.text(max_size=3), min_size=1, max_size=6), st.integers(0, 2))
def test_a_queue_gives_each_answer_once_and_in_order(answers: list[str], others: int) -> None:
    scripts = Scripts()
    scripts.replies(*answers, when="queue")
    scripts.reply("other", when="else")
    for _ in range(others):  # what another script answers uses nothing of the queue
        assert said(scripts, chat("else")) == "other"
    assert [said(scripts, chat("the queue")) for _ in answers] == answers
    assert "used up (1 of 1)" in refused(scripts, chat("the queue"))


def test_a_script_that_could_never_be_used_is_told_at_once() -> None:
    scripts = Scripts()
    scripts.reply("always", when="Oslo")
    with pytest.raises(ValueError, match=r"#2 for when='Oslo', 1 time: .* can never be used: #1"):
        scripts.reply("once", when="Oslo", times=1)


# --- conversations with tools ---


def test_a_tool_conversation_needs_two_scripts_and_can_be_had_again() -> None:
    scripts = Scripts()
    scripts.reply(ToolCall("get_weather", city="Oslo"), when="Oslo")
    scripts.reply("It is 3 °C.", after_tool="get_weather")
    for _ in range(3):
        assert said(scripts, chat("The weather in Oslo?", tools=[WEATHER])) == [ToolCall("get_weather", city="Oslo")]
        assert said(scripts, after_tool(("get_weather", "3"))) == "It is 3 °C."


def test_a_call_is_not_made_for_ever() -> None:
    scripts = Scripts()
    scripts.reply(ToolCall("get_weather", city="Oslo"), when="Oslo")
    assert "made again only with after_tool= or times=" in refused(scripts, after_tool(("get_weather", "3")))
    scripts.reply("Cold.", when="Oslo", after_tool=True)
    assert said(scripts, after_tool(("get_weather", "3"))) == "Cold."


def test_a_queue_of_calls_goes_on_after_a_tool() -> None:
    scripts = Scripts()
    scripts.replies(ToolCall("get_weather", city="Oslo"), ToolCall("get_weather", city="Rome"), "Rome is warmer.")
    assert said(scripts, chat("Oslo or Rome?", tools=[WEATHER])) == [ToolCall("get_weather", city="Oslo")]
    assert said(scripts, after_tool(("get_weather", "3"))) == [ToolCall("get_weather", city="Rome")]
    assert said(scripts, after_tool(("get_weather", "19"))) == "Rome is warmer."


def test_the_end_of_parallel_calls_is_after_each_of_their_tools() -> None:
    scripts = Scripts()
    scripts.reply("Both.", after_tool="get_time")
    assert said(scripts, after_tool(("get_time", "12"), ("get_weather", "3"))) == "Both."


@pytest.mark.parametrize("options", [{"tools": [WEATHER]}, {}, {"tools": [WEATHER], "tool_choice": "none"}])
def test_a_call_of_a_tool_that_is_not_offered_is_an_error_unless_it_is_meant(options: dict[str, Any]) -> None:
    name = "get_weather" if "tool_choice" in options else "get_wether"
    scripts = Scripts()
    scripts.reply(ToolCall(name), when="slip")
    scripts.reply(ToolCall(name), when="meant", unoffered=True)
    assert f"it calls '{name}', and the request offers" in refused(scripts, chat("slip", **options))
    assert said(scripts, chat("meant", **options)) == [ToolCall(name)]


# --- what can be answered ---


def test_values_become_replies() -> None:
    scripts = Scripts()
    scripts.replies({"city": "Åre"}, [1, 2], [ToolCall("a", x=1), ToolCall("b", '{"broken')], unoffered=True)
    assert [said(scripts, chat("a")) for _ in range(3)] == [
        {"city": "Åre"},
        [1, 2],
        [ToolCall("a", {"x": 1}), ToolCall("b", '{"broken')],
    ]


def test_an_answer_can_be_made_from_the_request() -> None:
    scripts = Scripts()
    scripts.reply(lambda request: request.last_user_text.upper())
    assert said(scripts, chat("hello")) == "HELLO"


def test_a_function_that_fails_is_told_instead_of_a_500() -> None:
    scripts = Scripts()
    scripts.reply(lambda request: request.messages[7]["content"])
    assert "its function failed with IndexError" in refused(scripts, chat("hello"))


def test_the_finish_reason_can_be_said() -> None:
    scripts = Scripts()
    scripts.reply("cut", finish_reason="length")
    reply = scripts.take(chat("a"))
    assert reply
    assert (reply.text, reply.finish_reason) == ("cut", "length")


@pytest.mark.parametrize(
    "wrong",
    [
        lambda scripts: scripts.reply(None),
        lambda scripts: scripts.reply([ToolCall("a"), "text"]),
        lambda scripts: scripts.reply("a", times=0),
        lambda scripts: scripts.reply("a", when=""),
        lambda scripts: scripts.reply("a", operation="speech"),
        lambda scripts: scripts.reply("a", operation="embeddings"),
        lambda scripts: scripts.reply("a", finish_reason="done"),
        lambda scripts: scripts.reply(Embedding([])),
        lambda scripts: scripts.reply(Error(200)),
        lambda scripts: scripts.reply(Error(429, retry_after=0)),
        lambda scripts: scripts.replies(),
        lambda scripts: scripts.replies(["one", "two"]),
        lambda scripts: scripts.replies([Error(429), "two"]),
        lambda scripts: ToolCall("a", '{"broken', city="Oslo"),
    ],
)
def test_a_slip_in_a_script_is_told_where_it_is_written(wrong: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        wrong(Scripts())


def test_embeddings_stay_the_mocks_own_until_one_is_scripted() -> None:
    scripts, request = Scripts(), received({"input": ["a cat", "a dog"]}, EMBED)
    scripts.reply("chat only")
    assert scripts.take(request) is None
    scripts.reply(Embedding([1, 0]), when="dog")
    reply = scripts.take(request)
    assert reply
    assert reply.vector == (1.0, 0.0)
    assert 'the input is "a bird"' in refused(scripts, received({"input": "a bird"}, EMBED))


def test_info_and_model_lists_are_never_scripted() -> None:
    scripts = Scripts()
    scripts.reply(Error(503))
    assert scripts.take(received({}, "/serverless/gpt-4o/info")) is None


# --- errors ---


@pytest.mark.parametrize("path", [CHAT, "/openai/v1/chat/completions", "/openai/deployments/gpt-4o/chat/completions"])
@pytest.mark.parametrize("status", FAULTS)
def test_an_error_has_the_services_body_for_its_status_on_every_route(status: int, path: str) -> None:
    service = Service()
    service.scripts.reply(Error(status))
    response = Caller(service).send({"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}]}, path)
    assert response.status == status
    assert service.journal.entries()[-1].error
    assert ("retry-after" in response.headers) == (status == 429)
    assert not response.body or json.loads(response.body)


def test_code_message_body_and_wait_of_an_error_can_be_said() -> None:
    response = render(Error(429, code="Slow", retry_after=7).refusal())
    error = json.loads(response.body)["error"]
    assert (error["code"], response.headers["retry-after"]) == ("Slow", "7")
    assert "Rate limit" in error["message"]
    told = json.loads(render(Error(418, message="teapot").refusal()).body)
    assert told == {"error": {"code": "418", "message": "teapot"}}
    page = render(Error(502, body="<html>").refusal())
    assert (page.body, page.headers["content-type"]) == (b"<html>", "text/plain; charset=utf-8")
    assert json.loads(render(Error(400, body={"own": 1}).refusal()).body) == {"own": 1}


def test_a_filtered_prompt_can_be_scripted() -> None:
    error = json.loads(render(Error(400, code="content_filter").refusal()).body)["error"]
    assert error["code"] == "content_filter"
    assert error["innererror"]["content_filter_result"]["violence"] == {"filtered": True, "severity": "medium"}


def test_a_list_of_calls_is_one_answer_also_in_a_queue() -> None:
    scripts = Scripts()
    scripts.replies([ToolCall("get_weather", city="Oslo"), ToolCall("get_weather", city="Rome")])
    assert len(said(scripts, chat("Oslo or Rome?", tools=[WEATHER]))) == 2


@pytest.mark.parametrize("given", ['{"a":', {"a": 1}])
def test_arguments_by_keyword_are_told_from_a_parameter_of_that_name(given: Any) -> None:
    with pytest.raises(ValueError, match=r"""come second, without a name: ToolCall\('f', '\{"city":'\)"""):
        ToolCall("f", arguments=given)
    assert ToolCall("f", {"arguments": given}).arguments == {"arguments": given}


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (lambda scripts, _: scripts.reply("a", whne="b"), "no condition 'whne'; is when= meant?"),
        (lambda scripts, _: scripts.reply("a", time=2), "no condition 'time'; is times= meant?"),
        (lambda scripts, _: scripts.replies("a", modle="b"), "no condition 'modle'; is model= meant?"),
        (lambda _, requests: requests.where(sistem="b"), "no condition 'sistem'; is system= meant?"),
        (lambda _, requests: requests.assert_called(2, xyz="b"), "no condition 'xyz'. The conditions are when, model"),
    ],
)
def test_a_condition_that_does_not_exist_is_told_with_those_that_do(wrong: Any, told: str) -> None:
    with pytest.raises(TypeError, match=re.escape(told)) as raised:
        wrong(Scripts(), Requests())
    assert "response_format, stream" in str(raised.value)


# --- requests that no script expects ---


def test_an_unexpected_request_is_shown_with_the_nearest_script() -> None:
    scripts = Scripts()
    scripts.reply("Bergen.", when="rain")
    scripts.reply("Madrid.", when="capital of Spain")
    scripts.reply("Paris.", when="capital of France", turns=2)
    assert refused(scripts, chat("What is the capital of Portugal?", tools=[WEATHER])) == (
        'No script expects this request: #1 chat on gpt-4o, 1 turn, "What is the capital of Portugal?", tools '
        "get_weather. The nearest of 3 scripts is #2 for when='capital of Spain'; but the last user message is "
        '"What is the capital of Portugal?".'
    )


def test_a_script_that_would_fit_but_is_used_up_is_nearer_than_one_for_something_else() -> None:
    scripts = Scripts()
    scripts.reply("Sunny.", when="weather", times=1)
    scripts.reply("Bring one.", when="the weather todya")
    scripts.reply(Embedding([1.0]), times=1)
    said(scripts, chat("The weather today?"))
    said(scripts, received({"input": "a"}, EMBED))
    assert "is #1 for when='weather'; but it is used up (1 of 1)" in refused(scripts, chat("The weather today?"))


def test_a_predicate_that_fails_is_told() -> None:
    scripts = Scripts()
    scripts.reply("a", when=lambda request: request.messages[7])
    assert "failed with IndexError" in refused(scripts, chat("hello"))


def test_unexpected_requests_can_be_left_to_the_mock() -> None:
    scripts = Scripts(unexpected="answer")
    scripts.reply("Paris.", when="France")
    assert scripts.take(chat("Spain?")) is None


def test_no_secret_is_told_of_an_unexpected_request() -> None:
    scripts = Scripts()
    scripts.reply("a", when="b")
    body = {"model": "m", "messages": [{"role": "user", "content": "my key is s3cr3t-key-of-mine"}]}
    assert "s3cr3t" not in refused(scripts, received(body, api_key="s3cr3t-key-of-mine"))


@given(st.text(max_size=5_000), st.text(min_size=1, max_size=5_000))
def test_the_message_is_short_whatever_was_asked_and_scripted(question: str, wanted: str) -> None:
    scripts = Scripts(unexpected="fail")
    scripts.reply("a", when=wanted, turns=2)
    assert len(refused(scripts, chat(question))) < 1_000


def test_complaints_outlive_a_program_that_swallows_errors() -> None:
    scripts = Scripts()
    scripts.reply("Paris.", when="France")
    refused(scripts, chat("Spain?"))
    with pytest.raises(AssertionError, match=r'"Spain\?".*\nnot used: #1 for when=\'France\''):
        scripts.assert_all_used()


def test_unused_scripts_are_listed() -> None:
    scripts = Scripts()
    first, second = scripts.replies("one", "two")
    assert (first, second) == tuple(scripts.unused())
    said(scripts, chat("a"))
    assert scripts.unused() == [second]
    said(scripts, chat("a"))
    scripts.assert_all_used()


def test_reset_goes_back_to_the_beginning(tmp_path: Path) -> None:
    file = tmp_path / "answers.toml"
    file.write_text('[[reply]]\ntext = "once"\ntimes = 1\n')
    scripts = Scripts(read_scripts(file))
    scripts.reply("later")
    for _ in range(2):
        assert said(scripts, chat("a")) == "once"
        scripts.reset()
    assert [script.answer for script in scripts.unused()] == ["once"]


def test_each_answer_of_a_queue_is_given_once_to_many_threads() -> None:
    from concurrent.futures import ThreadPoolExecutor

    scripts = Scripts()
    scripts.replies(*map(str, range(200)))
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: said(scripts, chat("a")), range(200)))
    assert sorted(found, key=int) == list(map(str, range(200)))


# --- through the service: the generator writes what a script says ---


def test_a_scripted_answer_is_written_counted_and_cut_like_any_other(service: Service, ask: Caller) -> None:
    service.scripts.reply("One two three four five six.")
    whole, cut = ask("a"), ask("a", max_tokens=3)
    assert whole["choices"][0]["message"]["content"] == "One two three four five six."
    assert whole["choices"][0]["finish_reason"] == "stop"
    assert cut["choices"][0]["finish_reason"] == "length"
    assert cut["usage"]["completion_tokens"] == 3 < whole["usage"]["completion_tokens"]
    assert ask.text("a", stop=["four"]) == "One two three "
    assert joined(ask.stream("a")) == "One two three four five six."


def test_a_hot_temperature_rewords_nothing(service: Service, ask: Caller) -> None:
    service.scripts.reply("The big help is about use.")
    assert {ask.text("a", temperature=1) for _ in range(5)} == {"The big help is about use."}


def test_text_that_is_not_json_may_answer_a_request_for_json(service: Service, ask: Caller) -> None:
    service.scripts.reply("Sure! Here it is:", response_format="json_object")
    assert ask.text("a json object", response_format={"type": "json_object"}) == "Sure! Here it is:"


@pytest.mark.parametrize(
    ("model", "written"),
    [("gpt-4o", '{"city":"Oslo","days":[1,2]}'), ("mistral-large-2407", '{"city": "Oslo", "days": [1, 2]}')],
)
def test_a_scripted_value_is_written_as_the_model_writes_json(
    service: Service, ask: Caller, model: str, written: str
) -> None:
    # Recorded of both: OpenAI's models write JSON without blanks, Mistral's with them
    answer = {"city": "Oslo", "days": [1, 2]}
    service.scripts.reply(answer)
    answer["days"] = "changed after it was laid down"
    assert ask.text("a json object", model=model) == written


def test_scripted_calls_are_streamed_with_their_index(service: Service, ask: Caller) -> None:
    service.scripts.reply([ToolCall("get_weather", city="Oslo"), ToolCall("get_weather", '{"city": ')])
    deltas = [
        call
        for chunk in ask.stream("a", tools=[WEATHER], model="gpt-4o")
        for choice in chunk["choices"]
        for call in choice["delta"].get("tool_calls", ())
    ]
    written = ["".join(d["function"]["arguments"] for d in deltas if d["index"] == index) for index in (0, 1)]
    assert written == ['{"city":"Oslo"}', '{"city": ']
    choice = ask("a", tools=[WEATHER])["choices"][0]
    assert (choice["finish_reason"], len(choice["message"]["tool_calls"])) == ("tool_calls", 2)


def test_a_failure_and_an_unexpected_request_reach_the_client(service: Service, ask: Caller) -> None:
    service.scripts.replies(Error(429, retry_after=2), "ok")
    body = {"model": "mistral-large-2407", "messages": [{"role": "user", "content": "a"}]}
    assert (ask.send(body).status, ask.send(body).status) == (429, 200)
    response = ask.send(body)
    assert (response.status, json.loads(response.body)["error"]["code"]) == (400, "no_scripted_answer")
    assert "retry-after" not in response.headers
    assert service.journal.entries()[-1].error == "no_scripted_answer"


def test_a_finish_reason_is_reported_as_scripted(service: Service, ask: Caller) -> None:
    service.scripts.reply("Half of", finish_reason="content_filter")
    assert ask("a")["choices"][0]["finish_reason"] == "content_filter"


# --- files ---

ANSWERS = """
[[reply]]
when = "capital of France"
text = "Paris."

[[reply]]
when_pattern = '2 ?\\+ ?2'
texts = ["4", "still 4"]

[[reply]]
when = "weather"
calls = [{ name = "get_weather", arguments = { city = "Oslo" } }]

[[reply]]
after_tool = "get_weather"
text = "It is 3 °C."

[[reply]]
when = "busy"
times = 2
error = { status = 429, retry_after = 1 }

[[reply]]
when = "json"
json = { city = "Oslo", days = [1, 2] }

[[reply]]
vector = [0.6, 0.8]
"""


def test_a_file_says_what_the_calls_say(tmp_path: Path) -> None:
    file = tmp_path / "answers.toml"
    file.write_text(ANSWERS, "utf-8")
    scripts = Scripts(read_scripts(file))
    assert said(scripts, chat("The capital of France?")) == "Paris."
    assert [said(scripts, chat("2 + 2?")) for _ in range(2)] == ["4", "still 4"]
    assert said(scripts, chat("Weather?", tools=[WEATHER])) == [ToolCall("get_weather", city="Oslo")]
    assert said(scripts, after_tool(("get_weather", "3"))) == "It is 3 °C."
    assert [said(scripts, chat("busy")) for _ in range(2)] == [429, 429]
    assert said(scripts, chat("json")) == {"city": "Oslo", "days": [1, 2]}
    reply = scripts.take(received({"input": "a"}, EMBED))
    assert reply
    assert reply.vector == (0.6, 0.8)
    scripts.assert_all_used()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("[[reply]\n", r"answers.toml: it is not TOML: .*line 1"),
        ("", r"answers.toml: reply: it is missing"),
        (
            '[[reply]]\ntext = "a"\n[[reply]]\ntext = "b"\ntmies = 2',
            r"reply 2: tmies: there is no such field; is times me",
        ),
        ('[[reply]]\ntext = "a"\njson = 1', r"reply 1: .*not text and json"),
        ('[[reply]]\nwhen = "a"', r"reply 1: .*not none"),
        ('[[reply]]\ntext = "a"\ntimes = "2"', r"reply 1: times: Input should be a valid integer.*'2'"),
        ("[[reply]]\nerror = { status = 200 }", r"reply 1: .*from 400 to 599, not 200"),
        ("[[reply]]\nerror = { stauts = 500 }", r"reply 1: error\.stauts: there is no such field; is status meant"),
        ('[[reply]]\ntext = "a"\nwhen_pattern = "("', r"reply 1: when_pattern is not a regular expression"),
        ('[[reply]]\ntext = "a"\noperation = "speech"', r"reply 1: operation: .*'speech'"),
        (
            '[[reply]]\ntext = "a"\nwhen = "x"\n[[reply]]\ntext = "b"\nwhen = "x"\ntimes = 1',
            r"reply 2: .*never be used",
        ),
        ("[[reply]]\ncalls = [{ arguments = {} }]", r"reply 1: calls\[0\]\.name: it is missing"),
    ],
)
def test_a_fault_in_a_file_names_file_entry_and_field(tmp_path: Path, content: str, told: str) -> None:
    file = tmp_path / "answers.toml"
    file.write_text(content)
    with pytest.raises(ScriptFileError, match=told):
        read_scripts(file)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ScriptFileError, match=r"none\.toml: No such file"):
        read_scripts(tmp_path / "none.toml")


# --- assertions ---


def test_assertions_on_the_requests_received() -> None:
    requests = Requests([chat("France?"), chat("Spain?", stream=True)])
    assert requests.last.last_user_text == "Spain?"
    assert len(requests.where(stream=True)) == 1
    assert requests.assert_called(1, when="france")[0] is requests[0]
    requests.assert_not_called(when="Italy")


def test_a_failed_assertion_shows_what_was_received() -> None:
    requests = Requests([chat("France?"), chat("Spain?")])
    with pytest.raises(AssertionError) as raised:
        requests.assert_called(2, when="France")
    assert str(raised.value) == (
        "expected 2 requests for when='France', found 1 of the 2 received:\n"
        '#1 chat on gpt-4o, 1 turn, "France?"\n#1 chat on gpt-4o, 1 turn, "Spain?"'
    )
    with pytest.raises(AssertionError, match="none was received"):
        Requests().assert_called()
    with pytest.raises(AssertionError, match="no request was received"):
        _ = Requests().last


@pytest.mark.parametrize(
    "conditions",
    [
        {"when": 3},
        {"when": b"x"},
        {"when": re.compile(b"x")},
        {"turns": "1"},
        {"turns": True},
        {"turns": 0},
        {"stream": "yes"},
        {"tool": 3},
        {"model": 5},
        {"times": 1.5},
        {"times": True},
    ],
)
def test_a_condition_of_the_wrong_kind_is_refused_when_it_is_laid_down(conditions):
    with pytest.raises(ValueError, match=next(iter(conditions))):
        Scripts().reply("x", **conditions)


@pytest.mark.parametrize(
    "answer",
    ["a\ud800b", "\u2581hello", {"city": "\ud800"}, ToolCall("f", city="\ud800"), ToolCall("f", '{"city": "\ud800')],
)
def test_what_cannot_be_written_is_refused_when_it_is_laid_down(answer):
    with pytest.raises(ValueError, match=r"UTF-8|U\+2581"):
        Scripts().reply(answer)


@pytest.mark.parametrize("wrong", [{"message": "\ud800"}, {"body": object()}, {"body": "\ud800"}])
def test_an_error_that_cannot_be_sent_is_refused(wrong):
    with pytest.raises(ValueError, match="UTF-8"):
        Error(500, **wrong)


def _fails(received):
    pytest.fail("not like this")


@pytest.mark.parametrize("script", [{"when": _fails}, {}])
def test_pytest_fail_in_a_function_is_a_complaint_and_no_500(service, ask, script):
    service.scripts.reply("x" if script else _fails, **script)
    refusal = ask("Hello", status=400)["error"]
    assert "not like this" in refusal["message"]
    assert len(service.scripts.complaints) == 1
