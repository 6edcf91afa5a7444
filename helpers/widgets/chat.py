"""The panel of lesson 01: a chat, what each turn costs, and what happens when nothing is remembered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from azure.ai.inference.models import AssistantMessage, SystemMessage, UserMessage
from azure.core.exceptions import HttpResponseError
from ipywidgets import Button, Checkbox, Text

from ..answers import plain
from ..display import Rich, prose, stacked, words
from ..errors import error_card
from .panel import Panel

# What is sent and what comes back, in the log and in the bars: two colours that are seen on white and on black, and the
# second one striped, for those who see no colours.
_SENT, _WRITTEN = "#1976d2", "#c75b12"
_STRIPES = f"repeating-linear-gradient(135deg, {_WRITTEN} 0 5px, transparent 5px 7px)"
_FILL = {"prompt": f"background: {_SENT}", "completion": f"background: {_STRIPES}; border: 1px solid {_WRITTEN}"}
_BAR = "height: 0.9em; box-sizing: border-box; display: inline-block; vertical-align: middle"
# The box scrolls, and because its one part is laid out from below, it begins at the newest turn.
_LOG = "display: flex; flex-direction: column-reverse; max-height: 22em; overflow-y: auto; margin: 0.4em 0; "
_LOG += "padding: 0 0.6em; border: 1px solid var(--jp-border-color2, currentColor); border-radius: 4px"
_ON_THEIR_WAY = 0.3  # seconds that letters may take to a kernel far away
_LENGTH = 20  # characters of the longest bar in plain text


class Chat:
    """A conversation: its turns as (what was asked, what was answered, prompt tokens, completion tokens)."""

    def __init__(self, client: Any, system: Text, remember: Checkbox) -> None:
        self.client, self.system, self.remember = client, system, remember
        self.turns: list[tuple[str, str, int | None, int | None]] = []

    def ask(self, text: str) -> None:
        """Asks, with the turns before if they are remembered, and keeps the turn once it is answered."""
        messages: list[Any] = [SystemMessage(self.system.value)] if self.system.value.strip() else []
        for asked, answered, *_ in self.turns if self.remember.value else []:
            messages += [UserMessage(asked), AssistantMessage(answered)]
        reply = self.client.complete(messages=[*messages, UserMessage(text)])
        choice, usage = reply.choices[0], reply.usage
        said = choice.message.content or ""
        if choice.finish_reason != "stop":
            said = f"{said} [{plain(choice.finish_reason)}]".lstrip()
        self.turns.append((text, said, usage and usage.prompt_tokens, usage and usage.completion_tokens))

    @property
    def log(self) -> Rich:
        """The turns, the newest last."""
        if not self.turns:
            return words("Nothing has been said yet.")
        said = [
            line
            for asked, answered, *_ in self.turns
            for line in (("You", asked, _SENT), ("Model", answered, _WRITTEN))
        ]
        html = "".join(
            f'<div style="border-left: 4px solid {colour}; padding-left: 0.6em; margin: 0.6em 0">'
            f"<strong>{who}</strong>{prose(text)}</div>"
            for who, text, colour in said
        )
        log = f'<div role="log" aria-label="conversation" tabindex="0" style="{_LOG}"><div>{html}</div></div>'
        return Rich("\n".join(f"{who}: {text}" for who, text, _ in said), log)

    @property
    def costs(self) -> Rich:
        """A bar for each turn, its prompt and its completion apart, if the endpoint counts tokens."""
        counts = [(prompt, completion or 0) for *_, prompt, completion in self.turns if prompt]
        return _bars(counts) if counts and len(counts) == len(self.turns) else Rich("", "")


def _bars(counts: list[tuple[int, int]]) -> Rich:
    most = max(map(sum, counts))
    lines, rows = ["Tokens of each turn"], []
    for number, turn in enumerate(counts, 1):
        marks = "".join(mark * round(_LENGTH * count / most) for mark, count in zip("█░", turn, strict=True))
        said = " + ".join(f"{count:,} {kind}" for count, kind in zip(turn, _FILL, strict=True))
        told = " + ".join(f"{count:,}" for count in turn)  # of which kinds, the caption says
        bars = "".join(
            f'<span style="{_BAR}; {fill}; width: {count / most:.1%}"></span>'
            for count, fill in zip(turn, _FILL.values(), strict=True)
        )
        lines.append(f"turn {number}  {marks:<{_LENGTH}}  {said}")
        rows.append(
            f'<tr><th scope="row" style="text-align: left; font-weight: normal; white-space: nowrap">turn {number}'
            f'</th><td style="width: 70%; text-align: left; white-space: nowrap" aria-hidden="true">{bars}</td>'
            f'<td style="text-align: left; white-space: nowrap">{told}</td></tr>'
        )
    key = " + ".join(
        f'<span aria-hidden="true" style="{_BAR}; {fill}; width: 1.5em"></span> {kind}' for kind, fill in _FILL.items()
    )
    caption = f'<caption style="text-align: left">Tokens of each turn: {key}</caption>'
    style = "margin-left: 0; width: 100%; max-width: 40em; table-layout: auto"
    return Rich("\n".join(lines), f'<table style="{style}">{caption}{"".join(rows)}</table>')


def _soon(act: Callable[[], object]) -> None:
    """Acts when what was typed has arrived: Enter overtakes the last letters on their way to the kernel."""
    try:
        asyncio.get_running_loop().call_later(_ON_THEIR_WAY, act)
    except RuntimeError:  # nothing is on its way where no kernel runs
        act()


def chat_panel(client: Any, first: str = "How many languages are in the world?") -> Panel:
    """A chat with `client` (a `ChatCompletionsClient`): what you send, what comes back, and the tokens of each turn.

    It starts with the question `first`, asked and answered. "Remember the turns before" sends them along, as lesson 01
    does; without it each turn stands alone. Enter in the message field sends, as the button does.
    """
    system = Text("You are a helpful assistant.", description="system text")
    remember = Checkbox(True, description="remember the turns before", indent=False)
    message = Text(first, description="your message")
    again = Button(description="Start again")
    chat = Chat(client, system, remember)

    def send() -> Rich:
        text, message.value = message.value.strip(), ""
        if text:
            try:
                chat.ask(text)
            except Exception as error:
                message.value = text  # what was not answered is not lost
                if isinstance(error, HttpResponseError) and chat.turns:
                    return stacked(chat.log, error_card(error))
                raise
        return chat.log

    panel = Panel("A chat", [system, remember], send, button="Send", under=[message, again], foot=lambda: chat.costs)
    message.value = "And how many of them in Europe?"

    def start_again(_: Any) -> None:
        chat.turns.clear()
        panel.say(chat.log)

    again.on_click(start_again)
    message.on_msg(lambda _, content, __: _soon(panel.refresh) if content.get("event") == "submit" else None)
    return panel
