"""What all families have in common, and the form of the models of which no answer is recorded.

A model behind Azure's gateway answers with the document's keys (ChatCompletions, StreamingChatCompletionsUpdate and
EmbeddingsResult of the OpenAPI document 2024-05-01-preview) and with filter results, which every recorded answer of a
serverless model has since 2025-03. A family overrides what it was recorded to do otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from ...errors import SHAPES, ApiError, Refusal, Shape, refusal
from ...gateway.hosts import REGION
from ...ids import letters, uuid
from ...messages import Message
from ..answer import Answer, Embedded, Sent, ToolCallText, WrittenChoice
from ..capabilities import Size, check_model, check_pairs, check_schemas, read_chat, read_embeddings
from ..card import Card, Embedding

if TYPE_CHECKING:
    from ..parameters import AnyEmbeddingsOptions, ChatCompletionsOptions, ExtraOptions


class Family:
    """What a family of models takes and refuses, and the form of its answers. No state: every method makes a part of an
    answer or of a stream from what was written."""

    compact = False
    """Whether the model writes JSON without blanks behind commas and colons."""

    named_choice_ends_with = "tool_calls"
    """The finish reason of a call that `tool_choice` had named."""

    # --- requests ---

    def read_chat(
        self, card: Card, body: Any, mode: str, size: Size
    ) -> tuple[dict[str, Any], ChatCompletionsOptions, ExtraOptions]:
        """A body, its parameters and the extra ones. Raises ApiError for values that the model does not take."""
        return read_chat(card, body, mode, size)

    def check_chat(
        self, card: Card, options: ChatCompletionsOptions, body: dict[str, Any], messages: Sequence[Message]
    ) -> None:
        """Raise ApiError for right values that do not go with the model, or not with each other."""
        check_model(card, options, body)
        check_schemas(options, body.get("tool_choice"))
        self.check_messages(card, messages)

    def check_messages(self, card: Card, messages: Sequence[Message]) -> None:
        """Raise ApiError for messages that cannot follow each other."""
        check_pairs(card, messages)

    def read_embeddings(
        self, card: Card, model: Embedding, body: Any, mode: str, *, pictures: bool
    ) -> AnyEmbeddingsOptions:
        """The parameters of a request for embeddings, of texts or `pictures`. Raises ApiError."""
        return read_embeddings(card, model, body, mode, pictures=pictures)

    # --- ids ---

    def completion_id(self, seed: str) -> str:
        return sha256(seed.encode()).hexdigest()[:32]

    def call_id(self, seed: str) -> str:
        return f"call_{letters(seed, 24)}"

    # --- what the model writes to call tools ---

    def around(self, names: Sequence[str], *, named: bool) -> list[str]:
        """What stands before the arguments of each call, and behind the last: a list of objects, as Mistral's models
        write it. `named`: the request had named the tool."""
        heads = [f'{{"name": {json.dumps(name, ensure_ascii=False)}, "arguments": ' for name in names]
        return [f"[{heads[0]}", *[f"}}, {head}" for head in heads[1:]], "}]"]

    # --- whole answers ---

    def body(self, answer: Answer) -> dict[str, Any]:
        """The body of an answer that is not streamed."""
        return {
            **self.head(answer, "chat.completion"),
            "choices": [self.choice(choice, answer) for choice in answer.choices],
            "usage": self.usage(answer),
            "prompt_filter_results": self.prompt_filter_results(answer),
        }

    def head(self, answer: Answer, kind: str) -> dict[str, Any]:
        """What an answer begins with, and every chunk of it."""
        return {"id": answer.id, "object": kind, "created": answer.created, "model": self.model(answer.card)}

    def model(self, card: Card) -> str:
        """The version that answered, whatever name it was asked by."""
        return card.version or card.name

    def choice(self, choice: WrittenChoice, answer: Answer) -> dict[str, Any]:
        item = {
            "index": choice.index,
            "message": self.message(choice),
            "finish_reason": choice.finish_reason,
            "content_filter_results": self.filter_results(choice),
        }
        if answer.logprobs and choice.calls is None:
            item["logprobs"] = choice.logprobs(answer.tokenizer)
        return item

    def message(self, choice: WrittenChoice) -> dict[str, Any]:
        calls = [self.call(call) for call in choice.calls or ()]
        return {"role": "assistant", "content": choice.content, "tool_calls": calls or None}

    def call(self, call: ToolCallText) -> dict[str, Any]:
        return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}

    def usage(self, answer: Answer) -> dict[str, Any]:
        return answer.costs.usage

    def filter_results(self, choice: WrittenChoice) -> dict[str, Any]:
        """What the filters say of a choice; of calls they say nothing."""
        return choice.filter_results if choice.content else {}

    def prompt_filter_results(self, answer: Answer) -> list[dict[str, Any]]:
        return [{"prompt_index": 0, "content_filter_results": answer.prompt_filter_results}]

    # --- streams ---

    def before(self, answer: Answer) -> Iterator[dict[str, Any]]:
        """The chunks before the first delta: filter results of the prompt, without a choice."""
        empty = {"id": "", "object": "", "created": 0, "model": "", "choices": []}
        yield {**empty, "prompt_filter_results": self.prompt_filter_results(answer)}

    def chunk(
        self,
        answer: Answer,
        choice: WrittenChoice,
        delta: dict[str, Any],
        *,
        results: dict[str, Any] | None = None,
        probabilities: dict[str, Any] | None = None,
        finish_reason: str | None = None,
    ) -> dict[str, Any]:
        """A chunk of one choice; `results` are the filters' on what its delta says."""
        item = {"index": choice.index, "delta": delta, "finish_reason": finish_reason}
        if probabilities is not None:
            item["logprobs"] = probabilities
        item["content_filter_results"] = results or {}
        return {**self.head(answer, "chat.completion.chunk"), "choices": [item]}

    def first(self, choice: WrittenChoice) -> dict[str, Any]:
        """The delta that begins a choice."""
        return {"role": "assistant", "content": ""}

    def call_deltas(self, choice: WrittenChoice) -> Iterator[dict[str, Any]]:
        """The deltas of tool calls between the first one and the last, one for each token of their arguments."""
        for index, call in enumerate(choice.calls or ()):
            yield {"tool_calls": [call_opening(index, call)]}
            yield from call_pieces(index, call)

    def last(self, choice: WrittenChoice) -> dict[str, Any]:
        """The delta that ends a choice."""
        return {"content": ""}

    def end(self, answer: Answer, choice: WrittenChoice) -> dict[str, Any]:
        """The chunk that ends a choice; that of the last one tells the usage."""
        results = choice.filter_results if choice.finish_reason == "content_filter" else {}
        chunk = self.chunk(answer, choice, self.last(choice), results=results, finish_reason=choice.finish_reason)
        if choice is answer.choices[-1] and not answer.include_usage:
            chunk["usage"] = self.usage(answer)
        return chunk

    def after(self, answer: Answer) -> Iterator[dict[str, Any]]:
        """The chunks behind the last choice's end: usage, where a chunk of its own was asked for."""
        if answer.include_usage:
            yield {**self.head(answer, "chat.completion.chunk"), "choices": [], "usage": self.usage(answer)}

    # --- embeddings ---

    def embeddings(self, answer: Embedded) -> dict[str, Any]:
        """The body of an answer with vectors."""
        completion = {"id": uuid(answer.seed), **self._vectors(answer)}
        usage = {**answer.costs.usage}
        if answer.pictures:
            usage["images"] = answer.pictures
        return {**completion, "usage": usage}

    def _vectors(self, answer: Embedded) -> dict[str, Any]:
        data = [
            {"index": place, "object": "embedding", "embedding": vector} for place, vector in enumerate(answer.vectors)
        ]
        return {"object": "list", "data": data, "model": self.model(answer.card)}

    # --- refusals ---

    @property
    def shapes(self) -> Mapping[str, Shape]:
        """How the body of a refusal is written, by the shape that its row in `data/refusals.toml` names."""
        return SHAPES

    def refusal(self, error: ApiError) -> Refusal:
        """What the model's server says to a request that it refuses."""
        return refusal(error, shapes=self.shapes)

    def refusal_headers(self, sent: Sent, status: int) -> dict[str, str]:
        """The headers beside it: recorded of Cohere's 422 (2025-01) and of the 404 of Mistral's endpoint (2025-01)."""
        return {**self.request_ids(sent), **model_error(status)}

    # --- headers ---

    def request_ids(self, sent: Sent) -> dict[str, str]:
        """By what an answer can be found again: of a resource's gateway, or of a serverless endpoint."""
        if sent.resource:
            return {"apim-request-id": uuid(f"apim/{sent.seed}"), "x-ms-region": REGION}
        named = {"x-ms-client-request-id": sent.client_request_id} if sent.client_request_id else {}
        return {"x-request-id": uuid(sent.seed), **named}

    def headers(self, sent: Sent) -> dict[str, str]:
        """The headers of an answer: of a resource's gateway, or of a serverless endpoint and the model's server."""
        told = self.request_ids(sent)
        if sent.chat and not sent.resource:
            told["x-ms-rai-invoked"] = "true"
        if not sent.streamed:
            told |= {"prompt_token_len": str(sent.costs.prompt), "sampling_token_len": str(sent.costs.completion)}
        return told


def model_error(status: int) -> dict[str, str]:
    """The headers that tell that it was the model's server that refused, on all hosts."""
    return {"ms-azureml-model-error-reason": "model_error", "ms-azureml-model-error-statuscode": str(status)}


def call_opening(index: int, call: ToolCallText) -> dict[str, Any]:
    """A streamed call's id and name, before its arguments."""
    function = {"name": call.name, "arguments": ""}
    return {"index": index, "id": call.id, "type": "function", "function": function}


def call_pieces(index: int, call: ToolCallText) -> Iterator[dict[str, Any]]:
    """The deltas of a streamed call's arguments."""
    for piece in call.deltas:
        yield {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}
