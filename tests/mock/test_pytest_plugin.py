"""The fixtures: a fresh mock for each test, on a port and in process, and tests that fail when they should."""

from __future__ import annotations

import asyncio
import inspect
import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from textwrap import dedent
from typing import Any

import openai
import pytest
from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.aio import ChatCompletionsClient as AsyncChatCompletionsClient
from azure.core.credentials import AzureKeyCredential

import helpers.mock
from helpers.mock import Error, MakeMock, Mock, Options, ToolCall, in_process, make_service, serve, testing
from helpers.mock.http import Request
from tests.support.distribution import FOLDER

pytestmark = pytest.mark.heavy

pytest_plugins = ["pytester", "helpers.mock.pytest_plugin"]

ASK = """
    import json, urllib.error, urllib.request

    def ask(mock, text):
        body = json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": text}]}).encode()
        headers = {"api-key": mock.key, "content-type": "application/json"}
        request = urllib.request.Request(mock.openai_base_url + "/chat/completions", body, headers)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)["choices"][0]["message"]["content"]
"""


def ask(mock: Mock, text: str = "Hello") -> str:
    body = json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": text}]}).encode()
    headers = {"api-key": mock.key, "content-type": "application/json"}
    request = urllib.request.Request(f"{mock.openai_base_url}/chat/completions", body, headers)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["choices"][0]["message"]["content"]


def client(mock: Mock, **options: Any) -> ChatCompletionsClient:
    return ChatCompletionsClient(mock.endpoint, AzureKeyCredential(mock.key), model="gpt-4o", **options)


MESSAGES: list[Any] = [{"role": "user", "content": "How is the weather in Oslo?"}]


# --- the mock in a test's hand ----------------------------------------------------------------------------------------


def test_a_scripted_answer_comes_over_the_port(inference_mock: Mock):
    inference_mock.reply("Good morning!")
    assert ask(inference_mock) == "Good morning!"


def test_a_mock_starts_without_requests_and_notes_what_it_receives(inference_mock: Mock):
    inference_mock.requests.assert_not_called()
    ask(inference_mock, "How is the weather in Oslo?")
    inference_mock.requests.assert_called(1, when="oslo", model="gpt-4o")
    assert inference_mock.requests.last.status == 200


def test_the_azure_client_talks_to_the_endpoint(inference_mock: Mock):
    inference_mock.reply(ToolCall("get_weather", city="Oslo"), unoffered=True)
    message = client(inference_mock).complete(messages=MESSAGES).choices[0].message
    assert [call.function.name for call in message.tool_calls or ()] == ["get_weather"]


async def test_an_asyncio_client_uses_the_same_fixture(inference_mock: Mock):
    inference_mock.reply("fine", when="oslo")
    key = AzureKeyCredential(inference_mock.key)
    async with AsyncChatCompletionsClient(inference_mock.endpoint, key, model="gpt-4o") as asynchronous:
        answers = await asyncio.gather(*(asynchronous.complete(messages=MESSAGES) for _ in range(3)))
    assert [answer.choices[0].message.content for answer in answers] == ["fine"] * 3
    inference_mock.requests.assert_called(3)


def test_in_process_nothing_waits_and_the_clock_moves_instead(inference_mock_in_process: Mock):
    mock = inference_mock_in_process
    mock.replies(Error(429, retry_after=40), "fine")
    before = mock.clock()
    answer = client(mock, transport=mock.transport()).complete(messages=MESSAGES)
    assert answer.choices[0].message.content == "fine"
    assert mock.clock() - before >= 40
    mock.assert_all_used()


async def test_in_process_serves_the_asyncio_client(inference_mock_in_process: Mock):
    mock = inference_mock_in_process
    mock.replies(Error(503, retry_after=40), "fine")
    key = AzureKeyCredential(mock.key)
    async with AsyncChatCompletionsClient(mock.endpoint, key, transport=mock.async_transport()) as asynchronous:
        answer = await asynchronous.complete(messages=MESSAGES, model="gpt-4o")
    assert answer.choices[0].message.content == "fine"


async def test_in_process_it_is_an_asgi_application_too(inference_mock_in_process: Mock):
    mock = inference_mock_in_process
    mock.reply("fine")
    body = json.dumps({"model": "gpt-4o", "messages": MESSAGES}).encode()
    headers = [(b"api-key", mock.key.encode()), (b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/openai/v1/chat/completions", "query_string": b""}
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await mock.app({**scope, "headers": headers}, receive, send)
    assert [sent[0]["status"], json.loads(sent[1]["body"])["choices"][0]["message"]["content"]] == [200, "fine"]


def test_in_process_there_is_no_server_to_ask_for(inference_mock_in_process: Mock):
    with pytest.raises(RuntimeError, match="in process"):
        _ = inference_mock_in_process.server


def test_the_environment_names_this_mock(inference_mock_env: Mock):
    for name, value in inference_mock_env.environment.items():
        assert os.environ[name] == value
    assert os.environ["AZURE_INFERENCE_ENDPOINT"] == f"{inference_mock_env.url}/models"


def test_a_proxy_of_the_environment_is_passed_by(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest):
    monkeypatch.setenv("NO_PROXY", "example.com")
    monkeypatch.setenv("no_proxy", "example.com")
    monkeypatch.setenv("http_proxy", "http://proxy.invalid:1")
    mock: Mock = request.getfixturevalue("inference_mock")
    assert ask(mock)
    assert os.environ["NO_PROXY"].startswith("example.com,")


def test_a_socks_proxy_of_the_environment_does_not_keep_a_client_from_being_made(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
):
    for name in ("ALL_PROXY", "all_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "socks5h://proxy.invalid:1080")
    with pytest.raises(ImportError):
        openai.OpenAI(api_key="any")
    mock: Mock = request.getfixturevalue("inference_mock")
    with openai.OpenAI(base_url=mock.openai_base_url, api_key=mock.key) as client:
        assert client.models.list().data
    assert "ALL_PROXY" not in os.environ


def test_a_test_can_make_mocks_of_its_own(make_inference_mock: MakeMock):
    first = make_inference_mock(key="first-key", requests_per_minute=6)
    second = make_inference_mock(tls=True)
    assert first.url != second.url
    assert second.https_url.startswith("https://")
    ask(first)
    with pytest.raises(urllib.error.HTTPError, match="429"):
        ask(first)
    first.clock.advance(60)
    assert ask(first)


def test_reset_forgets_requests_and_answers(inference_mock: Mock):
    inference_mock.reply("scripted")
    ask(inference_mock)
    inference_mock.reset()
    assert not inference_mock.requests
    assert ask(inference_mock) != "scripted"


def test_without_a_journal_a_question_for_requests_is_a_mistake():
    with serve(journal=False) as mock:
        ask(mock)
        with pytest.raises(RuntimeError, match="journal"):
            _ = mock.requests


def test_a_service_is_made_from_the_files_that_the_command_line_takes(tmp_path: Path):
    (tmp_path / "answers.toml").write_text('[[reply]]\ntext = "from the file"\n')
    (tmp_path / "models.toml").write_text('[my-model]\nlike = "gpt-4o"\n')
    (tmp_path / "keys.toml").write_text('[anna]\nkey = "anna-key"\n')
    service = make_service(
        answers=tmp_path / "answers.toml", models=[tmp_path / "models.toml"], keys=str(tmp_path / "keys.toml")
    )
    mock = Mock(service)
    answer = ChatCompletionsClient(
        mock.endpoint, AzureKeyCredential("anna-key"), model="my-model", transport=mock.transport()
    ).complete(messages=MESSAGES)
    assert answer.choices[0].message.content == "from the file"
    assert mock.requests.last.caller == "anna"


MY_MODEL = {"like": "gpt-4o", "context": 8000}


@pytest.mark.parametrize("models", [{"my-prod-gpt": "gpt-4o"}, {"my-prod-gpt": MY_MODEL}, [{"my-prod-gpt": MY_MODEL}]])
def test_a_deployment_of_ones_own_needs_no_file(models: Any):
    mock = in_process(models=models)
    mock.reply("fine")
    own = ChatCompletionsClient(
        mock.endpoint, AzureKeyCredential(mock.key), model="my-prod-gpt", transport=mock.transport()
    )
    assert own.complete(messages=MESSAGES).choices[0].message.content == "fine"


def test_files_and_mappings_of_models_go_together(tmp_path: Path):
    file = tmp_path / "models.toml"
    file.write_text('[first]\nlike = "gpt-4o"\ncontext = 8000\n')
    catalogue = in_process(models=[file, {"second": "first"}]).service.catalogue
    found = catalogue.find("SECOND")
    assert found
    assert (found.name, found.context, found.pictures) == ("second", 8000, 50)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, r"models\.toml does not exist$"),
        ("[my-gpt\n", r"models\.toml is not TOML: .*line 1"),
        ('[[reply]]\ntext = "a"\n', r"models\.toml: 'reply' is no model: .*like = \"gpt-4o\""),
        ('[anna]\nkey = "s3cret"\n', r"'anna' key: there is no such field and lacks provider, context, .*; like = "),
        ('token = "s3cret"\n', r"'token' is like a model that is not here\. There are mistral-large-2407, "),
        ('[a]\nlike = "gpt-4u"\n', r"'a' is like a model that is not here; is gpt-4 meant\?"),
        ('[a]\nlike = "gpt-4o"\ncontxt = 3\n', r"'a' contxt: there is no such field; is context meant\?"),
        ('[a]\nlike = "gpt-4o"\ncontext = -3\n', r"'a' context: Input should be greater than 0"),
    ],
)
def test_a_file_that_holds_no_models_is_told_with_what_is_missing(tmp_path: Path, content: str | None, told: str):
    file = tmp_path / "models.toml"
    if content is not None:
        file.write_text(content)
    with pytest.raises(ValueError, match=told) as raised:
        make_service(models=file)
    assert "s3cret" not in str(raised.value)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"ttft": -1}, "ttft: -1 is not a number of seconds"),
        ({"ttft": float("nan")}, "ttft: nan"),
        ({"tokens_per_second": -5}, "tokens_per_second: -5"),
        ({"faults": {"4x9": 0.1}}, "faults: '4x9': 0.1: write KIND"),
        ({"faults": {"429": 10}}, "faults: '429': 10: a rate is"),
        ({"faults": {429: 0.1}}, "written as text: '429'"),
        ({"key": ""}, "key: it must not be empty"),
        ({"unexpected": "ignore"}, "unexpected: it is one of fail, answer"),
        ({"keys": "nope.toml"}, "keys: nope.toml does not exist"),
        ({"models": {"a": 3}}, "models: 'a' is no model"),
    ],
)
def test_a_value_that_the_command_line_would_refuse_is_refused_in_tests(options: Any, told: str):
    with pytest.raises(ValueError, match=re.escape(told)):
        in_process(**options)


@pytest.mark.parametrize("make", [make_service, in_process, lambda **options: serve(**options).__enter__()])
def test_an_option_that_does_not_exist_is_told_with_those_that_do(make: Any):
    with pytest.raises(
        TypeError, match=r"no option 'model'; is models= meant\? The options are key,.*, upstream_timeout$"
    ):
        make(model="gpt-4o")


def test_the_options_are_those_of_the_service():
    own, about_upstream = (list(inspect.signature(made).parameters) for made in (testing._service, testing._upstream))
    assert [*own[:-1], *about_upstream[1:]] == list(Options.__annotations__)


def test_an_option_about_an_upstream_wants_one():
    with pytest.raises(ValueError, match="upstream_model: it needs upstream, the address of the server"):
        in_process(upstream_model="llama3.2")


@pytest.mark.parametrize("make", [serve, in_process])
def test_a_block_is_as_strict_as_a_fixture(make: Any):
    def block() -> None:
        with make() as mock:
            mock.reply("Paris.", when="France")
            swallow(mock)

    with pytest.raises(AssertionError, match=r'No script expects.*"How is the weather in Oslo\?"'):
        block()


@pytest.mark.parametrize("make", [serve, in_process])
def test_a_block_lets_another_exception_through_and_says_which_models_there_are(make: Any):
    def block() -> None:
        with make() as mock:
            mock.reply("Paris.", when="France")
            swallow(mock)
            swallow(mock, "my-prod-gpt")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError) as raised:
        block()
    (note,) = raised.value.__notes__
    assert note.startswith("No model here is called 'my-prod-gpt'. There are mistral-large-2407, ")
    assert note.endswith("""with the option models={'my-prod-gpt': "gpt-4o"} there is one that is like gpt-4o.""")


def test_what_is_reset_is_forgiven():
    with in_process() as mock:
        mock.reply("Paris.", when="France")
        swallow(mock)
        mock.reset()
    assert mock.complaints == []


def swallow(mock: Mock, model: str = "gpt-4o") -> None:
    """A program that asks and does not mind a refusal."""
    body = json.dumps({"model": model, "messages": MESSAGES}).encode()
    headers = {"api-key": mock.key, "content-type": "application/json"}
    mock.service.handle(Request("POST", "/openai/v1/chat/completions", {}, headers, body))


# --- the package to a type checker and to a person ---


def test_the_package_shows_its_public_names_only():
    assert dir(helpers.mock) == sorted(helpers.mock.__all__)
    assert all(hasattr(helpers.mock, name) for name in helpers.mock.__all__)
    with pytest.raises(AttributeError):
        _ = helpers.mock.Mokc  # pyright: ignore[reportAttributeAccessIssue]


TYPED = """
from helpers.mock import MakeMock, Mock, Options, in_process, serve

def right(make_inference_mock: MakeMock, options: Options) -> None:
    with in_process(**options) as mock, serve(models={"a": "gpt-4o"}) as other:
        mock.reply("a", when="b", times=2)
        same: Mock = other
    make_inference_mock(tls=True, models=["models.toml", {"a": {"like": "gpt-4o", "context": 800}}])

from helpers.mock import Mokc
import helpers.mock
helpers.mock.nothing
in_process().reply("a", whne="b")
in_process(model="a")
def wrong(make_inference_mock: MakeMock) -> None:
    make_inference_mock(requests_per_minut=6)
"""


def test_a_type_checker_finds_wrong_names_and_no_others(tmp_path: Path):
    (tmp_path / "typed.py").write_text(TYPED)
    settings = {"include": ["typed.py"], "extraPaths": [str(FOLDER.parents[1])], "typeCheckingMode": "standard"}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings))
    command = [sys.executable, "-m", "basedpyright", "--pythonpath", sys.executable, "--outputjson"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    found = [each for each in json.loads(done.stdout)["generalDiagnostics"] if each["severity"] == "error"]
    lines = [TYPED.splitlines()[each["range"]["start"]["line"]].strip() for each in found]
    assert lines == [
        "from helpers.mock import Mokc",
        "helpers.mock.nothing",
        'in_process().reply("a", whne="b")',
        'in_process(model="a")',
        "make_inference_mock(requests_per_minut=6)",
    ]


# --- pytest around it -------------------------------------------------------------------------------------------------


def run(pytester: pytest.Pytester, tests: str, conftest: str = "") -> pytest.RunResult:
    """Run tests in a process of pytest's own manager, with the plugin as its entry point would load it."""
    pytester.makepyfile(test_it=dedent(ASK) + dedent(tests), conftest=dedent(conftest))
    plugins = ("-p", "helpers.mock.pytest_plugin", "-p", "no:cacheprovider", "-p", "no:nbval")
    options = ("--strict-markers", "-o", "asyncio_default_fixture_loop_scope=function")
    return pytester.runpytest_inprocess(*plugins, *options)


def test_a_swallowed_refusal_fails_the_test_with_the_request_and_the_nearest_script(pytester: pytest.Pytester):
    result = run(
        pytester,
        """
        def test_the_programme_swallows_it(inference_mock):
            inference_mock.reply("Sunny.", when="weather")
            try:
                ask(inference_mock, "What time is it?")
            except urllib.error.HTTPError:
                pass
        """,
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*What time is it?*#1 for when='weather'*"])


def test_a_test_that_fails_by_itself_shows_the_requests(pytester: pytest.Pytester):
    result = run(
        pytester,
        """
        def test_it(inference_mock):
            inference_mock.reply("Sunny.")
            assert ask(inference_mock, "How is the weather?") == "Rainy."
        """,
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*AssertionError*", "*Captured inference mock call*", "*#1 chat on gpt-4o*weather*200*"]
    )


def test_a_test_that_names_a_model_of_its_own_is_told_which_there_are(pytester: pytest.Pytester):
    result = run(
        pytester,
        """
        import pytest

        def program(mock):
            body = json.dumps({"model": "my-prod-gpt", "messages": [{"role": "user", "content": "Hello"}]}).encode()
            headers = {"api-key": mock.key, "content-type": "application/json"}
            request = urllib.request.Request(mock.openai_base_url + "/chat/completions", body, headers)
            return urllib.request.urlopen(request)

        def test_it(inference_mock):
            inference_mock.reply("x")
            program(inference_mock)

        @pytest.mark.inference_mock(models={"my-prod-gpt": "gpt-4o"})
        def test_as_it_says(inference_mock):
            inference_mock.reply("x")
            program(inference_mock)
        """,
    )
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(
        ["*Captured inference mock call*", "No model here is called 'my-prod-gpt'. There are *gpt-4o*models=*"]
    )


def test_mocks_of_a_test_s_own_tell_once_what_was_swallowed(pytester: pytest.Pytester):
    result = run(
        pytester,
        """
        def test_it(make_inference_mock):
            mock = make_inference_mock()
            mock.reply("Sunny.", when="weather")
            try:
                ask(mock, "What time is it?")
            except urllib.error.HTTPError:
                pass
        """,
    )
    result.assert_outcomes(failed=1)


def test_a_refusal_that_fails_the_test_is_told_once(pytester: pytest.Pytester):
    result = run(
        pytester,
        """
        def test_it(inference_mock):
            inference_mock.reply("Sunny.", when="weather")
            ask(inference_mock, "What time is it?")
        """,
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*HTTPError*", "*Captured inference mock call*", "No script expects*What time is it?*"]
    )


def test_a_marker_gives_options_and_the_nearest_wins(pytester: pytest.Pytester):
    result = run(
        pytester,
        """
        import pytest
        pytestmark = pytest.mark.inference_mock(unexpected="answer", key="the-module's")

        def test_of_the_module(inference_mock):
            inference_mock.reply("Sunny.", when="weather")
            assert inference_mock.key == "the-module's"
            assert ask(inference_mock, "What time is it?") != "Sunny."

        @pytest.mark.inference_mock(key="the-test's")
        def test_of_its_own(inference_mock_in_process):
            assert inference_mock_in_process.key == "the-test's"
            assert inference_mock_in_process.service.scripts.unexpected == "answer"
        """,
    )
    result.assert_outcomes(passed=2)


def test_a_folder_gives_options_by_overriding_the_fixture(pytester: pytest.Pytester):
    result = run(
        pytester,
        """
        import pytest

        def test_of_the_folder(inference_mock, make_inference_mock):
            assert inference_mock.key == make_inference_mock().key == "the-folder's"

        @pytest.mark.inference_mock(key="the-test's")
        def test_of_its_own(inference_mock):
            assert inference_mock.key == "the-test's"
        """,
        """
        import pytest

        @pytest.fixture
        def inference_mock_options():
            return {"key": "the-folder's"}
        """,
    )
    result.assert_outcomes(passed=2)


def test_every_test_has_a_fresh_mock_at_the_same_address(pytester: pytest.Pytester):
    result = run(
        pytester,
        """
        import pytest
        seen = []

        @pytest.mark.parametrize("number", range(3))
        def test_it(inference_mock, number):
            assert not inference_mock.requests
            inference_mock.reply(str(number))
            assert ask(inference_mock, "Hello") == str(number)
            inference_mock.clock.advance(1000)
            seen.append(inference_mock.url)
            assert len(set(seen)) == 1
        """,
    )
    result.assert_outcomes(passed=3)


@pytest.mark.parametrize(
    ("marker", "told"),
    [
        ('"answer"', "takes its options by name"),
        ("token_per_minute=1", "pytest.mark.inference_mock: there is no option*; is tokens_per_minute= meant*journal"),
        ("tls=True", "tls is an option of serve"),
    ],
)
def test_an_option_that_does_not_exist_is_told(pytester: pytest.Pytester, marker: str, told: str):
    result = run(
        pytester,
        f"""
        import pytest

        @pytest.mark.inference_mock({marker})
        def test_it(inference_mock):
            pass
        """,
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"*{told}*"])


def test_loading_the_plugin_costs_next_to_nothing():
    code = "import sys; import helpers.mock.pytest_plugin; print(*sys.modules)"
    loaded = subprocess.check_output([sys.executable, "-c", code], cwd=FOLDER.parents[1], text=True).split()
    assert not {"pydantic", "uvicorn", "numpy", "orjson", "azure", "helpers.mock.service"} & set(loaded)
