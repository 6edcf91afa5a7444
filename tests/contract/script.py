"""A script of 200 mixed requests, and what a fresh mock answers to it: ``python -m tests.contract.script``.

Every operation on every way, streams, tools, refusals, failures on request, several choices, temperatures without a
seed, and repetitions of all of it. Printed is one line for each answer: status and a digest of the body.
"""

from __future__ import annotations

import hashlib
import http.client
from collections.abc import Iterator
from urllib.parse import urlencode, urlsplit

from helpers.mock.http import Request
from helpers.mock.service import Service
from tests.contract.samples import samples
from tests.contract.ways import KINDS, TRONDHEIM, WEATHER, chat, fresh, request

LENGTH = 200
_SLOW = ("too much to tell", "too long for the context", "a huge picture")  # a second each; said once elsewhere


def requests() -> list[Request]:
    """The script. It is the same whenever it is made."""
    several = [sample.request for sample in samples() if sample.name not in _SLOW]
    others = [asked for asked in several if asked.method == "GET"]
    posts = [asked for asked in several if asked.method == "POST"]
    repeated = [*_repeated(), *_repeated()]
    room = LENGTH - len(others) - len(repeated)
    return [*(posts[place * len(posts) // room] for place in range(room)), *others, *repeated]


def _repeated() -> Iterator[Request]:
    """40 requests whose answers depend on what the mock remembers, when they are made again."""
    for way in KINDS:
        varied = request(way, "chat/completions", chat(temperature=1.0, n=2))
        yield from (varied, varied, varied)
        yield request(way, "chat/completions", chat(temperature=0.9, stream=True, logprobs=True))
        yield request(way, "chat/completions", chat(TRONDHEIM, tools=[WEATHER], temperature=0.5, stream=True))
        twice = {"x-mock-fault": "429*2; retry-after=1", "x-ms-client-request-id": f"call-{way}"}
        yield from (request(way, "chat/completions", chat(), headers=twice) for _ in range(3))
        yield request(way, "chat/completions", chat(stream=True), headers={"x-mock-fault": "malformed=2"})
        yield request(way, "chat/completions", chat(), headers={"x-mock-fault": "500"})


def digests(service: Service) -> list[str]:
    """What `service` answers to the script."""
    return [_line(answer.status, answer.read()) for answer in map(service.handle, requests())]


def digests_over_http(url: str) -> list[str]:
    """What the server at `url` answers to the script, on one connection."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
    lines = []
    for asked in requests():
        connection.request(asked.method, f"{asked.path}?{urlencode(asked.query)}", asked.body, dict(asked.headers))
        answer = connection.getresponse()
        lines.append(_line(answer.status, answer.read()))
    connection.close()
    return lines


def _line(status: int, body: bytes) -> str:
    return f"{status} {hashlib.sha256(body).hexdigest()[:16]}"


if __name__ == "__main__":
    print("\n".join(digests(fresh())))
