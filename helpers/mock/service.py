"""The service: a request in, a response or a stream of events out. No sockets, no event loop, no clock.

The way of a request: route -> identity -> faults -> parse and check -> model card -> filter in -> answer -> shape
(max_tokens, stop, n, logprobs, usage) -> filter out -> render. Both shells (asgi.py, transport.py) call
`Service.handle`.

Deterministic: the same requests in the same order to a fresh service give the same bodies, ids and `created` included.
"""

from __future__ import annotations

import hashlib
import mimetypes
import re
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock
from typing import Any

from . import answers, filters, render
from .attachments import MEDIA, read_attachments
from .capabilities import as_the_model_gets_them, check_model, check_tools, passed_extras
from .catalogue import Card, Catalogue, bundled
from .errors import ApiError
from .errors import render as refuse
from .faults import Faults, Pace, pace
from .generate import Generation, Sampling, TooMuchError, cut_text, write
from .http import Request, Response
from .identity import DEFAULT_KEY, IDENTITY_PATH, Issuer, credentials
from .jsonio import dumps, loads
from .parameters import ChatCompletionsOptions, ExtraOptions, parse
from .plan import Plan, calls_written, plan
from .tokens import Tokenizer, prompt_tokens

API_VERSIONS = {  # those that the /models route knows: the versions in Azure/azure-rest-api-specs, ModelInference
    "2024-05-01-preview",
    "2025-02-01-preview",
    "2025-04-01",
    "2025-05-01",
    "2025-05-01-preview",
    "2025-05-15-preview",
}
CREATED = 1_718_726_686  # the `created` of Microsoft's examples; a repetition of a request adds a second
_REMEMBERED = 10_000  # different requests whose repetitions are counted


@dataclass(slots=True)
class Service:
    """One mock of the service: its keys, its models, and the little that it remembers between requests.

    `key` is the one that is let in; `issuer` makes and checks tokens; `media` is a folder whose files answer at
    ``/_mock/media/NAME`` and can be named as picture or sound addresses; `pace` slows every answer down.
    """

    key: str = DEFAULT_KEY
    media: Path | None = None
    issuer: Issuer = field(default_factory=Issuer)
    catalogue: Catalogue = field(default_factory=bundled)
    pace: Pace = field(default_factory=Pace)
    tokenizer: Tokenizer = field(default_factory=Tokenizer)
    faults: Faults = field(default_factory=Faults)
    _repetitions: OrderedDict[tuple[str, str], int] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def handle(self, request: Request) -> Response:
        """Answer one request. Never raises for anything that a request can hold."""
        try:
            response = self._route(request)
        except ApiError as error:
            response = refuse(error)
        call = request.headers.get("x-ms-client-request-id")
        if call and call.isprintable() and len(call) <= 200:
            response.headers.setdefault("x-ms-client-request-id", call)
        return response

    # --- routes ---

    def _route(self, request: Request) -> Response:
        path = request.path
        if MEDIA in path:
            return self._allow(request, "GET", self._media)
        if path == IDENTITY_PATH:
            return self._allow(request, "GET", self.issuer.managed_identity)
        if path in ("/", "/_mock", "/_mock/health"):
            return self._allow(request, "GET", self._health)
        endpoint = re.fullmatch(
            r"/(?:models|serverless/(?P<model>[^/]+))/+(?P<operation>chat/completions|info)/?", path
        )
        if not endpoint:
            raise ApiError("not_found")
        deployed = endpoint["model"]
        if endpoint["operation"] == "info":
            if deployed is None:  # the resource endpoint has none: users get 404 there
                raise ApiError("not_found")
            return self._allow(request, "GET", lambda request: self._info(request, deployed))
        return self._allow(request, "POST", lambda request: self._chat(request, deployed))

    def _allow(self, request: Request, method: str, handler: Callable[[Request], Response]) -> Response:
        if request.method == method or (request.method, method) == ("HEAD", "GET"):
            return handler(request)
        raise ApiError("method_not_allowed", headers={"allow": method})

    def _health(self, request: Request) -> Response:
        models = [card.name for card in self.catalogue.cards]
        return _json({"status": "ok", "mock": "Azure AI Model Inference API", "models": models})

    def _media(self, request: Request) -> Response:
        name = request.path.split(MEDIA, 1)[1]
        data = self._media_file(name)
        return Response(200, {"content-type": mimetypes.guess_type(name)[0] or "application/octet-stream"}, data)

    def _media_file(self, name: str) -> bytes:
        known = {file.name: file for file in self.media.iterdir() if file.is_file()} if self.media else {}
        if name not in known:
            names = ", ".join(sorted(n for n in known if n.endswith((".png", ".mp3", ".wav")))) or "none"
            raise ApiError("media_not_found", given=name, names=names)
        return known[name].read_bytes()

    def _info(self, request: Request, deployed: str) -> Response:
        credentials(request, keys=[self.key], issuer=self.issuer)
        failure = self.faults.answer(request.headers)
        if failure:
            return failure
        card = self._deployed(deployed)
        body = {"model_name": card.name, "model_type": "chat-completion", "model_provider_name": card.provider}
        return _json(body)

    def _deployed(self, name: str) -> Card:
        card = self.catalogue.find(name)
        if card is None:
            raise ApiError("endpoint_not_found")
        return card

    # --- chat completions ---

    def _chat(self, request: Request, deployed: str | None) -> Response:
        identity = credentials(request, keys=[self.key], issuer=self.issuer)
        failure = self.faults.answer(request.headers)
        if failure:
            return failure
        version = request.query.get("api-version", "")
        if not version or (deployed is None and version not in API_VERSIONS):
            raise ApiError("not_found")
        body = _body(request)
        options = parse(body)
        card = self._deployed(deployed) if deployed else self._named(options.model)
        speed = pace(request.headers, self.pace)
        mode = request.headers.get("extra-parameters", "error").lower()
        if mode == "drop":
            # Dropped is also what the API has and this model has not; Microsoft's own example of it is `seed`.
            body = {name: value for name, value in body.items() if name not in card.lacks}
            options = parse(body)
        extras = passed_extras(mode, card, options.model_extra or {}, self.tokenizer.size)
        check_model(card, options, body)
        check_tools(card, options, body)
        messages: list[dict[str, Any]] = body["messages"]
        attached = read_attachments(card, messages, self._media_file)
        if _characters(messages, body) > card.context * self.tokenizer.longest:
            raise ApiError("context_length", given=f"more than {card.context}", limit=card.context)
        judged = filters.judge(_prompt_text(messages), "prompt")
        if judged.filtered:
            inner = {"code": "ResponsibleAIPolicyViolation", "content_filter_result": judged.results()}
            raise ApiError("content_filter", extra={"type": None, "innererror": inner})

        framed = as_the_model_gets_them(card, messages, extras)
        glue = "\n\n" if card.tokens == "exact" else "\n"
        prompt = prompt_tokens(self.tokenizer, framed, body.get("tools") or (), glue=glue) + attached.tokens
        room = card.context - prompt
        if room <= 0:
            raise ApiError("context_length", given=prompt, limit=card.context)
        sampling = _sampling(options, extras, min(card.max_output, room))
        planned = plan(card, options, body, answers.read(messages, attached.images, attached.clips))

        digest = _digest(card, deployed, body)
        repetition = self._repeat(identity.name, digest)
        varied = bool(options.temperature) and options.seed is None
        choices = []
        for index in range(extras.n or 1):
            seed = f"{digest}/{options.seed}/{index}/{repetition if varied else 0}"
            first = index == 0 and options.seed is None
            try:
                written = write(self.tokenizer, planned.text, sampling, seed=seed, first=first)
            except TooMuchError:
                raise ApiError("answer_too_large") from None
            sampling = replace(sampling, figures=sampling.figures - written.figures)
            choices.append(_choice(index, written, planned, digest))
        answer = render.Answer(
            id=f"chatcmpl-{digest[:24]}-{repetition}",
            created=CREATED + repetition - 1,
            model=card.name,
            choices=choices,
            prompt_tokens=prompt,
            logprobs=bool(extras.logprobs),
            prompt_filter_results=judged.results(),
        )
        headers = {"x-ms-rai-invoked": "true"}
        if not options.stream:
            wait = speed.ttft + speed.step * answer.usage["completion_tokens"]
            content = {"content-type": "application/json", **headers}
            return Response(200, content, render.completion(answer, self.tokenizer), delay=wait)
        usage_chunk = bool((extras.stream_options or {}).get("include_usage"))
        events = render.chunks(answer, self.tokenizer, speed, usage_chunk=usage_chunk)
        if speed.split:
            events = render.split(events, speed.split)
        return Response(200, {"content-type": "text/event-stream; charset=utf-8", **headers}, events=events)

    def _named(self, name: str | None) -> Card:
        if not name:
            raise ApiError("no_model")
        card = self.catalogue.find(name)
        if card is None:
            raise ApiError("unknown_model", given=name)
        return card

    def _repeat(self, who: str, digest: str) -> int:
        """How often this key has made this request, this time included."""
        with self._lock:  # the shells hand large requests to threads of their own
            count = self._repetitions.pop((who, digest), 0) + 1
            self._repetitions[(who, digest)] = count
            if len(self._repetitions) > _REMEMBERED:
                self._repetitions.popitem(last=False)
        return count


# --- small steps of the way -------------------------------------------------------------------------------------------


def _json(value: Any) -> Response:
    return Response(200, {"content-type": "application/json"}, dumps(value))


def _body(request: Request) -> Any:
    kind = request.headers.get("content-type", "")
    if kind.split(";")[0].strip().lower() != "application/json":
        raise ApiError("unsupported_media_type", given=kind)
    try:
        return loads(request.body)
    except ValueError as error:
        raise ApiError("body_not_json", reason=str(error)) from None


def _prompt_text(messages: Sequence[dict[str, Any]]) -> str:
    return "\n\n".join(answers.text_of(message) for message in messages if message["role"] != "assistant")


def _characters(messages: Sequence[dict[str, Any]], body: dict[str, Any]) -> int:
    """How much text the prompt holds at least; what surely exceeds the context need not be counted to the end."""
    calls = [message["tool_calls"] for message in messages if message.get("tool_calls")]
    return sum(len(answers.text_of(message)) for message in messages) + len(dumps([body.get("tools"), calls]))


def _sampling(options: ChatCompletionsOptions, extras: ExtraOptions, most: int) -> Sampling:
    return Sampling(
        temperature=options.temperature,
        top_p=1.0 if options.top_p is None else options.top_p,
        frequency_penalty=options.frequency_penalty or 0.0,
        presence_penalty=options.presence_penalty or 0.0,
        logit_bias={int(token): bias for token, bias in (extras.logit_bias or {}).items()},
        stop=tuple(options.stop or ()),
        limit=most if options.max_tokens is None else min(options.max_tokens, most),
        top_logprobs=(extras.top_logprobs or 0) if extras.logprobs else 0,
    )


def _digest(card: Card, deployed: str | None, body: dict[str, Any]) -> str:
    """What makes two requests the same: the model, the route and the body, whether streamed or not."""
    same = {name: value for name, value in body.items() if name not in ("stream", "stream_options")}
    return hashlib.sha256(dumps([card.name, deployed, same])).hexdigest()


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
