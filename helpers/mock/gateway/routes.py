"""The four ways to a model, as one table: which addresses there are, and what each of them knows.

Sources: the OpenAPI document 2024-05-01-preview (paths); Microsoft's pages on endpoints (resource, serverless, Azure
OpenAI, `/openai/v1`); what users recorded (`/models/info` is 404, and so is a version that `/models` does not know).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from ..errors import ApiError
from ..http import Request

Kind = Literal["models", "serverless", "openai", "v1"]
Operation = Literal["chat", "embeddings", "image_embeddings", "info", "model_list", "model"]

API_VERSIONS = {  # those that the /models route knows: the versions in Azure/azure-rest-api-specs, ModelInference
    "2024-05-01-preview",
    "2025-02-01-preview",
    "2025-04-01",
    "2025-05-01",
    "2025-05-01-preview",
    "2025-05-15-preview",
}

_OPERATIONS: tuple[tuple[str, Operation, str], ...] = (
    (r"chat/completions", "chat", "POST"),
    (r"embeddings", "embeddings", "POST"),
    (r"images/embeddings", "image_embeddings", "POST"),
    (r"info", "info", "GET"),
    (r"models", "model_list", "GET"),
    (r"models/(?P<item>[^/]+)", "model", "GET"),
)


@dataclass(frozen=True, slots=True)
class Route:
    """One way to models.

    `prefix` is a pattern that may name a `deployment`; `operations` are what it offers; `openai` says that it speaks as
    Azure OpenAI does (parameters, ranges, refusals). `versions` says which `api-version` it takes: "known" one of
    API_VERSIONS, "any" some version, "none" whatever is there.
    """

    kind: Kind
    prefix: str
    operations: frozenset[Operation]
    openai: bool
    versions: Literal["known", "any", "none"]


ROUTES: tuple[Route, ...] = (
    Route("models", "/models", frozenset({"chat", "embeddings", "image_embeddings"}), False, "known"),
    Route(
        "serverless",
        "/serverless/(?P<deployment>[^/]+)",
        frozenset({"chat", "embeddings", "image_embeddings", "info"}),
        False,
        "any",
    ),
    Route("openai", "/openai/deployments/(?P<deployment>[^/]+)", frozenset({"chat", "embeddings"}), True, "any"),
    Route("openai", "/openai", frozenset({"model_list", "model"}), True, "any"),
    Route("v1", "/openai/v1", frozenset({"chat", "embeddings", "model_list", "model"}), True, "none"),
)


@dataclass(frozen=True, slots=True)
class Target:
    """What an address means: the route, the operation with its HTTP method, and the names in the address."""

    route: Route
    operation: Operation
    method: str
    deployment: str | None = None
    item: str | None = None


@lru_cache(maxsize=512)
def find(path: str) -> Target | None:
    """The target of a path (percent-decoded, without query), or None. Doubled and trailing slashes do no harm."""
    for route in ROUTES:
        prefix = re.match(f"{route.prefix}/+", path)
        if prefix is None:
            continue
        for pattern, operation, method in _OPERATIONS:
            rest = re.fullmatch(f"{pattern}/*", path[prefix.end() :])
            if rest and operation in route.operations:
                names = {**prefix.groupdict(), **rest.groupdict()}
                return Target(route, operation, method, names.get("deployment"), names.get("item"))
    return None


def check_method(request: Request, method: str) -> None:
    """An address takes one method, and HEAD where that is GET. Raises ApiError 405, naming it."""
    if request.method != method and (request.method, method) != ("HEAD", "GET"):
        raise ApiError("method_not_allowed", headers={"allow": method})


def check_version(request: Request, target: Target) -> None:
    """`/models` knows its versions; the others take any but need one, except /info (recorded) and /openai/v1.

    Raises ApiError 404.
    """
    if target.route.versions == "none" or target.operation == "info":
        return
    version = request.query.get("api-version", "")
    if not version or (target.route.versions == "known" and version not in API_VERSIONS):
        raise ApiError("not_found")
