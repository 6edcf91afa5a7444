"""Chat completions: from a call to a completion or its stream.

check -> read and count the prompt -> limits -> filter in -> scripted answer or engine -> write -> filter out -> render.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from itertools import chain
from typing import TypeVar

from ..errors import ApiError
from ..gateway import filters
from ..http import BrokenOff, Event, Later, Response
from ..jsonio import dumps
from ..model.writing.generate import Generation, Sampling, Steps, TooMuchError, cut_text, write
from ..model.writing.tokens import Row
from ..scripted.replies import Reply
from ..upstream.exchange import AHEAD
from ..upstream.pieces import UpstreamError
from . import render
from .answer import Answer, Costs, WrittenChoice
from .asked import ChatRequest
from .call import Call
from .checking import check_chat
from .flow import Flow, Growing, Turn, turns
from .plan import Plan, calls_written, scripted
from .prediction import predicted
from .prompt import Prompt, read_prompt

_UNWRITTEN = Steps(Row((), ()), ())


def complete(call: Call) -> Response:
    """Answer a request for a chat completion. Raises ApiError for everything that the service refuses."""
    asked = check_chat(call)
    prompt = read_prompt(asked, call.service.addresses)
    quota = call.admit(asked.card, prompt_tokens=prompt.tokens, max_tokens=asked.max_tokens, choices=asked.choices)
    judged = filters.judge(prompt.text, "prompt") if prompt.marked else filters.safe("prompt")
    if judged.filtered:
        raise filters.refusal(judged)
    reply = call.service.scripts.take(call.note)
    if reply and reply.error:
        raise reply.error.refusal(call.note)
    written = scripted(asked, reply) if reply else call.service.engine.write(asked, prompt)
    digest = _digest(call, asked)
    case = _Case(call, asked, prompt, judged, quota, digest, call.repetition(digest))
    sampling = _sampling(asked, prompt)
    if isinstance(written, Flow):
        growing = [Growing(source, asked, sampling) for source in written.sources]
        return _streamed(case, written, growing) if asked.options.stream else _gathered(case, written, growing)
    choices = _choices(asked, written, sampling, digest, case.repetition)
    thought = sum([min(written.thought, len(choice.steps)) for choice in choices]) if written.thought else 0
    answer = case.answer(choices, thought)
    case.note(answer)
    return _render(asked, answer, case.headers(answer))


@dataclass(slots=True)
class _Case:
    """A request on its way to an answer, and what an answer has of the request."""

    call: Call
    asked: ChatRequest
    prompt: Prompt
    judged: filters.Verdict
    quota: dict[str, str]
    digest: str
    repetition: int

    def answer(self, choices: list[WrittenChoice], thought: int = 0) -> Answer:
        """The answer of these choices; `thought` tokens of them were written and not said."""
        asked, attached = self.asked, self.prompt.attached
        accepted, rejected = predicted(asked, choices[0])
        return Answer(
            id=asked.family.completion_id(f"{self.digest}/{self.repetition}"),
            repetition=self.repetition,
            card=asked.card,
            choices=choices,
            costs=Costs(
                prompt=self.prompt.tokens,
                completion=sum([len(choice.steps) for choice in choices]) + rejected,
                pictures=attached.picture_tokens,
                sounds=attached.sound_tokens,
                reasoning=thought,
                accepted=accepted,
                rejected=rejected,
            ),
            tokenizer=asked.tokenizer,
            prompt_filter_results=self.judged.results(),
            logprobs=bool(asked.extras.logprobs),
            include_usage=asked.include_usage,
            messages_length=len(dumps(asked.body["messages"]).decode()) if asked.card.asynchronous_filter else 0,
        )

    def note(self, answer: Answer) -> None:
        """Note what became of the request."""
        self.call.note.finish_reasons = tuple([choice.finish_reason for choice in answer.choices])
        self.call.note.usage = self.asked.family.usage(answer)

    def headers(self, answer: Answer) -> dict[str, str]:
        streamed, cross_origin = bool(self.asked.options.stream), self.asked.card.cross_origin
        sent = self.call.sent(answer.id, answer.costs, self.quota, streamed=streamed, cross_origin=cross_origin)
        return self.asked.family.headers(sent)


# --- answers that are still being written -----------------------------------------------------------------------------


def _gathered(case: _Case, flow: Flow, growing: list[Growing]) -> Response:
    """The whole answer, as soon as all of it is there."""
    wait = _told(case, flow, lambda: next((turn for turn in turns(growing, AHEAD) if isinstance(turn, Future)), None))
    if wait:
        return Response(0, later=Later(wait, lambda: _gathered(case, flow, growing), flow.close))
    answer = _grown(case, growing)
    case.note(answer)
    return _render(case.asked, answer, case.headers(answer))


def _streamed(case: _Case, flow: Flow, growing: list[Growing]) -> Response:
    """The stream, as soon as there is a piece of it."""
    told = turns(growing)
    first = _told(case, flow, lambda: next(told, None))
    if isinstance(first, Future):
        return Response(0, later=Later(first, lambda: _streamed(case, flow, growing), flow.close))
    answer = case.answer([WrittenChoice(place, _UNWRITTEN, "") for place in range(len(growing))])

    def current() -> Iterator[Turn]:
        for turn in chain([first] if first else (), told):
            if not isinstance(turn, Future):
                choice, one = answer.choices[turn[0]], growing[turn[0]]
                choice.filter_results = one.results
                choice.told, one.logprobs = [*(choice.told or ()), *one.logprobs], []
            yield turn

    def finish() -> None:
        whole = _grown(case, growing)
        answer.choices, answer.costs = whole.choices, whole.costs
        case.note(answer)

    def events() -> Iterator[Event]:
        try:
            yield from render.passing(answer, current(), finish, case.asked.pace)
        except UpstreamError as error:
            case.call.note.upstream = str(error)
            raise BrokenOff from None
        finally:
            flow.close()

    return _stream_response(case.asked, events(), case.headers(answer))


_Told = TypeVar("_Told")


def _told(case: _Case, flow: Flow, ask: Callable[[], _Told]) -> _Told:
    """What a flow tells. Raises ApiError where it breaks off before anything was sent."""
    try:
        return ask()
    except UpstreamError as error:
        flow.close()
        raise case.call.bad_gateway(error) from None


def _grown(case: _Case, growing: Sequence[Growing]) -> Answer:
    """The answer when all is written."""
    choices = [_grown_choice(case, index, one) for index, one in enumerate(growing)]
    thought = sum([case.asked.tokenizer.count("".join(one.thought)) for one in growing if one.thought])
    answer = case.answer(choices, thought)
    answer.costs.completion += thought
    return answer


def _grown_choice(case: _Case, index: int, one: Growing) -> WrittenChoice:
    asked, text = case.asked, one.text
    if one.calls:
        planned = scripted(
            asked, Reply(calls=tuple(one.calls), finish_reason="length" if one.finish == "length" else None)
        )
        sampling = _sampling(asked, case.prompt)
        written = write(asked.tokenizer, planned.text, sampling, seed="")
        choice = _choice(index, written, planned, asked, f"{case.digest}/{index}" if index else case.digest)
        choice.beside = text
        return choice
    count = asked.tokenizer.count(text)
    steps = Steps(lambda: asked.tokenizer.row(text), lambda: [(0.0, ())] * count, text=text, count=count)
    results = filters.judge(text, "completion").results() if one.finish != "content_filter" else one.results
    return WrittenChoice(index, steps, one.finish, filter_results=results, told=one.logprobs)


# --- answers that are known -------------------------------------------------------------------------------------------


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
    judged = filters.judge(written.text, "completion") if written.marked else filters.safe("completion")
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
    return _stream_response(asked, render.chunks(answer, speed), headers)


def _stream_response(asked: ChatRequest, events: Iterator[Event], headers: dict[str, str]) -> Response:
    if asked.pace.split:
        events = render.split(events, asked.pace.split)
    return Response(200, {"content-type": "text/event-stream; charset=utf-8", **headers}, events=events)
