"""What the mock's tests share: a fresh service, and a way to ask it without a socket."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from helpers.mock.service import Service
from tests.support.caller import TOKENIZER, Caller
from tests.support.places import MEDIA


@pytest.fixture
def service() -> Service:
    return Service(media=MEDIA, tokenizer=TOKENIZER)


@pytest.fixture
def ask(service: Service) -> Caller:
    return Caller(service)


@pytest.fixture
def fresh() -> Callable[[], Caller]:
    """Makes callers of services that remember nothing."""
    return lambda: Caller(Service(media=MEDIA, tokenizer=TOKENIZER))
