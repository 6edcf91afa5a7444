"""Chat completions: from a call to a completion or its stream.

check -> read and count the prompt -> limits -> filter in -> scripted answer or engine -> write -> filter out -> render.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

from ..errors import ApiError
from ..gateway import filters
from ..http import Response
from ..jsonio import dumps
from ..model.writing.generate import Generation, Sampling, TooMuchError, cut_text, write
from . import render
from .answer import Answer, Costs, WrittenChoice
from .asked import ChatRequest
from .call import Call
from .checking import check_chat
from .plan import Plan, calls_written, scripted
from .prediction import predicted
from .prompt import Prompt, read_prompt


def complete(call: Call) -> Response:
    """Answer a request for a chat completion. Raises ApiError for everything that the service refuses."""
    asked = check_chat(call)
    prompt = read_prompt(asked, call.service.addresses)
    quota = call.admit(asked.card, prompt_tokens=prompt.tokens, max_tokens=asked.max_tokens, choices=asked.choices)
    judged = filters.judge(prompt.text, "prompt")
    if judged.filtered:
        raise filters.refusal(judged)
    reply = call.service.scripts.take(call.note)
    if reply and reply.error:
        raise reply.error.refusal(call.note)
    planned = scripted(asked, reply) if reply else call.service.engine(asked, prompt)
    answer = _answer(call, asked, prompt, judged, planned)
    call.note.finish_reasons = tuple([choice.finish_reason for choice in answer.choices])
    call.note.usage = asked.family.usage(answer)
    streamed = bool(asked.options.stream)
    return _render(asked, answer, asked.family.headers(call.sent(answer.id, answer.costs, quota, streamed=streamed)))


def _answer(call: Call, asked: ChatRequest, prompt: Prompt, judged: filters.Verdict, planned: Plan) -> Answer:
    digest = _digest(call, asked)
    repetition = call.repetition(digest)
    attached = prompt.attached
    choices = _choices(asked, planned, _sampling(asked, prompt), digest, repetition)
    accepted, rejected = predicted(asked, choices[0])
    return Answer(
        id=asked.family.completion_id(f"{digest}/{repetition}"),
        repetition=repetition,
        card=asked.card,
        choices=choices,
        costs=Costs(
            prompt=prompt.tokens,
            completion=sum([len(choice.steps) for choice in choices]) + rejected,
            pictures=attached.picture_tokens,
            sounds=attached.sound_tokens,
            reasoning=sum([min(planned.thought, len(choice.steps)) for choice in choices]),
            accepted=accepted,
            rejected=rejected,
        ),
        tokenizer=asked.tokenizer,
        prompt_filter_results=judged.results(),
        logprobs=bool(asked.extras.logprobs),
        include_usage=asked.include_usage,
        messages_length=len(dumps(asked.body["messages"]).decode()) if asked.card.asynchronous_filter else 0,
    )


def _digest(call: Call, asked: ChatRequest) -> str:
    """What makes two requests the same: the model, the route and the body, whether streamed or not."""
    same = {name: value for name, value in asked.body.items() if name not in ("stream", "stream_options")}
    return hashlib.sha256(dumps([asked.card.name, call.target.deployment, same])).hexdigest()


def _sampling(asked: ChatRequest, prompt: Prompt) -> Sampling:
    options, extras = asked.options, asked.extras
    wanted, biases = asked.max_tokens, extras.logit_bias
    most = min(asked.card.max_output, asked.card.context - prompt.tokens)
    return Sampling(
        temperature=options.temperature,
        top_p=1.0 if options.top_p is None else options.top_p,
        frequency_penalty=options.frequency_penalty or 0.0,
        presence_penalty=options.presence_penalty or 0.0,
        logit_bias={int(token): bias for token, bias in biases.items()} if biases else {},
        stop=tuple(options.stop or ()),
        limit=most if wanted is None else min(wanted, most),
        top_logprobs=(extras.top_logprobs or 0) if extras.logprobs else 0,
    )


def _choices(
    asked: ChatRequest, planned: Plan, sampling: Sampling, digest: str, repetition: int
) -> list[WrittenChoice]:
    """The choices of an answer, within one budget of figures."""
    fixed = asked.options.seed
    varied = bool(asked.options.temperature) and fixed is None
    choices = []
    for index in range(asked.choices):
        seed = f"{digest}/{fixed}/{index}/{repetition if varied else 0}"
        try:
            written = write(asked.tokenizer, planned.text, sampling, seed=seed, first=index == 0 and fixed is None)
        except TooMuchError:
            raise ApiError("answer_too_large") from None
        if asked.choices > 1:
            sampling = replace(sampling, figures=sampling.figures - written.figures)
        choices.append(_choice(index, written, planned, asked, digest))
    return choices


def _choice(index: int, written: Generation, planned: Plan, asked: ChatRequest, digest: str) -> WrittenChoice:
    if planned.calls:
        ended = "function_call" if asked.functions else "tool_calls"
        ended = asked.family.named_choice_ends_with if asked.named_tool else ended
        whole = written.text == planned.text.plain()
        reason = planned.finish_reason or (ended if whole else written.finish_reason)
        calls = calls_written(written, planned, asked.family, digest)
        return WrittenChoice(index, written.steps, reason, calls, function_call=asked.functions)
    judged = filters.judge(written.text, "completion", marked=written.marked)
    steps, finish = written.steps, written.finish_reason
    behind = asked.card.asynchronous_filter and asked.options.stream
    if judged.start is not None and not behind:
        steps, finish = cut_text(steps, len(written.text[: judged.start].rstrip())), "content_filter"
    return WrittenChoice(index, steps, planned.finish_reason or finish, filter_results=judged.results())


def _render(asked: ChatRequest, answer: Answer, headers: dict[str, str]) -> Response:
    speed = asked.pace
    if not asked.options.stream:
        wait = speed.ttft + speed.step * max(0, answer.costs.completion - 1)  # as late as the last token of a stream
        content = {"content-type": "application/json", **headers}
        return Response(200, content, render.completion(answer), delay=wait)
    events = render.chunks(answer, speed)
    if speed.split:
        events = render.split(events, speed.split)
    return Response(200, {"content-type": "text/event-stream; charset=utf-8", **headers}, events=events)
