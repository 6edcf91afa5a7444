"""What lessons show: plain text in a terminal, HTML that is safe and accessible in a notebook."""

import asyncio
import importlib
import json
import re
from html.parser import HTMLParser
from typing import Any

import matplotlib as mpl
import nbformat
import pytest
from azure.ai.inference import ChatCompletionsClient
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ServiceRequestError
from matplotlib.figure import Figure
from nbclient import NotebookClient

from helpers import aprint_stream, compare, display, figure, print_stream, read_error, show, show_calls, show_error

SHOW = importlib.import_module("helpers.show")  # `helpers.show` as an attribute is the function
CALL = {"id": "c1", "type": "function", "function": {"name": "find", "arguments": '{"city": "<Paris>"}'}}
FILTERED = {
    "hate": {"filtered": False, "severity": "safe"},
    "jailbreak": {"filtered": True, "detected": True},
    "violence": {"filtered": True, "severity": "medium"},
}


def completion(
    content: str | None, finish_reason: str = "stop", completion_tokens: int = 72, **more: Any
) -> dict[str, Any]:
    return {
        "model": "a-model",
        "choices": [
            {"index": 0, "finish_reason": finish_reason, "message": {"role": "assistant", "content": content, **more}}
        ],
        "usage": {"prompt_tokens": 19, "completion_tokens": completion_tokens, "total_tokens": 19 + completion_tokens},
    }


@pytest.fixture
def displayed(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What a notebook would be given: display() collects, and the code believes it runs in a kernel."""
    import IPython.display

    things: list[Any] = []
    monkeypatch.setattr(display, "in_notebook", lambda: True)
    monkeypatch.setattr(IPython.display, "display", things.append)
    return things


def html_of(displayed: list[Any]) -> str:
    (thing,) = displayed
    bundle = thing._repr_mimebundle_()
    assert bundle["text/plain"] == str(thing)
    Outline(bundle["text/html"])
    return bundle["text/html"]


class Outline(HTMLParser):
    """Fails on tags that do not nest."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "img":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture
def client(server):
    with ChatCompletionsClient(server.endpoint, AzureKeyCredential(server.KEY), retry_total=0) as client:
        yield client


MESSAGES = [{"role": "user", "content": "?"}]


# Answers


def test_an_answer_with_its_usage(client, capsys):
    show(client.complete(messages=MESSAGES))
    assert capsys.readouterr().out == (
        "[assistant · stop · mistral-large-2407]\nParis & Rome\n19 prompt + 72 completion = 91 tokens\n"
    )


def test_an_answer_without_usage(capsys):
    show(completion("Yes."), usage=False)
    assert capsys.readouterr().out == "[assistant · stop · a-model]\nYes.\n"


def test_several_choices_are_numbered_and_calls_are_written_as_calls(capsys):
    answer = completion(None, "tool_calls", tool_calls=[CALL])
    answer["choices"] += completion("Two", "length")["choices"]
    show(answer)
    out = capsys.readouterr().out
    assert (
        '[1. assistant · tool_calls · a-model]\nfind({"city": "<Paris>"})\n[2. assistant · length · a-model]\nTwo\n'
        in out
    )


def test_a_filtered_answer_may_have_no_content(capsys):
    show(completion(None, "content_filter"))
    assert "(no content)" in capsys.readouterr().out


def test_in_a_notebook_content_is_escaped(displayed):
    show(completion("<script>alert(1)</script> & <b>"))
    html = html_of(displayed)
    assert "&lt;script&gt;" in html
    assert "<script" not in html
    assert "<b>" not in html


def test_a_stream_is_refused_with_the_function_that_takes_it(client, server):
    server.play(server.answer([server.DONE]))
    with pytest.raises(TypeError, match="print_stream"):
        show(client.complete(messages=MESSAGES, stream=True))


def test_a_whole_answer_is_refused_as_a_stream_with_what_to_do():
    with pytest.raises(TypeError, match="stream=True"):
        print_stream(completion("Paris"))
    with pytest.raises(TypeError, match="stream=True"):
        asyncio.run(aprint_stream(completion("Paris")))


@pytest.mark.parametrize("thing", ["text", {"data": []}, None])
def test_what_is_no_answer_is_refused(thing):
    with pytest.raises(TypeError, match="chat completion"):
        show(thing)


def test_several_answers_side_by_side(displayed):
    compare(cold=completion("Paris"), hot=completion("Paris?!", "length", 4))
    html = html_of(displayed)
    assert re.findall(r'<th scope="col"[^>]*>(.*?)</th>', html) == ["cold", "hot"], "and none for the column of names"
    corner, *cells = re.findall(r"<td[^>]*>(.*?)</td>", html)
    assert corner == ""
    assert cells[1:3] == ["Paris", "Paris?!"]
    assert cells[4:6] == ["stop", "length"]
    assert cells[7:9] == ["72", "4"]


def test_several_answers_one_below_the_other_in_a_terminal(capsys):
    compare(cold=completion("Paris"), hot=completion(None, "tool_calls", 4, tool_calls=[CALL]))
    out = capsys.readouterr().out
    assert out == '[cold · stop · 72 tokens]\nParis\n\n[hot · tool_calls · 4 tokens]\nfind({"city": "<Paris>"})\n'


# Streams


def test_a_stream_is_printed_and_returned(client, server, capsys):
    blocks = [
        b'data: {"choices": [], "prompt_filter_results": []}\n\n',
        server.event({"role": "assistant", "content": ""}),
        server.event({"content": "Par"}),
        server.event({"content": "is"}),
        server.event({}, "stop"),
        server.event(None, usage=server.USAGE),
        server.DONE,
    ]
    server.play(server.answer(blocks))
    whole = print_stream(client.complete(messages=MESSAGES, stream=True))
    assert capsys.readouterr().out == "Paris\n"
    assert (whole.text, whole.finish_reason, whole.chunks, whole.tool_calls) == ("Paris", "stop", 5, [])
    assert whole.usage is not None
    assert whole.usage["total_tokens"] == 91
    assert repr(whole) == "<Streamed: 5 chunks, stop, 19 prompt + 72 completion = 91 tokens>"


def test_each_delta_is_printed_before_the_next_is_asked_for(capsys):
    printed = []

    def updates():
        for text in ("a", "b"):
            yield {"choices": [{"index": 0, "delta": {"content": text}}]}
            printed.append(capsys.readouterr().out)

    print_stream(updates())
    assert printed == ["a", "b"]


def test_streaming_can_be_slowed_down(monkeypatch):
    waits: list[float] = []
    monkeypatch.setattr(SHOW.time, "sleep", waits.append)
    print_stream([{"choices": []}, {"choices": []}], pause=0.25)
    assert waits == [0.25, 0.25]


@pytest.mark.parametrize("indices", [(0, 1), (1, 2), (None, None), (0, 0)], ids=str)
def test_streamed_tool_calls_are_put_together(indices):
    def delta(number: int, call: dict[str, Any]) -> dict[str, Any]:
        call = {"index": indices[number], **call}
        return {"choices": [{"index": 0, "delta": {"tool_calls": [call]}}]}

    updates = [
        delta(0, {"id": "c1", "function": {"name": "find", "arguments": ""}}),
        delta(0, {"function": {"arguments": '{"a":'}}),
        delta(0, {"function": {"arguments": "1}"}}),
        delta(1, {"id": "c2", "function": {"name": "book", "arguments": "{}"}}),
        {"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]},
    ]
    whole = print_stream(updates)
    assert whole.tool_calls == [
        {"id": "c1", "name": "find", "arguments": '{"a":1}'},
        {"id": "c2", "name": "book", "arguments": "{}"},
    ]
    assert whole.finish_reason == "tool_calls"


def test_of_several_choices_the_first_is_followed(capsys):
    print_stream([{"choices": [{"index": index, "delta": {"content": f"{index}"}}]} for index in (0, 1, 0)])
    assert capsys.readouterr().out == "00\n"


def test_an_async_stream_is_printed_and_returned(capsys):
    async def updates():
        for text in ("Par", "is"):
            yield {"choices": [{"index": 0, "delta": {"content": text}}]}

    assert asyncio.run(aprint_stream(updates(), pause=0.0)).text == "Paris"
    assert capsys.readouterr().out == "Paris\n"


# Tool calls


def test_tool_calls_are_a_table(capsys):
    show_calls(completion(None, tool_calls=[CALL])["choices"][0]["message"])
    assert capsys.readouterr().out == ('Tool calls\nname  arguments            id\nfind  {"city": "<Paris>"}  c1\n')


def test_tool_calls_of_an_answer_of_a_stream_and_of_nobody(displayed):
    show_calls(completion(None, tool_calls=[CALL]))
    assert "{&quot;city&quot;: &quot;&lt;Paris&gt;&quot;}" in html_of(displayed)
    displayed.clear()
    show_calls(print_stream([{"choices": [{"delta": {"tool_calls": [CALL]}}]}]))
    assert "find" in html_of(displayed)
    displayed.clear()
    show_calls({"role": "assistant", "content": "Hello"})
    assert html_of(displayed) == "<p>No tool calls.</p>"


# Errors: the bodies that services send (facts on the wire), through the real SDK

AZURE_FILTER = {
    "error": {
        "message": "The response was filtered",
        "type": None,
        "param": "prompt",
        "code": "content_filter",
        "status": 400,
        "innererror": {"code": "ResponsibleAIPolicyViolation", "content_filter_result": FILTERED},
    }
}
PYDANTIC = {"type": "extra_forbidden", "loc": ["body", "user"], "msg": "Extra inputs are not permitted", "input": "me"}
NOT_ALLOWED = "Extra parameters ['n', 'best_of'] are not allowed when extra-parameters is not set."
NUMERIC = "Validation error at #/max_completion_tokens: Extra inputs are not permitted"
BODIES: list[tuple[str, int, Any, dict[str, Any]]] = [
    (
        "filter",
        400,
        AZURE_FILTER,
        {"code": "content_filter", "categories": FILTERED, "where": ["prompt"], "source": "e.error"},
    ),
    (
        "filter, other spelling",
        400,
        {"error": {"code": "content_filter", "message": "m", "inner_error": {"content_filter_results": FILTERED}}},
        {"code": "content_filter", "categories": FILTERED},
    ),
    ("filter without reasons", 400, {"error": {"code": "content_filter", "message": "m"}}, {"categories": {}}),
    (
        "filter, flat",
        400,
        {
            "status": 400,
            "code": "content_filter",
            "message": "The response was filtered",
            "param": "messages",
            "type": None,
        },
        {"code": "content_filter", "message": "The response was filtered", "where": ["messages"]},
    ),
    (
        "no model",
        400,
        {"error": {"code": "no_model_name", "message": "No model specified", "details": "No model specified"}},
        {"code": "no_model_name", "message": "No model specified", "where": []},
    ),
    (
        "max_tokens",
        400,
        {"error": {"message": "m", "param": "max_tokens", "code": "unsupported_parameter"}},
        {"where": ["max_tokens"]},
    ),
    (
        "numeric code",
        400,
        {"error": {"requestid": "1", "code": 400, "message": NUMERIC}},
        {"code": "400", "where": ["max_completion_tokens"]},
    ),
    ("401", 401, {"error": {"code": "401", "message": "Access denied"}}, {"code": "401", "message": "Access denied"}),
    ("401, flat", 401, {"statusCode": 401, "message": "Unauthorized."}, {"code": None, "message": "Unauthorized."}),
    ("404", 404, {"error": {"code": "404", "message": "Resource not found"}}, {"message": "Resource not found"}),
    ("404, status", 404, {"status": "Serverless endpoint not found"}, {"message": "Serverless endpoint not found"}),
    ("404, detail", 404, {"detail": "Not Found"}, {"message": "Not Found", "source": "e.response"}),
    ("405, empty", 405, b"", {"message": "Method Not Allowed", "code": None}),
    (
        "422, object",
        422,
        {
            "status": 422,
            "code": "parameter_not_supported",
            "detail": {"loc": ["body", "response_format"], "input": "json_object"},
            "message": "Invalid.",
        },
        {
            "code": "parameter_not_supported",
            "message": "Invalid.",
            "where": ["body.response_format"],
            "given": ["json_object"],
        },
    ),
    (
        "422, list",
        422,
        {"detail": [PYDANTIC, {**PYDANTIC, "loc": ["body", "messages", 0, "role"], "msg": "Other", "input": 3}]},
        {
            "code": None,
            "message": "Extra inputs are not permitted; Other",
            "where": ["body.user", "body.messages.0.role"],
            "given": ["me", 3],
            "source": "e.response",
        },
    ),
    (
        "422, texts",
        422,
        {"error": ["Input should be 'user'", "Extra inputs"]},
        {"message": "Input should be 'user'; Extra inputs"},
    ),
    ("422, plain", 422, b"Invalid input", {"message": "Invalid input", "source": "e.response"}),
    ("422, extra", 422, {"error": {"code": "Invalid input", "message": NOT_ALLOWED}}, {"where": ["n", "best_of"]}),
    (
        "422, details text",
        422,
        {"error": {"code": 422, "message": "m", "details": "text"}},
        {"code": "422", "message": "m"},
    ),
    ("504, HTML", 504, b"<html><body>gateway</body></html>", {"message": "Gateway Timeout", "code": None}),
]


def refused(client: ChatCompletionsClient, server: Any, body: Any, status: int, **headers: str) -> HttpResponseError:
    server.play(server.answer(body, status, headers))
    with pytest.raises(HttpResponseError) as raised:
        client.complete(messages=MESSAGES)
    return raised.value


@pytest.mark.parametrize(
    ("status", "body", "expected"), [case[1:] for case in BODIES], ids=[case[0] for case in BODIES]
)
def test_an_error_is_read_whatever_its_shape(client, server, capsys, status, body, expected):
    error = refused(client, server, body, status)
    read = read_error(error)
    assert {name: read[name] for name in expected} == expected
    assert read["status"] == status
    show_error(error)
    shown = capsys.readouterr().out
    assert shown.startswith(f"{status} · ")
    assert not shown.startswith(f"{status} · {status}"), "a code that repeats the status is told once"
    assert read["message"] in shown
    assert ("e.error" in shown) == (error.error is None)
    for where in read["where"]:
        assert f"where: {where}" in shown


def test_an_error_tells_where_what_and_how_long_to_wait(client, server, capsys):
    body = {"code": "bad", "message": "No.", "detail": {"loc": ["body", "top_p"], "input": 3}}
    show_error(refused(client, server, body, 429, **{"Retry-After": "2"}))
    assert capsys.readouterr().out == (
        "429 · bad · HttpResponseError\nNo.\nwhere: body.top_p, given: 3\nRetry-After: 2\n"
    )


def test_a_key_that_the_message_repeats_is_shown_by_its_variable(client, server, capsys):
    body = {"code": "401", "message": f"{server.KEY} is no key of {server.endpoint}", "detail": {"loc": ["key"]}}
    show_error(refused(client, server, body, 401))
    shown = capsys.readouterr().out
    assert "$AZURE_INFERENCE_CREDENTIAL is no key of $AZURE_INFERENCE_ENDPOINT\n" in shown
    assert server.KEY not in shown


def test_the_content_filter_is_a_table(client, server, displayed):
    show_error(refused(client, server, AZURE_FILTER, 400))
    cells = re.findall(r"<td[^>]*>(.*?)</td>", html_of(displayed))
    assert cells == ["hate", "safe", "no", "jailbreak", "detected: yes", "yes", "violence", "medium", "yes"]


def test_errors_without_a_response_are_shown_too(capsys):
    show_error(ServiceRequestError("connection refused"))
    show_error(ClientAuthenticationError("no token"))
    assert capsys.readouterr().out == ("ServiceRequestError\nconnection refused\nClientAuthenticationError\nno token\n")


def test_a_message_cannot_bring_html_of_its_own(client, server, displayed):
    show_error(refused(client, server, {"error": {"code": "<i>", "message": "<img src=x>"}}, 400))
    assert "<img" not in html_of(displayed)
    assert "<i>" not in html_of(displayed)


# Figures

ALT = 'Two lines: the "hot" answers vary, the cold ones do not'


@pytest.fixture
def drawing() -> Figure:
    mpl.use("Agg")
    import matplotlib.pyplot as plt

    fig, axes = plt.subplots(figsize=(2, 1))
    axes.plot([1, 2], [3, 4])
    return fig


def test_a_figure_has_its_alt_text(displayed, drawing):
    import matplotlib.pyplot as plt

    figure(drawing, ALT)
    html = html_of(displayed)
    assert 'alt="Two lines: the &quot;hot&quot; answers vary, the cold ones do not"' in html
    assert re.search(r'src="data:image/png;base64,iVBORw0KGgo[A-Za-z0-9+/=]+"', html)
    assert str(displayed[0]) == ALT
    assert drawing.number not in plt.get_fignums()


def test_the_same_figure_gives_the_same_bytes(displayed, drawing):
    figure(drawing, ALT)
    figure(drawing, ALT)
    assert displayed[0].html == displayed[1].html


@pytest.mark.parametrize("alt", ["", "   ", "figure", "A plot.", "This is the chart", "Figure 3", "image of the plot"])
def test_an_alt_text_that_says_nothing_is_refused(drawing, alt):
    with pytest.raises(ValueError, match="what the figure shows"):
        figure(drawing, alt)


# The real thing


def test_in_a_kernel_both_forms_arrive():
    cell = nbformat.v4.new_code_cell(
        f"from helpers import show\nshow(json.loads({json.dumps(json.dumps(completion('<b>')))}))"
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("import json"), cell])
    NotebookClient(notebook, kernel_name="python3", timeout=60).execute()
    (output,) = cell.outputs
    assert output.output_type == "display_data"
    assert output.data["text/plain"].startswith("[assistant · stop · a-model]\n<b>\n")
    assert "&lt;b&gt;" in output.data["text/html"]
