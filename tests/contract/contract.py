"""The contract as data, and the one check that an answer keeps it: `Contract().faults(request, response)`.

`openapi.json` says what the mock answers: the schemas of the API's OpenAPI document, and what services and the mock add
to them (`differences.toml` tells why). Two keys of its own: `x-event` is the schema of an event of a stream; the
response `Failure` is what a caller gets who has asked for a failure with x-mock-fault.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.protocols import Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from helpers.mock.http import Request, Response

FILE = Path(__file__).with_name("openapi.json")
_BASE = "urn:contract"
_NOWHERE = {404: "NotFound", 405: "MethodNotAllowed"}  # for an address or a method that the contract does not have
_NAME = "[^/]+(?:/(?!chat/|images/)[^/]+)?"  # of a deployment or a model, with or without its publisher
_EVENT = re.compile(r"data: (?P<data>[^\r\n]*)\n\n")


@cache
def document() -> dict[str, Any]:
    """The contract, parsed."""
    return json.loads(FILE.read_text("utf-8"))


class BrokenContractError(AssertionError):
    """An answer that the contract does not allow."""


class Contract:
    """Checks answers against `openapi.json`."""

    def __init__(self) -> None:
        self.document = document()
        resource = Resource.from_contents(self.document, default_specification=DRAFT202012)
        self._registry = Registry().with_resource(_BASE, resource)
        self._validators: dict[str, Validator] = {}

    @cached_property
    def _paths(self) -> list[tuple[re.Pattern[str], str]]:
        # A deployment may have any name, even that of another route: the address with fewer variables counts.
        paths = sorted(self.document["paths"], key=lambda path: path.count("{"))
        return [(re.compile(re.sub(r"\\{\w+\\}", _NAME, re.escape(path))), path) for path in paths]

    def operation(self, request: Request) -> dict[str, Any] | None:
        """What the contract says about a request's method and address; None when it has no such operation."""
        asked = re.sub("/+", "/", request.path)
        for pattern, path in self._paths:
            if pattern.fullmatch(asked):
                return self.document["paths"][path].get(request.method.lower())
        return None

    def check(self, request: Request, response: Response) -> Any:
        """The parsed body: JSON, a text, a list of chunks, or None when empty. Raises BrokenContractError."""
        operation = self.operation(request)
        if operation is None:
            described = self.document["components"]["responses"][_NOWHERE[response.status]]
        elif response.status >= 400 and "x-mock-fault" in request.headers:
            described = self.document["components"]["responses"]["Failure"]
        else:
            described = self._described(operation, response)
        for name, header in described.get("headers", {}).items():
            self._check_header(name, header, response)
        body = response.read()
        content = described.get("content")
        if content is None:
            if body:
                raise BrokenContractError(f"{response.status} has no body, but here it is {body[:200]!r}")
            return None
        kind = response.headers.get("content-type", "").split(";")[0]
        if kind not in content:
            raise BrokenContractError(f"{response.status} is {', '.join(content)}; here it is {kind!r}")
        if kind == "text/event-stream":
            return list(self._chunks(body, content[kind]["x-event"]))
        value = json.loads(body) if kind == "application/json" else body.decode()
        self.validate(value, content[kind]["schema"])
        return value

    def validate(self, value: Any, schema: dict[str, Any]) -> None:
        """Raise BrokenContractError when a value does not fit a schema of the contract."""
        key = json.dumps(schema)
        if key not in self._validators:
            # References in the contract are to its own root, wherever the schema that holds them is used.
            rooted = json.loads(key.replace('"#/', f'"{_BASE}#/'))
            self._validators[key] = Draft202012Validator(rooted, registry=self._registry)
        faults = sorted(self._validators[key].iter_errors(value), key=lambda fault: list(map(str, fault.path)))
        if faults:
            told = "\n".join(f"{fault.json_path}: {fault.message[:500]}" for fault in faults[:5])
            raise BrokenContractError(f"{told}\nin {json.dumps(value)[:1000]}")

    def _described(self, operation: dict[str, Any], response: Response) -> dict[str, Any]:
        described = operation["responses"].get(str(response.status))
        if described is None:
            raise BrokenContractError(f"{operation['operationId']} does not answer {response.status}")
        if "$ref" in described:
            described = self.document["components"]["responses"][described["$ref"].rsplit("/", 1)[1]]
        return described

    def _check_header(self, name: str, header: dict[str, Any], response: Response) -> None:
        if name not in response.headers:
            if header.get("required"):
                raise BrokenContractError(f"{response.status} needs the header {name}: {response.headers}")
            return
        text = response.headers[name]
        whole_number = header["schema"]["type"] == "integer" and text.isdecimal()
        self.validate(int(text) if whole_number else text, header["schema"])

    def _chunks(self, body: bytes, schema: dict[str, Any]) -> Iterator[Any]:
        text = body.decode("utf-8")
        events = [found["data"] for found in _EVENT.finditer(text)]
        if "".join(f"data: {event}\n\n" for event in events) != text:
            raise BrokenContractError(f"not all of the stream is `data: ...` and a blank line: {text[:500]!r}")
        if not events or events[-1] != "[DONE]":
            raise BrokenContractError(f"the stream does not end with [DONE] but with {events[-1:]}")
        for event in events[:-1]:
            chunk = json.loads(event)
            self.validate(chunk, schema)
            yield chunk
