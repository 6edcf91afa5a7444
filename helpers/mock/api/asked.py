"""A request that may be asked of a model: parsed, checked, with the card of the model that is to answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ..gateway.faults import Pace
from ..messages import Message
from ..model.writing.tokens import Tokenizer
from .card import Card, Embedding
from .families import FAMILIES, Family

if TYPE_CHECKING:
    from .parameters import AnyEmbeddingsOptions, ChatCompletionsOptions, ExtraOptions

_Inputs = TypeVar("_Inputs", bound="AnyEmbeddingsOptions")


@dataclass(slots=True)
class ChatRequest:
    """A chat completion that may be asked of the model. `body` is in wire format, without what was to be dropped.

    `functions` tells whether the `tools` are offered as `functions`, as it was before there were tools. `max_tokens`
    are the most tokens of a choice that are asked for, if the request says, `family` is the form that answers have.
    """

    body: dict[str, Any]
    messages: Sequence[Message]
    options: ChatCompletionsOptions
    extras: ExtraOptions
    card: Card
    tokenizer: Tokenizer
    pace: Pace
    functions: bool = field(init=False)
    tools: list[dict[str, Any]] = field(init=False)
    choices: int = field(init=False)
    max_tokens: int | None = field(init=False)
    family: Family = field(init=False)

    def __post_init__(self) -> None:
        self.family = FAMILIES[self.card.family]
        self.choices = self.extras.n or 1
        most, also = self.options.max_tokens, self.extras.max_completion_tokens
        self.max_tokens = most if also is None else also if most is None else min(most, also)
        tools, functions = self.body.get("tools"), self.body.get("functions")
        self.functions = bool(functions) and not tools
        self.tools = tools or [{"type": "function", "function": one} for one in functions or ()]

    @property
    def named_tool(self) -> bool:
        """Whether the request names the tool to call."""
        return isinstance(self.tool_choice, dict)

    @property
    def tool_choice(self) -> Any:
        """Which tool is to be called: "auto", "none", "required", or its name as `tool_choice` gives it."""
        if not self.functions:
            return self.body.get("tool_choice") or "auto"
        choice = self.body.get("function_call") or "auto"
        return {"type": "function", "function": choice} if isinstance(choice, dict) else choice

    @property
    def include_usage(self) -> bool:
        """Whether a stream is to end with a chunk of usage."""
        return bool(getattr(self.extras.stream_options, "include_usage", False))


@dataclass(slots=True)
class EmbeddingsRequest(Generic[_Inputs]):
    """Embeddings that may be asked of the model; `model` is what its card says of them."""

    options: _Inputs
    card: Card
    model: Embedding

    @property
    def dimensions(self) -> int:
        return self.options.dimensions or self.model.dimensions
