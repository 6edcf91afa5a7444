"""What every panel is: a titled group of labelled controls, and under it the result, which follows them.

    def parameter_panel(client, messages):
        temperature = FloatSlider(description="temperature", max=1, step=0.1, continuous_update=False)

        def result() -> Rich:
            return prose_or_table_of(client.complete(messages=messages, temperature=temperature.value))

        return Panel("Two answers", [temperature], result)

The result of a panel may also be between its controls, as the conversation of a chat is above its field (`under`), and
have a `foot` below all of them. A panel is shown as the last line of a cell. In a live notebook that is the widget.
Everywhere else (a notebook that was not run yet, GitHub, HTML, paper) it is the still: the same title, controls and
result, as they are when it is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import Any

import ipywidgets
from azure.core.exceptions import AzureError, HttpResponseError

from ..display import Rich, heading, prose, stacked, words
from ..errors import error_card

FRAME = "border: 1px solid var(--jp-border-color1, currentColor); border-radius: 4px; padding: 0.4em 0.8em"
_HANDLE = "#1976d2"  # of a slider: seen on white and on black; a theme's variable is not taken here
_ROW = "calc(100% - 4px)"  # all of a row, less the margins of a control
_INVITATION = "As the panel starts. Run the cell to use it."
# What the front end leaves undone and Python cannot set. Sliders get their label as accessible name (ipywidgets 8 gives
# them none), and a key pressed in the panel stays there, for JupyterLab would take it as a command: arrows on a list
# would move to another cell, and x on a box would cut this one. It waits until the panel is seen, since JupyterLab puts
# a distant cell on the page much later. Where a page forbids it, the panel works without it.
_MEND = """
const mend = (box) => {
  const name = () => box.querySelectorAll('.widget-slider').forEach((slider) => {
    const label = slider.querySelector('label').textContent;
    slider.querySelectorAll('[role=slider]').forEach((handle) => handle.setAttribute('aria-label', label));
    slider.querySelectorAll('[contenteditable]').forEach((field) => {
      field.setAttribute('role', 'textbox');
      field.setAttribute('aria-label', label + ', typed');
    });
  });
  name();
  new MutationObserver(name).observe(box, { childList: true, subtree: true });
  box.setAttribute('role', 'group');
  box.setAttribute('aria-label', this.parentElement.textContent.trim());
  box.addEventListener('keydown', (event) => {
    const command = event.ctrlKey || event.metaKey || event.altKey || event.shiftKey;
    if (!command && event.key !== 'Escape') event.stopPropagation();
  });
};
const seen = new IntersectionObserver(() => {
  const box = this.closest('.course-panel');
  if (!box) return;
  seen.disconnect();
  mend(box);
}, { scrollMargin: '2000px' });
seen.observe(this.parentElement);
"""


class Panel:
    """A panel of `controls` (ipywidgets with a description each) whose `result()` is shown under them.

    The result is computed when the panel is made, and again whenever a control's value changes; a panel with a `button`
    (its text) waits for that instead. Errors of the service are shown as the result: a panel never raises for them.
    A result that grows while it is computed is a generator: each thing that it yields is shown at once. The controls
    `under` it follow the result, with the button among them; what `foot` returns comes last.
    """

    def __init__(
        self,
        title: str,
        controls: Sequence[Any],
        result: Callable[[], Rich | Iterable[Rich]],
        *,
        button: str = "",
        under: Sequence[Any] = (),
        foot: Callable[[], Rich] | None = None,
    ) -> None:
        self.title, self.controls, self.under, self.compute = title, [*controls, *under], list(under), result
        self.shown = Rich("", "")
        self.output, self.foot, self.below = ipywidgets.HTML(), foot, ipywidgets.HTML()
        self.button = ipywidgets.Button(description=button) if button else None
        for control in self.controls:
            if control.style.has_trait("description_width"):
                control.style.description_width = "initial"
            if control.style.has_trait("handle_color"):
                control.style.handle_color = _HANDLE
            if isinstance(control, ipywidgets.Checkbox):
                control.layout.width = "auto"  # no wider than its words
            if isinstance(control, ipywidgets.Text):
                control.layout.width = "100%"  # a question is longer than a word
            control.layout.max_width = _ROW
        if self.button:
            self.button.on_click(lambda _: self.refresh())
        else:
            for control in self.controls:
                if control.has_trait("value"):
                    control.observe(lambda _: self.refresh(), names="value")
        with self.output.hold_sync():  # nobody sees it yet: what it comes to is enough
            self.refresh()

    def refresh(self) -> None:
        """Computes the result anew and shows it."""
        if self.button:
            self.button.disabled = True
        try:
            shown = self.compute()
            for each in [shown] if isinstance(shown, Rich) else shown:
                self.say(each)
        except HttpResponseError as error:
            self.say(error_card(error))
        except (AzureError, ValueError, TypeError, LookupError, OSError) as error:
            self.say(words(str(error) if type(error) is ValueError else f"{type(error).__name__}: {error}"))
        finally:
            if self.button:
                self.button.disabled = False

    def say(self, shown: Rich) -> None:
        """Shows this as the result."""
        foot = self.foot() if self.foot else Rich("", "")
        self.shown = stacked(shown, foot) if foot.text else shown
        self.output.value = _rendered(shown, 'role="status" ')
        self.below.value = _rendered(foot)

    @property
    def still(self) -> Rich:
        """The panel as it is now, to look at."""
        states = [state for control in self.controls if (state := _state(control))]
        items = "".join(f'<li style="white-space: pre-wrap">{escape(state)}</li>' for state in states)
        html = (
            f'<figure style="margin: 0; {FRAME}"><figcaption><strong>{escape(self.title)}</strong> '
            f"<small>{_INVITATION}</small></figcaption><ul>{items}</ul>{self.shown.html}</figure>"
        )
        return Rich("\n".join([f"[{self.title}]", *states, self.shown.text]), html)

    @property
    def widget(self) -> ipywidgets.Widget:
        """The live panel."""
        wrap = ipywidgets.Layout(
            display="flex", flex_flow="row wrap", max_width="100%", overflow="hidden", grid_gap="0 1em"
        )
        mend = f'<img src="data:," alt="" hidden onerror="{escape(_MEND)}">'  # a picture that fails to load, at once
        heading = ipywidgets.HTML(f"<strong>{escape(self.title)}</strong>{mend}")
        # The panel's own button first among the buttons: it is the one that is meant.
        others = [control for control in self.controls if isinstance(control, ipywidgets.Button)]
        knobs = [control for control in self.controls if control not in others and control not in self.under]
        fields = [control for control in self.under if control not in others]
        buttons = [self.button, *others] if self.button else others
        rows = [[*knobs], [*fields, *buttons]] if self.under else [[*knobs, *buttons], []]
        above, under = (ipywidgets.Box(row, layout=wrap) for row in rows)
        last = [under, self.below] if self.under else []
        box = ipywidgets.VBox([heading, above, self.output, *last])
        box.layout.border = "1px solid var(--jp-border-color1, currentColor)"
        box.layout.padding = "0.4em 0.8em"
        box.add_class("course-panel")
        return box

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        still = self.still
        view = self.widget._repr_mimebundle_(**options) or {}
        return {**view, "text/plain": still.text, "text/html": still.html}


def _rendered(shown: Rich, attributes: str = "") -> str:
    """HTML as outputs look: a widget of its own accord spaces its lines like buttons, with no room between columns."""
    return f'<div {attributes}class="jp-RenderedHTMLCommon">{shown.html}</div>'


def answer(reply: Any) -> Rich:
    """What a completion says, under a heading."""
    said = reply.choices[0].message.content or ""
    return Rich(f"Answer: {said}", heading("Answer") + prose(said))


def _state(control: Any) -> str:
    """What a control says and stands at, such as `temperature: 0.7`; empty for one without a value to see."""
    if isinstance(control, ipywidgets.FileUpload | ipywidgets.Button) or not control.has_trait("value"):
        return ""
    value = _label(control) if control.has_trait("index") else control.value
    return f"{control.description}: {value if value not in (None, '') else '(empty)'}"


def _label(control: Any) -> str:
    """What a choice shows. Its own trait `label` is empty when the control is made with a value such as 0."""
    chosen = control.options[control.index]
    return str(chosen[0] if isinstance(chosen, tuple) else chosen)
