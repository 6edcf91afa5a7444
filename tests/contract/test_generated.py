"""Generated requests, right and wrong ones, made from the contract by schemathesis.

schemathesis, because it is the one generator that makes both kinds from an OpenAPI document: values that fit the schema
and values that break exactly one rule of it, which a server must refuse. Its checks say that no answer is a 5xx, that
status, headers and body are what the contract says, and that what breaks the contract is refused; `Contract` checks
streams chunk by chunk besides. What fits the schema may still be refused, by rules no schema can hold.

In process and few in the default suite; thousands over HTTP in the slow one (``pytest -m slow tests/contract``).
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, cast
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.python.asgi import get_client

from helpers.mock import MockServer, Service
from helpers.mock.gateway.routes import Kind
from helpers.mock.http import Request, Response
from helpers.mock.transports.asgi import Shell
from tests.contract import plain_words
from tests.contract.contract import Contract, document
from tests.contract.ways import KEY, PICTURES, TEXTS, VERSIONS, picture

pytestmark = pytest.mark.heavy

FEW, MANY = 3, 120  # cases for each operation and mode: 60 in all, and 2,400
DEPLOYMENTS = {"chat": "gpt-4o", "images": PICTURES, "embeddings": TEXTS, "info": "gpt-4o"}
MODELS = {
    "chat": ["gpt-4o", "mistral-large-2407", "Phi-3.5-vision-instruct", "o3-mini", "nobody"],
    "images": [PICTURES],
    "embeddings": [TEXTS, PICTURES, "gpt-4o"],
}
PREFIXES: dict[Kind, str] = {
    "models": "/models/",
    "serverless": "/serverless/",
    "openai": "/openai/deployments/",
    "v1": "/openai/v1/",
}
CHECKED = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "missing_required_header",
    "unsupported_method",
]


def _operation(path: str) -> str:
    return next((name for name in ("chat", "images", "embeddings", "info") if name in path), "models")


def _promising() -> dict[str, Any]:
    """The contract with values that get further than a random text would: models that are there, a picture."""
    made = copy.deepcopy(document())
    schemas = made["components"]["schemas"]
    schemas["ImageEmbeddingInput"]["properties"]["image"]["enum"] = [picture()]
    schemas["ImageEmbeddingsOptions"]["properties"]["dimensions"] = {"enum": [1024, None]}
    schemas["ChatMessageImageUrl"]["properties"]["url"]["enum"] = [picture(), "https://example.org/x.png"]
    made["components"]["parameters"]["Model"]["schema"]["enum"] = ["gpt-4o", "nobody"]
    for path, methods in made["paths"].items():
        if "post" not in methods or "{deployment}" in path:  # an address that names the model overlooks the body's
            continue
        content = methods["post"]["requestBody"]["content"]["application/json"]
        body = copy.deepcopy(schemas[content["schema"]["$ref"].rsplit("/", 1)[1]])
        body["properties"]["model"] = {"enum": MODELS[_operation(path)]}
        content["schema"] = {**body, "required": ["model", *body["required"]]}
    return made


@cache
def _operations() -> dict[str, Any]:
    """What can be asked with a body: operations by their address, the application inside."""
    config = schemathesis.Config.from_dict({"generation": {"with-security-parameters": False}})
    schema = schemathesis.openapi.from_dict(_promising(), config=config)
    schema.app = Shell(Service())
    load_all_checks()
    found: list[Any] = [operation.ok() for operation in cast(Iterable[Any], schema.get_all_operations())]
    return {operation.path: operation for operation in found}


def _strategy(operation: Any, mode: GenerationMode) -> Any:
    """Cases whose address and version are right, so that a wrong body is what decides."""
    fixed: dict[str, Any] = {}
    if "{deployment}" in operation.path:
        fixed["path_parameters"] = {"deployment": DEPLOYMENTS[_operation(operation.path)]}
    kind = next(kind for kind, prefix in PREFIXES.items() if operation.path.startswith(prefix))
    if version := VERSIONS[kind]:
        fixed["query"] = {"api-version": version}
    if operation.path.startswith(("/models", "/serverless")):
        fixed["headers"] = {"extra-parameters": "pass-through"}
    return operation.as_strategy(generation_mode=mode, **fixed)


def _as_ours(case: Any, response: schemathesis.Response) -> tuple[Request, Response]:
    address = urlsplit(str(response.request.url))
    query = dict(parse_qsl(address.query, keep_blank_values=True))
    headers = {name.lower(): values[0] for name, values in response.headers.items()}
    body = response.request.body or b""
    sent = body.encode() if isinstance(body, str) else bytes(body)
    request = Request(case.method.upper(), unquote(address.path), query, KEY, sent)
    return request, Response(response.status_code, headers, response.content)


def _generously(count: int) -> settings:
    """`count` cases, the same in every run; making one of these takes long, which is not what is tested."""
    return settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
    )


def _run(operation: Any, mode: GenerationMode, count: int, session: Any, base_url: str | None = None) -> Counter[int]:
    """Send `count` cases and check each answer; gives how often each status came."""
    contract, statuses = Contract(), Counter[int]()
    checks = [CHECKS.get_one(name) for name in CHECKED]

    @_generously(count)
    @given(case=_strategy(operation, mode))
    def send(case: Any) -> None:
        response = case.call(base_url=base_url, session=session, headers=KEY)
        case.validate_response(response, checks=checks, headers=KEY)
        asked, answered = _as_ours(case, response)
        contract.check(asked, answered)
        plain_words.check(asked, answered)
        statuses[response.status_code] += 1

    send()
    return statuses


# Those without a body leave nothing to generate; they are asked by hand.
every_operation = pytest.mark.parametrize(
    "path", [path for path, ways in document()["paths"].items() if "post" in ways]
)
both_modes = pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)


@pytest.fixture(scope="module")
def inside() -> Iterator[Any]:
    with get_client(Shell(Service()), max_stream_events=10_000) as client:
        yield client


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with MockServer(Service()) as running:
        yield running


@every_operation
@both_modes
def test_a_few_generated_requests_are_answered_by_the_contract(path, mode, inside):
    assert _run(_operations()[path], mode, FEW, inside).total() >= FEW


@pytest.mark.slow
@every_operation
@both_modes
def test_many_generated_requests_are_answered_by_the_contract(path, mode, server):
    with requests.Session() as session:
        statuses = _run(_operations()[path], mode, MANY, session, server.url)
        assert statuses.total() >= MANY
        if mode is GenerationMode.POSITIVE:
            assert statuses[200]
        assert session.get(f"{server.url}/_mock/health").status_code == 200


@pytest.mark.slow
@every_operation
def test_addresses_versions_and_headers_may_be_anything(path, inside):
    operation = _operations()[path]
    contract = Contract()

    @_generously(MANY)
    @given(case=operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))
    def send(case: Any) -> None:
        response = case.call(session=inside, headers=KEY)
        assert response.status_code < 500
        contract.check(*_as_ours(case, response))

    send()
