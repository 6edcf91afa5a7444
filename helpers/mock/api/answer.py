"""An answer before it has a form: what was written, what it cost, and what the filters said of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..clock import CREATED
from ..model.writing.generate import Steps
from ..model.writing.tokens import Tokenizer
from .card import Card
from .logprobs import logprobs


@dataclass(slots=True)
class ToolCallText:
    """A tool call as written: `arguments` is its JSON text, cut short where the completion was."""

    id: str
    name: str
    arguments: str
    deltas: list[str] = field(default_factory=list)


@dataclass(slots=True)
class WrittenChoice:
    """One choice of an answer. `steps` are its tokens, which `content` and the log probabilities come from.

    `calls` are None for an answer in words, an empty list for tool calls cut short before their first arguments;
    `function_call` says that the one call is told as it was before there were tools.
    `filter_results` are the annotations of the words, {} where there are none to judge. `beside` are words that stand
    beside calls, `told` the log probabilities that another model told of its own tokens.
    """

    index: int
    steps: Steps
    finish_reason: str
    calls: list[ToolCallText] | None = None
    function_call: bool = False
    filter_results: dict[str, Any] = field(default_factory=dict)
    beside: str = ""
    told: list[dict[str, Any]] | None = None

    @property
    def content(self) -> str:
        return self.beside if self.calls is not None else self.steps.text

    def logprobs(self, tokenizer: Tokenizer) -> dict[str, Any]:
        """The log probabilities of its tokens."""
        return logprobs(self.steps, tokenizer) if self.told is None else {"content": self.told}


@dataclass(slots=True)
class Costs:
    """What an answer cost, in tokens: the prompt with its pictures and sounds, and of the completion the part that
    was thought and not written."""

    prompt: int
    completion: int = 0
    pictures: int = 0
    sounds: int = 0
    reasoning: int = 0
    accepted: int = 0
    rejected: int = 0

    @property
    def usage(self) -> dict[str, Any]:
        """The three numbers that every model tells."""
        return {
            "prompt_tokens": self.prompt,
            "completion_tokens": self.completion,
            "total_tokens": self.prompt + self.completion,
        }


@dataclass(slots=True)
class Answer:
    """A whole answer. `id` tells it from all others, `repetition` counts from 1.

    `logprobs` says whether log probabilities were asked for, `include_usage` whether a stream is to end with a chunk of
    usage. `messages_length` is how many characters the messages have as JSON, where somebody wants to know.
    """

    id: str
    repetition: int
    card: Card
    choices: list[WrittenChoice]
    costs: Costs
    tokenizer: Tokenizer
    prompt_filter_results: dict[str, Any]
    logprobs: bool = False
    include_usage: bool = False
    messages_length: int = 0

    @property
    def created(self) -> int:
        """The mock's fixed day, a second later with each repetition: a documented difference."""
        return CREATED + self.repetition - 1


@dataclass(slots=True)
class Embedded:
    """An answer with vectors, each as it is sent: numbers, or base64. `pictures` is how many of the inputs are."""

    seed: str
    card: Card
    vectors: list[Any]
    costs: Costs
    pictures: int = 0


@dataclass(slots=True)
class Sent:
    """What the headers of an answer are made of.

    `resource` says that it was asked behind `/models`, `deployment` is the name in the address of Azure OpenAI's route,
    `quota` what is left of it as headers, `client_request_id` what the client calls its request. `cross_origin`: pages
    of other origins may read it.
    """

    seed: str
    costs: Costs
    quota: dict[str, str]
    resource: bool
    deployment: str | None = None
    client_request_id: str = ""
    chat: bool = True
    streamed: bool = False
    cross_origin: bool = False
