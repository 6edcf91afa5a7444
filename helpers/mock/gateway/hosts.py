"""What the hosts add to their answers: Azure OpenAI, a Foundry resource (`/models`), a serverless endpoint.

What a model's answers have is its family's business (`api.families`). Here is what comes before a model is reached: who
refuses, and with which headers. Recorded 2023-12 to 2025-03 in Azure/azure-sdk-assets, the tests of the Azure SDKs;
of a resource's own refusals only the unknown model is, the others are guessed after Azure OpenAI's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from ..errors import ApiError, Refusal, refusal
from ..http import Response
from ..ids import uuid

Host = Literal["aoai", "resource", "serverless"]

REGION = "East US"
"""Where the mock says that it runs, as a resource's answers do."""

_AT_THE_DOOR = frozenset(  # refused before it is known which deployment is called: no region
    {
        "not_found",
        "method_not_allowed",
        "unauthorized_missing",
        "unauthorized_token",
        "unauthorized_key",
        "missing_role",
        "wrong_tenant",
    }
)
_NOT_ECHOED = frozenset({"unauthorized_key"})  # recorded: 2024-12 .NET, 2025-03 Go; beside a token it is (2024-09)
_BY_THE_RESOURCE = frozenset({"unknown_model", "no_model"})  # recorded: code in a header, charset, and nothing else


def host_of(path: str) -> Host | None:
    """The host that an address belongs to, whether there is something or not."""
    return _HOSTS.get(path.lstrip("/").partition("/")[0])


_HOSTS: Mapping[str, Host] = {"openai": "aoai", "models": "resource", "serverless": "serverless"}


def refuse(error: ApiError, host: Host | None, *, seed: str, client_request_id: str) -> tuple[Response, str]:
    """The answer for what a host refuses, and its code. `seed` is what its request ids are derived from."""
    told = refusal(error, host or "")
    return told.response({**_headers(error, told, host, seed, client_request_id), **error.headers}), told.code


def _headers(error: ApiError, told: Refusal, host: Host | None, seed: str, client_request_id: str) -> dict[str, str]:
    if host == "serverless":
        return {"x-ms-error-reason": "Invalid JWT."} if told.status == 401 else {}
    if host == "resource" and error.kind in _BY_THE_RESOURCE:
        return {"content-type": "application/json; charset=utf-8", "x-ms-error-code": told.code}
    headers = {"apim-request-id": uuid(f"apim/{seed}")}
    if client_request_id and error.kind not in _NOT_ECHOED:
        headers["x-ms-client-request-id"] = client_request_id
    if error.kind not in _AT_THE_DOOR:
        headers["x-ms-region"] = REGION
    return headers
