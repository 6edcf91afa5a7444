"""The prompt of a chat completion: its texts, pictures and sounds as the model gets them, and what they cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import ApiError
from ..jsonio import dumps
from ..media.addresses import Addresses
from ..messages import SYSTEM, Message
from ..model.writing import chat_frames, frames
from .asked import ChatRequest
from .attachments import Attachments, read_attachments
from .card import Card

if TYPE_CHECKING:
    from .parameters import ExtraOptions

# The instruction that safe_prompt puts before the system text. The sentence is the mock's own.
SAFE_PROMPT = "Answer with care and respect, keep to the truth, and do not help with anything harmful."


@dataclass(slots=True)
class Prompt:
    """What the model reads, what the whole costs in tokens, and whether the filter may have to do with a word of it."""

    messages: Sequence[Message]
    attached: Attachments
    tokens: int
    marked: bool

    @property
    def text(self) -> str:
        """All text but the model's own."""
        return "\n\n".join([message.text for message in self.messages if message.role != "assistant"])


def read_prompt(asked: ChatRequest, addresses: Addresses) -> Prompt:
    """Read and count a prompt.

    Raises ApiError: 400 for one that leaves no room for an answer in the model's context, of OpenAI's models none for
    the one that is asked for, and what `read_attachments` refuses.
    """
    card, messages, tools = asked.card, asked.messages, asked.tools
    attached = read_attachments(card, messages, addresses)
    # What surely exceeds the context need not be counted to the end.
    if _characters(messages, tools) > card.context * asked.tokenizer.longest:
        raise _too_long(card, f"more than {card.context}")
    counted, marked = _counted(asked, asked.body)
    tokens = counted + attached.tokens
    if tokens >= card.context:
        alone = _counted(asked, {})[0] + attached.tokens if tools and card.family == "openai" else tokens
        raise _too_long(card, tokens, alone, tokens - alone)
    wanted = asked.max_tokens or 0
    if card.family == "openai" and tokens + wanted > card.context:
        raise ApiError("completion_length", limit=card.context, given=tokens + wanted, prompt=tokens, completion=wanted)
    return Prompt(messages, attached, tokens, marked)


def _counted(asked: ChatRequest, request: Mapping[str, Any]) -> tuple[int, bool]:
    card, framed = asked.card, as_the_model_gets_them(asked.card, asked.messages, asked.extras)
    if card.tokenizer == "mistral-v3":
        glue = "\n\n" if card.tokens == "exact" else "\n"
        return frames.prompt_tokens(asked.tokenizer, framed, asked.tools, glue=glue)
    return chat_frames.prompt_tokens(asked.tokenizer, framed, request, reasoning=card.reasoning is not None), True


def as_the_model_gets_them(card: Card, messages: Sequence[Message], extras: ExtraOptions) -> Sequence[Message]:
    """The messages as the model gets them: where it has no system role the system text stands before the first user's
    turn, or in a turn of its own where there is none."""
    if extras.safe_prompt:
        messages = [Message("system", SAFE_PROMPT), *messages]
    if card.system:
        return messages
    system = "\n".join([message.text for message in messages if message.role in SYSTEM])
    rest = [message for message in messages if message.role not in SYSTEM]
    first = next((place for place, message in enumerate(rest) if message.role == "user"), None)
    if first is None:
        return [*rest, Message("user", system)] if system else rest
    if system:
        text, content = f"{system}\n{rest[first].text}", rest[first].wire.get("content")
        whole = [{"type": "text", "text": system}, *content] if isinstance(content, list) else text
        rest[first] = Message("user", text, {**rest[first].wire, "content": whole})
    return rest


def _characters(messages: Sequence[Message], tools: Sequence[dict[str, Any]]) -> int:
    """How much text the prompt holds at least."""
    text, calls = 0, []
    for message in messages:
        text += len(message.text)
        if made := message.wire.get("tool_calls"):
            calls.append(made)
    return text + len(dumps([tools or None, calls])) if calls or tools else text


def _too_long(card: Card, given: int | str, messages: int = 0, functions: int = 0) -> ApiError:
    """The refusal of a prompt of so many tokens, told apart where there are `functions`."""
    parts = f" ({messages} in the messages, {functions} in the functions)" if functions else ""
    also = " or functions" if functions else ""
    return ApiError("context_length", given=given, limit=card.context, parts=parts, also=also)
