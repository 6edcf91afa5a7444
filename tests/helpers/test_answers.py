"""What lessons show of an answer: plain text in a terminal, HTML that is safe and accessible in a notebook."""

import json
import re

import nbformat
import pytest
from nbclient import NotebookClient

from helpers import compare, print_stream, show, show_calls
from tests.helpers.conftest import CALL, MESSAGES, completion, html_of


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
