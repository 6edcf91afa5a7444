"""What every panel does: it shows its result, follows its controls, and never raises for what a service says."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import ipywidgets
import pytest
from azure.ai.inference import ChatCompletionsClient
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import AzureError, ServiceRequestError

from helpers import widgets
from helpers.display import Rich
from helpers.mock import in_process
from helpers.widgets.panel import Panel

VIEW = "application/vnd.jupyter.widget-view+json"


def plain(text: str) -> Rich:
    return Rich(text, f"<p>{text}</p>")


@pytest.fixture
def number() -> ipywidgets.IntSlider:
    return ipywidgets.IntSlider(3, min=0, max=9, description="number")


def doubling(number: Any, **options: Any) -> Panel:
    return Panel("Twice", [number], lambda: plain(f"twice is {2 * number.value}"), **options)


def within(widget: Any) -> list[Any]:
    """A widget and all that is in it, in the order in which it is seen."""
    return [widget, *(found for child in getattr(widget, "children", ()) for found in within(child))]


# The result


def test_the_result_is_there_from_the_start_and_follows_the_controls(number: Any):
    panel = doubling(number)
    assert panel.shown.text == "twice is 6"
    number.value = 4
    assert panel.shown.text == "twice is 8"
    assert panel.output.value == '<div role="status" class="jp-RenderedHTMLCommon"><p>twice is 8</p></div>'


def test_with_a_button_it_waits_for_the_button(number: Any):
    panel = doubling(number, button="Compute")
    assert panel.button
    assert panel.shown.text == "twice is 6"
    number.value = 4
    assert panel.shown.text == "twice is 6"
    panel.button.click()
    assert panel.shown.text == "twice is 8"


def test_while_it_works_the_button_cannot_be_pressed_again(number: Any):
    states: list[bool] = []

    def result() -> Rich:
        states.extend(bool(panel.button and panel.button.disabled) for panel in made)
        if number.value == 0:
            raise ValueError("nothing to double")
        return plain("done")

    made: list[Panel] = []
    made.append(Panel("Twice", [number], result, button="Compute"))
    (button,) = [panel.button for panel in made if panel.button]
    button.click()
    assert (states, button.disabled) == ([True], False)
    number.value = 0
    button.click()
    assert (states, button.disabled) == ([True, True], False)


def test_a_result_that_grows_is_shown_step_by_step(number: Any):
    def count() -> Iterator[Rich]:
        for step in range(number.value):
            yield plain(f"step {step}")

    panel, seen = Panel("Counting", [number], count), []
    assert panel.shown.text == "step 2"
    panel.output.observe(lambda change: seen.append(re.sub("<.*?>", "", change["new"])), names="value")
    number.value = 5
    assert seen == ["step 0", "step 1", "step 2", "step 3", "step 4"]


# Errors


def test_a_refusal_of_the_service_is_read_in_the_panel():
    asked = ipywidgets.IntSlider(5, description="max_tokens", min=-1, max=5)
    mock = in_process()
    with ChatCompletionsClient(mock.endpoint, AzureKeyCredential(mock.key), transport=mock.transport()) as client:

        def result() -> Rich:
            messages: list[Any] = [{"role": "user", "content": "Well?"}]
            reply = client.complete(messages=messages, model="mistral-large-2407", max_tokens=asked.value)
            return plain(reply.choices[0].message.content)

        panel = Panel("A call", [asked], result)
        answer = panel.shown.text
        asked.value = -1
        assert "422" in panel.shown.text
        assert "max_tokens" in panel.shown.text
        asked.value = 5
        assert panel.shown.text == answer


@pytest.mark.parametrize(
    "error",
    [
        ServiceRequestError("no <route>"),
        AzureError("no <route>"),
        TypeError("no <route>"),
        ConnectionError("no <route>"),
    ],
)
def test_other_errors_are_told_by_name_and_escaped(number: Any, error: Exception):
    def result() -> Rich:
        raise error

    panel = Panel("A call", [number], result)
    assert panel.shown.text == f"{type(error).__name__}: no <route>"
    assert "no &lt;route&gt;" in panel.output.value


def test_what_a_panel_has_to_say_itself_is_told_without_the_name_of_a_class(number: Any):
    def result() -> Rich:
        raise ValueError("Nothing is <left>. Cut less.")

    assert Panel("A cut", [number], result).shown.text == "Nothing is <left>. Cut less."


def test_an_error_in_the_middle_takes_the_place_of_what_was_shown(number: Any):
    def result() -> Iterator[Rich]:
        yield plain("a beginning")
        raise LookupError("and no end")

    assert Panel("A call", [number], result).shown.text == "LookupError: and no end"


# Still and live view


def test_a_live_notebook_gets_the_widget_and_every_other_page_the_still(number: Any):
    bundle = doubling(number)._repr_mimebundle_()
    assert set(bundle) == {VIEW, "text/plain", "text/html"}
    assert bundle["text/plain"] == "[Twice]\nnumber: 3\ntwice is 6"
    assert bundle["text/html"].startswith("<figure")
    for seen in ("<strong>Twice</strong>", "number: 3", "<p>twice is 6</p>", "Run the cell to use it"):
        assert seen in bundle["text/html"]


def test_the_still_is_the_panel_as_it_is_now(number: Any):
    panel = doubling(number)
    number.value = 9
    assert panel.still.text == "[Twice]\nnumber: 9\ntwice is 18"


def test_the_still_says_what_each_control_stands_at():
    controls = [
        ipywidgets.Dropdown(options=[("slowly <1>", 1), ("fast", 2)], description="pace"),
        ipywidgets.SelectionSlider(options=[("never", 0), ("once", 1)], value=0, description="stop"),
        ipywidgets.Text("", description="text"),
        ipywidgets.Checkbox(False, description="remember"),
        ipywidgets.FloatSlider(0.0, description="temperature"),
        ipywidgets.Button(description="Again"),
        ipywidgets.FileUpload(description="upload"),
    ]
    still = Panel("Title & <more>", controls, lambda: plain("result")).still
    said = [
        "[Title & <more>]",
        "pace: slowly <1>",
        "stop: never",
        "text: (empty)",
        "remember: False",
        "temperature: 0.0",
        "result",
    ]
    assert still.text.splitlines() == said
    assert "Title &amp; &lt;more&gt;" in still.html
    assert "pace: slowly &lt;1&gt;" in still.html


def test_the_live_panel_has_a_heading_its_controls_in_order_the_button_and_the_result(number: Any):
    text = ipywidgets.Text(description="a description that is longer than usual")
    panel = Panel("Title & <more>", [text, number], lambda: plain("result"), button="Go")
    seen = [one for one in within(panel.widget) if not getattr(one, "children", ())]
    assert seen == [seen[0], text, number, panel.button, panel.output]
    assert seen[0].value.startswith("<strong>Title &amp; &lt;more&gt;</strong>")
    assert text.style.description_width == "initial", "the whole label is seen"
    assert all(control.layout.max_width == "calc(100% - 4px)" for control in (text, number)), (
        "in a narrow window as well"
    )
    assert text.layout.width == "100%", "and what is typed is seen"


def test_controls_under_the_result_follow_it_and_the_foot_comes_last(number: Any):
    text, again = ipywidgets.Text(description="message"), ipywidgets.Button(description="Again")
    feet = iter(["first foot", "second foot"])
    options: dict[str, Any] = {"button": "Go", "under": [text, again], "foot": lambda: plain(next(feet))}
    panel = Panel("Title", [number], lambda: plain("result"), **options)
    seen = [one for one in within(panel.widget) if not getattr(one, "children", ())]
    assert seen == [seen[0], number, panel.output, text, panel.button, again, panel.below]
    assert "first foot" in panel.below.value
    assert "foot" not in panel.output.value
    assert panel.still.text.splitlines() == ["[Title]", "number: 3", "message: (empty)", "result", "first foot"]
    panel.refresh()
    assert "second foot" in panel.below.value


# The panels' package


@pytest.mark.parametrize("name", widgets.__all__)
def test_each_panel_is_documented_and_loads_when_it_is_used(name: str):
    assert getattr(widgets, name).__doc__
    assert name in dir(widgets)


def test_a_panel_that_there_is_not_is_an_error():
    with pytest.raises(AttributeError, match="no_such_panel"):
        _ = widgets.no_such_panel  # pyright: ignore[reportAttributeAccessIssue]


def test_importing_the_package_loads_no_panel():
    code = "import sys, helpers.widgets; print([name for name in ('azure', 'ipywidgets') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"
