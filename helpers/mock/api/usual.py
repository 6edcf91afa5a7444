"""The usual request for a completion: plain messages and a few numbers in their ranges.

Most requests are of this kind, and all that can be said of them is that they are right. So pydantic is loaded, and
asked, for the others: what is not surely right here is for `parameters` to judge. A test holds the two together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


class Usual:
    """What `ChatCompletionsOptions` and `ExtraOptions` say of a usual request: nothing, but for what it gives."""

    model = stream = temperature = top_p = frequency_penalty = presence_penalty = max_tokens = seed = stop = None
    tools = tool_choice = response_format = modalities = model_extra = None
    n = logprobs = top_logprobs = logit_bias = safe_prompt = stream_options = max_completion_tokens = None
    parallel_tool_calls = reasoning_effort = functions = function_call = prediction = user = metadata = store = None
    service_tier = prompt_cache_key = safety_identifier = None

    def __init__(self, given: Mapping[str, Any]) -> None:
        self.__dict__.update(given)


NOTHING: Any = Usual({})
"""No extra parameter, as in most requests; not to be changed."""


def usual(body: Any) -> Any:
    """The parameters of a usual body; None for any other."""
    if not isinstance(body, dict) or "messages" not in body:
        return None
    for name, value in body.items():
        check = _CHECKS.get(name)
        if check is None or not check(value):
            return None
    return Usual(body)


def _messages(value: Any) -> bool:
    if type(value) is not list or not value:
        return False
    for message in value:
        if type(message) is not dict or len(message) != 2:
            return False
        if message.get("role") not in _ROLES or type(message.get("content")) is not str:
            return False
    return True


_ROLES = ("user", "system", "assistant", "developer")


def _text(value: Any) -> bool:
    return type(value) is str


_NUMBERS = (float, int)


def _share(value: Any) -> bool:
    return type(value) in _NUMBERS and 0 <= value <= 1


def _penalty(value: Any) -> bool:
    return type(value) in _NUMBERS and -2 <= value <= 2


def _count(value: Any) -> bool:
    return type(value) is int and 0 <= value < 2**31


def _switch(value: Any) -> bool:
    return type(value) is bool


_CHECKS: Mapping[str, Callable[[Any], bool]] = {
    "messages": _messages,
    "model": _text,
    "stream": _switch,
    "temperature": _share,
    "top_p": _share,
    "frequency_penalty": _penalty,
    "presence_penalty": _penalty,
    "max_tokens": _count,
    "seed": _count,
}
