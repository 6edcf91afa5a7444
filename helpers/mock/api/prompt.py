"""The prompt of a chat completion: its texts, pictures and sounds as the model gets them, and what they cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import ApiError
from ..jsonio import dumps
from ..media.addresses import Addresses
from ..model.writing.tokens import Tokenizer, prompt_tokens, text_of
from .attachments import Attachments, read_attachments
from .catalogue import Card
from .checking import ChatRequest
from .parameters import ExtraOptions

# The instruction that safe_prompt puts before the system text. The sentence is the mock's own.
SAFE_PROMPT = "Answer with care and respect, keep to the truth, and do not help with anything harmful."


@dataclass(slots=True)
class Prompt:
    """What the model reads: `text` is all but its own words, `tokens` what the whole costs."""

    text: str
    attached: Attachments
    tokens: int


def read_prompt(asked: ChatRequest, tokenizer: Tokenizer, addresses: Addresses) -> Prompt:
    """Read and count a prompt.

    Raises ApiError: 400 for one that leaves no room for an answer in the model's context, and what `read_attachments`
    refuses.
    """
    card, messages, tools = asked.card, asked.messages, asked.tools
    attached = read_attachments(card, messages, addresses)
    texts = [text_of(message) for message in messages]
    # What surely exceeds the context need not be counted to the end.
    if sum(map(len, texts)) + _beside(messages, tools) > card.context * tokenizer.longest:
        raise _too_long(card, f"more than {card.context}")
    framed = as_the_model_gets_them(card, messages, asked.extras)
    glue = "\n\n" if card.tokens == "exact" else "\n"
    tokens = prompt_tokens(tokenizer, framed, tools, glue=glue) + attached.tokens
    if tokens >= card.context:
        raise _too_long(card, tokens)
    said = [text for message, text in zip(messages, texts, strict=True) if message["role"] != "assistant"]
    return Prompt("\n\n".join(said), attached, tokens)


def as_the_model_gets_them(card: Card, messages: list[dict[str, Any]], extras: ExtraOptions) -> list[dict[str, Any]]:
    """The messages as the model gets them: system text moved to the user turn where it has no system role."""
    if extras.safe_prompt:
        messages = [{"role": "system", "content": SAFE_PROMPT}, *messages]
    if card.system:
        return messages
    system = [text_of(m) for m in messages if m["role"] in ("system", "developer")]
    rest = [m for m in messages if m["role"] not in ("system", "developer")]
    first = next((i for i, m in enumerate(rest) if m["role"] == "user"), None)
    if not system or first is None:
        return rest or [{"role": "user", "content": "\n".join(system)}]
    moved = {"role": "user", "content": "\n".join([*system, text_of(rest[first])])}
    return [*rest[:first], moved, *rest[first + 1 :]]


def _beside(messages: Sequence[dict[str, Any]], tools: Sequence[dict[str, Any]]) -> int:
    """The characters of tools and of their calls."""
    calls = [message["tool_calls"] for message in messages if message.get("tool_calls")]
    return len(dumps([tools or None, calls])) if calls or tools else 0


def _too_long(card: Card, given: int | str) -> ApiError:
    return ApiError("context_length", loc=("body", "messages"), given=given, limit=card.context)
