"""OpenAI's models, on Azure OpenAI's routes and behind `/models` alike.

Recorded in 55 whole answers and 7 streams, 2023-12 to 2025-11: Azure/azure-sdk-assets, the tests of the Azure SDKs for
Python, .NET, JavaScript, Java and Go. Where recordings differ by date, the newest counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from ...errors import SHAPES, ApiError, Refusal, Shape, in_openais_shape, refusal
from ...gateway.hosts import REGION
from ...ids import letters, uuid
from ...messages import Message
from ..answer import Answer, Embedded, Sent, WrittenChoice
from ..capabilities import Size
from ..card import Card, Embedding
from ..openai import rules
from .plain import Family, call_opening, call_pieces, model_error

if TYPE_CHECKING:
    from ..parameters import AnyEmbeddingsOptions, ChatCompletionsOptions, ExtraOptions

_NOT_DETECTED = {"filtered": False, "detected": False}
PROTECTED = {"protected_material_code": _NOT_DETECTED, "protected_material_text": _NOT_DETECTED}
_NO_BLOCKLIST = {"filtered": False, "details": []}
_UNASKED = {"id": "", "object": "", "created": 0, "model": ""}


class OpenAI(Family):
    compact = True
    named_choice_ends_with = "stop"  # 2024-09 to 2025-04, whole and streamed

    def completion_id(self, seed: str) -> str:
        return f"chatcmpl-{letters(seed, 29)}"

    def head(self, answer: Answer, kind: str) -> dict[str, Any]:
        head = {**super().head(answer, kind), "system_fingerprint": _fingerprint(self.model(answer.card))}
        if answer.include_usage:
            head["usage"] = None  # in every chunk but the one that tells it
        return head

    def choice(self, choice: WrittenChoice, answer: Answer) -> dict[str, Any]:
        return {"logprobs": None, **super().choice(choice, answer)}

    def message(self, choice: WrittenChoice) -> dict[str, Any]:
        """`content` is null beside calls, and not there at all when the filter cut the answer (2025-01)."""
        message: dict[str, Any] = {"role": "assistant", "refusal": None}
        if choice.calls:
            message["content"] = choice.content or None
            calls = [self.call(call) for call in choice.calls]
            called = {"function_call": calls[0]["function"]} if choice.function_call else {"tool_calls": calls}
            return {**message, **called}
        if choice.finish_reason != "content_filter":
            message["content"] = choice.content
        return {**message, "annotations": []}  # since 2025-08

    def usage(self, answer: Answer) -> dict[str, Any]:
        costs = answer.costs
        completion = {
            "accepted_prediction_tokens": costs.accepted,
            "audio_tokens": 0,
            "reasoning_tokens": costs.reasoning,
            "rejected_prediction_tokens": costs.rejected,
        }
        prompt = {"audio_tokens": costs.sounds, "cached_tokens": 0}
        if answer.card.sound:
            completion["text_tokens"] = costs.completion
            prompt |= {"image_tokens": costs.pictures, "text_tokens": costs.prompt - costs.sounds - costs.pictures}
        return {**costs.usage, "completion_tokens_details": completion, "prompt_tokens_details": prompt}

    def filter_results(self, choice: WrittenChoice) -> dict[str, Any]:
        results = super().filter_results(choice)
        return {**results, **PROTECTED} if results else results

    def prompt_filter_results(self, answer: Answer) -> list[dict[str, Any]]:
        """With pictures the key is in the singular, with an entry of its own for what a picture is judged by."""
        if not answer.costs.pictures:
            return super().prompt_filter_results(answer)
        categories = dict(answer.prompt_filter_results)
        jailbreak = {"jailbreak": categories.pop("jailbreak"), "custom_blocklists": _NO_BLOCKLIST}
        seen = {**categories, "custom_blocklists": _NO_BLOCKLIST}
        return [
            {"prompt_index": place, "content_filter_result": found} for place, found in enumerate((jailbreak, seen))
        ]

    # --- what the model writes to call tools ---

    def around(self, names: Sequence[str], *, named: bool) -> list[str]:
        """The name before the arguments, as recorded answers are counted; nothing where the request had named it."""
        return [*(("",) * len(names) if named else names), ""]

    # --- streams ---

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
        item: dict[str, Any] = {"index": choice.index, "delta": delta}
        item |= {"finish_reason": finish_reason, "logprobs": probabilities}
        if not answer.card.asynchronous_filter:  # which speaks later, see `after`
            item["content_filter_results"] = results or {}
        return {**self.head(answer, "chat.completion.chunk"), "choices": [item]}

    def first(self, choice: WrittenChoice) -> dict[str, Any]:
        """The role, and of a call its id and name as well."""
        delta: dict[str, Any] = {"role": "assistant", "content": None if choice.calls else "", "refusal": None}
        if choice.calls and choice.function_call:
            delta["function_call"] = call_opening(0, choice.calls[0])["function"]
        elif choice.calls:
            delta["tool_calls"] = [call_opening(0, choice.calls[0])]
        return delta

    def call_deltas(self, choice: WrittenChoice) -> Iterator[dict[str, Any]]:
        """The pieces of arguments; those of a `function_call` (no stream of one is recorded) after OpenAI's API."""
        if choice.calls and choice.function_call:
            yield from ({"function_call": {"arguments": piece}} for piece in choice.calls[0].deltas)
            return
        for index, call in enumerate(choice.calls or ()):
            if index:
                yield {"tool_calls": [call_opening(index, call)]}
            yield from call_pieces(index, call)

    def last(self, choice: WrittenChoice) -> dict[str, Any]:
        return {}

    def end(self, answer: Answer, choice: WrittenChoice) -> dict[str, Any]:
        """Usage is told in a chunk of its own, and only when it was asked for."""
        results = choice.filter_results if choice.finish_reason == "content_filter" else {}
        return self.chunk(answer, choice, {}, results=results, finish_reason=choice.finish_reason)

    def after(self, answer: Answer) -> Iterator[dict[str, Any]]:
        if answer.card.asynchronous_filter:
            yield from self._late_results(answer)
        yield from super().after(answer)

    def _late_results(self, answer: Answer) -> Iterator[dict[str, Any]]:
        """What the asynchronous filter says when all is said (2025-04): no delta, and places in the text, counted from
        the beginning of the messages' JSON (so also in two samples of Microsoft's "Content streaming", 2025-05)."""
        start = answer.messages_length
        for choice in answer.choices:
            end = start + len(choice.content)
            offsets = {"check_offset": start, "start_offset": start, "end_offset": end}
            for results in (choice.filter_results, PROTECTED):
                item = {"index": choice.index, "finish_reason": None, "content_filter_results": results}
                yield {**_UNASKED, "choices": [{**item, "content_filter_offsets": offsets}]}

    # --- embeddings ---

    def embeddings(self, answer: Embedded) -> dict[str, Any]:
        """Without an id, and of the usage what is read alone (2025-02)."""
        usage = {name: number for name, number in answer.costs.usage.items() if name != "completion_tokens"}
        return {**self._vectors(answer), "usage": usage}

    # --- requests ---

    def read_chat(
        self, card: Card, body: Any, mode: str, size: Size
    ) -> tuple[dict[str, Any], ChatCompletionsOptions, ExtraOptions]:
        body, options = rules.read_chat(card, body, mode, size)
        return body, options, options

    def check_chat(self, card: Card, options: Any, body: dict[str, Any], messages: Sequence[Message]) -> None:
        rules.check_chat(card, options, body, messages)

    def read_embeddings(
        self, card: Card, model: Embedding, body: Any, mode: str, *, pictures: bool
    ) -> AnyEmbeddingsOptions:
        return rules.read_embeddings(model, body)

    # --- refusals: 400, {error: {message, type, param, code}}, in words of OpenAI's ---

    @property
    def shapes(self) -> Mapping[str, Shape]:
        return _SHAPES

    def refusal(self, error: ApiError) -> Refusal:
        return refusal(error, "openai", self.shapes)

    def refusal_headers(self, sent: Sent, status: int) -> dict[str, str]:
        return {**self.request_ids(sent), **sent.quota, **_by_operation(sent), **model_error(status)}

    # --- headers ---

    def request_ids(self, sent: Sent) -> dict[str, str]:
        """Of the gateway, of the model's server and of the client, whichever way the model is called."""
        return {
            "apim-request-id": uuid(f"apim/{sent.seed}"),
            "x-request-id": uuid(sent.seed),
            "x-ms-region": REGION,
            "x-ms-client-request-id": sent.client_request_id or uuid(f"client/{sent.seed}"),
        }

    def headers(self, sent: Sent) -> dict[str, str]:
        """Request ids, the region and what is left of the quota."""
        told = {**self.request_ids(sent), **sent.quota, **_by_operation(sent)}
        if sent.deployment:
            told["x-ms-deployment-name"] = sent.deployment  # since 2025-04
        return told


def _by_operation(sent: Sent) -> dict[str, str]:
    invoked = {"x-ms-rai-invoked": "true"} if sent.chat else {}
    return {**invoked, "access-control-allow-origin": "*"} if sent.cross_origin else invoked


_OTHERS = ("error", "model", "detail-list", "detail-object")
_SHAPES: Mapping[str, Shape] = {**SHAPES, **dict.fromkeys(_OTHERS, in_openais_shape)}


@cache
def _fingerprint(model: str) -> str:
    return f"fp_{sha256(model.encode()).hexdigest()[:10]}"
