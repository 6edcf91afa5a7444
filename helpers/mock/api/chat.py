"""Chat completions: from a checked caller and a body to a completion or its stream.

parse and check -> model card -> limits -> filter in -> scripted answer or plan -> write -> filter out -> render.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..errors import ApiError
from ..gateway import filters
from ..gateway.faults import pace
from ..gateway.routes import Target
from ..http import Request, Response
from ..jsonio import dumps
from ..model.reading import conversation
from ..model.writing.generate import Generation, Sampling, TooMuchError, cut_text, write
from ..model.writing.tokens import prompt_tokens, text_of
from . import render
from .attachments import read_attachments
from .capabilities import as_the_model_gets_them, check_model, check_tools, passed_extras
from .catalogue import Card
from .parameters import OPENAI_EXTRAS, ChatCompletionsOptions, ExtraOptions, OpenAIOptions, known_extras, parse
from .plan import Plan, calls_written, plan, scripted

if TYPE_CHECKING:
    from ..scripted.received import Received
    from ..service import Service

CREATED = 1_718_726_686  # the `created` of Microsoft's examples; a repetition of a request adds a second


def complete(service: Service, request: Request, target: Target, received: Received) -> Response:
    """Answer a request for a chat completion. Raises ApiError for everything that the service refuses."""
    openai = target.route.openai
    body = received.parsed = service.body(request)
    kind = OpenAIOptions if openai else ChatCompletionsOptions
    options = parse(body, kind)
    card = service.card(target, request, options.model)
    received.card = card.name
    if not card.chat:
        raise service.not_offered(target, card, "chatCompletion")
    if options.response_format and options.response_format.type == "json_schema":
        _check_version(card, target, request)
    speed = pace(request.headers, service.pace)
    mode = request.headers.get("extra-parameters", "error").lower()
    if mode == "drop" and not openai:
        # Dropped is also what the API has and this model has not; Microsoft's own example of it is `seed`.
        body = {name: value for name, value in body.items() if name not in card.lacks}
        options = parse(body, kind)
    given = options.model_extra or {}
    if openai:
        extras = known_extras(OPENAI_EXTRAS.union(card.extras), given, service.tokenizer.size)
    else:
        extras = passed_extras(mode, card, given, service.tokenizer.size)
    if "max_tokens" in card.lacks and options.max_tokens is not None:
        raise ApiError("max_tokens_unsupported", loc=("body", "max_tokens"))
    check_model(card, options, body)
    check_tools(card, options, body)
    messages: list[dict[str, Any]] = body["messages"]
    attached = read_attachments(card, messages, service.addresses)
    if _characters(messages, body) > card.context * service.tokenizer.longest:
        raise ApiError(
            "context_length", loc=("body", "messages"), given=f"more than {card.context}", limit=card.context
        )

    framed = as_the_model_gets_them(card, messages, extras)
    glue = "\n\n" if card.tokens == "exact" else "\n"
    prompt = prompt_tokens(service.tokenizer, framed, body.get("tools") or (), glue=glue) + attached.tokens
    room = card.context - prompt
    if room <= 0:
        raise ApiError("context_length", loc=("body", "messages"), given=prompt, limit=card.context)
    sampling = _sampling(options, extras, min(card.max_output, room))
    headers = service.admit(
        received, request, target, card, prompt_tokens=prompt, max_tokens=_limit(options, extras), choices=extras.n or 1
    )
    judged = filters.judge(_prompt_text(messages), "prompt")
    if judged.filtered:
        inner = {"code": "ResponsibleAIPolicyViolation", "content_filter_result": judged.results()}
        raise ApiError("content_filter", extra={"type": None, "innererror": inner})
    reply = service.scripts.take(received)
    if reply is None:
        planned = plan(card, options, body, conversation.read(messages, attached.images, attached.clips))
    elif reply.error:
        return reply.error.response(received)
    else:
        planned = scripted(reply)

    digest = _digest(card, target, body)
    repetition = service.repetition(received, digest)
    answer = render.Answer(
        id=f"chatcmpl-{digest[:24]}-{repetition}",
        created=CREATED + repetition - 1,
        model=card.name,
        choices=_choices(service, planned, sampling, options, extras.n or 1, digest, repetition),
        prompt_tokens=prompt,
        logprobs=bool(extras.logprobs),
        prompt_filter_results=judged.results(),
        openai=openai,
    )
    if reply and reply.finish_reason:
        for choice in answer.choices:
            choice.finish_reason = reply.finish_reason
    received.finish_reasons = tuple([choice.finish_reason for choice in answer.choices])
    received.usage = answer.usage
    headers["x-ms-rai-invoked"] = "true"
    if not options.stream:
        wait = speed.ttft + speed.step * answer.usage["completion_tokens"]
        content = {"content-type": "application/json", **headers}
        return Response(200, content, render.completion(answer, service.tokenizer), delay=wait)
    usage_chunk = bool((extras.stream_options or {}).get("include_usage"))
    events = render.chunks(answer, service.tokenizer, speed, usage_chunk=usage_chunk)
    if speed.split:
        events = render.split(events, speed.split)
    return Response(200, {"content-type": "text/event-stream; charset=utf-8", **headers}, events=events)


# --- small steps of the way -------------------------------------------------------------------------------------------


def _check_version(card: Card, target: Target, request: Request) -> None:
    version = request.query.get("api-version", "")
    if target.route.versions != "none" and version[:10] < card.json_schema_since[:10]:
        raise ApiError("json_schema_version", loc=("body", "response_format"), since=card.json_schema_since)


def _prompt_text(messages: Sequence[dict[str, Any]]) -> str:
    return "\n\n".join([text_of(message) for message in messages if message["role"] != "assistant"])


def _characters(messages: Sequence[dict[str, Any]], body: dict[str, Any]) -> int:
    """How much text the prompt holds at least; what surely exceeds the context need not be counted to the end."""
    calls = [message["tool_calls"] for message in messages if message.get("tool_calls")]
    text = sum([len(text_of(message)) for message in messages])
    return text + len(dumps([body.get("tools"), calls])) if calls or body.get("tools") else text


def _limit(options: ChatCompletionsOptions, extras: ExtraOptions) -> int | None:
    """The most tokens that the request asks for, if it says."""
    most, also = options.max_tokens, extras.max_completion_tokens
    return most if also is None else also if most is None else min(most, also)


def _sampling(options: ChatCompletionsOptions, extras: ExtraOptions, most: int) -> Sampling:
    asked, biases = _limit(options, extras), extras.logit_bias
    return Sampling(
        temperature=options.temperature,
        top_p=1.0 if options.top_p is None else options.top_p,
        frequency_penalty=options.frequency_penalty or 0.0,
        presence_penalty=options.presence_penalty or 0.0,
        logit_bias={int(token): bias for token, bias in biases.items()} if biases else {},
        stop=tuple(options.stop or ()),
        limit=most if asked is None else min(asked, most),
        top_logprobs=(extras.top_logprobs or 0) if extras.logprobs else 0,
    )


def _digest(card: Card, target: Target, body: dict[str, Any]) -> str:
    """What makes two requests the same: the model, the route and the body, whether streamed or not."""
    same = {name: value for name, value in body.items() if name not in ("stream", "stream_options")}
    return hashlib.sha256(dumps([card.name, target.deployment, same])).hexdigest()


def _choices(
    service: Service,
    planned: Plan,
    sampling: Sampling,
    options: ChatCompletionsOptions,
    n: int,
    digest: str,
    repetition: int,
) -> list[render.WrittenChoice]:
    """The `n` choices of an answer, within one budget of figures."""
    varied = bool(options.temperature) and options.seed is None
    choices = []
    for index in range(n):
        seed = f"{digest}/{options.seed}/{index}/{repetition if varied else 0}"
        first = index == 0 and options.seed is None
        try:
            written = write(service.tokenizer, planned.text, sampling, seed=seed, first=first)
        except TooMuchError:
            raise ApiError("answer_too_large") from None
        if n > 1:
            sampling = replace(sampling, figures=sampling.figures - written.figures)
        choices.append(_choice(index, written, planned, digest))
    return choices


def _choice(index: int, written: Generation, planned: Plan, digest: str) -> render.WrittenChoice:
    if planned.calls:
        whole = written.text == planned.text.plain()
        reason = "tool_calls" if whole else written.finish_reason
        return render.WrittenChoice(index, written.steps, reason, calls_written(written, planned.calls, digest))
    judged = filters.judge(written.text, "completion")
    steps, finish = written.steps, written.finish_reason
    if judged.start is not None:
        steps, finish = cut_text(steps, len(written.text[: judged.start].rstrip())), "content_filter"
    return render.WrittenChoice(index, steps, finish, filter_results=judged.results())
