"""The service: a request in, a response or a stream of events out. No sockets, no event loop, no clock.

The way of a request: route -> identity -> faults -> parse and check -> model card -> filter in -> answer -> shape
(max_tokens, stop, n, logprobs, usage) -> filter out -> render. Both shells (asgi.py, transport.py) call
`Service.handle`.

Deterministic: the same requests in the same order to a fresh service give the same bodies, ids and `created` included.
"""

from __future__ import annotations

import hashlib
import json
import mimetypes
import re
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import unquote, urlsplit

from . import answers, filters, pictures, render, schema, sounds, tools
from .catalogue import Card, Catalogue, bundled
from .errors import ApiError, echo
from .errors import render as refuse
from .faults import Faults, Pace, pace
from .generate import Generation, Sampling, Text, TooMuchError, cut_text, write
from .http import Request, Response
from .identity import DEFAULT_KEY, IDENTITY_PATH, Issuer, credentials
from .jsonio import dumps, loads
from .parameters import ChatCompletionsOptions, ExtraOptions, parse, parse_extras
from .tokens import TOOL_CALLS, Tokenizer, calls_text, prompt_tokens

API_VERSIONS = {  # those that the /models route knows: the versions in Azure/azure-rest-api-specs, ModelInference
    "2024-05-01-preview",
    "2025-02-01-preview",
    "2025-04-01",
    "2025-05-01",
    "2025-05-01-preview",
    "2025-05-15-preview",
}
CREATED = 1_718_726_686  # the `created` of Microsoft's examples; a repetition of a request adds a second
MEDIA = "/_mock/media/"
MAX_PIXELS = 5 * pictures.MAX_PIXELS  # of all pictures of a request: decoding takes a second for each 40 million
_REMEMBERED = 10_000  # different requests whose repetitions are counted
# The instruction that safe_prompt puts before the system text. The sentence is the mock's own.
SAFE_PROMPT = "Answer with care and respect, keep to the truth, and do not help with anything harmful."


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
        if request.headers.get("extra-parameters", "").lower() == "drop":
            # Dropped is also what the API has and this model has not; Microsoft's own example of it is `seed`.
            body = {name: value for name, value in body.items() if name not in card.lacks}
            options = parse(body)
        extras = self._extras(request, card, options)
        _check_card(card, options, body)
        _check_tools(card, options, body)
        messages, images, clips, media_tokens = self._read_media(card, body["messages"])
        if _characters(messages, body) > card.context * self.tokenizer.longest:
            raise ApiError("context_length", given=f"more than {card.context}", limit=card.context)
        judged = filters.judge(_prompt_text(messages), "prompt")
        if judged.filtered:
            inner = {"code": "ResponsibleAIPolicyViolation", "content_filter_result": judged.results()}
            raise ApiError("content_filter", extra={"type": None, "innererror": inner})

        framed = _framed(card, messages, extras)
        glue = "\n\n" if card.tokens == "exact" else "\n"
        prompt = prompt_tokens(self.tokenizer, framed, body.get("tools") or (), glue=glue) + media_tokens
        room = card.context - prompt
        if room <= 0:
            raise ApiError("context_length", given=prompt, limit=card.context)
        sampling = _sampling(options, extras, min(card.max_output, room))
        conversation = answers.read(messages, images, clips)
        text, calls = self._plan(card, options, body, conversation, messages)

        digest = _digest(card, deployed, body)
        repetition = self._repeat(identity.name, digest)
        varied = bool(options.temperature) and options.seed is None
        choices = []
        for index in range(extras.n or 1):
            seed = f"{digest}/{options.seed}/{index}/{repetition if varied else 0}"
            first = index == 0 and options.seed is None
            try:
                written = write(self.tokenizer, text, sampling, seed=seed, first=first)
            except TooMuchError:
                raise ApiError("answer_too_large") from None
            sampling = replace(sampling, figures=sampling.figures - written.figures)
            choices.append(_choice(index, written, calls, digest))
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
            raise ApiError("no_model", extra={"details": ApiError("no_model").message})
        card = self.catalogue.find(name)
        if card is None:
            message = ApiError("unknown_model", given=name).message
            raise ApiError("unknown_model", given=name, extra={"details": message})
        return card

    def _extras(self, request: Request, card: Card, options: ChatCompletionsOptions) -> ExtraOptions:
        """The extra parameters, by the header extra-parameters: error (its default), drop or pass-through."""
        mode = request.headers.get("extra-parameters", "error").lower()
        if mode not in ("error", "drop", "pass-through"):
            raise ApiError("extra_parameters_header", given=mode)
        given = options.model_extra or {}
        if mode == "drop":
            return ExtraOptions()
        if given and mode == "error":
            items = [{"code": "extra_forbidden", "target": f"body.{name}"} for name in given]
            raise ApiError("extra_parameters", names=list(given), extra={"details": items})
        unknown = [
            {
                "type": "extra_forbidden",
                "loc": ["body", name],
                "msg": "Extra inputs are not permitted",
                "input": echo(value),
            }
            for name, value in given.items()
            if name not in card.extras
        ]
        if unknown:
            raise ApiError("extra_forbidden", details=unknown)
        return parse_extras(given, self.tokenizer.size)

    def _read_media(
        self, card: Card, messages: Sequence[dict[str, Any]]
    ) -> tuple[list[dict[str, Any]], list[bytes], list[bytes], int]:
        """The messages with their pictures and sounds decoded: what is still in context, and what it costs."""
        images: list[bytes] = []
        clips: list[bytes] = []
        picture_cost = sound_cost = pixels = 0
        for number, message in enumerate(messages):
            content = message.get("content")
            if not isinstance(content, list):
                continue
            turn: list[tuple[bytes, int]] = []
            for position, part in enumerate(content):
                loc = ("body", "messages", number, "content", position)
                if part["type"] == "image_url":
                    if not card.pictures:
                        raise ApiError("parameter_not_supported", loc=loc, given="image_url")
                    data, picture = self._picture(part["image_url"]["url"], loc)
                    pixels += picture.width * picture.height
                    if pixels > MAX_PIXELS:
                        together = f"{pixels:,} pixels together with those before it"
                        raise ApiError("image_too_large", loc=loc, actual=together, limit=f"{MAX_PIXELS:,}")
                    turn.append((data, pictures.picture_tokens(picture.width, picture.height)))
                elif part["type"] in ("input_audio", "audio_url"):
                    if not card.sound:
                        raise ApiError("parameter_not_supported", loc=loc, given=part["type"])
                    data, seconds = self._sound(part, loc)
                    clips.append(data)
                    sound_cost += sounds.sound_tokens(seconds)
            if len(turn) > card.pictures:
                raise ApiError("one_picture", limit=card.pictures)
            if turn:  # only the last turn with pictures is kept in context
                images = [data for data, _ in turn]
                picture_cost = sum(cost for _, cost in turn)
        return list(messages), images, clips, picture_cost + sound_cost

    def _picture(self, url: str, loc: tuple[str | int, ...]) -> tuple[bytes, pictures.Picture]:
        data, media_type = self._at_address(url), None
        if data is None:
            media_type, data = pictures.parse_data_url(url, loc=loc)
        return data, pictures.read_picture(data, declared=media_type, loc=loc)

    def _sound(self, part: dict[str, Any], loc: tuple[str | int, ...]) -> tuple[bytes, float]:
        if part["type"] == "input_audio":
            data = sounds.parse_base64(part["input_audio"]["data"], loc=loc)
            declared = part["input_audio"]["format"]
        else:
            url = part["audio_url"]["url"]
            data, declared = self._at_address(url), None
            if data is None:
                declared, data = sounds.parse_data_url(url, loc=loc)
        return data, sounds.read_sound(data, declared=declared, loc=loc).duration

    def _at_address(self, url: str) -> bytes | None:
        """The file at an address of the mock's own media route; nothing is ever fetched."""
        if not url.lower().startswith(("http://", "https://", MEDIA)):
            return None
        try:
            path = unquote(urlsplit(url).path)
        except ValueError:  # no address at all; what reads data URLs says so
            return None
        return self._media_file(path.split(MEDIA, 1)[1]) if MEDIA in path else None

    def _plan(
        self,
        card: Card,
        options: ChatCompletionsOptions,
        body: dict[str, Any],
        conversation: answers.Conversation,
        messages: list[dict[str, Any]],
    ) -> tuple[Text, list[tools.Call]]:
        """What to write: an answer in words, JSON, or tool calls."""
        offered = body.get("tools") or []
        if offered:
            try:
                calls = tools.plan_calls(offered, body.get("tool_choice") or "auto", messages)
            except schema.UnsupportedSchema as error:
                raise _unsupported("the parameters of a tool", error) from None
            if calls:
                written = calls_text((call.name, call.arguments) for call in calls)
                return Text((written,), fixed=True, opening=(TOOL_CALLS,)), calls
        if messages[-1]["role"] == "tool":
            told = tools.tool_answer(messages, offered)
        else:  # a tool fits, and the conversation does not say what it needs: ask for it
            told = tools.question(offered, messages) if offered and body.get("tool_choice") != "none" else ""
        said = answers.Said(answers.parse_markup(answers.escape(told)), True) if told else answers.answer(conversation)
        wanted = options.response_format
        if wanted is None or wanted.type == "text":
            if answers.asks_for_json(conversation) and "json_object" not in card.response_formats:
                return answers.fenced(_json_object(conversation, said)), []
            return said.text, []
        if wanted.type == "json_object":
            value = _json_object(conversation, said)
        else:
            value = _json_schema(conversation, said, wanted.json_schema)
        return Text((dumps_spaced(value),), fixed=True), []

    def _repeat(self, who: str, digest: str) -> int:
        """How often this key has made this request, this time included."""
        with self._lock:  # the shells hand large requests to threads of their own
            count = self._repetitions.pop((who, digest), 0) + 1
            self._repetitions[(who, digest)] = count
            if len(self._repetitions) > _REMEMBERED:
                self._repetitions.popitem(last=False)
        return count


# --- small steps of the way -------------------------------------------------------------------------------------------


def dumps_spaced(value: Any) -> str:
    """JSON on one line with a space behind commas and colons, as models write it."""
    return json.dumps(value, ensure_ascii=False)


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


def _check_card(card: Card, options: ChatCompletionsOptions, body: dict[str, Any]) -> None:
    """Refuse what the model cannot do: 422, naming the parameter and what was passed in it."""
    for name in card.lacks:
        if body.get(name) is not None:
            raise ApiError("parameter_not_supported", loc=("body", name), given=body[name])
    if options.tools and not card.tools:
        raise ApiError("parameter_not_supported", loc=("body", "tools"), given=[t.function.name for t in options.tools])
    if options.response_format and options.response_format.type not in card.response_formats:
        raise ApiError("parameter_not_supported", loc=("body", "response_format"), given=options.response_format.type)
    if "audio" in (options.modalities or ()):
        raise ApiError("parameter_not_supported", loc=("body", "modalities"), given="audio")


def _check_tools(card: Card, options: ChatCompletionsOptions, body: dict[str, Any]) -> None:
    """Parameters must be schemas, a choice must be among the tools, and tool calls and their answers must pair up."""
    names = [tool.function.name for tool in options.tools or ()]
    for tool in options.tools or ():
        try:
            schema.inspect(tool.function.parameters or {})
        except schema.UnsupportedSchema as error:
            raise _unsupported(f"function '{tool.function.name}'", error) from None
    choice = body.get("tool_choice")
    if choice not in (None, "none") and not names:
        raise ApiError("tool_choice_without_tools")
    if isinstance(choice, dict) and choice["function"]["name"] not in names:
        raise ApiError("tool_choice_unknown", given=choice["function"]["name"], names=", ".join(names))
    waiting: list[str] = []
    asked: list[str] = []
    messages: list[dict[str, Any]] = [*body["messages"], {"role": "end"}]
    for number, message in enumerate(messages):
        if message["role"] == "tool":
            if message["tool_call_id"] not in asked:
                raise ApiError("tool_answer_unasked", given=message["tool_call_id"])
            waiting = [call for call in waiting if call != message["tool_call_id"]]
            if card.json_tool_answers:
                _check_json_answer(message, number)
            continue
        if waiting:
            raise ApiError("tool_calls_unanswered", names=", ".join(waiting))
        asked = [call["id"] for call in message.get("tool_calls") or ()]
        waiting = list(asked)


def _check_json_answer(message: dict[str, Any], number: int) -> None:
    content = message.get("content")
    try:
        fits = isinstance(loads(content if isinstance(content, str) else ""), dict)
    except ValueError:
        fits = False
    if not fits:
        given = content[:200] if isinstance(content, str) else content
        raise ApiError("tool_answer_not_json", loc=("body", "messages", number, "content"), given=given)


def _prompt_text(messages: Sequence[dict[str, Any]]) -> str:
    return "\n\n".join(answers.text_of(message) for message in messages if message["role"] != "assistant")


def _characters(messages: Sequence[dict[str, Any]], body: dict[str, Any]) -> int:
    """How much text the prompt holds at least; what surely exceeds the context need not be counted to the end."""
    calls = [message["tool_calls"] for message in messages if message.get("tool_calls")]
    return sum(len(answers.text_of(message)) for message in messages) + len(dumps([body.get("tools"), calls]))


def _framed(card: Card, messages: list[dict[str, Any]], extras: ExtraOptions) -> list[dict[str, Any]]:
    """The messages as the model gets them: system text moved to the user turn where it has no system role."""
    if extras.safe_prompt:
        messages = [{"role": "system", "content": SAFE_PROMPT}, *messages]
    if card.system:
        return messages
    system = [answers.text_of(m) for m in messages if m["role"] in ("system", "developer")]
    rest = [m for m in messages if m["role"] not in ("system", "developer")]
    first = next((i for i, m in enumerate(rest) if m["role"] == "user"), None)
    if not system or first is None:
        return rest or [{"role": "user", "content": "\n".join(system)}]
    moved = {"role": "user", "content": "\n".join([*system, answers.text_of(rest[first])])}
    return [*rest[:first], moved, *rest[first + 1 :]]


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


def _choice(index: int, written: Generation, calls: list[tools.Call], digest: str) -> render.WrittenChoice:
    if calls:
        choice = render.WrittenChoice(index, written.steps, written.finish_reason)
        choice.calls = _calls_written(written, calls, digest)
        if written.text == calls_text((call.name, call.arguments) for call in calls):
            choice.finish_reason = "tool_calls"
        return choice
    judged = filters.judge(written.text, "completion")
    steps, finish = written.steps, written.finish_reason
    if judged.start is not None:
        steps, finish = cut_text(steps, len(written.text[: judged.start].rstrip())), "content_filter"
    return render.WrittenChoice(index, steps, finish, filter_results=judged.results())


def _calls_written(written: Generation, calls: list[tools.Call], digest: str) -> list[render.ToolCallText]:
    """The calls as far as they were written, each with the pieces of its arguments token by token."""
    found: list[render.ToolCallText] = []
    end = len(written.text)
    start = 1  # behind the opening bracket
    for index, call in enumerate(calls):
        arguments = dumps_spaced(call.arguments)
        whole = dumps_spaced({"name": call.name, "arguments": call.arguments})
        begin = start + len(whole) - 1 - len(arguments)
        if begin > end:
            break
        item = render.ToolCallText(
            tools.call_id(digest, index), call.name, written.text[begin : begin + len(arguments)]
        )
        position = 0
        for step in written.steps:
            piece = step.text[max(0, begin - position) : max(0, begin + len(arguments) - position)]
            position += len(step.text)
            if piece:
                item.deltas.append(piece)
        found.append(item)
        start += len(whole) + 2
    return found


def _context(conversation: answers.Conversation, said: answers.Said) -> schema.Context:
    plain = said.text.plain()
    return schema.Context(
        text=conversation.meaning,
        earlier=conversation.asked[:-1],
        answer=plain if said.known else "",
        excuse="" if said.known else plain,
    )


def _json_object(conversation: answers.Conversation, said: answers.Said) -> dict[str, Any]:
    """An object like the one that the instructions show."""
    shape = answers.shape_wanted(f"{conversation.system}\n{conversation.question}")
    if len(shape["properties"]) == 1:  # the one member is the answer, whatever its name
        return dict.fromkeys(shape["properties"], said.text.plain())
    try:
        value = schema.conforming(shape, _context(conversation, said))
    except schema.UnsupportedSchema:
        value = None
    return value if isinstance(value, dict) else {"answer": said.text.plain()}


def _json_schema(conversation: answers.Conversation, said: answers.Said, wanted: Any) -> Any:
    try:
        if wanted.strict:
            schema.check_strict(wanted.json_schema)
        return schema.conforming(wanted.json_schema, _context(conversation, said))
    except schema.UnsupportedSchema as error:
        raise _unsupported(f"response_format '{wanted.name}'", error) from None


def _unsupported(what: str, error: schema.UnsupportedSchema) -> ApiError:
    return ApiError("schema_unsupported", loc=tuple(error.path) or ("the root",), what=what, reason=error.reason)
