"""The panel of lesson 01: a chat, what each turn costs, and what happens when nothing is remembered."""

from __future__ import annotations

from typing import Any

from azure.ai.inference.models import AssistantMessage, SystemMessage, UserMessage
from ipywidgets import Button, Checkbox, Layout, Text

from ..answers import plain
from ..display import Rich, bars, heading, prose, stacked, words
from .panel import Panel


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
            said += f" [{plain(choice.finish_reason)}]"
        self.turns.append((text, said, usage and usage.prompt_tokens, usage and usage.completion_tokens))

    @property
    def shown(self) -> Rich:
        """The turns, and under them a bar for each turn's prompt tokens."""
        if not self.turns:
            return words("Nothing was said yet.")
        said = [line for asked, answered, *_ in self.turns for line in (("You", asked), ("Model", answered))]
        html = "".join(heading(who) + prose(text) for who, text in said)
        log = f'<div role="log" aria-label="conversation">{html}</div>'
        return stacked(Rich("\n".join(f"{who}: {text}" for who, text in said), log), *self.costs)

    @property
    def costs(self) -> list[Rich]:
        """The bars, if the endpoint counts tokens."""
        counts = [(prompt, completion) for *_, prompt, completion in self.turns]
        if not all(prompt for prompt, _ in counts):
            return []
        most = max(prompt or 0 for prompt, _ in counts)
        rows = [
            (f"turn {number}", (prompt or 0) / most, f"{prompt} prompt + {completion} completion")
            for number, (prompt, completion) in enumerate(counts, 1)
        ]
        return [bars("Tokens of each turn", rows)]


def chat_panel(client: Any, first: str = "How many languages are in the world?") -> Panel:
    """A chat with `client` (a `ChatCompletionsClient`): what you send, what comes back, and the tokens of each turn.

    It starts with the question `first`, asked and answered. "Remember the turns before" sends them along, as lesson 01
    does; without it each turn stands alone. Enter in the message field sends, as the button does.
    """
    system = Text("You are a helpful assistant.", description="system text", layout=Layout(width="36em"))
    remember = Checkbox(True, description="remember the turns before", indent=False)
    message = Text(first, description="your message", layout=Layout(width="100%"))
    again = Button(description="Start again")
    chat = Chat(client, system, remember)

    def send() -> Rich:
        text, message.value = message.value.strip(), ""
        if text:
            try:
                chat.ask(text)
            except Exception:
                message.value = text  # what was not answered is not lost
                raise
        return chat.shown

    panel = Panel("A chat", [system, remember, message, again], send, button="Send")
    message.value = "And how many of them in Europe?"

    def start_again(_: Any) -> None:
        chat.turns.clear()
        panel.say(chat.shown)

    again.on_click(start_again)
    message.on_msg(lambda _, content, __: panel.refresh() if content.get("event") == "submit" else None)
    return panel
