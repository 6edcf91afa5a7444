"""OpenAI's models refuse in their own words: none of Python's or pydantic's, and no name of a class of this mock."""

from __future__ import annotations

import inspect
import json
import re
from typing import Any

from helpers.mock.api import parameters
from helpers.mock.api.catalogue import bundled
from helpers.mock.api.openai import parameters as of_openai
from helpers.mock.http import Request, Response

# What OpenAI says in Python itself: of an encoding_format (recorded 2024-07), of a schema (browserbase/stagehand#1159).
_REAL = re.compile(r"""\['float', 'base64'\]|'type: "None"'""")
_CLASSES = {
    name
    for module in (parameters, of_openai)
    for name, _ in inspect.getmembers(module, inspect.isclass)
    if re.search("[a-z][A-Z]", name)  # others are words of English too
}
_FOREIGN = re.compile(
    r"\b(str|int|float|bool|dict|list|tuple|NoneType|None|True|False|pydantic|\w+_type|\w+_parsing"
    r"|extra_forbidden|literal_error|union_tag\w*|Input should|[Ff]ield required"
    rf"|valid (dictionary|list|string|integer|number)|validat\w+|{'|'.join(sorted(_CLASSES))})\b"
)
_THEIRS = {"invalid_type"}  # a code of OpenAI's


def model_of(asked: Request) -> str:
    """The name of the model that a request is for, of the body or of the address."""
    try:
        name = json.loads(asked.body).get("model")
    except (ValueError, AttributeError, RecursionError):
        name = None
    found = re.search(r"/(?:serverless|deployments)/([^/]+)/", asked.path)
    return found[1] if found else str(name)


def is_of_openai(name: str) -> bool:
    card = bundled().find(name)
    return card is not None and card.family == "openai"


def foreign(refused: Any, sent: str = "") -> list[str]:
    """The foreign words of a refusal's message, param and code. What the caller sent may be said back."""
    error = refused.get("error") if isinstance(refused, dict) else None
    if not isinstance(error, dict):
        return []
    told = [str(error.get(name) or "") for name in ("message", "param", "code")]
    words = [found[0] for text in told for found in _FOREIGN.finditer(_REAL.sub("", text))]
    return [word for word in words if word not in _THEIRS and not re.search(rf"\b{word}\b", sent)]


def check(asked: Request, response: Response) -> None:
    """Of a refusal by one of OpenAI's models: that it is no 422 and has no foreign word."""
    if response.status < 400 or "json" not in response.headers["content-type"] or not is_of_openai(model_of(asked)):
        return
    assert response.status != 422
    told = response.read()
    words = foreign(json.loads(told), asked.body.decode(errors="replace"))
    assert not words, told
