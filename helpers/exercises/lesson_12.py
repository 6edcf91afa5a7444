"""The checks of lesson 12, moving to the OpenAI package."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import is_
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from azure.ai.inference.models import JsonSchemaFormat, SystemMessage, UserMessage

from .kinds import expect_function
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
    first="Cut the address at its slashes. What comes after // is the host, and it may stay as it is.",
    second="endpoint.split('/')[2] is the host. Whatever came behind it, /openai/v1/ takes its place.",
)
def _(new_address: Any) -> str:
    expect_function(new_address)
    for old, new in ADDRESSES.items():
        given = new_address(old)
        expect(given is not None, "The function returns nothing: it needs a return.")
        expect(isinstance(given, str), f"Wanted is an address as a str, and this returns a {type(given).__name__}.")
        expect("/models" not in given, f"For {old} it gives {given}: the old path is still there.")
        expect("/deployments" not in given, f"For {old} it gives {given}: in v1 the deployment is named by model=.")
        expect("api-version" not in given, "The new route takes no api-version.")
        expect(given.rstrip("/").endswith("/openai/v1"), f"For {old} it gives {given}: it must end in /openai/v1/.")
        both = (new, new.replace(".openai.azure", ".services.ai.azure"))
        expect(given.rstrip("/") in both, f"For {old} it gives {given}: wanted is {new}/ on the same resource.")
    return "Right: whichever of the old routes a program used, the new one is on the same resource."


@exercise(
    "12.2",
    "The guard",
    first="Loop over the chunks, and look at choices before you take its first member.",
    second="if chunk.choices: comes first. And a delta's content may be None: add (content or '').",
)
def _(text_of: Any) -> str:
    expect_function(text_of)
    streams: dict[str, Callable[[], list[Any]]] = {
        "of plain text": lambda: [_chunk("There"), _chunk(" are"), _chunk(" many.")],
        "that opens with the filter's chunk": lambda: [_chunk(), _chunk("There"), _chunk(" are"), _chunk(" many.")],
        "that ends with its usage": lambda: [_chunk("There are many."), _chunk(None), _chunk()],
    }
    for kind, made in streams.items():
        try:
            text = text_of(iter(made()))
        except IndexError:
            expect(False, f"IndexError at a stream {kind}: one of its chunks has no choices.")
        except TypeError as error:
            expect("NoneType" not in str(error), f"At a stream {kind}, a delta has no text: its content is None.")
            raise
        else:
            expect(text is not None, "The function returns nothing: it needs a return.")
            expect(isinstance(text, str), f"Wanted is the whole text as a str; this is a {type(text).__name__}.")
            expect("None" not in text, "The word None has slipped into the text: a delta without content adds nothing.")
            expect(text == "There are many.", f"A stream {kind} gives {text!r}; wanted is 'There are many.'.")
    return "Right: chunks without choices pass by, at the beginning and at the end."


@exercise(
    "12.3",
    "What now?",
    first="Ask with isinstance, or with except, and begin with the most special class.",
    second="APITimeoutError is an APIConnectionError too, so ask for it first; status_code tells the others apart.",
)
def _(what_now: Any) -> str:
    from openai import APIConnectionError  # here, since the start page lists all exercises and imports no SDK for it

    expect_function(what_now)
    for error, wanted in _errors():
        status = getattr(error, "status_code", None)
        name = type(error).__name__ + (f", status {status}," if status else "")
        given = what_now(error)
        expect(given is not None, f"For {name} the function returns nothing.")
        expect(given in ACTIONS, f"For {name} it returns {given!r}; the words are: {', '.join(ACTIONS)}.")
        expect(
            given == wanted or not isinstance(error, APIConnectionError),
            f"{name} has no status: no answer came at all. Wanted is {wanted!r}, and this says {given!r}.",
        )
        expect(given == wanted, f"For {name} it says {given!r}; wanted is {wanted!r}.")
    return "Right: each failure leads to something that can be done about it."


@exercise(
    "12.4",
    "A translator of arguments",
    first="Begin with a copy of the arguments, and change one name at a time: which of them does create() not know?",
    second="model_extras → extra_body, headers → extra_headers, response_format → {'type': ...}; use as_dict().",
)
def _(translated: Any) -> str:
    expect_function(translated)
    schema = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
    system, user = {"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}
    extras = {"safe_prompt": True}
    cases: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"messages": [user], "max_tokens": 5}, {"messages": [user], "max_tokens": 5}),
        ({"messages": [SystemMessage("Be brief."), UserMessage("Hi")]}, {"messages": [system, user]}),
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
        given = translated(arguments)
        unchanged = arguments.keys() == before.keys() and all(arguments[name] is before[name] for name in before)
        expect(unchanged, "It changes the dictionary it was given. Return a new one instead.")
        same = len(said) == len(before["messages"]) and all(map(is_, said, before["messages"]))
        expect(same, "It changes the list of messages it was given. Make a new list instead.")
        expect(given is not None, "The function returns nothing: it needs a return.")
        expect(isinstance(given, dict), f"Wanted is a dictionary, and this returns a {type(given).__name__}.")
        for name in before.keys() - wanted.keys():
            expect(name not in given, f"create() has no {name}: what takes its place?")
        expect("safe_prompt" not in given, "create() has no safe_prompt: what it does not know goes into extra_body.")
        for name, value in wanted.items():
            expect(name in given, f"{name} is missing for the arguments {', '.join(before)}.")
            expect(_plain(given[name]), f"There is still a class of the old SDK in {name}; wanted is plain JSON.")
            expect(given[name] == value, f"{name} is {given[name]!r}; wanted is {value!r}.")
        expect(given == wanted, f"There is more in it than was given: {', '.join(given.keys() - wanted.keys())}.")
    return "Right: with this, a call of the old client is a call of the new one."


def _chunk(*content: str | None) -> Any:
    """A chunk of a stream with that text; without an argument one that has no choices."""
    choices = [SimpleNamespace(index=0, delta=SimpleNamespace(content=text), finish_reason=None) for text in content]
    return SimpleNamespace(choices=choices, usage=None)


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
