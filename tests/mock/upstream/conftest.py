"""A scripted upstream, and a mock whose answers it writes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from helpers.mock.service import Service
from helpers.mock.upstream.client import Upstream
from tests.support.caller import TOKENIZER, Caller
from tests.support.places import MEDIA
from tests.support.scripted_upstream import ScriptedUpstream

KEY = "sk-canary-0123456789abcdef"


@pytest.fixture
def upstream() -> ScriptedUpstream:
    return ScriptedUpstream()


@pytest.fixture
def address(upstream: ScriptedUpstream) -> Iterator[str]:
    with upstream.running() as url:
        yield url


@pytest.fixture
def service(address: str) -> Service:
    behind = Upstream(address, "small", KEY, "vectors", patience=5)
    return Service(media=MEDIA, tokenizer=TOKENIZER, upstream=behind)


@pytest.fixture
def ask(service: Service) -> Caller:
    return Caller(service)
