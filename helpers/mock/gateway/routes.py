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
from ..http import Request, Response
from .hosts import Host

Kind = Literal["models", "serverless", "openai", "v1"]
Operation = Literal["chat", "embeddings", "image_embeddings", "info", "model_list", "model"]

API_VERSIONS = (  # those that the /models route knows: the versions in Azure/azure-rest-api-specs, ModelInference
    "2024-05-01-preview",
    "2025-02-01-preview",
    "2025-04-01",
    "2025-05-01",
    "2025-05-01-preview",
    "2025-05-15-preview",
)

# Azure OpenAI's: the folders of Azure/azure-rest-api-specs, specification/cognitiveservices/data-plane/AzureOpenAI/
# inference. Others are 404, also dates without "-preview" that exist with it (azure-search-openai-demo#1358).
_STABLE = ("2022-12-01", "2023-05-15", "2024-02-01", "2024-06-01", "2024-10-21")
_PREVIEWS = (
    "2023-03-15", "2023-06-01", "2023-07-01", "2023-08-01", "2023-09-01", "2023-10-01", "2023-12-01", "2024-02-15",
    "2024-03-01", "2024-04-01", "2024-05-01", "2024-07-01", "2024-08-01", "2024-09-01", "2024-10-01", "2024-12-01",
    "2025-01-01", "2025-02-01", "2025-03-01", "2025-04-01",
)  # fmt: skip
OPENAI_VERSIONS = (*_STABLE, *(f"{date}-preview" for date in _PREVIEWS))
"""The api-versions that Azure OpenAI's own route knows."""

_OPERATIONS: tuple[tuple[str, Operation, str], ...] = (
    (r"chat/completions", "chat", "POST"),
    (r"embeddings", "embeddings", "POST"),
    (r"images/embeddings", "image_embeddings", "POST"),
    (r"info", "info", "GET"),
    (r"models", "model_list", "GET"),
    (r"models/(?P<item>[^/]+(?:/[^/]+)?)", "model", "GET"),
)

# Of `publisher/name`, which programs for GitHub Models say, the publisher may stand in an address too (as %2F).
_DEPLOYMENT = r"(?P<deployment>[^/]+(?:/(?!chat/|images/)[^/]+)?)"


@dataclass(frozen=True, slots=True)
class Route:
    """One way to models.

    `prefix` may name a {deployment}; `operations` are what it offers; `host` says whose way of refusing it has.
    `versions` are the values of `api-version` that it takes; "any" is some version, "none" whatever is there.
    """

    kind: Kind
    prefix: str
    operations: frozenset[Operation]
    host: Host
    versions: tuple[str, ...] | Literal["any", "none"]


ROUTES: tuple[Route, ...] = (
    Route("models", "/models", frozenset({"chat", "embeddings", "image_embeddings"}), "resource", API_VERSIONS),
    Route(
        "serverless",
        "/serverless/{deployment}",
        frozenset({"chat", "embeddings", "image_embeddings", "info"}),
        "serverless",
        "any",
    ),
    Route("openai", "/openai/deployments/{deployment}", frozenset({"chat", "embeddings"}), "aoai", OPENAI_VERSIONS),
    Route("openai", "/openai", frozenset({"model_list", "model"}), "aoai", OPENAI_VERSIONS),
    Route("v1", "/openai/v1", frozenset({"chat", "embeddings", "model_list", "model"}), "aoai", "none"),
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
    """The target of a path (percent-decoded, without query), or None. Doubled slashes and one at the end do no harm."""
    for route in ROUTES:
        prefix = f"/+{route.prefix[1:].replace('{deployment}', _DEPLOYMENT)}/+"
        for pattern, operation, method in _OPERATIONS:
            found = re.fullmatch(f"{prefix}{pattern}/*", path) if operation in route.operations else None
            if found:
                names = found.groupdict()
                return Target(route, operation, method, names.get("deployment"), names.get("item"))
    return None


def check_method(request: Request, method: str) -> None:
    """An address takes one method, and HEAD where that is GET. Raises ApiError 405, naming it."""
    if request.method != method and (request.method, method) != ("HEAD", "GET"):
        raise ApiError("method_not_allowed", headers={"allow": method})


def preflight(request: Request, target: Target) -> Response | None:
    """The answer to a browser that asks Azure OpenAI whether it may call it from another origin; None to all others.

    That it may is known from the answers of some of its models (2023-12 to 2025-03), the rest is the Fetch standard's.
    """
    asks = request.method == "OPTIONS" and "access-control-request-method" in request.headers
    if not asks or "origin" not in request.headers or target.route.host != "aoai":
        return None
    allowed = {"origin": "*", "methods": f"{target.method}, OPTIONS", "headers": "*"}
    return Response(200, {f"access-control-allow-{name}": value for name, value in allowed.items()})


def check_version(request: Request, target: Target) -> None:
    """Routes know their versions, or need one whichever, except /info (recorded). Raises ApiError 404."""
    known = target.route.versions
    if known == "none" or target.operation == "info":
        return
    version = request.query.get("api-version", "")
    if not version or (known != "any" and version not in known):
        raise ApiError("not_found")
