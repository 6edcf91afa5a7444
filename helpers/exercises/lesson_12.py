"""The checks of lesson 12, moving to the OpenAI package."""

from __future__ import annotations

from collections.abc import Iterator
from operator import is_
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from azure.ai.inference.models import JsonSchemaFormat, SystemMessage, TextContentItem, UserMessage

from .kinds import a_kind, called, code, expect_function, expect_type, given
from .registry import exercise, expect

if TYPE_CHECKING:
    import openai

ADDRESSES = {
    "https://mine.services.ai.azure.com/models": "https://mine.openai.azure.com/openai/v1",
    "https://mine.services.ai.azure.com/models/": "https://mine.openai.azure.com/openai/v1",
    "https://other.openai.azure.com/openai/deployments/my-gpt": "https://other.openai.azure.com/openai/v1",
}
ACTIONS = ("sign in", "change the request", "wait", "try again", "check the network")


@exercise(
    "12.1",
    "The new address",
    takes="endpoint",
    first="Cut the address at its slashes. What comes after `//` is the host, and it may stay as it is.",
    second="`endpoint.split('/')[2]` is the host. Whatever came behind it, `/openai/v1/` takes its place.",
)
def _(new_address: Any) -> str:
    expect_function(new_address)
    name = '`endpoint.split("/")[2]` is the host; what is before its first dot is the name of the resource.'
    form = "`https://NAME.openai.azure.com/openai/v1/`, with the name in the place of NAME."
    for old, new in ADDRESSES.items():
        told = called(new_address, old, when=f"For {old}", more=name)
        given(told)
        expect_type(told, str, "an address, a `str`", form)
        said = f"For {old} it gives {told}"
        expect("/models" not in told, f"{said}: the old path is still there.", f"Take the host alone. {name}")
        expect(
            "/deployments" not in told,
            f"{said}: in v1 the deployment is not part of the address.",
            f"It is named by `model=` in each call. {name}",
        )
        expect("api-version" not in told, "The new route takes no api-version.", form)
        expect(told.rstrip("/").endswith("/openai/v1"), f"{said}: it must end in /openai/v1/.", form)
        both = (new, new.replace(".openai.azure", ".services.ai.azure"))
        expect(told.rstrip("/") in both, f"{said}, and {new}/ is on the same resource.", name)
    return "Right: whichever of the old routes a program used, the new one is on the same resource."


@exercise(
    "12.2",
    "The guard",
    takes="chunks",
    first="Loop over the chunks, and look at `choices` before you take its first member.",
    second="Two guards: one for a chunk without choices, one for a delta without content.",
)
def _(text_of: Any) -> str:
    expect_function(text_of)
    guard = "`if chunk.choices:` lets pass what has none, at the beginning and at the end."
    nothing = 'The content may be `None`: `(chunk.choices[0].delta.content or "")` adds nothing then.'
    streams: dict[str, tuple[list[Any], str]] = {
        "of plain text": ([_chunk("There"), _chunk(" are"), _chunk(" many.")], ""),
        "that opens with the filter's chunk": ([_chunk(), _chunk("There"), _chunk(" are"), _chunk(" many.")], guard),
        "whose last delta has no content": ([_chunk("There are many."), _chunk(None)], nothing),
        "that ends with its usage": ([_chunk("There are many."), _chunk(None), _chunk()], guard),
    }
    for kind, (chunks, more) in streams.items():
        text = called(text_of, iter(chunks), when=f"At a stream {kind}", more=more)
        given(text)
        expect(
            isinstance(text, str),
            f"It should return the whole text, a `str`, and it returns {a_kind(text)}.",
            '`"".join(...)` makes one text of many.',
        )
        expect("None" not in text, "The word None has got into the text.", nothing)
        expect(text == "There are many.", f"A stream {kind} gives {code(text)}, not `'There are many.'`.", more)
    return "Right: chunks without choices pass by, at the beginning and at the end."


@exercise(
    "12.3",
    "What now?",
    takes="error",
    first="Ask with `isinstance`, or with `except`, and begin with the most specific class.",
    second="Two classes have no status; for all others, `status_code` decides.",
)
def _(what_now: Any) -> str:
    from openai import APIConnectionError  # here, since the start page lists all exercises and imports no SDK for it

    expect_function(what_now)
    no_status = "`isinstance(error, openai.APIConnectionError)` comes before anything that reads `status_code`."
    special = "`APITimeoutError` is an `APIConnectionError` too: ask for it first."
    number = "Decide by `error.status_code`: not every status has a class of its own."
    for error, wanted in _errors():
        status = getattr(error, "status_code", None)
        name = type(error).__name__ + (f", status {status}," if status else "")
        told = called(what_now, error, when=f"For {name}", more=number if status else no_status)
        given(told, f"For {name}")
        expect(told in ACTIONS, f"For {name} it returns {code(told)}; the texts are: {', '.join(ACTIONS)}.")
        expect(
            told == wanted or not isinstance(error, APIConnectionError),
            f"{name} has no status: no answer came at all. It says {code(told)}, and should say {code(wanted)}.",
            special,
        )
        expect(told == wanted, f"For {name} it says {code(told)}, and should say {code(wanted)}.", number)
    return "Right: each failure leads to something that can be done about it."


@exercise(
    "12.4",
    "A translator of arguments",
    takes="arguments",
    first="Begin with a copy of the arguments, and change one name at a time: which of them does `create()` not know?",
    second="Two names change, and two values: which of them are classes, or a word, where `create()` takes plain JSON?",
)
def _(translated: Any) -> str:
    expect_function(translated)
    schema = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
    system, user = {"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}
    items = {"role": "user", "content": [{"type": "text", "text": "Hi"}]}
    extras = {"safe_prompt": True}
    cases: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"messages": [user], "max_tokens": 5}, {"messages": [user], "max_tokens": 5}),
        ({"messages": [SystemMessage("Be brief."), user]}, {"messages": [system, user]}),
        ({"messages": [UserMessage([TextContentItem(text="Hi")])]}, {"messages": [items]}),
        ({"messages": [user], "model_extras": extras}, {"messages": [user], "extra_body": extras}),
        ({"messages": [user], "headers": {"x-a": "1"}}, {"messages": [user], "extra_headers": {"x-a": "1"}}),
        (
            {"messages": [user], "response_format": "json_object"},
            {"messages": [user], "response_format": {"type": "json_object"}},
        ),
        (
            {"messages": [user], "response_format": JsonSchemaFormat(name="city", schema=schema, strict=True)},
            {
                "messages": [user],
                "response_format": {
                    "type": "json_schema",
                    "json_schema": {"name": "city", "schema": schema, "strict": True},
                },
            },
        ),
    ]
    for arguments, wanted in cases:
        before, said = dict(arguments), list(arguments["messages"])
        told = called(translated, arguments, when=f"For the arguments {', '.join(before)}", more=_more(before))
        unchanged = arguments.keys() == before.keys() and all(arguments[name] is before[name] for name in before)
        copy = "`dict(arguments)` is a copy that may be changed; its `messages` are still the same list."
        expect(unchanged, "It changes the dictionary that it was given. Return a new one instead.", copy)
        same = len(said) == len(before["messages"]) and all(map(is_, said, before["messages"]))
        expect(same, "It changes the list of messages that it was given. Make a new list instead.", copy)
        given(told)
        expect_type(told, dict, "a dictionary")
        for name in before.keys() - wanted.keys():
            expect(name not in told, f"`create()` has no `{name}`: what takes its place?", _more(before))
        expect(
            "safe_prompt" not in told,
            "`create()` has no `safe_prompt`.",
            "What it does not know goes into `extra_body`, as a dictionary.",
        )
        for name, value in wanted.items():
            expect(name in told, f"{name} is missing for the arguments {', '.join(before)}.", _more(before))
            expect(
                _plain(told[name]),
                f"There is still a class of the old SDK in `{name}`, and this should be plain JSON.",
                "`as_dict()` makes plain dictionaries, however deep. `dict(...)` does so only at the top.",
            )
            expect(told[name] == value, f"`{name}` is {code(told[name])}, and should be {code(value)}.", _more(before))
        expect(told == wanted, f"There is more in it than was given: {', '.join(told.keys() - wanted.keys())}.")
    return "Right: with this, a call of the old client is a call of the new one."


def _more(arguments: dict[str, Any]) -> str:
    """What may help with these arguments."""
    formats = '`{"type": "json_object"}` for the word; for a schema `{"type": "json_schema", "json_schema": {...}}`.'
    names = "`model_extras` is called `extra_body` there, and `headers` is called `extra_headers`."
    return formats if "response_format" in arguments else names if len(arguments) > 1 else ""


def _chunk(*content: str | None) -> Any:
    """A chunk of a stream with that text, or with a delta that has none; without an argument one without choices."""
    from openai.types.chat import ChatCompletionChunk

    deltas = [{"content": text} if text is not None else {} for text in content]
    choices = [{"index": 0, "delta": delta, "finish_reason": None} for delta in deltas]
    made = {"id": "exercise", "object": "chat.completion.chunk", "created": 0, "model": "exercise", "choices": choices}
    return ChatCompletionChunk.model_validate(made)


def _errors() -> Iterator[tuple[openai.APIError, str]]:
    import openai

    request: Any = SimpleNamespace(method="POST", url="https://mine.openai.azure.com/openai/v1/chat/completions")
    wanted = {
        openai.AuthenticationError: (401, "sign in"),
        openai.PermissionDeniedError: (403, "sign in"),
        openai.BadRequestError: (400, "change the request"),
        openai.NotFoundError: (404, "change the request"),
        openai.UnprocessableEntityError: (422, "change the request"),
        openai.APIStatusError: (413, "change the request"),  # a status that has no class of its own
        openai.RateLimitError: (429, "wait"),
        openai.InternalServerError: (503, "try again"),
    }
    for kind, (status, action) in wanted.items():
        response: Any = SimpleNamespace(request=request, status_code=status, headers={})
        yield kind("made up", response=response, body=None), action
    yield openai.APITimeoutError(request), "try again"
    yield openai.APIConnectionError(request=request), "check the network"


def _plain(value: Any) -> bool:
    """Whether there is no object of the old SDK in it. (Its models pass for dictionaries.)"""
    if isinstance(value, list):
        return all(map(_plain, value))
    if isinstance(value, dict):
        return all(map(_plain, value.values()))
    return value is None or isinstance(value, str | int | float)
